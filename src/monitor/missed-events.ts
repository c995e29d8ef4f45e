import { parseTasks } from '../active-backup/model/task';
import type { Result, Task } from '../active-backup/types';
import { devicesOf } from './device-changes';
import type { EventName, NasEvent } from './events';
import { backupKey, type UndeliveredEvent } from './monitor-state';
import type { DeviceProtection } from './protection-types';

/** The event that cancels each event about a state: a listener that missed both has missed nothing that still holds. */
const OPPOSITES: Readonly<Partial<Record<EventName, EventName>>> = {
  backup_overdue: 'backup_recovered',
  backup_recovered: 'backup_overdue',
  task_added: 'task_removed',
  task_removed: 'task_added',
  device_online: 'device_offline',
  device_offline: 'device_online',
  device_overdue: 'device_recovered',
  device_recovered: 'device_overdue',
  nas_online: 'nas_offline',
  nas_offline: 'nas_online',
};

/** Events about a task that are pointless once the task is removed. */
const OF_PRESENT_TASKS: readonly EventName[] = ['backup_started', 'backup_overdue', 'backup_recovered'];

/**
 * Removes from `missed` what an event makes pointless: the start of a backup that has finished, the state of a task that
 * is removed, and the opposite of the event.
 * @returns true when the opposite was missed, so that the listener needs neither of the two
 */
export function cancelMissed(missed: Set<string>, event: NasEvent): boolean {
  const { result, task } = event;
  if (result !== undefined) missed.delete(stateKey('backup_started', result.taskId));
  if (event.event === 'task_removed') for (const name of OF_PRESENT_TASKS) missed.delete(stateKey(name, task?.id));
  const opposite = OPPOSITES[event.event];
  return opposite !== undefined && missed.delete(eventKey({ ...event, event: opposite }));
}

/** Events that contain the protection of their device. */
const OF_PROTECTION: ReadonlySet<EventName> = new Set(['device_overdue', 'device_recovered', 'backup_unusual']);

const HELD_BACK: ReadonlySet<EventName> = new Set(['backup_overdue', 'device_overdue', 'nas_offline']);

/** Whether an event is held back in quiet hours, in which the NAS may be off. */
export function isHeldBack(event: EventName): boolean {
  return HELD_BACK.has(event);
}

/** Whether an event is worth keeping for later: progress and free space are reported again while they last. */
export function isKeepable({ event, storage }: NasEvent): boolean {
  return event !== 'backup_progress' && storage === undefined;
}

/** Finished backups by their result; events about a state by their subject, so that the newest replaces the others. */
export function eventKey({ event, result, task, device }: NasEvent): string {
  if (result !== undefined) return backupKey(result);
  // Ids begin again when the package is reinstalled: another task may be added in the poll in which the old one is removed.
  const isOfTask = event === 'task_added' || event === 'task_removed';
  return stateKey(event, isOfTask ? (task?.uuid ?? task?.id) : (device?.id ?? task?.id));
}

function stateKey(event: EventName, subject: string | number | null | undefined): string {
  return `${event} ${subject ?? ''}`;
}

/** The part of an event that is stored until it is delivered. */
export function toUndelivered(missed: NasEvent): UndeliveredEvent {
  const { event, at, result, task, device, failuresInRow, outageSeconds, error } = missed;
  return {
    event,
    at,
    result: result === undefined ? null : storedResult(result),
    task: task === undefined ? null : { id: task.id, name: task.name, uuid: task.uuid },
    deviceId: device?.id ?? null,
    ...(failuresInRow === undefined ? {} : { failuresInRow }),
    outageSeconds: outageSeconds ?? null,
    error: error ?? null,
  };
}

function storedResult({ devices: _, ...result }: Result): UndeliveredEvent['result'] {
  return result;
}

/** What is known of the subjects of events now. */
export interface PresentState {
  /** Of the last poll; null: unknown. */
  readonly tasks: readonly Task[] | null;
  /** Of all devices; null: unknown. */
  readonly protections: readonly DeviceProtection[] | null;
}

/**
 * The event as it is delivered, with the task or device in its present state.
 * @param late false: the listener was present, and the event was only held back
 * @returns null while the task or device of the event, or whether it is overdue, is unknown
 */
export function toMissedEvent(
  stored: UndeliveredEvent,
  { tasks, protections }: PresentState,
  late: boolean,
): NasEvent | null {
  const { event, at, result, task: was, deviceId, failuresInRow, outageSeconds, error } = stored;
  const needsTasks = result !== null || was !== null || deviceId !== null;
  if (needsTasks && tasks === null) return null;
  const present = was === null ? undefined : tasks?.findLast(({ id }) => id === was.id);
  const task =
    (isSameTask(was, present) ? present : undefined) ?? (event === 'task_removed' ? removedTask(was) : undefined);
  const device = deviceId === null ? undefined : devicesOf(tasks ?? []).find(({ id }) => id === deviceId);
  const isTaskUnknown = result === null && was !== null && task === undefined;
  if (isTaskUnknown || (deviceId !== null && device === undefined)) return null;
  if (event === 'backup_overdue' && task?.overdue === null) return null;
  const protection = OF_PROTECTION.has(event) ? protections?.find((each) => each.device.id === deviceId) : undefined;
  if (event === 'device_overdue' && (protection === undefined || protection.protection === 'unknown')) return null;
  return {
    event,
    at,
    ...(task === undefined || deviceId !== null ? {} : { task }),
    ...(result === null ? {} : { result: { ...result, devices: null } }),
    ...(device === undefined ? {} : { device }),
    ...(protection === undefined ? {} : { protection }),
    ...(failuresInRow === undefined ? {} : { failuresInRow }),
    ...(outageSeconds === null ? {} : { outageSeconds }),
    ...(error === null ? {} : { error }),
    late,
  };
}

/**
 * Whether an event about a state no longer holds although the opposite event was never reported, as after a change of a schedule.
 */
export function isOutdated(event: NasEvent | null | undefined, at: Date): boolean {
  if (event?.event === 'device_overdue') {
    const expectedBy = event.protection?.expectedBy ?? null;
    return expectedBy === null ? event.protection?.protection !== 'failing' : Date.parse(expectedBy) > at.getTime();
  }
  return event?.event === 'backup_overdue' && event.task?.overdue !== true;
}

/** Ids begin again when the package is reinstalled; only the uuid identifies a task. */
function isSameTask(was: UndeliveredEvent['task'], present: Task | undefined): boolean {
  if (was === null || present === undefined) return false;
  return was.uuid === null || present.uuid === null || was.uuid === present.uuid;
}

/** A removed task, with the fields that are stored of it. */
function removedTask(was: UndeliveredEvent['task']): Task | undefined {
  if (was === null) return undefined;
  return parseTasks({ tasks: [{ task_id: was.id, task_name: was.name, unikey: was.uuid }] }, null)[0];
}
