import type { ResultStatus, TaskState } from '../active-backup/codes';
import type { BackupRecord, TaskSnapshot } from '../monitor/snapshot';

/** States of a running backup. */
const RUNNING_STATES: ReadonlySet<TaskState> = new Set(['running', 'pausing', 'cancelling']);
/** States in which a backup can be cancelled. */
const CANCELLABLE_STATES: ReadonlySet<TaskState> = new Set(['queued', 'running', 'pausing']);
/** Results that may have a reason. */
const STATUSES_WITH_REASON: ReadonlySet<ResultStatus> = new Set([
  'partial',
  'failed',
  'cancelled',
  'no_backup',
  'unknown',
]);

/** Whether a running or queued backup can be cancelled. */
export function isCancellable({ task }: TaskSnapshot): boolean {
  return CANCELLABLE_STATES.has(task.state);
}

/** The last finished backup; null when none is known. */
export function lastFinishedBackup({ task, recent }: TaskSnapshot): BackupRecord | null {
  const own = task.lastResult === null || task.lastResult.status === 'running' ? null : task.lastResult;
  return recent[0] ?? own;
}

/** Status of the last finished backup; `none` only when there was certainly none. */
export function lastResult(snapshot: TaskSnapshot): string {
  const hasNone = snapshot.failing === false && snapshot.task.lastSuccessAt === null;
  return lastFinishedBackup(snapshot)?.status ?? (hasNone ? 'none' : 'unknown');
}

/** Reason why the last backup did not succeed; null when it did, or when no reason is known. */
export function lastError(snapshot: TaskSnapshot): string | null {
  const end = lastFinishedBackup(snapshot);
  return end !== null && hasReason(end.status) ? end.reason : null;
}

/** Whether a backup with this status did not succeed, so that it may have a reason. */
export function hasReason(status: ResultStatus): boolean {
  return STATUSES_WITH_REASON.has(status);
}

/** Whether the task has an active schedule; null when the schedule is unknown. */
export function isScheduled({ task: { schedule, nextRunAt } }: TaskSnapshot): boolean | null {
  if (schedule.kind === 'unknown') return null;
  if (schedule.kind === 'event') return true;
  return schedule.kind === 'continuous' ? schedule.paused !== true : schedule.kind !== 'manual' && nextRunAt !== null;
}

/** Whether a backup is running, including one that is being paused or cancelled. */
export function isBackupRunning({ task }: Pick<TaskSnapshot, 'task'>): boolean {
  return RUNNING_STATES.has(task.state);
}

/** Start of the last backup, including a running one. */
export function lastStart(snapshot: TaskSnapshot): string | null {
  const { lastResult } = snapshot.task;
  const running = lastResult?.status === 'running' ? lastResult.startedAt : null;
  return running ?? lastFinishedBackup(snapshot)?.startedAt ?? null;
}

/** A counter of a result; null when all counters are 0, because some NASes do not count. */
export function countOrNull(end: BackupRecord | null, count: 'successCount' | 'errorCount'): number | null {
  if (end === null) return null;
  const isCounted = [end.successCount, end.warningCount, end.errorCount].some((each) => each !== null && each > 0);
  return isCounted ? end[count] : null;
}

/** How many devices failed in the last backup: those known by name, else as the NAS counts. Null when neither is known. */
export function failedDeviceCount(snapshot: TaskSnapshot): number | null {
  const named = snapshot.task.devicesFailed?.length ?? null;
  if (named !== null && named > 0) return named;
  return countOrNull(lastFinishedBackup(snapshot), 'errorCount') ?? named;
}

/** Whether the task protects more than one device. */
export function hasSeveralDevices({ task }: TaskSnapshot): boolean {
  return task.devices.length > 1;
}
