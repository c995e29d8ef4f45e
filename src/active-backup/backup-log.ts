import { DsmError, type ErrorCode } from '../dsm/errors';
import type { Json, JsonObject } from '../dsm/json';
import { isAborted, type ByteBudget } from '../dsm/transport';
import { isBackup, isRestore, isVerification, parseResults } from './model/result';
import { NO_TIME_LIMIT, PagingLimits, type PagingTimeLimit } from './paging';
import { isEqualData, nonNegativeIntegerOf, objectOf, listOf } from './json-fields';
import { latest } from './known-values';
import type { LaterJobs, Result, Task } from './types';

/** The log is searched this far back from the newest hiding job; a task without a backup in this time gets none. */
const SEARCH_BACK_SECONDS = 90 * 24 * 3600;
const ROWS_PER_REQUEST = 1000;
/** For one end of the log, where the NAS sends fewer rows than requested. */
const MAX_REQUESTS_PER_END = 20;
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
export interface FilledTasks {
  readonly tasks: Task[];
  /** Unchanged; see `nonBackupLastJobs`. */
  readonly laterJobs: LaterJobs;
  readonly isComplete: boolean;
}

/** The last backup of a task. */
type LastBackup = Pick<Task, 'lastResult' | 'lastSuccessAt'>;

/** The last backup of a task, valid while the same job hides it. */
interface CachedBackup extends LastBackup {
  /** The hiding job, and the task at that time. */
  readonly job: Result;
  readonly task: Pick<Task, 'uuid' | 'state'>;
}

/** Largest number of lists without a read of the log after failures in a row. */
const MAX_SKIPPED_READS = 15;

/**
 * Fills in last backup and last success, from the log, for tasks whose last backup is hidden behind a later job (on
 * many NASes a deletion of old versions each night). They are cached: the log is read once for each job that hides a
 * backup, however often the list changes. If the log cannot be read, a task keeps the backup cached for the same job,
 * so that a failed read never looks like a task without backups. The log is read again for the next list, and after
 * further failures for the list after 1, 3, 7 and 15 more.
 */
export class LastBackupCache {
  #cached: ReadonlyMap<number, CachedBackup> = new Map();
  /** By task of a list: the task with its last backup, so that for an unchanged task it is the same object. */
  readonly #filled = new WeakMap<Task, { readonly backup: CachedBackup; readonly task: Task }>();
  /** Failed reads in a row, and the number of lists to skip before the next read. */
  #failures = 0;
  #skipsLeft = 0;
  /** Whether the last failure meant that this account cannot read the log. */
  #hasNoLog = false;

  /**
   * @param jobs the hiding jobs, see `nonBackupLastJobs`; nothing is read when there are none
   * @param readResults rejects when the log cannot be read
   * @returns the same tasks in the same order; a task without a log entry is unchanged
   */
  async fill(tasks: readonly Task[], jobs: LaterJobs, readResults: LogReader): Promise<FilledTasks> {
    if (this.#isCached(tasks, jobs)) return this.#fillFromCache(tasks, jobs, true);
    if (this.#skipsLeft > 0) {
      this.#skipsLeft -= 1;
      return this.#fillFromCache(tasks, jobs, this.#hasNoLog);
    }
    try {
      const results = await readBackups(readResults, since([...jobs.values()]));
      this.#failures = 0;
      this.#store(tasks, jobs, results);
      return this.#fillFromCache(tasks, jobs, true);
    } catch (error) {
      if (!(error instanceof DsmError)) throw error;
      if (!isAborted(error)) this.#backOff(error);
      return this.#fillFromCache(tasks, jobs, isLogUnavailable(error));
    }
  }

  /** Whether the log has been read for each job that hides a backup now. */
  #isCached(tasks: readonly Task[], jobs: LaterJobs): boolean {
    if (jobs.size === 0) return true;
    return tasks.every((task) => {
      const job = task.id === null ? undefined : jobs.get(task.id);
      if (task.id === null || job === undefined) return true;
      const cached = this.#cached.get(task.id);
      return cached !== undefined && isSameJob(cached, task, job);
    });
  }

  #backOff(error: unknown): void {
    this.#skipsLeft = Math.min(2 ** this.#failures - 1, MAX_SKIPPED_READS);
    this.#failures += 1;
    this.#hasNoLog = isLogUnavailable(error);
  }

  #store(tasks: readonly Task[], jobs: LaterJobs, results: readonly Result[]): void {
    const resultsByTask = groupByTask(results);
    const now = new Map<number, CachedBackup>();
    for (const task of tasks) {
      const { id, uuid, state } = task;
      const job = id === null ? undefined : jobs.get(id);
      if (id === null || job === undefined) continue;
      const backup = { job, task: { uuid, state }, ...lastBackupOf(task, resultsByTask.get(id) ?? []) };
      const before = this.#cached.get(id);
      now.set(id, before !== undefined && isEqualData(before, backup) ? before : backup);
    }
    this.#cached = now;
  }

  #fillFromCache(tasks: readonly Task[], jobs: LaterJobs, isComplete: boolean): FilledTasks {
    return { tasks: tasks.map((task) => this.#restore(task, jobs)), laterJobs: jobs, isComplete };
  }

  #restore(task: Task, jobs: LaterJobs): Task {
    const job = task.id === null ? undefined : jobs.get(task.id);
    const backup = task.id === null ? undefined : this.#cached.get(task.id);
    if (job === undefined || backup?.job.id !== job.id) return task;
    const known = this.#filled.get(task);
    if (known?.backup === backup) return known.task;
    const { lastResult, lastSuccessAt } = backup;
    const filled = { ...task, lastResult, lastSuccessAt: latest([task.lastSuccessAt, lastSuccessAt]) };
    this.#filled.set(task, { backup, task: filled });
    return filled;
  }
}

