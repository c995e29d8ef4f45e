import type { Device } from '../active-backup/types';
import type { NasSnapshot, StorageSnapshot, TaskSnapshot } from '../monitor/snapshot';
import { hasSeveralDevices } from './backups';
import type { BridgeOptions } from './options';

/** Something of a NAS that has topics of its own. */
export interface PublishedItem<Source> {
  /** DSM's number of it, 0 or more. */
  readonly id: number;
  readonly source: Source;
}

/** A machine, with the tasks that protect it. */
export interface ProtectedDevice {
  readonly device: Device;
  /** Null until the NAS has told its tasks. */
  readonly tasks: readonly TaskSnapshot[] | null;
}

/** The tasks that have an id, each once; null until the NAS has told them. */
export function tasksOf({ tasks }: NasSnapshot): PublishedItem<TaskSnapshot>[] | null {
  return tasks === null ? null : withUniqueIds(tasks, ({ task }) => task.id);
}

/** The storages that have an id, each once; null until they were read. */
export function storagesOf({ storages }: NasSnapshot): PublishedItem<StorageSnapshot>[] | null {
  return storages === null ? null : withUniqueIds(storages, ({ id }) => id);
}

/**
 * Every machine that has an id, each once, with its tasks. What a task says of it comes first: tasks are looked at more
 * often. Null until the NAS has told anything of machines.
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

/** The machines that are published; none before the NAS has told of them. */
export function devicesToPublish(
  snapshot: NasSnapshot,
  which: BridgeOptions['devices'],
): PublishedItem<ProtectedDevice>[] {
  if (which === 'none') return [];
  return (protectedDevices(snapshot) ?? []).filter(({ source }) => which === 'all' || hasProblem(source));
}

/**
 * Whether somebody should look at a machine: it is off line, no task protects it, or the backups of a task of it alone fail.
 * Of a task of several machines nobody knows which of them failed: that is no problem of each.
 */
function hasProblem(machine: ProtectedDevice): boolean {
  const isUnprotected = machine.tasks !== null && machine.tasks.length === 0;
  return machine.device.online === false || isUnprotected || ownTasks(machine).some(({ failing }) => failing === true);
}

/** The tasks that protect this machine alone: what a task of several machines says is not true of each of them. */
export function ownTasks({ tasks }: ProtectedDevice): TaskSnapshot[] {
  return (tasks ?? []).filter((task) => !hasSeveralDevices(task));
}

/** Only what has an id that can stand in a topic; the first of those that share one. */
function withUniqueIds<Source>(
  sources: readonly Source[],
  idOf: (source: Source) => number | null,
): PublishedItem<Source>[] {
  const things = new Map<number, Source>();
  for (const source of sources) {
    const id = idOf(source);
    if (id !== null && Number.isSafeInteger(id) && id >= 0 && !things.has(id)) things.set(id, source);
  }
  return [...things].map(([id, source]) => ({ id, source }));
}
