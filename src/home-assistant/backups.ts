import type { ResultStatus, TaskState } from '../active-backup/codes';
import type { BackupRecord, TaskSnapshot } from '../monitor/snapshot';

/** The states of a run that goes on. */
const RUNNING_STATES: ReadonlySet<TaskState> = new Set(['running', 'pausing', 'cancelling']);
/** The states in which a run can be cancelled. */
const CANCELLABLE_STATES: ReadonlySet<TaskState> = new Set(['queued', 'running', 'pausing']);
/** How a backup ended that has a reason for it. */
const STATUSES_WITH_REASON: ReadonlySet<ResultStatus> = new Set([
  'partial',
  'failed',
  'cancelled',
  'no_backup',
  'unknown',
]);

/** Whether a run goes on, or waits to, that can be cancelled. */
export function isCancellable({ task }: TaskSnapshot): boolean {
  return CANCELLABLE_STATES.has(task.state);
}

/** The last backup that has ended; null when nobody knows of one. */
export function lastFinishedBackup({ task, recent }: TaskSnapshot): BackupRecord | null {
  const own = task.lastResult === null || task.lastResult.status === 'running' ? null : task.lastResult;
  return recent[0] ?? own;
}

/** The word for how the last backup ended; `none` only where it is known that there was none. */
export function lastResult(snapshot: TaskSnapshot): string {
  const hasNone = snapshot.failing === false && snapshot.task.lastSuccessAt === null;
  return lastFinishedBackup(snapshot)?.status ?? (hasNone ? 'none' : 'unknown');
}

/** Why the last backup did not succeed; null when it did, or nobody says. */
export function lastError(snapshot: TaskSnapshot): string | null {
  const end = lastFinishedBackup(snapshot);
  return end !== null && STATUSES_WITH_REASON.has(end.status) ? end.reason : null;
}

/** Whether it has a schedule that is on; null when the schedule is unknown. */
export function isScheduled({ task: { schedule, nextRunAt } }: TaskSnapshot): boolean | null {
  if (schedule.kind === 'unknown') return null;
  if (schedule.kind === 'event') return true;
  return schedule.kind === 'continuous' ? schedule.paused !== true : schedule.kind !== 'manual' && nextRunAt !== null;
}

/** Whether a run goes on. */
export function isBackupRunning({ task }: Pick<TaskSnapshot, 'task'>): boolean {
  return RUNNING_STATES.has(task.state);
}

/** When the last backup began, also one that still runs. */
export function lastStart(snapshot: TaskSnapshot): string | null {
  const { lastResult } = snapshot.task;
  const running = lastResult?.status === 'running' ? lastResult.startedAt : null;
  return running ?? lastFinishedBackup(snapshot)?.startedAt ?? null;
}

/** A count of the NAS; null where it counts nothing, which then says 0 for everything. */
export function countOrNull(end: BackupRecord | null, count: 'successCount' | 'errorCount'): number | null {
  if (end === null) return null;
  const isCounted = [end.successCount, end.warningCount, end.errorCount].some((each) => each !== null && each > 0);
  return isCounted ? end[count] : null;
}

/** Whether it protects more than one machine. */
export function hasSeveralDevices({ task }: TaskSnapshot): boolean {
  return task.devices.length > 1;
}
