import { setTimeout as sleep } from 'node:timers/promises';
import type { Nas, Outcome } from '../nas';
import { createRandom, type Random } from '../nas/random';

type Ending = Exclude<Outcome, 'never_runs'>;

/** How runs end; `no_backup` is no end of a backup, and nobody is told. */
const ENDINGS: readonly Ending[] = [
  'success',
  'success',
  'success',
  'partial',
  'failed',
  'cancelled',
  'incomplete',
  'no_backup',
];

/** What happens next, and how much more likely than something else. */
const CHANCES = {
  start: 46,
  end: 44,
  deleteVersions: 6,
  loseSession: 1,
  fault: 1,
  restartNas: 1,
  manyAtOnce: 1,
} as const;
type Deed = keyof typeof CHANCES;

const FAULTS = ['html', 'reset-before', 'reset-after', 'cut-off', 'empty'] as const;

/** Everything that may happen on a NAS, at random, as often as is asked. */
export class Story {
  readonly #nas: Nas;
  readonly #random: Random;
  /** Results up to here are the past. */
  readonly #past: number;
  /** Ends the fault that is on, after so many more things. */
  #fault: { undo: () => void; lasts: number } | null = null;

  constructor(nas: Nas, seed: number) {
    this.#nas = nas;
    this.#random = createRandom(seed);
    this.#past = Math.max(0, ...nas.state.results.map(({ id }) => id));
  }

  /** The ids of the backups that have ended, in the order of their ids. */
  get ended(): number[] {
    return this.#backups.filter(({ endedAt, status }) => endedAt !== null && status !== 6).map(({ id }) => id);
  }

  /** How many backups will have ended when those that run have. */
  get begun(): number {
    return this.#backups.filter(({ status }) => status !== 6).length;
  }

  get #backups(): Nas['state']['results'] {
    return this.#nas.state.results.filter(({ id, jobAction }) => id > this.#past && jobAction === 1);
  }

  /** Lets things happen until so many backups have begun in all. @param paceMs real time between two things */
  async until(count: number, paceMs: number): Promise<void> {
    while (this.begun < count) {
      this.#do(this.#next());
      await sleep(paceMs);
    }
  }

  /** Lets so many idle tasks run and succeed, at once. */
  endSome(count: number): void {
    const { state } = this.#nas;
    const busy = new Set(state.runs.map(({ taskId }) => taskId));
    for (const { id } of state.tasks.filter((task) => !busy.has(task.id)).slice(0, count)) {
      state.startRun(id);
      state.endRun(id, 'success');
    }
  }

  /** Lets every run end, and the NAS be well again. */
  finish(): void {
    this.#endFault();
    for (const { taskId } of this.#nas.state.runs)
      this.#nas.state.endRun(taskId, this.#random.pick(ENDINGS.slice(0, -1)));
  }

  #endFault(): void {
    this.#fault?.undo();
    this.#fault = null;
  }

  #next(): Deed {
    const deeds = Object.entries(CHANCES) as [Deed, number][];
    let left = this.#random.integer(
      1,
      deeds.reduce((sum, [, chance]) => sum + chance, 0),
    );
    return deeds.find(([, chance]) => (left -= chance) <= 0)?.[0] ?? 'start';
  }

  #do(deed: Deed): void {
    if (this.#fault !== null && (this.#fault.lasts -= 1) < 0) this.#endFault();
    const { state } = this.#nas;
    const random = this.#random;
    const busy = new Set(state.runs.map(({ taskId }) => taskId));
    const idle = state.tasks.filter(({ id }) => !busy.has(id));
    const started = state.runs.filter(({ resultId }) => resultId !== null);
    switch (deed) {
      case 'start':
        if (idle.length > 0) state.startRun(random.pick(idle).id);
        break;
      case 'end':
        if (started.length > 0) state.endRun(random.pick(started).taskId, random.pick(ENDINGS));
        break;
      case 'manyAtOnce':
        for (const { taskId } of started) state.endRun(taskId, random.pick(ENDINGS));
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
