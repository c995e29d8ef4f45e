import type { Device } from '../active-backup/types';
import type { NasSnapshot, StorageSnapshot, TaskSnapshot } from '../monitor/snapshot';
import { hasSeveralDevices } from './backups';
import type { BridgeOptions } from './types';

/** A task, storage or device with its own topics. */
export interface PublishedItem<Source> {
  /** DSM's id of the item, 0 or more. */
  readonly id: number;
  readonly source: Source;
}

/** A protected device with its tasks. */
export interface ProtectedDevice {
  readonly device: Device;
  /** Null until the tasks have been read. */
  readonly tasks: readonly TaskSnapshot[] | null;
}

/** Tasks with an id, each once; null until they have been read. */
export function tasksOf({ tasks }: NasSnapshot): PublishedItem<TaskSnapshot>[] | null {
  return tasks === null ? null : withUniqueIds(tasks, ({ task }) => task.id);
}

/** Storages with an id, each once; null until they have been read. */
export function storagesOf({ storages }: NasSnapshot): PublishedItem<StorageSnapshot>[] | null {
  return storages === null ? null : withUniqueIds(storages, ({ id }) => id);
}

/**
 * Devices with an id, each once, with their tasks. Values from tasks take precedence, because tasks are read more
 * often. Null until tasks or devices have been read.
 */
export function protectedDevices(snapshot: NasSnapshot): PublishedItem<ProtectedDevice>[] | null {
  const tasks = tasksOf(snapshot);
  if (tasks === null && snapshot.devices === null) return null;
  const snapshots = (tasks ?? []).map(({ source }) => source);
  const tasksOfDevice = new Map<number | null, TaskSnapshot[]>();
  for (const snapshot of snapshots) {
    for (const id of new Set(snapshot.task.devices.map((device) => device.id)))
      tasksOfDevice.set(id, [...(tasksOfDevice.get(id) ?? []), snapshot]);
  }
  const devices = [...snapshots.flatMap(({ task }) => task.devices), ...(snapshot.devices ?? [])];
  return withUniqueIds(devices, ({ id }) => id).map(({ id, source: device }) => ({
    id,
    source: { device, tasks: tasks === null ? null : (tasksOfDevice.get(id) ?? []) },
  }));
}

/** The devices to publish; empty until they have been read. */
export function devicesToPublish(
  snapshot: NasSnapshot,
  which: BridgeOptions['devices'],
): PublishedItem<ProtectedDevice>[] {
  if (which === 'none') return [];
  return (protectedDevices(snapshot) ?? []).filter(({ source }) => which === 'all' || isProblemDevice(source));
}

/**
 * Whether a device needs attention: it is offline, has no task, or the backups of its own task fail. A failure of a
 * task of several devices is no problem of each, because DSM does not report which device failed.
 */
export function isProblemDevice(source: ProtectedDevice): boolean {
  const isUnprotected = source.tasks !== null && source.tasks.length === 0;
  return source.device.online === false || isUnprotected || ownTasks(source).some(({ failing }) => failing === true);
}

/** Tasks that protect this device alone: the result of a task of several devices does not apply to each of them. */
export function ownTasks({ tasks }: ProtectedDevice): TaskSnapshot[] {
  return (tasks ?? []).filter((task) => !hasSeveralDevices(task));
}

/** Sources with an id that is valid in a topic; of several with the same id, the first. */
function withUniqueIds<Source>(
  sources: readonly Source[],
  idOf: (source: Source) => number | null,
): PublishedItem<Source>[] {
  const items = new Map<number, Source>();
  for (const source of sources) {
    const id = idOf(source);
    if (id !== null && Number.isSafeInteger(id) && id >= 0 && !items.has(id)) items.set(id, source);
  }
  return [...items].map(([id, source]) => ({ id, source }));
}
