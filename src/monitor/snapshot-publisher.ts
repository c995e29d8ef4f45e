import { isDeepStrictEqual } from 'node:util';
import type { Device, NamedDeviceResult, Task } from '../active-backup/types';
import { partOf, type MonitorState, type StoredTask } from './monitor-state';
import type { StorageSnapshot, TaskSnapshot, NasSnapshot } from './snapshot';
import { isLow, type StorageWithVolume, wasAnyLow } from './storage-space';
import type { VersionCounts, NasInventory } from './nas-inventory';
import { completeTask } from './task-completion';
import type { KnownOutcomes } from './run-outcomes';
import { lastFinishedOf, withOutcomes } from './task-outcomes';
import type { PollSnapshot } from './process-poll';
import { knownDevices } from './protections';
import { sameList } from './same-list';
import { Subscribers } from './subscribers';

/*
 * Each builder gets the part of the snapshot before (null: none) and reuses the objects that have not changed, and the list
 * itself when nothing has.
 */

/** What a task is made of beside the task of the poll. */
interface TaskParts {
  /** Undefined: nothing is stored of it. */
  readonly stored: StoredTask | undefined;
  /** According to the versions; null: unknown. */
  readonly success: string | null;
  readonly versionCount: number | null;
  /** Of its last finished backup; null: unknown. */
  readonly outcomes: readonly NamedDeviceResult[] | null;
}

/** A task of a snapshot, and what it was made of. */
interface BuiltTask extends TaskParts {
  readonly task: Task;
  readonly snapshot: TaskSnapshot;
}

/** Builds the tasks of snapshots. A task of the same parts as before is the same object, and is not even built. */
class TaskSnapshots {
  /** The last list. */
  #built: readonly BuiltTask[] = [];

  /** @param stored data of the tasks, by id @param versions by task id; null: unknown @param known outcomes of runs */
  readonly build = (
    before: readonly TaskSnapshot[] | null,
    tasks: readonly Task[],
    stored: MonitorState['tasks'],
    versions: VersionCounts | null,
    known: KnownOutcomes,
  ): readonly TaskSnapshot[] => {
    const last = this.#built;
    let byId: ReadonlyMap<Task['id'], BuiltTask> | null = null;
    const lastOf = (id: Task['id']): BuiltTask | undefined => {
      byId ??= new Map(last.map((each) => [each.task.id, each]));
      return byId.get(id);
    };
    this.#built = tasks.map((task, index) => {
      const { lastSuccessAt: success = null, versionCount = null } = versions?.get(task.id) ?? {};
      const own = partOf(stored, task.id);
      const outcomes = known.of(lastFinishedOf(task, own)?.id ?? null);
      const parts = { stored: own, success, versionCount, outcomes };
      const inPlace = last[index];
      const builtBefore = inPlace?.task === task ? inPlace : lastOf(task.id);
      return builtBefore !== undefined && isOf(builtBefore, task, parts)
        ? builtBefore
        : { ...parts, task, snapshot: buildTask(builtBefore?.snapshot, task, parts) };
    });
    return sameList(
      before,
      this.#built.map(({ snapshot }) => snapshot),
    );
  };
}

function isOf(built: BuiltTask, task: Task, { stored, success, versionCount, outcomes }: TaskParts): boolean {
  return (
    built.task === task &&
    built.stored === stored &&
    built.success === success &&
    built.versionCount === versionCount &&
    built.outcomes === outcomes
  );
}

/** @param low storages that were low, as in {@link MonitorState.low} @param percent free space below this is low */
function buildStorages(
  before: readonly StorageSnapshot[] | null,
  storages: readonly StorageWithVolume[],
  low: readonly string[],
  percent: number,
): readonly StorageSnapshot[] {
  const known = new Map(before?.map((storage) => [storage.id, storage]));
  const now = storages.map((storage) => same(known.get(storage.id), { ...storage, low: isLow(storage, low, percent) }));
  return sameList(before, now);
}

function buildDevices(
  before: readonly Device[] | null,
  listed: readonly Device[],
  tasks: readonly Task[],
): readonly Device[] {
  let byId: ReadonlyMap<Device['id'], Device> | null = null;
  const lastOf = (id: Device['id']): Device | undefined => {
    byId ??= new Map(before?.map((device) => [device.id, device]));
    return byId.get(id);
  };
  return sameList(
    before,
    [...knownDevices(listed, tasks)].map((device, index) =>
      device === before?.[index] ? device : same(lastOf(device.id), device),
    ),
  );
}

