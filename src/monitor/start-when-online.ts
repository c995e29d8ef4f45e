import type { Task, TaskListing } from '../active-backup/types';
import { taskLabel } from '../active-backup/errors';
import { isGone } from './missing-item-filter';
import { FINAL_ERRORS, pollResults } from './poll-results';
import type { PollResult, TaskPoller } from './poller';

/**
 * Why a start waits: no device of the task is on line, its backup window is closed, or it could not be noted on disk that
 * the start is being sent.
 */
export type WaitReason = 'offline' | 'window' | 'disk';

/** The outcome of an attempt to start a task. */
export type StartAttempt =
  /** It was started, or has failed for good: it is not attempted again. */
  { readonly is: 'done' } | { readonly is: 'waiting'; readonly why: WaitReason; readonly until: Date };

/**
 * Why a task was not started in time. `unreachable`: the NAS did not answer the last poll, so its devices are unknown;
 * `expired`: the time was over when Node-RED started again.
 */
type UnstartedReason = WaitReason | 'unreachable' | 'expired';

/** A task that was not started in time. */
interface UnstartedTask {
  readonly id: number;
  readonly why: UnstartedReason;
}

/** Options of {@link startWhenOnline}. */
interface StartOptions {
  readonly taskIds: readonly number[];
  /** The tasks as they were just listed; null: the first poll decides. */
  readonly listing: TaskListing | null;
  readonly poller: Pick<TaskPoller, 'subscribe'>;
  /** Sends the start of a task that has a device on line. */
  readonly attempt: (task: Task, listing: TaskListing) => Promise<StartAttempt>;
  readonly onWaiting: (taskId: number, why: WaitReason) => void;
  /** The task was removed before it could be started. */
  readonly onRemoved: (taskId: number) => void;
  /** Ends the waiting. */
  readonly signal: AbortSignal;
  readonly now: () => Date;
}

interface WaitingTask {
  readonly id: number;
  readonly why: WaitReason;
  /** Not attempted before (epoch ms). */
  readonly notBefore: number;
  /** Polls in a row that did not list the task. */
  readonly missedPolls: number;
}

/**
 * Starts each task as soon as one of its devices is on line. Failed polls are skipped.
 * @returns the tasks that were not started when `signal` aborted
 * @throws DsmError when a poll fails with an error that no later poll resolves
 */
export async function startWhenOnline(options: StartOptions): Promise<UnstartedTask[]> {
  const { listing, poller, signal, taskIds } = options;
  const starter = new Starter(options);
  if (taskIds.length === 0) return [];
  if (listing !== null) await starter.process(listing);
  if (starter.isDone()) return [];
  for await (const poll of pollResults(poller, signal, { fast: false })) {
    await starter.processPoll(poll);
    if (starter.isDone()) break;
  }
  return starter.unstarted;
}

/** The tasks that wait for their start. */
class Starter {
  readonly #options: StartOptions;
  #waiting: readonly WaitingTask[];
  #isNasKnown = false;

  constructor(options: StartOptions) {
    this.#options = options;
    this.#waiting = options.taskIds.map((id) => ({ id, why: 'offline', notBefore: -Infinity, missedPolls: 0 }));
  }

  isDone(): boolean {
    return this.#waiting.length === 0;
  }

  get unstarted(): UnstartedTask[] {
    return this.#waiting.map(({ id, why }) => ({ id, why: this.#isNasKnown ? why : 'unreachable' }));
  }

  async processPoll(poll: PollResult): Promise<void> {
    if ('tasks' in poll) await this.process(poll);
    else if (FINAL_ERRORS.has(poll.error.code)) throw poll.error;
    else this.#isNasKnown = false;
  }

  async process(listing: TaskListing): Promise<void> {
    this.#isNasKnown = true;
    const remaining: WaitingTask[] = [];
    for (const waiting of this.#waiting) {
      const after = this.#options.signal.aborted ? waiting : await this.#check(waiting, listing);
      if (after !== null) remaining.push(after);
    }
    this.#waiting = remaining;
  }

  /** @returns null when the task no longer waits */
  async #check(waiting: WaitingTask, listing: TaskListing): Promise<WaitingTask | null> {
    const { attempt, onWaiting, onRemoved, now } = this.#options;
    const task = listing.tasks.find(({ id }) => id === waiting.id);
    if (task === undefined) {
      const missedPolls = waiting.missedPolls + 1;
      if (!isGone(missedPolls)) return { ...waiting, missedPolls };
      onRemoved(waiting.id);
      return null;
    }
    if (now().getTime() < waiting.notBefore) return { ...waiting, missedPolls: 0 };
    const isOffline = !hasDeviceOnline(task);
    const outcome: StartAttempt = isOffline
      ? { is: 'waiting', why: 'offline', until: now() }
      : await attempt(task, listing);
    if (outcome.is === 'done') return null;
    onWaiting(waiting.id, outcome.why);
    return { id: waiting.id, why: outcome.why, notBefore: outcome.until.getTime(), missedPolls: 0 };
  }
}

/**
 * Whether DSM can back up the task now: one of its devices is on line. A device without an agent (a virtual machine, a file
 * server) has no such state, and neither has a task without a known device: DSM itself decides then.
 */
function hasDeviceOnline({ devices }: Task): boolean {
  return devices.length === 0 || devices.some(({ online }) => online !== false);
}

/** Why tasks were not started in time, for a user. @param waitMs how long they waited */
export function unstartedText(task: Pick<Task, 'id' | 'name'>, why: UnstartedReason, waitMs: number): string {
  const minutes = `${waitMs / 60_000} minutes`;
  const reasons: Readonly<Record<UnstartedReason, string>> = {
    offline: `none of its devices came online within ${minutes}, so it was not started`,
    window: `not started within ${minutes}, because its backup window did not allow it`,
    disk: `not started within ${minutes}, because the start could not be noted on the disk of Node-RED: see its log`,
    unreachable: `not started within ${minutes}: at the end the NAS did not answer`,
    expired: `not started, because Node-RED did not run when the ${minutes} were over`,
  };
  return `${taskLabel(task)}: ${reasons[why]}`;
}
