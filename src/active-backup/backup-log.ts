import { DsmError, type ErrorCode } from '../dsm/errors';
import type { Json } from '../dsm/json';
import { isAborted, type ByteBudget } from '../dsm/transport';
import { latest } from './model/arithmetic';
import { isBackup, parseResults } from './model/result';
import { NO_TIME_LIMIT, PagingLimits, type PagingTimeLimit } from './paging-limits';
import { nonNegativeIntegerOf, objectOf, listOf } from './json-fields';
import type { LaterJobs, Result, Task } from './types';

/** A task without a backup for longer than this, before the newest job that hides one, gets none. */
const LOOK_BACK_SECONDS = 90 * 24 * 3600;
const ROWS_PER_REQUEST = 1000;
const BACKUP = 1;

/** Reads `Log.list_result`. @throws DsmError when the NAS refuses or has no such API */
export type LogReader = (parameters: Record<string, Json>, budget?: ByteBudget) => Promise<Json>;

/** Answers of a NAS that has no log for this account, now or later; any other failure may be over at the next request. */
const LOG_UNAVAILABLE_CODES: ReadonlySet<ErrorCode> = new Set([
  'EPACKAGE',
  'EUNSUPPORTED',
  'EPERMISSION',
  'EPARAM',
  'EABB',
]);

/** Whether an error of a read of the log says that there is none for us, so that asking again is of no use. */
export function isLogUnavailable(error: unknown): boolean {
  return error instanceof DsmError && LOG_UNAVAILABLE_CODES.has(error.code);
}

/** Tasks whose last backups are filled in; `isComplete` is false when the log did not answer and has to be asked again. */
export interface FilledTasks<T extends Task> {
  readonly tasks: T[];
  /** As they were given, see `jobsAfterBackup`. */
  readonly laterJobs: LaterJobs;
  readonly isComplete: boolean;
}

/** What the log said of one task while the same job hid its last backup. */
interface CachedBackup extends Pick<Task, 'lastResult' | 'lastSuccessAt'> {
  readonly jobId: number | null;
  /** See {@link cacheKey}. */
  readonly key: string;
}

/** After failures in a row the log is left alone for at most so many lists. */
const MAX_SKIPPED_READS = 15;

/**
 * Fills in last backups as {@link fillLastBackups} does, and remembers them: the log is read once for each job that
 * hides one, however often the list changes. When the log does not answer, a task keeps the backup that the same job hid
 * before, so that a failed read is never taken for a task without backups; it is asked again at the next list, and after
 * more failures after 1, 3, 7 and 15 more lists.
 */
export class LastBackupCache {
  readonly #cached = new Map<number, CachedBackup>();
  /** Failed reads in a row, and how many lists are left to pass over before the next read. */
  #failures = 0;
  #skipsLeft = 0;
  /** Whether the last failure said that there is no log for us. */
  #hasNoLog = false;

  /** @param jobs see {@link fillLastBackups}; @param readResults rejects when the log does not answer */
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

  /** Whether the log has already been read for each job that hides a backup now. */
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
    const known = task.id === null ? undefined : this.#cached.get(task.id);
    if (job === undefined || known?.jobId !== job.id) return task;
    const { lastResult, lastSuccessAt } = known;
    return { ...task, lastResult, lastSuccessAt: latest([task.lastSuccessAt, lastSuccessAt]) };
  }
}

/** The same as long as no backup of the task can have come to the log: the job that hides the last one, and the task's state. */
function cacheKey({ uuid, state }: Task, { id, status, startedAt, endedAt }: Result): string {
  return JSON.stringify([uuid, state, id, status, startedAt, endedAt]);
}

/**
 * Gives tasks whose last backup is hidden behind a later job (a deletion of old versions, each night on many NASes) that
 * backup and their last success, from the log. One request for all of them, two when the log is longer than one answer.
 * @param jobs what hides the backups, see `jobsAfterBackup`; nothing is read when there is none
 * @returns the same tasks in the same order; those the log says nothing of are as they were
 */
export async function fillLastBackups<T extends Task>(
  tasks: readonly T[],
  jobs: LaterJobs,
  readResults: LogReader,
): Promise<T[]> {
  if (jobs.size === 0) return [...tasks];
  const results = await readBackups(readResults, since([...jobs.values()]));
  return tasks.map((task) => (task.id !== null && jobs.has(task.id) ? withLastBackup(task, results) : task));
}

/**
 * The first and last backups of all tasks in the log. DSM's order is unproven (DSM facts 2.2), but one of the two ends of the list is the
 * newest: both are read, which does for the last one of each task.
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
 * Every backup in the log, page by page, so that none is missed however many there are; one that moves to the next page
 * meanwhile comes twice.
 * @param since epoch seconds, by whichever end of a run the NAS goes; @param time how long all pages may take
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

/** Counted back from the newest of the jobs: this needs no clock, and bounds what a NAS with years of log must find. */
function since(jobs: readonly Result[]): { from_timestamp?: number } {
  const newest = latest(jobs.map(({ startedAt, endedAt }) => startedAt ?? endedAt));
  if (newest === null) return {};
  return { from_timestamp: Math.max(0, Math.floor(Date.parse(newest) / 1000) - LOOK_BACK_SECONDS) };
}

function withLastBackup<T extends Task>(task: T, results: readonly Result[]): T {
  const own = results.filter(({ taskId }) => taskId === task.id).sort(byTime);
  const successes = own.filter(({ status }) => status === 'success').map(({ endedAt }) => endedAt);
  return { ...task, lastResult: own.at(-1) ?? null, lastSuccessAt: latest([task.lastSuccessAt, ...successes]) };
}

/** A run without an end is as new as its start; of two at the same time the later id is newer. */
function byTime(one: Result, other: Result): number {
  return endOrStart(one).localeCompare(endOrStart(other)) || (one.id ?? 0) - (other.id ?? 0);
}

function endOrStart({ endedAt, startedAt }: Result): string {
  return endedAt ?? startedAt ?? '';
}
