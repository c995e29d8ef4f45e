import { setTimeout as sleep } from 'node:timers/promises';
import type { PollContext } from '../active-backup/method-call';
import { toReadError } from '../active-backup/errors';
import { takeSamples } from '../active-backup/model/progress';
import type { TaskListing } from '../active-backup/types';
import type { DsmError } from '../dsm/errors';
import { Subscribers } from './subscribers';

/** The delay between two polls. */
interface PollIntervals {
  /** While no task is active. */
  readonly idleMs: number;
  /** While a backup runs or waits; also the first delay after a failure. */
  readonly activeMs: number;
}

/** The longest delay after failures, so that a returning NAS is noticed. */
const MAX_DELAY_MS = 5 * 60_000;
/** Delays after failures are randomised by up to this fraction, so that not all clients of a NAS return at once. */
const JITTER = 0.2;

/**
 * The delay until the next poll.
 * @param failures polls that failed in a row: each doubles the delay
 * @param random 0 to 1, for the jitter
 */
export function nextPollDelayMs(
  { idleMs, activeMs }: PollIntervals,
  { active, failures }: { active: boolean; failures: number },
  random: number,
): number {
  if (failures > 0) {
    const backedOff = Math.min(MAX_DELAY_MS / (1 + JITTER), activeMs * 2 ** (failures - 1));
    return Math.round(backedOff * (1 - JITTER + 2 * JITTER * random));
  }
  return active ? activeMs : idleMs;
}

/** The result of one poll: the tasks of the NAS, or the error. `tasks` is the array of the poll before if the NAS sent the same bytes. */
export type PollResult = {
  /** When the request was sent (clock of Node-RED). */
  readonly at: Date;
} & (TaskListing | { readonly error: DsmError });

/** Receives every poll result, in order. */
export type PollListener = (poll: PollResult) => void;

/** Options of a {@link TaskPoller}. */
interface TaskPollerOptions {
  /** Requests the tasks of the NAS; resolves to the same array as before when nothing has changed. */
  readonly readTasks: (context: PollContext) => Promise<TaskListing>;
  readonly intervals: PollIntervals;
  readonly now?: () => Date;
  /** Receives what a listener threw: a bug, which does not affect the other listeners. */
  readonly onListenerError?: (error: unknown) => void;
  /** 0 to 1, for the jitter of the delays after failures. */
  readonly random?: () => number;
  /** Waits for so many milliseconds, or until `signal` aborts; must not reject. */
  readonly wait?: (ms: number, signal: AbortSignal) => Promise<unknown>;
}

/** A command is followed by a poll at once and this many more, at this interval: ten seconds in all. */
const POLLS_AFTER_COMMAND = 3;
const INTERVAL_AFTER_COMMAND_MS = 3000;
/** Requests for a poll that come during a poll are combined for this time: fifty starts in a second do not cause fifty polls. */
const DEBOUNCE_MS = 250;

/**
 * Polls the tasks of one NAS while it has any listener: one request per poll, however many listeners there are. A failed poll
 * is a result like any other; the delay until the next poll grows with each failure in a row.
 */
export class TaskPoller {
  readonly #options: TaskPollerOptions;
  readonly #now: () => Date;
  readonly #random: () => number;
  readonly #wait: NonNullable<TaskPollerOptions['wait']>;
  readonly #subscribers = new Subscribers<{ readonly listener: PollListener; readonly fast: boolean }>();
  #running: AbortController | null = null;
  #delay = new AbortController();
  /** Whether a poll was requested after the last one began: it follows at once. */
  #isRequested = false;
  /** The number of next polls that follow at the short interval, because the effect of a command is expected. */
  #pollsAfterCommand = 0;

  constructor(options: TaskPollerOptions) {
    this.#options = options;
    this.#now = options.now ?? ((): Date => new Date());
    this.#random = options.random ?? Math.random;
    this.#wait =
      options.wait ?? ((ms, signal): Promise<unknown> => sleep(ms, undefined, { signal }).catch(() => undefined));
  }

  /**
   * Polling starts with the first listener and stops with the last; a listener that joins later causes a poll at once.
   * @param fast uses the interval for active tasks: something was just started
   * @returns a function that unsubscribes
   */
  subscribe(listener: PollListener, { fast = false } = {}): () => void {
    const unsubscribe = this.#subscribers.add({ listener, fast });
    if (this.#running === null) this.#start();
    else if (fast) this.pollNow();
    else this.#delay.abort(); // the result of a poll in progress reaches the new listener too
    return () => {
      unsubscribe();
      if (this.#subscribers.size === 0) this.close();
    };
  }

  /** Polls at once, if there is any listener; during a poll, again right after it: the NAS may have answered before. */
  pollNow(): void {
    this.#isRequested = true;
    this.#delay.abort();
  }

  /**
   * Polls at once and then at a short interval for a while: a command was accepted, and DSM needs some seconds until the
   * task list shows its effect.
   */
  expectChange(): void {
    this.#pollsAfterCommand = POLLS_AFTER_COMMAND + 1;
    this.pollNow();
  }

  /** Stops polling, whether or not there are listeners. */
  close(): void {
    this.#running?.abort();
    this.#running = null;
    this.#delay.abort();
  }

  #start(): void {
    const running = new AbortController();
    this.#running = running;
    void this.#loop(running.signal);
  }

  async #loop(signal: AbortSignal): Promise<void> {
    let samples: PollContext['samples'] = new Map();
    let isAnyTaskActive = false;
    let failures = 0;
    while (!signal.aborted) {
      this.#isRequested = false;
      this.#pollsAfterCommand = Math.max(0, this.#pollsAfterCommand - 1);
      const at = this.#now();
      const poll = await this.#poll({ signal, now: at, samples }, at);
      failures = 'error' in poll ? failures + 1 : 0;
      if ('tasks' in poll) {
        isAnyTaskActive = poll.tasks.some(({ state }) => state !== 'idle');
        samples = takeSamples(poll.tasks, at);
      }
      this.#emit(poll, signal);
      const active = isAnyTaskActive || this.#subscribers.all().some(({ fast }) => fast);
      const ms = nextPollDelayMs(this.#options.intervals, { active, failures }, this.#random());
      await this.#delayNextPoll(this.#pollsAfterCommand > 0 ? Math.min(ms, INTERVAL_AFTER_COMMAND_MS) : ms, signal);
    }
  }

  async #poll(context: PollContext, at: Date): Promise<PollResult> {
    try {
      const { tasks, laterJobs } = await this.#options.readTasks(context);
      return { at, tasks, laterJobs };
    } catch (error) {
      return { at, error: toReadError(error) };
    }
  }

  #emit(poll: PollResult, signal: AbortSignal): void {
    if (signal.aborted) return; // the last listener has left during the poll
    for (const { listener } of this.#subscribers.all()) {
      try {
        listener(poll);
      } catch (error) {
        this.#options.onListenerError?.(error);
      }
    }
  }

  /** Waits until the next poll is due, is requested, or polling stops. */
  async #delayNextPoll(ms: number, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return;
    if (this.#isRequested) {
      await this.#wait(Math.min(ms, DEBOUNCE_MS), signal);
      return;
    }
    this.#delay = new AbortController();
    await this.#wait(ms, this.#delay.signal);
  }
}
