import type { LaterJobs, Task, TaskListing, Result } from '../active-backup/types';
import { isFinishedJob } from './finish-events';
import { backupKey, type MonitorState } from './monitor-state';
import { errorCodeOf } from '../active-backup/errors';
import { isLogUnavailable } from '../active-backup/backup-log';
import { failuresWithoutReason } from './backup-history';
import { isDenied } from './nas-inventory';
import { RetryTimer, RequestThrottle } from './throttle';
import type { MonitorClient } from './monitor-client';

/**
 * The fields of a task whose change means that a backup may have finished: the last result, and whether the task is idle.
 * A task that starts changes its fingerprint too, although the log has nothing new then.
 */
function fingerprintOf({ lastResult, state }: Task): string {
  return `${lastResult === null ? '' : backupKey(lastResult)} ${lastResult?.status ?? ''} ${String(state === 'idle')}`;
}

/** Whether any task was added, removed or has another fingerprint. */
function haveChanged(tasks: readonly Task[], before: readonly Task[]): boolean {
  if (tasks.length === before.length && tasks.every(({ id }, index) => id === before[index]?.id)) {
    // Of several tasks with the same id the last one counts.
    return tasks.some((task, index) => {
      const other = before[index];
      if (other === undefined || other === task || fingerprintOf(task) === fingerprintOf(other)) return false;
      return tasks.findLastIndex(({ id }) => id === task.id) === index;
    });
  }
  const fingerprints = (list: readonly Task[]): Map<Task['id'], string> =>
    new Map(list.map((task) => [task.id, fingerprintOf(task)]));
  const [one, other] = [fingerprints(tasks), fingerprints(before)];
  return one.size !== other.size || [...one].some(([id, fingerprint]) => other.get(id) !== fingerprint);
}

/** Whether any task has another finished verification or restore as its last job. */
function haveOtherJobsEnded(jobs: LaterJobs | null, before: LaterJobs | null): boolean {
  if (jobs === null || jobs === before) return false;
  return [...jobs].some(([taskId, job]) => {
    const known = before?.get(taskId);
    return isFinishedJob(job) && (known === undefined || !isFinishedJob(known) || backupKey(known) !== backupKey(job));
  });
}

/** The tasks of one poll; later jobs are null where they are unknown. */
type Listed = Pick<TaskListing, 'tasks'> & { readonly laterJobs: LaterJobs | null };

/** After this many failures in a row the monitor continues without the log. */
const MAX_FAILURES = 3;

/** Reads the log of a NAS when the tasks indicate that it may contain newly finished jobs. */
export class BackupLogReader {
  readonly #jobsSince: (since: Date) => Promise<Result[]>;
  readonly #warn: (message: string) => void;
  /** The tasks for which the log was processed last. */
  #processed: Listed = { tasks: [], laterJobs: null };
  #failures = 0;
  #hasWarned = false;

  /**
   * @param jobsSince reads the log; rejects when the NAS has no readable log
   * @param warn receives a line for the user, once until the log can be read again: its responses are invalid
   */
  constructor(jobsSince: (since: Date) => Promise<Result[]>, warn: (message: string) => void = () => undefined) {
    this.#jobsSince = jobsSince;
    this.#warn = warn;
  }

  /** Whether the log has failed so often that the monitor continues without it. */
  get isUnavailable(): boolean {
    return this.#failures >= MAX_FAILURES;
  }

  /**
   * The jobs in the log; empty when no task has changed since {@link markProcessed}, or the NAS has no log.
   * @param since ISO 8601 @param always reads the log even if no task has changed
   * @returns null when the log cannot be read now
   */
  async results({ tasks, laterJobs }: Listed, since: string, always: boolean): Promise<Result[] | null> {
    const { tasks: processed, laterJobs: processedJobs } = this.#processed;
    if (!always && !haveChanged(tasks, processed) && !haveOtherJobsEnded(laterJobs, processedJobs)) return [];
    try {
      const results = await this.#jobsSince(new Date(since));
      this.#failures = 0;
      this.#hasWarned = false;
      return results;
    } catch (error) {
      if (isLogUnavailable(error)) return [];
      this.#failures += 1;
      this.#warnIfInvalid(error);
      return null;
    }
  }

  /** Call when the jobs found for these tasks were processed: the log is not read again until a task changes. */
  markProcessed(listed: Listed): void {
    this.#processed = listed;
  }

