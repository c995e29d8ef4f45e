import { DsmError, type ErrorCode } from '../dsm/errors';
import type { Json } from '../dsm/json';
import { isAborted, type ByteBudget } from '../dsm/transport';
import { isBackup, parseResults } from './model/result';
import { NO_TIME_LIMIT, PagingLimits, type PagingTimeLimit } from './paging';
import { nonNegativeIntegerOf, objectOf, listOf } from './json-fields';
import { latest } from './known-values';
import type { LaterJobs, Result, Task } from './types';

/** The log is searched this far back from the newest hiding job; a task without a backup in this time gets none. */
const SEARCH_BACK_SECONDS = 90 * 24 * 3600;
const ROWS_PER_REQUEST = 1000;
const BACKUP = 1;

/** Reads `Log.list_result`. @throws DsmError when DSM refuses, or has no such API */
export type LogReader = (parameters: Record<string, Json>, budget?: ByteBudget) => Promise<Json>;

/** Errors of a NAS whose log this account can never read. After any other error the next request may succeed. */
const LOG_UNAVAILABLE_CODES: ReadonlySet<ErrorCode> = new Set([
  'EPACKAGE',
  'EUNSUPPORTED',
  'EPERMISSION',
  'EPARAM',
  'EABB',
]);

/** Whether an error means that this account cannot read the log, so that repeating the request is useless. */
export function isLogUnavailable(error: unknown): boolean {
  return error instanceof DsmError && LOG_UNAVAILABLE_CODES.has(error.code);
}

/**
 * Tasks with their last backups filled in. `isComplete` is false when the log could not be read and has to be read
 * again.
 */
export interface FilledTasks<T extends Task> {
  readonly tasks: T[];
  /** Unchanged; see `nonBackupLastJobs`. */
  readonly laterJobs: LaterJobs;
  readonly isComplete: boolean;
}

/** The last backup of a task, valid while the same job hides it. */
interface CachedBackup extends Pick<Task, 'lastResult' | 'lastSuccessAt'> {
  readonly jobId: number | null;
  /** See {@link cacheKey}. */
  readonly key: string;
}

/** Largest number of lists without a read of the log after failures in a row. */
const MAX_SKIPPED_READS = 15;

/**
 * Fills in last backups like {@link fillLastBackups} and caches them: the log is read once for each job that hides a
 * backup, however often the list changes. If the log cannot be read, a task keeps the backup cached for the same job,
 * so that a failed read never looks like a task without backups. The log is read again for the next list, and after
 * further failures for the list after 1, 3, 7 and 15 more.
 */
export class LastBackupCache {
  readonly #cached = new Map<number, CachedBackup>();
  /** Failed reads in a row, and the number of lists to skip before the next read. */
  #failures = 0;
  #skipsLeft = 0;
  /** Whether the last failure meant that this account cannot read the log. */
  #hasNoLog = false;

  /** @param jobs see {@link fillLastBackups}; @param readResults rejects when the log cannot be read */
  async fill<T extends Task>(tasks: readonly T[], jobs: LaterJobs, readResults: LogReader): Promise<FilledTasks<T>> {
    if (this.#isCached(tasks, jobs)) return this.#fillFromCache(tasks, jobs, true);
    if (this.#skipsLeft > 0) {
      this.#skipsLeft -= 1;
      return this.#fillFromCache(tasks, jobs, this.#hasNoLog);
    }
    try {
      const filled = await fillLastBackups(tasks, jobs, readResults);
      this.#store(filled, jobs);
      return { tasks: filled, laterJobs: jobs, isComplete: true };
    } catch (error) {
      if (!(error instanceof DsmError)) throw error;
      if (!isAborted(error)) this.#backOff(error);
      return this.#fillFromCache(tasks, jobs, isLogUnavailable(error));
    }
  }

  /** Whether the log has been read for each job that hides a backup now. */
  #isCached(tasks: readonly Task[], jobs: LaterJobs): boolean {
    return tasks.every((task) => {
      const job = task.id === null ? undefined : jobs.get(task.id);
      return task.id === null || job === undefined || this.#cached.get(task.id)?.key === cacheKey(task, job);
    });
  }

  #backOff(error: unknown): void {
    this.#skipsLeft = Math.min(2 ** this.#failures - 1, MAX_SKIPPED_READS);
    this.#failures += 1;
    this.#hasNoLog = isLogUnavailable(error);
  }

  #store(tasks: readonly Task[], jobs: LaterJobs): void {
    this.#failures = 0;
    this.#cached.clear();
    for (const task of tasks) {
      const { id, lastResult, lastSuccessAt } = task;
      const job = id === null ? undefined : jobs.get(id);
      if (id === null || job === undefined) continue;
      this.#cached.set(id, { jobId: job.id, key: cacheKey(task, job), lastResult, lastSuccessAt });
    }
  }

  #fillFromCache<T extends Task>(tasks: readonly T[], jobs: LaterJobs, isComplete: boolean): FilledTasks<T> {
    return { tasks: tasks.map((task) => this.#restore(task, jobs)), laterJobs: jobs, isComplete };
  }

  #restore<T extends Task>(task: T, jobs: LaterJobs): T {
    const job = task.id === null ? undefined : jobs.get(task.id);
    const cached = task.id === null ? undefined : this.#cached.get(task.id);
    if (job === undefined || cached?.jobId !== job.id) return task;
    const { lastResult, lastSuccessAt } = cached;
    return { ...task, lastResult, lastSuccessAt: latest([task.lastSuccessAt, lastSuccessAt]) };
  }
}

