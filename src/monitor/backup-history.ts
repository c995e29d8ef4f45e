import { groupByTask } from '../active-backup/backup-log';
import { latest } from '../active-backup/known-values';
import type { Result, Task } from '../active-backup/types';
import { isFinishedBackup } from './finish-events';
import { backupKey, type MonitorState, type StoredTask } from './monitor-state';
import { CLOCK_TOLERANCE_MS } from './schedule';
import { MAX_RECENT_BACKUPS, type BackupRecord } from './snapshot';

/** The stored data about the finished backups of a task. */
export type BackupHistory = Pick<StoredTask, 'lastSuccessAt' | 'recent' | 'failing' | 'failuresInRow'>;

/** The results of one task that a poll has found. */
export interface NewResults {
  /** All results, in any order, possibly repeated. */
  readonly results: readonly Result[];
  /** The newly finished backups among them, oldest first. */
  readonly finished: readonly Result[];
  /** Whether a later job hides the last backup, which has run although the task shows none. Null: unknown. */
  readonly isHidden: boolean | null;
}

const NO_RESULTS: readonly Result[] = [];

/** The results that a poll has found, by task. */
export class FoundResults {
  readonly #all: readonly Result[];
  readonly #unreported: ReadonlyMap<number | null, readonly Result[]>;
  readonly #finished: ReadonlyMap<number | null, readonly Result[]>;
  #byTask: ReadonlyMap<number | null, readonly Result[]> | null = null;

  /** @param unreported backups that were not reported before @param finished those of them that have an event */
  constructor(all: readonly Result[], unreported: readonly Result[], finished: readonly Result[]) {
    this.#all = all;
    this.#unreported = groupByTask(unreported);
    this.#finished = groupByTask(finished);
  }

  /** Whether there is nothing new of a task but, at most, its last result without an event. */
  hasNone({ id, lastResult }: Task): boolean {
    return !this.#finished.has(id) && this.unreportedOf(id).every((result) => result === lastResult);
  }

  /** Its newly finished backups, oldest first. */
  finishedOf(id: number | null): readonly Result[] {
    return this.#finished.get(id) ?? NO_RESULTS;
  }

  /** Its backups that were not reported before, oldest first. */
  unreportedOf(id: number | null): readonly Result[] {
    return this.#unreported.get(id) ?? NO_RESULTS;
  }

  /** All its results. */
  allOf(id: number | null): readonly Result[] {
    this.#byTask ??= groupByTask(this.#all);
    return this.#byTask.get(id) ?? NO_RESULTS;
  }
}

/** `failing` after a backup with this status; other statuses do not change it. */
const FAILURE_BY_STATUS: Readonly<Partial<Record<Result['status'], boolean>>> = {
  success: false,
  failed: true,
  unknown: true,
};

/**
 * The history of a task after a poll.
 * @param known before; undefined: the task is new
 * @param now time of the poll; a success dated later than this by more than the tolerance comes from a wrong clock
 */
export function updateHistory(
  task: Task,
  known: BackupHistory | undefined,
  { results, finished, isHidden }: NewResults,
  now?: Date,
): BackupHistory {
  const backups = results.filter((result) => isFinishedBackup(result) && result.status !== 'none').sort(newestFirst);
  const recent = recentOf(known?.recent ?? [], backups, latestPlausible(now));
  const hasNone = recent.length === 0 && task.lastResult === null;
  return {
    lastSuccessAt: lastSuccessOf(task, known, backups, now),
    recent,
    failing: failingOf(known?.failing ?? null, { backups, finished, hasNone, isHidden }),
    failuresInRow: failuresInRowOf(known?.failuresInRow ?? null, finished, recent, hasNone ? isHidden : null),
  };
}