  #warnIfInvalid(error: unknown): void {
    if (this.#hasWarned || errorCodeOf(error) !== 'ERESPONSE') return;
    this.#hasWarned = true;
    this.#warn(
      `The log of the backups cannot be read, so ends of backups may be reported late: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}

/** The fields of a finished backup that its failure reason depends on. */
type FinishedBackup = Pick<Result, 'id' | 'status' | 'reason' | 'startedAt'>;

/** The longest wait until a reason that could not be read is requested again. */
const MAX_WAIT_MS = 15 * 60_000;
/** Reasons of older failures are requested for at most this many tasks. */
const MAX_OLDER_REASONS = 20;

/** Reads why backups failed; a failed request is repeated at later polls. */
export class FailureReasons {
  readonly #withReason: <R extends FinishedBackup>(result: R) => Promise<R>;
  /** Keys of the backups whose reason could not be read. */
  #unread = new Set<string>();
  /** Whether the failures of before the start were requested. */
  #areOlderRead = false;
  readonly #timer = new RetryTimer(MAX_WAIT_MS);

  /** @param withReason the result with its reason; rejects when the details cannot be read */
  constructor(withReason: <R extends FinishedBackup>(result: R) => Promise<R>) {
    this.#withReason = withReason;
  }

  /** Makes the next {@link readMissing} request the reasons of older failures again. */
  restart(): void {
    this.#areOlderRead = false;
  }

  /** The result with its reason; unchanged when the reason cannot be read now. */
  async explain<R extends FinishedBackup>(result: R): Promise<R> {
    try {
      const explained = await this.#withReason(result);
      this.#unread.delete(backupKey(result));
      return explained;
    } catch (error) {
      if (isLogUnavailable(error)) this.#unread.delete(backupKey(result));
      else this.#unread.add(backupKey(result));
      return result;
    }
  }

  /**
   * Requests reasons that stored backups lack: first those of older failures, later those that could not be read, when due.
   * @param now epoch ms @returns the backups that were requested
   */
  async readMissing(tasks: MonitorState['tasks'], now: number): Promise<FinishedBackup[]> {
    if (this.#areOlderRead) return this.#unread.size === 0 ? [] : this.#retry(tasks, now);
    this.#areOlderRead = true;
    return Promise.all(failuresWithoutReason(tasks, MAX_OLDER_REASONS).map((backup) => this.explain(backup)));
  }

  async #retry(tasks: MonitorState['tasks'], now: number): Promise<FinishedBackup[]> {
    const unread = failuresWithoutReason(tasks, Infinity).filter((backup) => this.#unread.has(backupKey(backup)));
    this.#unread = new Set(unread.map(backupKey));
    if (unread.length === 0 || !this.#timer.isDue(now)) return [];
    const requested = await Promise.all(unread.map((backup) => this.explain(backup)));
    if (this.#unread.size === 0) this.#timer.expire();
    else this.#timer.failed(now);
    return requested;
  }
}

/** For more tasks than these, one request for all tasks costs the NAS less than one per task. */
const MAX_SINGLE_TASKS = 5;

/** Last successes that were read from versions. */
export interface VersionSuccesses {
  /** ISO 8601, by task id. */
  readonly times: ReadonlyMap<number, string>;
  /** False: the NAS did not answer, or a task was requested shortly before. */
  readonly isComplete: boolean;
}

/** Reads the last success of tasks from their versions, for tasks whose results and log contain none. */
export class LastSuccessReader {
  readonly #client: Pick<MonitorClient, 'versions'>;
  readonly #throttle = new RequestThrottle();

  constructor(client: Pick<MonitorClient, 'versions'>) {
    this.#client = client;
  }

  /** Of the tasks without a known success that have run; a task that was requested shortly before is left out. */
  async read(at: Date, tasks: readonly Task[], stored: MonitorState): Promise<VersionSuccesses> {
    const missing = tasks.flatMap(({ id, lastResult, lastSuccessAt }) => {
      const known = stored.tasks[String(id)]?.lastSuccessAt ?? lastSuccessAt;
      return id !== null && known === null && lastResult !== null ? [id] : [];
    });
    const wanted = new Set(missing.filter((id) => this.#throttle.tryAcquire(String(id), at)));
    let isComplete = missing.every((id) => wanted.has(id));
    if (wanted.size === 0) return { times: new Map(), isComplete };
    const { versions } = this.#client;
    const requests = wanted.size > MAX_SINGLE_TASKS ? [versions()] : [...wanted].map((id) => versions(id));
    const responses = await Promise.all(
      requests.map((request) =>
        request.catch((error: unknown) => {
          isComplete &&= isDenied(error);
          return [];
        }),
      ),
    );
    const read = responses.flat().flatMap(({ id, lastSuccessAt }) => {
      return id !== null && wanted.has(id) && lastSuccessAt !== null ? [[id, lastSuccessAt] as const] : [];
    });
    return { times: new Map(read), isComplete };
  }
}
