import type { Device, DeviceResult } from '../active-backup/types';
import type { UnusualBackup } from './unusual';

/**
 * Whether a device is protected (docs/interface.md §4, Protection). Of `failing`, `late` and `never` the first that holds:
 * - `failing`: its last outcome is a failure
 * - `late`: no success by {@link DeviceProtection.expectedBy}
 * - `never`: it has a task, but no success yet
 * - `unprotected`: no task protects it
 * - `unknown`: DSM has not reported the outcomes of its backups
 */
export const PROTECTIONS = ['failing', 'late', 'never', 'unprotected', 'protected', 'unknown'] as const;

/** One of {@link PROTECTIONS}. */
export type Protection = (typeof PROTECTIONS)[number];

/** The outcome of one day: the best of its backups; `none`: no backup, although one was expected; `off`: none was expected. */
export type DayOutcome = 'success' | 'partial' | 'failed' | 'cancelled' | 'none' | 'off';

/** How often the backups of a device succeed. */
export interface Habit {
  /** From the schedule of its task, learned from its successes, or from `overdueHours` of the NAS node. */
  source: 'schedule' | 'learned' | 'hours';
  /** The usual time between two successes, days off left out. */
  typicalGapHours: number;
  /** Days of the week without backups, 0 Sunday … 6 Saturday, in the time zone of the NAS; ascending. */
  offDays: number[];
}

/** Judgement of the backups of one device. */
export interface DeviceProtection {
  device: Device;
  /** Ids of the tasks that protect it. */
  taskIds: number[];
  protection: Protection;
  /** As {@link Device.online}. */
  online: boolean | null;
  /** Its last finished backup. */
  lastResult: DeviceResult | null;
  lastSuccessAt: string | null;
  /** A hint that the last success differs from the earlier ones; null: it does not, or too little is known. */
  unusual: UnusualBackup | null;
  /** Failed backups since the last success; null while unknown. */
  failuresInRow: number | null;
  /** When the next success is due at the latest; null when nothing can be said, and then the device is never `late`. */
  expectedBy: string | null;
  /** Null while too little is known. */
  habit: Habit | null;
  /** One per day of the time zone of the NAS, oldest first, today last; at most 90. */
  days: DayOutcome[];
}