/** A success dated in the future counts at the time of the poll that first contained it, and not again later. */
function lastSuccessOf(
  task: Task,
  known: BackupHistory | undefined,
  backups: readonly Result[],
  now: Date | undefined,
): string | null {
  const pollTime = now?.toISOString() ?? null;
  const limit = latestPlausible(now);
  const isInFuture = (time: string | null): boolean => isAfter(time, limit);
  const earlier = known?.recent ?? [];
  const keys = new Set(earlier.map(backupKey));
  const successes = backups
    .filter(({ status }) => status === 'success')
    .map((backup) => (!isInFuture(backup.endedAt) ? backup.endedAt : keys.has(backupKey(backup)) ? null : pollTime));
  const before = known?.lastSuccessAt ?? null;
  const own = isInFuture(task.lastSuccessAt) ? null : task.lastSuccessAt;
  // Those that lay in the future when they were found, and may be hidden by later results now.
  const plausible = earlier.filter(({ status, endedAt }) => status === 'success' && !isInFuture(endedAt));
  return latest([
    isInFuture(before) ? pollTime : before,
    own,
    ...successes,
    ...plausible.map(({ endedAt }) => endedAt),
  ]);
}

/** The latest end that a backup can have at this time; null: any. */
function latestPlausible(now: Date | undefined): string | null {
  return now === undefined ? null : new Date(now.getTime() + CLOCK_TOLERANCE_MS).toISOString();
}

function isAfter(time: string | null, limit: string | null): boolean {
  return limit !== null && time !== null && time > limit;
}

/**
 * When the first backup that ended in the future, by the clock of Node-RED, counts at its own time (epoch ms).
 * @returns Infinity: there is none
 */
export function plausibleAt(tasks: Readonly<Record<string, BackupHistory>>, now: Date): number {
  const limit = latestPlausible(now);
  let earliest = Infinity;
  for (const { recent } of Object.values(tasks)) {
    for (const { endedAt } of recent) {
      // The order is that of the ids: after the clock was set, an older one may be dated later.
      if (endedAt !== null && isAfter(endedAt, limit))
        earliest = Math.min(earliest, Date.parse(endedAt) - CLOCK_TOLERANCE_MS);
    }
  }
  return earliest;
}

/** @param found `hasNone`: the task has no finished backup @param before of the poll before; null: unknown */
function failingOf(
  before: boolean | null,
  found: Pick<NewResults, 'finished' | 'isHidden'> & { backups: readonly Result[]; hasNone: boolean },
): boolean | null {
  const { backups, finished, hasNone, isHidden } = found;
  // The task had no backup, and now a hidden one whose status is unknown.
  if (hasNone && isHidden === true && before === false) return null;
  const withoutBackup = hasNone && isHidden === false ? false : null;
  return failingAfter(before, before === null ? backups.toReversed() : finished) ?? withoutBackup;
}

/**
 * Failures since the last success: further ones are counted; a count that is not known is taken from the recent backups if they
 * reach back to a success.
 * @param recent newest first
 * @param isHidden whether a later job hides a backup of a task without any other; null: unknown, or the task has others
 */
function failuresInRowOf(
  before: number | null,
  finished: readonly Result[],
  recent: readonly BackupRecord[],
  isHidden: boolean | null,
): number | null {
  if (isHidden === true && before === 0) return null;
  if (before !== null) return failuresAfter(before, finished);
  const success = recent.findIndex(({ status }) => FAILURE_BY_STATUS[status] === false);
  if (success >= 0) return failuresAfter(0, recent.slice(0, success));
  return isHidden === false ? 0 : null;
}

/**
 * For each of these backups how many had failed in a row when it ended; null while unknown.
 * @param before the count before them @param after the count after them @param finished oldest first
 */
export function failureCounts(
  before: number | null,
  after: number | null,
  finished: readonly Result[],
): ReadonlyMap<Result, number | null> {
  const first = finished.find(({ status }) => FAILURE_BY_STATUS[status] === false);
  const failuresOf = (backups: readonly Result[]): number => failuresAfter(0, backups);
  // Without a success among them the count before follows from the one after.
  let count = before ?? (first === undefined && after !== null ? Math.max(0, after - failuresOf(finished)) : null);
  const counts = new Map<Result, number | null>();
  for (const backup of finished) {
    const isFailure = FAILURE_BY_STATUS[backup.status];
    if (isFailure !== undefined) count = isFailure ? (count === null ? null : count + 1) : 0;
    counts.set(backup, count);
  }
  return counts;
}

