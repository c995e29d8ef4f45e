import { latest } from '../active-backup/model/arithmetic';
import type { Result, Task } from '../active-backup/types';
import { isFinishedBackup } from './finished-backups';
import { backupKey, type MonitorState, type StoredTask } from './monitor-state';
import { CLOCK_TOLERANCE_MS } from './schedule';
import { MAX_RECENT_BACKUPS, type BackupRecord } from './snapshot';

/** What is remembered of the backups of a task that have ended. */
export type BackupHistory = Pick<StoredTask, 'lastSuccessAt' | 'recent' | 'failing'>;

/** What a look told of the backups of one task. */
export interface NewResults {
  /** Everything, in any order, several times too. */
  readonly results: readonly Result[];
  /** The ends of it that are new, oldest first. */
  readonly news: readonly Result[];
  /** Whether a backup is known to have run although the task may show none: a later job hides it. Null: nobody knows. */
  readonly isHidden: boolean | null;
}

/** What the end of a backup says of its task; any other end leaves it as it was. */
const FAILURE_BY_STATUS: Readonly<Partial<Record<Result['status'], boolean>>> = {
  success: false,
  failed: true,
  unknown: true,
};

/**
 * The past of a task after a look.
 * @param known undefined: it was not there before; @param now of this look, for times that lie after it
 */
export function updateHistory(
  task: Task,
  known: BackupHistory | undefined,
  { results, news, isHidden }: NewResults,
  now?: Date,
): BackupHistory {
  const ends = results.filter((result) => isFinishedBackup(result) && result.status !== 'none').sort(newestFirst);
  const recent = recentOf(known?.recent ?? [], ends);
  const failing = known?.failing ?? null;
  const isWithoutEnd = recent.length === 0 && task.lastResult === null;
  const noFailure = isWithoutEnd && isHidden === false ? false : null;
  // It was known not to have run; now it has, and nobody knows how that ended.
  const isUnheardOf = isWithoutEnd && isHidden === true && failing === false;
  const seen = new Set(known?.recent.map(backupKey));
  const limit = now === undefined ? null : new Date(now.getTime() + CLOCK_TOLERANCE_MS).toISOString();
  const isAhead = (time: string | null): boolean => limit !== null && time !== null && time > limit;
  // A success that a wrong clock dates into the future counts as of the look that first told it, and not again.
  const successes = ends
    .filter(({ status }) => status === 'success')
    .map((end) =>
      !isAhead(end.endedAt) ? end.endedAt : seen.has(backupKey(end)) ? null : (now?.toISOString() ?? null),
    );
  const before = known?.lastSuccessAt ?? null;
  const told = isAhead(task.lastSuccessAt) ? null : task.lastSuccessAt;
  return {
    lastSuccessAt: latest([isAhead(before) ? (now?.toISOString() ?? null) : before, told, ...successes]),
    recent,
    failing: isUnheardOf ? null : (failingAfter(failing, failing === null ? ends.toReversed() : news) ?? noFailure),
  };
}

/** Whether nothing is known, as of a task remembered by a release that knew nothing of its past. */
export function isEmptyHistory({ lastSuccessAt, recent, failing }: BackupHistory): boolean {
  return lastSuccessAt === null && recent.length === 0 && failing === null;
}

/** The newest ends of whose reasons nobody has asked, the newest that did not succeed of each task. @param count at most so many */
export function failuresWithoutReason(tasks: MonitorState['tasks'], count: number): BackupRecord[] {
  return Object.values(tasks)
    .flatMap(({ recent }) => recent.find(({ status }) => status === 'failed' || status === 'partial') ?? [])
    .filter(({ reason }) => reason === null)
    .sort(newestFirst)
    .slice(0, count);
}

/** Remembers the reasons of ends, as far as they are known. The very same object when there are none. */
export function addFailureReasons(
  tasks: MonitorState['tasks'],
  ends: readonly Pick<Result, 'id' | 'startedAt' | 'reason'>[],
): MonitorState['tasks'] {
  const reasons = new Map(ends.filter(({ reason }) => reason !== null).map((end) => [backupKey(end), end.reason]));
  if (reasons.size === 0) return tasks;
  return Object.fromEntries(
    Object.entries(tasks).map(([id, task]) => {
      const recent = task.recent.map((end) => ({ ...end, reason: reasons.get(backupKey(end)) ?? end.reason }));
      return [id, { ...task, recent }];
    }),
  );
}

/** What was known of an end stays, as it was told; only what it lacked is filled in (the log leaves the bytes out). */
function recentOf(known: readonly BackupRecord[], ends: readonly Result[]): BackupRecord[] {
  const recent = new Map(known.map((end) => [backupKey(end), end]));
  for (const end of ends) {
    const key = backupKey(end);
    const { transferredBytes, reason, ...before } = recent.get(key) ?? slim(end);
    recent.set(key, {
      ...before,
      transferredBytes: transferredBytes ?? end.transferredBytes,
      reason: reason ?? end.reason,
    });
  }
  return [...recent.values()].sort(newestFirst).slice(0, MAX_RECENT_BACKUPS);
}

/** @param ends oldest first */
function failingAfter(before: boolean | null, ends: readonly Result[]): boolean | null {
  return ends.reduce((failing, { status }) => FAILURE_BY_STATUS[status] ?? failing, before);
}

function slim(result: Result): BackupRecord {
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

/** The higher id is newer, whatever the clock of the NAS said at the time (DSM facts 11.3); without ids the later end. */
function newestFirst(one: Pick<Result, 'id' | 'endedAt'>, other: Pick<Result, 'id' | 'endedAt'>): number {
  return (other.id ?? 0) - (one.id ?? 0) || (other.endedAt ?? '').localeCompare(one.endedAt ?? '');
}
