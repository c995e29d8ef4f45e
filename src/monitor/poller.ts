import { setTimeout as sleep } from 'node:timers/promises';
import type { PollContext } from '../active-backup/active-backup';
import { toReadError } from '../active-backup/read-errors';
import { takeSamples } from '../active-backup/model/progress';
import type { TaskListing } from '../active-backup/types';
import type { DsmError } from '../dsm/errors';
import { nextPollDelayMs, type PollIntervals } from './poll-interval';

/** What one look at the NAS brought: its tasks, or why there are none. */
export type PollResult = {
  /** When the NAS was asked: what it says is at least as new. */
  readonly at: Date;
} & (
  | (TaskListing & {
      /** False when the NAS answered with the same bytes as before: then `tasks` is the very same array. */
      readonly changed: boolean;
    })
  | { readonly error: DsmError }
);

/** Hears of every look, in order; must not throw. */
export type PollListener = (look: PollResult) => void;

/** How a watch sees the NAS and time. */
export interface TaskPollerOptions {
  /** Asks the NAS for its tasks; the same array of them as before when nothing has changed. */
  readonly readTasks: (look: PollContext) => Promise<TaskListing>;
  readonly pauses: PollIntervals;
  readonly now?: () => Date;
  /** Takes what a listener threw: a fault of ours, which ends nothing. */
  readonly warnOf?: (error: unknown) => void;
  /** 0 to 1, for the jitter of the pauses after failures. */
  readonly random?: () => number;
  /** Waits for so many milliseconds, at most until `signal` aborts; must not reject. */
  readonly wait?: (ms: number, signal: AbortSignal) => Promise<unknown>;
}

/** A command is followed by a poll at once and so many more, this far apart: ten seconds in all. */
const SOON_POLLS = 3;
const SOON_MS = 3000;
/** Polls that are asked for during a poll are gathered so long: fifty starts in one second are not fifty polls. */
const GATHER_MS = 250;

/**
 * Looks at the tasks of one NAS again and again while anybody listens: one list per look, however many listen. A look
 * that fails is a result like any other; the next one follows, later and later.
 */
export class TaskPoller {
  readonly #options: TaskPollerOptions;
  readonly #now: () => Date;
  readonly #random: () => number;
  readonly #wait: NonNullable<TaskPollerOptions['wait']>;
  readonly #subscribers = new Set<{ listener: PollListener; fast: boolean }>();
  #running: AbortController | null = null;
  #pause = new AbortController();
  /** A poll was asked for that no poll has begun for since: it follows the one under way at once. */
  #isRequested = false;
  /** How many of the next polls follow soon, because the effect of a command is awaited. */
  #soonPolls = 0;

  constructor(options: TaskPollerOptions) {
    this.#options = options;
    this.#now = options.now ?? ((): Date => new Date());
    this.#random = options.random ?? Math.random;
    this.#wait =
      options.wait ?? ((ms, signal): Promise<unknown> => sleep(ms, undefined, { signal }).catch(() => undefined));
  }

  /**
   * Starts looking with the first listener and stops with the last; one that comes later has a look at once, too.
   * @param fast polls as often as while something runs: something was just started
   * @returns its undo
   */
  subscribe(listener: PollListener, { fast = false } = {}): () => void {
    const seat = { listener, fast }; // an object of its own: the same function may sit twice
    this.#subscribers.add(seat);
    if (this.#running === null) this.#start();
    else if (fast) this.pollNow();
    else this.#pause.abort(); // the result of a poll under way reaches the new listener, too
    return () => {
      this.#subscribers.delete(seat);
      if (this.#subscribers.size === 0) this.close();
    };
  }

  /** Polls at once, if anybody listens; during a poll, once more right after it: the NAS may have answered before. */
  pollNow(): void {
    this.#isRequested = true;
    this.#pause.abort();
  }

  /**
   * Polls at once and then every few seconds for a while, whatever the intervals are: a command was accepted, and DSM
   * needs some seconds until the list of tasks shows its effect.
   */
  expectChange(): void {
    this.#soonPolls = SOON_POLLS + 1;
    this.pollNow();
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
    let samples: PollContext['samples'] = new Map();
    let tasks: TaskListing['tasks'] = [];
    let failures = 0;
    while (!signal.aborted) {
      this.#isRequested = false;
      this.#soonPolls = Math.max(0, this.#soonPolls - 1);
      const at = this.#now();
      const look = await this.#poll({ signal, now: at, samples }, at, tasks);
      failures = 'error' in look ? failures + 1 : 0;
      if ('tasks' in look) {
        tasks = look.tasks;
        samples = takeSamples(tasks, at);
      }
      this.#emit(look, signal);
      const active = tasks.some(({ state }) => state !== 'idle') || [...this.#subscribers].some(({ fast }) => fast);
      const ms = nextPollDelayMs(this.#options.pauses, { active, failures }, this.#random());
      await this.#pauseUntilNextPoll(this.#soonPolls > 0 ? Math.min(ms, SOON_MS) : ms, signal);
    }
  }

  async #poll(options: PollContext, at: Date, before: TaskListing['tasks']): Promise<PollResult> {
    try {
      const { tasks, laterJobs } = await this.#options.readTasks(options);
      return { at, tasks, laterJobs, changed: tasks !== before };
    } catch (error) {
      return { at, error: toReadError(error) };
    }
  }

  #emit(look: PollResult, signal: AbortSignal): void {
    if (signal.aborted) return; // the last listener has gone meanwhile
    for (const { listener } of [...this.#subscribers]) {
      try {
        listener(look);
      } catch (error) {
        this.#options.warnOf?.(error); // a fault of one listener keeps nothing from the others, and ends no process
      }
    }
  }

  /** The pause between two looks; a listener that has just started something, or the end of all, cuts it short. */
  async #pauseUntilNextPoll(ms: number, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return;
    if (this.#isRequested) {
      await this.#wait(Math.min(ms, GATHER_MS), signal);
      return;
    }
    this.#pause = new AbortController();
    await this.#wait(ms, this.#pause.signal);
  }
}
