import type { ResultStatus } from '../active-backup/codes';
import type { Device } from '../active-backup/types';
import type { DayOutcome, DeviceProtection, Habit, Protection } from '../monitor/protection-types';
import type { TaskSnapshot } from '../monitor/snapshot';
import type { UnusualKind } from '../monitor/unusual';
import { hasReason, hasSeveralDevices, isBackupRunning } from './backups';

/** A protected device with its tasks and its outcomes. */
export interface ProtectedDevice {
  readonly device: Device;
  /** Null until the tasks have been read. */
  readonly tasks: readonly TaskSnapshot[] | null;
  /** Null until the outcomes have been read. */
  readonly protection: DeviceProtection | null;
}

/** All outcomes of a day, the best first. */
export const DAY_OUTCOMES = [
  'success',
  'partial',
  'failed',
  'cancelled',
  'none',
  'off',
] as const satisfies readonly DayOutcome[];

/** Where the expectation of the next success comes from. */
export const HABIT_SOURCES = ['schedule', 'learned', 'hours'] as const satisfies readonly Habit['source'][];

/** All protections, the worst first. */
export const PROTECTION_WORDS = [
  'failing',
  'late',
  'never',
  'unprotected',
  'protected',
  'unknown',
] as const satisfies readonly Protection[];

/** How a backup may differ from the usual ones. */
export const UNUSUAL_KINDS = ['larger', 'smaller', 'longer'] as const satisfies readonly UnusualKind[];

/** Without a hint, so many days with a success are needed to say that the last one was as usual. */
const DAYS_UNTIL_USUAL = 9;

/** States of a device in its field `status`, which is older than `protection`; the worst first. */
export const DEVICE_STATUSES = ['unprotected', 'failing', 'overdue', 'never', 'running', 'ok', 'unknown'] as const;

/** The protections that somebody has to do something about. */
const PROBLEMS: ReadonlySet<Protection> = new Set(['failing', 'late', 'never', 'unprotected']);

/** Whether a device is protected. One without any task is `unprotected`, whether the NAS reports outcomes or not. */
export function protectionOfDevice({ protection, tasks }: ProtectedDevice): Protection {
  if (protection !== null && protection.protection !== 'unknown') return protection.protection;
  return tasks?.length === 0 ? 'unprotected' : 'unknown';
}

/** Whether a device needs attention; null while its protection is unknown. */
export function isProblem(source: ProtectedDevice): boolean | null {
  const protection = protectionOfDevice(source);
  return protection === 'unknown' ? null : PROBLEMS.has(protection);
}

/** The protection in the words of `status`. */
export function deviceStatus(source: ProtectedDevice): (typeof DEVICE_STATUSES)[number] {
  const protection = protectionOfDevice(source);
  if (protection === 'late') return 'overdue';
  if (protection !== 'protected') return protection;
  // The run of a task of several devices need not be a run of this one.
  const isRunning = (source.tasks ?? []).some((task) => !hasSeveralDevices(task) && isBackupRunning(task));
  return isRunning ? 'running' : 'ok';
}

/**
 * Whether there was no success by the time it was expected; null where nothing can be said. A device that fails is overdue
 * if a backup failed after that time, and unknown before: the time of a document is not part of it.
 */
export function isDeviceOverdue({ protection }: ProtectedDevice): boolean | null {
  if (protection === null) return null;
  const { expectedBy, lastResult } = protection;
  switch (protection.protection) {
    case 'late':
      return true;
    case 'failing':
      return isAfter(lastResult?.endedAt ?? null, expectedBy) ? true : null;
    case 'protected':
    case 'never':
      return expectedBy === null ? null : false;
    default:
      return null;
  }
}

/** Whether the last success of a device was unusual; null while it had too few. */
export function isUnusual({ protection }: ProtectedDevice): boolean | null {
  if (protection === null) return null;
  if (protection.unusual !== null) return true;
  return protection.days.filter((day) => day === 'success').length >= DAYS_UNTIL_USUAL ? false : null;
}

/** Status of the last finished backup of a device; `none` only when the NAS reports outcomes and there is none. */
export function lastResultOfDevice({ protection }: ProtectedDevice): ResultStatus | 'unknown' {
  if (protection === null) return 'unknown';
  return protection.lastResult?.status ?? (protection.protection === 'never' ? 'none' : 'unknown');
}

/** Reason why the last backup of a device did not succeed; null when it did, or when no reason is known. */
export function lastErrorOfDevice({ protection }: ProtectedDevice): string | null {
  const last = protection?.lastResult ?? null;
  return last !== null && hasReason(last.status) ? last.reason : null;
}

function isAfter(time: string | null, limit: string | null): boolean {
  return time !== null && limit !== null && Date.parse(time) > Date.parse(limit);
}
