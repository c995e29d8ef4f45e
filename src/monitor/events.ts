import type { ErrorCode } from '../dsm/errors';
import type { Device, Result, Storage, Task, Volume } from '../active-backup/types';

/** Every event there is (INTERFACE 4), in the order an editor lists them. */
export const EVENTS = [
  'backup_started',
  'backup_succeeded',
  'backup_partial',
  'backup_failed',
  'backup_cancelled',
  'backup_refused',
  'backup_overdue',
  'backup_recovered',
  'backup_progress',
  'task_added',
  'task_removed',
  'device_online',
  'device_offline',
  'storage_low',
  'storage_ok',
  'nas_online',
  'nas_offline',
] as const;

/** The name of an event. */
export type EventName = (typeof EVENTS)[number];

/** Something that happened on a NAS. */
export interface NasEvent {
  readonly event: EventName;
  /** When it happened, as well as that can be told (ISO 8601, UTC). */
  readonly at: string;
  readonly task?: Task;
  readonly result?: Result;
  readonly device?: Device;
  readonly storage?: Storage & { volume: Volume | null };
  /** Of `nas_online`: how long the NAS was away. */
  readonly outageSeconds?: number;
  /** Of `nas_offline`: why it gives no answer, or none of use. Of `backup_refused`: why a start or cancel was refused. */
  readonly error?: { readonly code: ErrorCode; readonly message: string };
  /** Whether it happened while nobody watched. */
  readonly late: boolean;
}
