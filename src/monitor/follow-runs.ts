import { isLogUnavailable } from '../active-backup/backup-log';
import type { Result, Task, TaskListing } from '../active-backup/types';
import { FINAL_ERRORS, pollResults } from './poll-results';
import type { TaskPoller } from './poller';
import { checkRun, type RunStatus, type TrackedRun } from './run-tracker';
import { taskLabel } from '../active-backup/errors';

/** Options of {@link followRuns}. */
interface FollowOptions {
  readonly runs: readonly TrackedRun[];
  /** When DSM accepted the runs: a poll sent before contains nothing about them. */
  readonly since: Date;
  readonly poller: Pick<TaskPoller, 'subscribe'>;
  /** Reads the backups of the last days from the log. */
  readonly readResults: () => Promise<Result[]>;
  readonly onProgress: (task: Task) => void;
  readonly onEnd: (task: Task, result: Result) => Promise<void> | void;
  /** Receives the runs that have not ended, after each poll. */
  readonly onTrack?: (runs: readonly TrackedRun[]) => void;
  /** How long a task may be idle without a result. */
  readonly startTimeoutMs: number;
  /** Stops following; the runs go on. */
  readonly signal: AbortSignal;
}

/** After this many failures in a row the runs are followed without the log. */
const MAX_LOG_FAILURES = 3;

/** A run without a result. */
export interface UnfinishedRun {
  readonly taskId: number;
  readonly why: Extract<RunStatus, { is: 'lost' }>['why'] | 'still-running';
}

/**
 * Follows runs until each has ended. Failed polls are skipped, so a lost session or a restart of the NAS only delays the
 * result.
 * @returns the runs without a result, `still-running` if `signal` aborted before their end
 * @throws DsmError when a poll fails with an error that no later poll resolves
 */
export async function followRuns(options: FollowOptions): Promise<UnfinishedRun[]> {
  if (options.runs.length === 0) return [];
  const follower = new RunFollower(options);
  let isFirst = true;
  for await (const poll of pollResults(options.poller, options.signal, { fast: true })) {
    // Only the first poll can have been sent before the start was accepted, so a clock set back hides no other.
    const isOld = isFirst && poll.at < options.since;
    isFirst = false;
    if (isOld) continue;
    if ('tasks' in poll) await follower.process(poll);
    else if (FINAL_ERRORS.has(poll.error.code)) throw poll.error;
    if (follower.isDone) break;
  }
  return follower.unfinished;
}

/** The runs that are followed, and those that are lost. */
class RunFollower {
  readonly #options: FollowOptions;
  #runs: readonly TrackedRun[];
  readonly #lost: UnfinishedRun[] = [];
  #logFailures = 0;

  constructor(options: FollowOptions) {
    this.#options = options;
    this.#runs = options.runs;
  }

  get isDone(): boolean {
    return this.#runs.length === 0;
  }

  get unfinished(): UnfinishedRun[] {
    return [...this.#lost, ...this.#runs.map(({ taskId }) => ({ taskId, why: 'still-running' as const }))];
  }

  async process(listing: TaskListing): Promise<void> {
    const { onProgress, onEnd } = this.#options;
    const remaining: TrackedRun[] = [];
    for (const { run, status } of await this.#statuses(listing)) {
      if (status.is !== 'ended' && status.is !== 'lost') remaining.push(status.run);
      const isActive = status.is === 'running' || (status.is === 'ambiguous' && status.task.state !== 'idle');
      if (isActive) onProgress(status.task);
      if (status.is === 'ended') await onEnd(status.task, status.result);
      if (status.is === 'lost') this.#lost.push({ taskId: run.taskId, why: status.why });
    }
    this.#runs = remaining;
    this.#options.onTrack?.(remaining);
  }

  /** The state of each run; the log is read if the task list alone is ambiguous. */
  async #statuses(listing: TaskListing): Promise<{ run: TrackedRun; status: RunStatus }[]> {
    const check = (run: TrackedRun, results: readonly Result[] | null): RunStatus =>
      checkRun(run, listing, results, performance.now(), this.#options.startTimeoutMs);
    const byList = this.#runs.map((run) => ({ run, status: check(run, null) }));
    if (!byList.some(({ status }) => status.is === 'ambiguous')) return byList;
    const results = await this.#options.readResults().catch(withoutLog);
    this.#logFailures = results === null ? this.#logFailures + 1 : 0;
    if (results !== null) return this.#runs.map((run) => ({ run, status: check(run, results) }));
    if (this.#logFailures < MAX_LOG_FAILURES) return byList;
    return byList.map(({ run, status }) => ({ run, status: endedWithoutLog(status, check(run, [])) }));
  }
}

/** An ambiguous run counts as ended if the task itself contains its result, and stays ambiguous otherwise. */
function endedWithoutLog(status: RunStatus, byTask: RunStatus): RunStatus {
  return status.is === 'ambiguous' && byTask.is === 'ended' ? byTask : status;
}

/** @returns no results if the NAS has no log for this account; null if the log may be readable at the next poll */
function withoutLog(error: unknown): Result[] | null {
  return isLogUnavailable(error) ? [] : null;
}

/**
 * Why backups were followed without a result, for a user: `PC (1): the task was removed while it ran; …`.
 * @param tasks of the backups, for their names
 * @param request what was requested, and how long they were followed
 */
export function unfinishedRunsText(
  runs: readonly UnfinishedRun[],
  tasks: readonly Pick<Task, 'id' | 'name'>[],
  { method, waitMs }: { readonly method: 'backup' | 'cancel'; readonly waitMs: number },
): string {
  const reasons: Readonly<Record<UnfinishedRun['why'], string>> = {
    'never-ran':
      method === 'cancel'
        ? 'it has no run that could be cancelled: it may just have ended'
        : 'the NAS accepted the start, but it never ran: is a source chosen in the task, and its device online?',
    dropped: 'it waited, but never ran: was it cancelled, is a source chosen in the task, and its device online?',
    'no-result': 'it ran, but left no result: see the log of Active Backup',
    removed: 'the task was removed while it ran',
    uncertain:
      'a restart or deploy of Node-RED interrupted the request, and no backup of it has begun since: it is unknown whether ' +
      'the NAS accepted the request, which was not sent again',
    'still-running': `it has not ended after ${waitMs / 60_000} minutes and is no longer followed; the backup goes on`,
  };
  const nameOf = (taskId: number): string | null => tasks.find(({ id }) => id === taskId)?.name ?? null;
  return runs
    .map(({ taskId, why }) => `${taskLabel({ id: taskId, name: nameOf(taskId) })}: ${reasons[why]}`)
    .join('; ');
}
