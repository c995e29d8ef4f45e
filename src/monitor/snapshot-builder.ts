import { isDeepStrictEqual } from 'node:util';
import type { Device, Task } from '../active-backup/types';
import { devicesOf } from './change-detection';
import type { MonitorState, StoredTask } from './monitor-state';
import type { StorageSnapshot, TaskSnapshot } from './snapshot';
import { isLow, type StorageWithVolume } from './storage-space';
import type { VersionCounts } from './nas-inventory';
import { completeTask } from './task-completion';

/*
 * The parts of a picture. Each is given the part of the picture before (null: none) and gives back of it whatever has not
 * changed: the very same objects, and the very same list when nothing has.
 */

/** The tasks with their past. @param memories of the tasks, by id */
export function buildTasks(
  before: readonly TaskSnapshot[] | null,
  tasks: readonly Task[],
  memories: MonitorState['tasks'],
  versions: VersionCounts | null,
): readonly TaskSnapshot[] {
  const known = new Map(before?.map((picture) => [picture.task.id, picture]));
  const now = tasks.map((task) =>
    taskPicture(known.get(task.id), task, memories[String(task.id)], versions?.get(task.id)),
  );
  return sameList(before, now);
}

/** The storages, low or not. @param low those that were low; @param percent free space below this is low */
export function buildStorages(
  before: readonly StorageSnapshot[] | null,
  storages: readonly StorageWithVolume[],
  low: readonly string[],
  percent: number,
): readonly StorageSnapshot[] {
  const known = new Map(before?.map((storage) => [storage.id, storage]));
  const now = storages.map((storage) => same(known.get(storage.id), { ...storage, low: isLow(storage, low, percent) }));
  return sameList(before, now);
}

/** The machines. `Device.list` does not tell whether one is on line: a task that protects it does, and at every look. */
export function buildDevices(
  before: readonly Device[] | null,
  listed: readonly Device[],
  tasks: readonly Task[],
): readonly Device[] {
  const known = new Map(before?.map((device) => [device.id, device]));
  const now = new Map([...listed, ...devicesOf(tasks)].map((device) => [device.id, device]));
  return sameList(
    before,
    [...now.values()].map((device) => same(known.get(device.id), device)),
  );
}

/**
 * A function that is called only when anything it is given is another object than before; else what it made stands.
 * @param make is given what it made before; null: nothing
 */
export function memoizeLast<I extends readonly unknown[], T>(
  make: (before: T | null, ...inputs: I) => T,
): (...inputs: I) => T {
  let last: { inputs: I; made: T } | null = null;
  return (...inputs) => {
    const isSame = last?.inputs.every((input, index) => input === inputs[index]) === true;
    if (last === null || !isSame) last = { inputs, made: make(last?.made ?? null, ...inputs) };
    return last.made;
  };
}

function taskPicture(
  before: TaskSnapshot | undefined,
  task: Task,
  memory: StoredTask | undefined,
  versions: Pick<Task, 'versionCount' | 'lastSuccessAt'> | undefined,
): TaskSnapshot {
  const success = versions?.lastSuccessAt ?? null;
  const whole = {
    ...completeTask(task, memory, success),
    ...(memory === undefined && { overdue: null, lastSuccessAt: task.lastSuccessAt ?? success }),
    versionCount: versions?.versionCount ?? null,
  };
  const kept = same(before?.task, whole);
  return same(before, { task: kept, recent: memory?.recent ?? [], failing: memory?.failing ?? null });
}

function same<T>(before: T | undefined, now: T): T {
  return before !== undefined && isDeepStrictEqual(before, now) ? before : now;
}

function sameList<T>(before: readonly T[] | null, now: readonly T[]): readonly T[] {
  return before?.length === now.length && before.every((each, index) => each === now[index]) ? before : now;
}