/** Whether the log cannot hold a new backup of the task since then: the hiding job and the state of the task are the same. */
function isSameJob({ job: before, task: { uuid, state } }: CachedBackup, task: Task, job: Result): boolean {
  return (
    uuid === task.uuid &&
    state === task.state &&
    (before === job ||
      (before.id === job.id &&
        before.status === job.status &&
        before.startedAt === job.startedAt &&
        before.endedAt === job.endedAt))
  );
}

/**
 * The first and last backups of all tasks in the log. DSM's order is unproven (docs/facts/dsm.md §2.2), but the newest
 * results are at one of the ends: reading both is enough for the last backup of each task.
 */
async function readBackups(readResults: LogReader, since: { from_timestamp?: number }): Promise<Result[]> {
  const filter = { job_action: BACKUP, ...since };
  const first = await readEnd(readResults, filter, 0);
  const offset = Math.max(first.results.length, first.count - ROWS_PER_REQUEST);
  const last = offset >= first.count ? null : await readEnd(readResults, filter, offset);
  return [...first.results, ...(last?.results ?? [])].filter(({ actionCode }) => isBackup(actionCode));
}

/** {@link ROWS_PER_REQUEST} rows from `offset` on, in several requests where the NAS sends fewer at once. */
async function readEnd(
  readResults: LogReader,
  filter: JsonObject,
  offset: number,
): Promise<{ readonly results: readonly Result[]; readonly count: number }> {
  const results: Result[] = [];
  let count = 0;
  for (let read = 0, requests = 0; read < ROWS_PER_REQUEST && requests < MAX_REQUESTS_PER_END; requests += 1) {
    const page = objectOf(await readResults({ filter, offset: offset + read, limit: ROWS_PER_REQUEST - read }));
    const rows = listOf(page['results']).length;
    count = nonNegativeIntegerOf(page['count']) ?? 0;
    results.push(...parseResults(page));
    read += rows;
    if (rows === 0 || offset + read >= count) break;
  }
  return { results, count };
}

/**
 * Every backup in the log since `since`, see {@link fetchJobs}.
 * @param since epoch seconds; @param time time limit of all pages
 */
export async function fetchBackups(
  readResults: LogReader,
  since: number,
  time: PagingTimeLimit = NO_TIME_LIMIT,
): Promise<Result[]> {
  const results = await fetchResults(readResults, { job_action: BACKUP, from_timestamp: since }, time);
  return results.filter(({ actionCode }) => isBackup(actionCode));
}

/**
 * Every backup, verification and restore in the log since `since`, read in pages. A job that moves to the next page meanwhile is
 * returned twice. The log is not filtered by job, so that all kinds take one request, and none depends on DSM's filter.
 * @param since epoch seconds; DSM compares the start or the end of a run; @param time time limit of all pages
 */
export async function fetchJobs(
  readResults: LogReader,
  since: number,
  time: PagingTimeLimit = NO_TIME_LIMIT,
): Promise<Result[]> {
  const results = await fetchResults(readResults, { from_timestamp: since }, time);
  return results.filter(
    ({ actionCode }) => isBackup(actionCode) || isVerification(actionCode) || isRestore(actionCode),
  );
}

async function fetchResults(readResults: LogReader, filter: JsonObject, time: PagingTimeLimit): Promise<Result[]> {
  const bounds = new PagingLimits(time);
  const results: Result[] = [];
  for (let offset = 0, count = 1; offset < count;) {
    const page = objectOf(await readResults({ filter, offset, limit: ROWS_PER_REQUEST }, bounds.next()));
    const rows = listOf(page['results']).length;
    results.push(...parseResults(page));
    offset += rows;
    count = rows === 0 ? 0 : (nonNegativeIntegerOf(page['count']) ?? 0);
  }
  return results;
}

/** Counted back from the newest job: this needs no clock, and limits the search on a NAS with years of log. */
function since(jobs: readonly Result[]): { from_timestamp?: number } {
  const latestStart = latest(jobs.map(({ startedAt, endedAt }) => startedAt ?? endedAt));
  if (latestStart === null) return {};
  return { from_timestamp: Math.max(0, Math.floor(Date.parse(latestStart) / 1000) - SEARCH_BACK_SECONDS) };
}

/** Results by the id of their task, in their order. */
export function groupByTask(results: readonly Result[]): ReadonlyMap<number | null, Result[]> {
  const groups = new Map<number | null, Result[]>();
  for (const result of results) {
    const group = groups.get(result.taskId);
    if (group === undefined) groups.set(result.taskId, [result]);
    else group.push(result);
  }
  return groups;
}

function lastBackupOf({ lastSuccessAt }: Task, resultsOfTask: readonly Result[]): LastBackup {
  const inOrder = [...resultsOfTask].sort(byTime);
  const successes = inOrder.filter(({ status }) => status === 'success').map(({ endedAt }) => endedAt);
  return { lastResult: inOrder.at(-1) ?? null, lastSuccessAt: latest([lastSuccessAt, ...successes]) };
}

/** By end, or by start for a run without an end; by id at the same time. */
function byTime(one: Result, other: Result): number {
  return endOrStart(one).localeCompare(endOrStart(other)) || (one.id ?? 0) - (other.id ?? 0);
}

function endOrStart({ endedAt, startedAt }: Result): string {
  return endedAt ?? startedAt ?? '';
}
