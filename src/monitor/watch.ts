import { setTimeout as sleep } from 'node:timers/promises';
import { samplesOf } from '../active-backup/model/progress';
import type { LookOptions } from '../active-backup/active-backup';
import type { Task } from '../active-backup/types';
import type { DsmError } from '../dsm/errors';

/** What one look at the NAS brought: its tasks, or why there are none. */
export type Look = {
  /** When the NAS was asked: what it says is at least as new. */
  readonly at: Date;
} & ({ readonly tasks: readonly Task[] } | { readonly error: DsmError });

/** Hears of every look, in order; must not throw. */
export type Listener = (look: Look) => void;

/** How a watch sees the NAS and time. */
export interface WatchOptions {
  /** Asks the NAS for its tasks. */
  readonly listTasks: (look: LookOptions) => Promise<Task[]>;
  /** Between the end of one look and the beginning of the next. */
  readonly pauseMs: number;
  readonly now?: () => Date;
}

/**
 * Looks at the tasks of one NAS again and again while anybody listens: one list per look, however many listen. A look
 * that fails is a result like any other, and the next one follows.
 */
export class Watch {
  readonly #options: WatchOptions;
  readonly #now: () => Date;
  readonly #seats = new Set<{ listener: Listener }>();
  #running: AbortController | null = null;
  #pause = new AbortController();

  constructor(options: WatchOptions) {
    this.#options = options;
    this.#now = options.now ?? ((): Date => new Date());
  }

  /** Starts looking with the first listener and stops with the last. @returns its undo */
  subscribe(listener: Listener): () => void {
    const seat = { listener }; // an object of its own: the same function may sit twice
    this.#seats.add(seat);
    if (this.#running === null) this.#start();
    else this.#pause.abort(); // a new listener has just started something: look now
    return () => {
      this.#seats.delete(seat);
      if (this.#seats.size === 0) this.close();
    };
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
    let samples: LookOptions['samples'];
    while (!signal.aborted) {
      const at = this.#now();
      const look = await this.#look({ signal, now: at, samples }, at);
      if ('tasks' in look) samples = samplesOf(look.tasks, at);
      this.#tell(look, signal);
      await this.#rest(signal);
    }
  }

  #tell(look: Look, signal: AbortSignal): void {
    if (signal.aborted) return; // the last listener has gone meanwhile
    for (const { listener } of [...this.#seats]) listener(look);
  }

  /** The pause between two looks; a new listener, or the end of all, cuts it short. */
  async #rest(signal: AbortSignal): Promise<void> {
    if (signal.aborted) return;
    this.#pause = new AbortController();
    await sleep(this.#options.pauseMs, undefined, { signal: this.#pause.signal }).catch(() => undefined);
  }

  async #look(options: LookOptions, at: Date): Promise<Look> {
    try {
      return { at, tasks: await this.#options.listTasks(options) };
    } catch (error) {
      return { at, error: error as DsmError }; // the facade throws nothing else
    }
  }
}
