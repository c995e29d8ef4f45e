import { setTimeout as sleep } from 'node:timers/promises';
import type { Nas, Outcome } from '../nas/index';
import { createRandom, type Random } from '../nas/random';

type RunOutcome = Exclude<Outcome, 'never_runs'>;

/** Outcomes of runs, the frequent ones several times; a run with `no_backup` is no backup and causes no event. */
const OUTCOMES: readonly RunOutcome[] = [
  'success',
  'success',
  'success',
  'partial',
  'failed',
  'cancelled',
  'incomplete',
  'no_backup',
];

/** Relative frequency of each action. */
const CHANCES = {
  start: 46,
  end: 44,
  deleteVersions: 6,
  loseSession: 1,
  fault: 1,
  restartNas: 1,
  manyAtOnce: 1,
} as const;
type Action = keyof typeof CHANCES;

const FAULTS = ['html', 'reset-before', 'reset-after', 'cut-off', 'empty'] as const;

/** Random actions on a simulated NAS: backups, faults, restarts; the same seed gives the same actions. */
export class Scenario {
  readonly #nas: Nas;
  readonly #random: Random;
  /** Highest id of the results that the NAS had at the beginning. */
  readonly #lastOldId: number;
  /** The current fault, and after how many further actions it ends. */
  #fault: { undo: () => void; lasts: number } | null = null;

  constructor(nas: Nas, seed: number) {
    this.#nas = nas;
    this.#random = createRandom(seed);
    this.#lastOldId = Math.max(0, ...nas.state.results.map(({ id }) => id));
  }

  /** Ids of the backups that have finished, ascending. */
  get finishedIds(): number[] {
    return this.#backups.filter(({ endedAt, status }) => endedAt !== null && status !== 6).map(({ id }) => id);
  }

  /** Number of backups that have started, finished or not. */
  get startedCount(): number {
    return this.#backups.filter(({ status }) => status !== 6).length;
  }

  get #backups(): Nas['state']['results'] {
    return this.#nas.state.results.filter(({ id, jobAction }) => id > this.#lastOldId && jobAction === 1);
  }

  /** Performs actions until `count` backups have started in all. @param pauseMs real time between two actions */
  async runUntil(count: number, pauseMs: number): Promise<void> {
    while (this.startedCount < count) {
      this.#perform(this.#pickAction());
      await sleep(pauseMs);
    }
  }

  /** Runs backups of `count` idle tasks that succeed at once. */
  succeedSome(count: number): void {
    const { state } = this.#nas;
    const busy = new Set(state.runs.map(({ taskId }) => taskId));
    for (const { id } of state.tasks.filter((task) => !busy.has(task.id)).slice(0, count)) {
      state.startRun(id);
      state.endRun(id, 'success');
    }
  }

  /** Ends every run and the current fault. */
  finish(): void {
    this.#endFault();
    for (const { taskId } of this.#nas.state.runs)
      this.#nas.state.endRun(taskId, this.#random.pick(OUTCOMES.slice(0, -1)));
  }

  #endFault(): void {
    this.#fault?.undo();
    this.#fault = null;
  }

  #pickAction(): Action {
    const actions = Object.entries(CHANCES) as [Action, number][];
    let left = this.#random.integer(
      1,
      actions.reduce((sum, [, chance]) => sum + chance, 0),
    );
    return actions.find(([, chance]) => (left -= chance) <= 0)?.[0] ?? 'start';
  }

  #perform(action: Action): void {
    if (this.#fault !== null && (this.#fault.lasts -= 1) < 0) this.#endFault();
    const { state } = this.#nas;
    const random = this.#random;
    const busy = new Set(state.runs.map(({ taskId }) => taskId));
    const idle = state.tasks.filter(({ id }) => !busy.has(id));
    const started = state.runs.filter(({ resultId }) => resultId !== null);
    switch (action) {
      case 'start':
        if (idle.length > 0) state.startRun(random.pick(idle).id);
        break;
      case 'end':
        if (started.length > 0) state.endRun(random.pick(started).taskId, random.pick(OUTCOMES));
        break;
      case 'manyAtOnce':
        for (const { taskId } of started) state.endRun(taskId, random.pick(OUTCOMES));
        break;
      case 'deleteVersions':
        state.deleteVersions(random.pick(state.tasks).id);
        break;
      case 'loseSession':
        this.#nas.dropSessions();
        break;
      case 'fault':
        this.#endFault();
        this.#fault = { undo: this.#nas.fail({ do: random.pick(FAULTS) }), lasts: random.integer(1, 60) };
        break;
      case 'restartNas':
        this.#nas.restart({ downMs: random.integer(0, 400) });
        break;
    }
  }
}