/**
 * Memoizes the last call: the function runs again only if an argument is another object than before.
 * @param make gets its last result as the first argument; null: none
 */
function memoizeLast<I extends readonly unknown[], T>(
  make: (before: T | null, ...inputs: I) => T,
): (...inputs: I) => T {
  let last: { inputs: I; result: T } | null = null;
  return (...inputs) => {
    const isSame = last?.inputs.every((input, index) => input === inputs[index]) === true;
    if (last === null || !isSame) last = { inputs, result: make(last?.result ?? null, ...inputs) };
    return last.result;
  };
}

function buildTask(before: TaskSnapshot | undefined, task: Task, parts: TaskParts): TaskSnapshot {
  const { stored, success, versionCount, outcomes } = parts;
  const completed = withOutcomes(completeTask(task, stored, success), lastFinishedOf(task, stored), outcomes);
  const complete = {
    ...completed,
    ...(stored === undefined && { overdue: null, lastSuccessAt: task.lastSuccessAt ?? success }),
    versionCount,
  };
  const reused = same(before?.task, complete);
  return same(before, {
    task: reused,
    recent: stored?.recent ?? [],
    failing: stored?.failing ?? null,
    transferredBytes: stored?.transferredBytes ?? null,
  });
}

function same<T>(before: T | undefined, now: T): T {
  if (before === undefined || before === now) return now;
  return isDeepStrictEqual(before, now) ? before : now;
}

/** Receives each snapshot of the NAS; must not throw. */
export type SnapshotListener = (snapshot: NasSnapshot) => void;

/** Each subscriber has its own limit of low space, hence its own list of storages. */
interface Subscriber {
  readonly listener: SnapshotListener;
  readonly storageLowPercent: number;
  readonly storages: (storages: readonly StorageWithVolume[], low: readonly string[]) => readonly StorageSnapshot[];
}

/** Emits snapshots to the listeners. Parts that have not changed are reused, so a poll without changes builds nothing. */
export class SnapshotPublisher {
  readonly #subscribers = new Subscribers<Subscriber>();
  /** The subscribers at the beginning of the poll that is being processed. */
  #recipients: ReadonlySet<Subscriber> = new Set();
  readonly #tasks = memoizeLast(new TaskSnapshots().build);
  readonly #devices = memoizeLast(buildDevices);

  get hasListeners(): boolean {
    return this.#subscribers.size > 0;
  }

  /** For each listener the percentage of free space below which a storage is low. */
  get limits(): number[] {
    return this.#subscribers.all().map(({ storageLowPercent }) => storageLowPercent);
  }

  /** @returns a function that unsubscribes */
  subscribe(listener: SnapshotListener, storageLowPercent: number): () => void {
    const storages = memoizeLast(
      (before: readonly StorageSnapshot[] | null, found: readonly StorageWithVolume[], low: readonly string[]) =>
        buildStorages(before, found, low, storageLowPercent),
    );
    return this.#subscribers.add({ listener, storageLowPercent, storages });
  }

  /** Call before processing a poll. Listeners added after this skip it: the inventory they need may not have been read. */
  beginPoll(): void {
    this.#recipients = new Set(this.#subscribers.all());
  }

  /** Emits the snapshot of the poll that {@link beginPoll} was called for. */
  emit(
    { at, online, tasks: shown, low, otherJobs, transferredBytes, protections }: PollSnapshot,
    { storages, devices, versions }: Pick<NasInventory, 'storages' | 'devices' | 'versions'>,
    outcomes: KnownOutcomes,
  ): void {
    if (!this.hasListeners) return;
    const taskSnapshots = shown && this.#tasks(shown.tasks, shown.stored, versions, outcomes);
    const deviceSnapshots = shown && devices && this.#devices(devices, shown.tasks);
    for (const subscriber of this.#subscribers.all()) {
      if (!this.#recipients.has(subscriber)) continue;
      subscriber.listener({
        at,
        online,
        tasks: taskSnapshots,
        storages: storages && subscriber.storages(storages, low),
        storageWasLow: wasAnyLow(low, subscriber.storageLowPercent),
        devices: deviceSnapshots,
        lastVerification: otherJobs?.verification ?? null,
        lastRestore: otherJobs?.restore ?? null,
        transferredBytes,
        protections,
      });
    }
  }
}
