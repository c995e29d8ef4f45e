import type { DeviceProtection } from '../monitor/protection-types';
import type { NasSnapshot, StorageSnapshot, TaskSnapshot } from '../monitor/snapshot';
import { isProblem, type ProtectedDevice } from './protected-device';
import type { BridgeOptions } from './types';

/** A task, storage or device with its own topics. */
export interface PublishedItem<Source> {
  /** DSM's id of the item, 0 or more. */
  readonly id: number;
  readonly source: Source;
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
 * Devices with an id, each once, with their tasks and outcomes. Values from tasks take precedence, because tasks are read
 * more often. Null until tasks or devices have been read.
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
  const protections = protectionsOf(snapshot);
  const devices = [...snapshots.flatMap(({ task }) => task.devices), ...(snapshot.devices ?? [])];
  return withUniqueIds(devices, ({ id }) => id).map(({ id, source: device }) => ({
    id,
    source: {
      device,
      tasks: tasks === null ? null : (tasksOfDevice.get(id) ?? []),
      protection: protections.get(id) ?? null,
    },
  }));
}

/** The devices to publish; empty until they have been read. */
export function devicesToPublish(
  snapshot: NasSnapshot,
  which: BridgeOptions['devices'],
): PublishedItem<ProtectedDevice>[] {
  if (which === 'none') return [];
  return (protectedDevices(snapshot) ?? []).filter(({ source }) => which === 'all' || isProblem(source) === true);
}

/** The outcomes of each device, by its id; empty until they have been read. */
function protectionsOf({ protections }: NasSnapshot): ReadonlyMap<number, DeviceProtection> {
  const items = withUniqueIds(protections ?? [], ({ device }) => device.id);
  return new Map(items.map(({ id, source }) => [id, source]));
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