/** @param backups oldest first; the order matters only if there is a success among them */
function failuresAfter(before: number, backups: readonly Pick<Result, 'status'>[]): number {
  return backups.reduce((count, { status }) => {
    const isFailure = FAILURE_BY_STATUS[status];
    return isFailure === undefined ? count : isFailure ? count + 1 : 0;
  }, before);
}

/** Whether a history is empty, as in a state of an older release. */
export function isEmptyHistory({ lastSuccessAt, recent, failing }: BackupHistory): boolean {
  return lastSuccessAt === null && recent.length === 0 && failing === null;
}

/** For each task its newest failed or partial backup whose reason has not been fetched; newest first, at most `count`. */
export function failuresWithoutReason(tasks: MonitorState['tasks'], count: number): BackupRecord[] {
  return Object.values(tasks)
    .flatMap(({ recent }) => recent.find(({ status }) => status === 'failed' || status === 'partial') ?? [])
    .filter(({ reason }) => reason === null)
    .sort(newestFirst)
    .slice(0, count);
}

/** Stores the reasons of backups, where present. The very same object when there is none that is not stored yet. */
export function addFailureReasons(
  tasks: MonitorState['tasks'],
  backups: readonly Pick<Result, 'id' | 'startedAt' | 'reason'>[],
): MonitorState['tasks'] {
  const explained = backups.filter(({ reason }) => reason !== null);
  if (explained.length === 0) return tasks;
  const reasons = new Map(explained.map((each) => [backupKey(each), each.reason]));
  const ids = new Set(explained.map(({ id }) => id));
  const withReason = (record: BackupRecord): BackupRecord => {
    const reason = ids.has(record.id) ? (reasons.get(backupKey(record)) ?? null) : null;
    return reason === null || reason === record.reason ? record : { ...record, reason };
  };
  const changed = Object.keys(tasks).flatMap((id) => {
    const task = tasks[id];
    if (task?.recent.some((each) => withReason(each) !== each) !== true) return [];
    return [[id, { ...task, recent: task.recent.map(withReason) }] as const];
  });
  return changed.length === 0 ? tasks : { ...tasks, ...Object.fromEntries(changed) };
}

/**
 * Merges results into the stored records. Stored fields win; only `transferredBytes` and `reason` are filled in, because log
 * rows contain no bytes. The last success stays among them while it lies in the future: it is still to count at its own time.
 * @param limit the latest plausible end
 */
function recentOf(known: readonly BackupRecord[], backups: readonly Result[], limit: string | null): BackupRecord[] {
  const recent = new Map(known.map((each) => [backupKey(each), each]));
  for (const backup of backups) {
    const key = backupKey(backup);
    const { transferredBytes, reason, ...others } = recent.get(key) ?? recordOf(backup);
    recent.set(key, {
      ...others,
      transferredBytes: transferredBytes ?? backup.transferredBytes,
      reason: reason ?? backup.reason,
    });
  }
  const sorted = [...recent.values()].sort(newestFirst);
  const kept = sorted.slice(0, MAX_RECENT_BACKUPS);
  const success = sorted.find(({ status, endedAt }) => status === 'success' && isAfter(endedAt, limit));
  return success === undefined || kept.includes(success) ? kept : [...kept.slice(0, -1), success];
}

/** @param backups oldest first */
function failingAfter(before: boolean | null, backups: readonly Result[]): boolean | null {
  return backups.reduce((failing, { status }) => FAILURE_BY_STATUS[status] ?? failing, before);
}

function recordOf(result: Result): BackupRecord {
  const { id, status, statusCode, startedAt, endedAt, durationSeconds } = result;
  const { transferredBytes, successCount, warningCount, errorCount, reason } = result;
  return {
    id,
    status,
    statusCode,
    startedAt,
    endedAt,
    durationSeconds,
    transferredBytes,
    successCount,
    warningCount,
    errorCount,
    reason,
  };
}

/** The higher id is newer, since the clock of the NAS may be wrong (docs/facts/dsm.md §6.24); without ids the later end. */
function newestFirst(one: Pick<Result, 'id' | 'endedAt'>, other: Pick<Result, 'id' | 'endedAt'>): number {
  return (other.id ?? 0) - (one.id ?? 0) || (other.endedAt ?? '').localeCompare(one.endedAt ?? '');
}
