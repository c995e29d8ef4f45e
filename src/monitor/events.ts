import type { ErrorCode } from '../dsm/errors';
import type { Storage, Volume } from '../active-backup/storage-types';
import type { Device, Result, Task } from '../active-backup/types';
import type { DeviceProtection } from './protection-types';

/** The events (docs/interface.md §4.1), in the order in which the editor lists them. */
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
  'verification_succeeded',
  'verification_failed',
  'restore_succeeded',
  'restore_failed',
  'task_added',
  'task_removed',
  'device_online',
  'device_offline',
  'device_overdue',
  'device_recovered',
  'backup_unusual',
  'storage_low',
  'storage_ok',
  'storage_filling',
  'nas_online',
  'nas_offline',
] as const;

/** The name of an event. */
export type EventName = (typeof EVENTS)[number];

/** Events that the first releases do not know. */
export const ADDED_EVENTS: ReadonlySet<EventName> = new Set<EventName>([
  'verification_succeeded',
  'verification_failed',
  'restore_succeeded',
  'restore_failed',
  'device_overdue',
  'device_recovered',
  'backup_unusual',
  'storage_filling',
]);

/** An event of a NAS. */
export interface NasEvent {
  readonly event: EventName;
  /** When it happened, as far as known; else when it was detected (ISO 8601, UTC). */
  readonly at: string;
  readonly task?: Task;
  readonly result?: Result;
  readonly device?: Device;
  /** For `device_overdue`, `device_recovered` and `backup_unusual`: as it is when the event is delivered. */
  readonly protection?: DeviceProtection;
  readonly storage?: Storage & { volume: Volume | null };
  /** For `backup_failed`: how many backups of the task have failed in a row, with this one; null or missing: unknown. */
  readonly failuresInRow?: number | null;
  /** For `nas_online`: the length of the outage. */
  readonly outageSeconds?: number;
  /** For `nas_offline`: why polls failed. For `backup_refused`: why a start or cancel was rejected. */
  readonly error?: { readonly code: ErrorCode; readonly message: string };
  /** Whether it happened while the receiver was not subscribed. */
  readonly late: boolean;
}

/** A log line for an event. It has ids and no names, because users choose the names: `Event backup_failed: task 3, result 17, failed`. */
export function eventLine({ event, task, result, device, storage, late }: NasEvent): string {
  const taskId = task?.id ?? result?.taskId;
  const parts = [
    ...(taskId === undefined || taskId === null ? [] : [`task ${taskId}`]),
    ...(result === undefined ? [] : [`result ${result.id ?? '?'}`, result.status]),
    ...(device === undefined ? [] : [`device ${device.id ?? '?'}`]),
    ...(storage === undefined ? [] : [`storage ${storage.id ?? '?'}`]),
    ...(late ? ['late'] : []),
  ];
  return `Event ${event}${parts.length === 0 ? '' : `: ${parts.join(', ')}`}`;
}