/** Unchanged while the log cannot hold a new backup of the task: the hiding job and the state of the task. */
function cacheKey({ uuid, state }: Task, { id, status, startedAt, endedAt }: Result): string {
  return JSON.stringify([uuid, state, id, status, startedAt, endedAt]);
}

/**
 * Fills in last backup and last success, from the log, for tasks whose last backup is hidden behind a later job (on
 * many NASes a deletion of old versions each night). One request for all tasks, two when the log is longer than one
 * response.
 * @param jobs the hiding jobs, see `nonBackupLastJobs`; nothing is read when there are none
 * @returns the same tasks in the same order; a task without a log entry is unchanged
 */
async function fillLastBackups<T extends Task>(
  tasks: readonly T[],
  jobs: LaterJobs,
  readResults: LogReader,
): Promise<T[]> {
  if (jobs.size === 0) return [...tasks];
  const results = await readBackups(readResults, since([...jobs.values()]));
  return tasks.map((task) => (task.id !== null && jobs.has(task.id) ? withLastBackup(task, results) : task));
}

/**
 * The first and last backups of all tasks in the log. DSM's order is unproven (docs/facts/dsm.md §2.2), but the newest
 * results are at one of the ends: reading both is enough for the last backup of each task.
 */
async function readBackups(readResults: LogReader, since: { from_timestamp?: number }): Promise<Result[]> {
  const filter = { job_action: BACKUP, ...since };
  const first = await readResults({ filter, offset: 0, limit: ROWS_PER_REQUEST });
  const count = nonNegativeIntegerOf(objectOf(first)['count']) ?? 0;
  const isAll = count <= listOf(objectOf(first)['results']).length;
  const offset = Math.max(0, count - ROWS_PER_REQUEST);
  const last = isAll ? null : await readResults({ filter, offset, limit: ROWS_PER_REQUEST });
  return [...parseResults(first), ...parseResults(last)].filter(({ actionCode }) => isBackup(actionCode));
}

/**
 * Every backup in the log since `since`, read in pages. A backup that moves to the next page meanwhile is returned
 * twice.
 * @param since epoch seconds; DSM compares the start or the end of a run; @param time time limit of all pages
 */
export async function fetchBackups(
  readResults: LogReader,
  since: number,
  time: PagingTimeLimit = NO_TIME_LIMIT,
): Promise<Result[]> {
  const filter = { job_action: BACKUP, from_timestamp: since };
  const bounds = new PagingLimits(time);
  const results: Result[] = [];
  for (let offset = 0, count = 1; offset < count;) {
    const page = objectOf(await readResults({ filter, offset, limit: ROWS_PER_REQUEST }, bounds.next()));
    const rows = listOf(page['results']).length;
    results.push(...parseResults(page));
    offset += rows;
    count = rows === 0 ? 0 : (nonNegativeIntegerOf(page['count']) ?? 0);
  }
  return results.filter(({ actionCode }) => isBackup(actionCode));
}

/** Counted back from the newest job: this needs no clock, and limits the search on a NAS with years of log. */
function since(jobs: readonly Result[]): { from_timestamp?: number } {
  const latestStart = latest(jobs.map(({ startedAt, endedAt }) => startedAt ?? endedAt));
  if (latestStart === null) return {};
  return { from_timestamp: Math.max(0, Math.floor(Date.parse(latestStart) / 1000) - SEARCH_BACK_SECONDS) };
}

function withLastBackup<T extends Task>(task: T, results: readonly Result[]): T {
  const resultsOfTask = results.filter(({ taskId }) => taskId === task.id).sort(byTime);
  const successes = resultsOfTask.filter(({ status }) => status === 'success').map(({ endedAt }) => endedAt);
  return {
    ...task,
    lastResult: resultsOfTask.at(-1) ?? null,
    lastSuccessAt: latest([task.lastSuccessAt, ...successes]),
  };
}

/** By end, or by start for a run without an end; by id at the same time. */
function byTime(one: Result, other: Result): number {
  return endOrStart(one).localeCompare(endOrStart(other)) || (one.id ?? 0) - (other.id ?? 0);
}

function endOrStart({ endedAt, startedAt }: Result): string {
  return endedAt ?? startedAt ?? '';
}
