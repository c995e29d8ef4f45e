import { setTimeout as sleep } from 'node:timers/promises';
import type { LookOptions } from '../active-backup/active-backup';
import { samplesOf } from '../active-backup/model/progress';
import type { Task } from '../active-backup/types';
import type { DsmError } from '../dsm/errors';
import { pauseMs, type Pauses } from './pauses';

/** What one look at the NAS brought: its tasks, or why there are none. */
export type Look = {
  /** When the NAS was asked: what it says is at least as new. */
  readonly at: Date;
} & (
  | {
      readonly tasks: readonly Task[];
      /** False when the NAS answered with the same bytes as before: then `tasks` is the very same array. */
      readonly changed: boolean;
    }
  | { readonly error: DsmError }
);

/** Hears of every look, in order; must not throw. */
export type Listener = (look: Look) => void;

/** How a watch sees the NAS and time. */
export interface WatchOptions {
  /** Asks the NAS for its tasks; the same array as before when nothing has changed. */
  readonly readTasks: (look: LookOptions) => Promise<readonly Task[]>;
  readonly pauses: Pauses;
  readonly now?: () => Date;
  /** 0 to 1, for the jitter of the pauses after failures. */
  readonly random?: () => number;
}

/**
 * Looks at the tasks of one NAS again and again while anybody listens: one list per look, however many listen. A look
 * that fails is a result like any other; the next one follows, later and later.
 */
export class Watch {
  readonly #options: WatchOptions;
  readonly #now: () => Date;
  readonly #random: () => number;
  readonly #seats = new Set<{ listener: Listener; closely: boolean }>();
  #running: AbortController | null = null;
  #pause = new AbortController();

  constructor(options: WatchOptions) {
    this.#options = options;
    this.#now = options.now ?? ((): Date => new Date());
    this.#random = options.random ?? Math.random;
  }

  /**
   * Starts looking with the first listener and stops with the last; one that comes later has a look at once, too.
   * @param closely looks as often as while something runs: something was just started
   * @returns its undo
   */
  subscribe(listener: Listener, { closely = false } = {}): () => void {
    const seat = { listener, closely }; // an object of its own: the same function may sit twice
    this.#seats.add(seat);
    if (this.#running === null) this.#start();
    else this.lookNow();
    return () => {
      this.#seats.delete(seat);
      if (this.#seats.size === 0) this.close();
    };
  }

  /** Looks at once, if anybody listens: something was just asked of the NAS. */
  lookNow(): void {
    this.#pause.abort();
  }

  /** Stops looking, whoever listens. */
  close(): void {
    this.#running?.abort();
    this.#running = null;
    this.#pause.abort();
  }

  #start(): void {
    const running = new AbortController();
    this.#running = running;
    void this.#loop(running.signal);
  }

  async #loop(signal: AbortSignal): Promise<void> {
    let samples: LookOptions['samples'] = new Map();
    let tasks: readonly Task[] = [];
    let failures = 0;
    while (!signal.aborted) {
      const at = this.#now();
      const look = await this.#look({ signal, now: at, samples }, at, tasks);
      failures = 'error' in look ? failures + 1 : 0;
      if ('tasks' in look) {
        tasks = look.tasks;
        samples = samplesOf(tasks, at);
      }
      this.#tell(look, signal);
      const active = tasks.some(({ state }) => state !== 'idle') || [...this.#seats].some(({ closely }) => closely);
      await this.#rest(pauseMs(this.#options.pauses, { active, failures }, this.#random()), signal);
    }
  }

  async #look(options: LookOptions, at: Date, before: readonly Task[]): Promise<Look> {
    try {
      const tasks = await this.#options.readTasks(options);
      return { at, tasks, changed: tasks !== before };
    } catch (error) {
      return { at, error: error as DsmError }; // the facade throws nothing else
    }
  }

  #tell(look: Look, signal: AbortSignal): void {
    if (signal.aborted) return; // the last listener has gone meanwhile
    for (const { listener } of [...this.#seats]) listener(look);
  }

  /** The pause between two looks; a listener that has just started something, or the end of all, cuts it short. */
  async #rest(ms: number, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return;
    this.#pause = new AbortController();
    await sleep(ms, undefined, { signal: this.#pause.signal }).catch(() => undefined);
  }
}
