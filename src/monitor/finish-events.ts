import { isBackup, isRestore, isVerification } from '../active-backup/model/result';
import type { Result } from '../active-backup/types';
import type { EventName } from './events';

/** The kinds of jobs whose end is an event. */
type JobKind = 'backup' | 'verification' | 'restore';

/**
 * The event of each final status; other statuses (nothing to back up, still running) have none. The `unknown` one is a status
 * number without a known meaning: a false alarm is better than a missed failure.
 */
const EVENTS_BY_STATUS: Readonly<Record<JobKind, Readonly<Partial<Record<Result['status'], EventName>>>>> = {
  backup: {
    success: 'backup_succeeded',
    partial: 'backup_partial',
    failed: 'backup_failed',
    cancelled: 'backup_cancelled',
    unknown: 'backup_failed',
  },
  verification: {
    success: 'verification_succeeded',
    partial: 'verification_failed',
    failed: 'verification_failed',
    unknown: 'verification_failed',
  },
  restore: {
    success: 'restore_succeeded',
    partial: 'restore_failed',
    failed: 'restore_failed',
    unknown: 'restore_failed',
  },
};

/** The events of finished backups. */
export const BACKUP_FINISHED: ReadonlySet<string> = new Set(Object.values(EVENTS_BY_STATUS.backup));

/** The events of all finished jobs: each of them is reported once for its result. */
export const JOB_FINISHED: ReadonlySet<string> = new Set(
  Object.values(EVENTS_BY_STATUS).flatMap((events) => Object.values(events)),
);

/** The kind of a job; null for deletions and others whose end is no event. */
export function jobKind({ actionCode }: Pick<Result, 'actionCode'>): JobKind | null {
  if (isBackup(actionCode)) return 'backup';
  if (isVerification(actionCode)) return 'verification';
  return isRestore(actionCode) ? 'restore' : null;
}

/** Whether a result is a finished backup: the log also contains other jobs. */
export function isFinishedBackup(result: Result): boolean {
  return jobKind(result) === 'backup' && isFinished(result);
}

/** Whether a result is a finished job of a {@link JobKind}. */
export function isFinishedJob(result: Result): boolean {
  return jobKind(result) !== null && isFinished(result);
}

function isFinished({ endedAt, status }: Result): boolean {
  return endedAt !== null && status !== 'running';
}

/** The event of a finished job; null when it has none. */
export function finishEventOf(result: Result): EventName | null {
  const kind = jobKind(result);
  return kind === null ? null : (EVENTS_BY_STATUS[kind][result.status] ?? null);
}
