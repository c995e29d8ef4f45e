import type { Device } from '../active-backup/types';
import type { DeviceProtection } from '../monitor/protection-types';
import type { NasSnapshot, StorageSnapshot, TaskSnapshot } from '../monitor/snapshot';
import type { HaDeviceKind } from './entities';
import { itemsFrom, objectIdOf, type HaItem } from './items';
import {
  deviceTotals,
  otherValues,
  ProtectionTotalsInParts,
  storageTotals,
  TaskTotalsInParts,
  type DeviceTotals,
  type NasTotals,
} from './nas-totals';
import { isProblem, type ProtectedDevice } from './protected-device';
import { protectedDevices, storagesOf, tasksOf } from './published-items';
import type { BridgeOptions, NasDescription } from './types';

/** An object of the snapshot before, and the one in its place in the list. */
type Replacement<T> = readonly [before: T, now: T, index: number];

/**
 * The published items of the latest snapshot. An item that has not changed stays the very same object, so whatever is derived
 * from it can be remembered. While no item is added or removed, an update takes time for the changed items only.
 */
export class ItemList {
  readonly #options: Pick<BridgeOptions, 'nasId' | 'devices'>;
  #snapshot: NasSnapshot | null = null;
  #nas: NasDescription | null = null;
  #items: HaItem[] = [];
  /** By object id. */
  #positions: ReadonlyMap<string, number> = new Map();
  /** Position of the first task. */
  #firstTask = 0;
  /** Null until the tasks have been read, as all totals. */
  #taskTotals: TaskTotalsInParts | null = null;
  #deviceTotals: DeviceTotals | null = null;
  #protectionTotals: ProtectionTotalsInParts | null = null;
  /** Whether several items have the same id, or one has none: then an object cannot be told from another by its id. */
  #hasDuplicates = false;
  /** By id, also those that are not published; empty if none is to be published. */
  #devices = new Map<number | null, ProtectedDevice>();

  constructor(options: Pick<BridgeOptions, 'nasId' | 'devices'>) {
    this.#options = options;
  }

  /** In the order of publishing: the same array until an item is added, removed or moved. @see itemsOf */
  get items(): readonly HaItem[] {
    return this.#items;
  }

  /** @returns the positions of the changed items in ascending order; null: there are other items than before */
  update(snapshot: NasSnapshot, nas: NasDescription): readonly number[] | null {
    const before = this.#snapshot;
    const changed = before === null || this.#hasDuplicates ? null : this.#replaceChanged(before, snapshot);
    const isUnchanged =
      changed?.length === 0 && nas === this.#nas && before !== null && hasSameTotals(before, snapshot);
    this.#snapshot = snapshot;
    this.#nas = nas;
    if (changed === null) {
      this.#rebuild(snapshot, nas);
      return null;
    }
    if (isUnchanged) return changed;
    const source = { totals: this.#totals(snapshot), nas };
    this.#items[0] = { kind: 'nas', id: 0, objectId: objectIdOf(this.#options.nasId), source };
    return [0, ...changed.sort((one, other) => one - other)];
  }

  #rebuild(snapshot: NasSnapshot, nas: NasDescription): void {
    const { nasId, devices: which } = this.#options;
    const tasks = tasksOf(snapshot);
    const storages = storagesOf(snapshot) ?? [];
    const devices = protectedDevices(snapshot);
    this.#firstTask = 1 + storages.length;
    this.#taskTotals = tasks && new TaskTotalsInParts(tasks.map(({ source }) => source));
    this.#deviceTotals = deviceTotals(snapshot, devices);
    this.#protectionTotals = snapshot.protections && new ProtectionTotalsInParts(snapshot.protections);
    const candidates = which === 'none' ? [] : (devices ?? []);
    this.#devices = new Map(candidates.map(({ id, source }) => [id, source]));
    const published = candidates.filter(({ source }) => this.#isPublished(source));
    const source = { totals: this.#totals(snapshot), nas };
    const listed = new Set(snapshot.devices?.map(({ id }) => id));
    const judged = new Set(snapshot.protections?.map(({ device }) => device.id));
    this.#hasDuplicates =
      storages.length !== (snapshot.storages ?? []).length ||
      tasks?.length !== snapshot.tasks?.length ||
      listed.size !== (snapshot.devices ?? []).length ||
      judged.size !== (snapshot.protections ?? []).length;
    const known = new Map(this.#items.map((item) => [item.objectId, item]));
    this.#items = itemsFrom({ nas: source, storages, tasks: tasks ?? [], devices: published }, nasId).map((item) => {
      const before = known.get(item.objectId);
      return before !== undefined && isSameItem(before, item) ? before : item;
    });
    this.#positions = new Map(this.#items.map(({ objectId }, position) => [objectId, position]));
  }

  #totals(snapshot: NasSnapshot): NasTotals {
    return {
      tasks: this.#taskTotals?.totals ?? null,
      devices: this.#deviceTotals,
      ...storageTotals(snapshot),
      protections: this.#protectionTotals?.totals ?? null,
      ...otherValues(snapshot),
    };
  }

  #isPublished(device: ProtectedDevice): boolean {
    return this.#options.devices === 'all' || isProblem(device) === true;
  }

  /** @returns the positions of the replaced items; null: there may be other items than before */
  #replaceChanged(before: NasSnapshot, now: NasSnapshot): number[] | null {
    const storages = replacements(before.storages, now.storages, ({ id }) => [id]);
    const tasks = replacements(before.tasks, now.tasks, shapeOf);
    const devices = replacements(before.devices, now.devices, ({ id }) => [id]);
    const protections = replacements(before.protections, now.protections, ({ device }) => [device.id]);
    if (storages === null || tasks === null || devices === null || protections === null) return null;
    for (const [, protection, index] of protections) this.#protectionTotals?.replace(index, protection);
    const positions = [
      ...storages.flatMap(([, now]) => this.#replaceStorage(now)),
      ...tasks.flatMap(([, now]) => this.#replaceTask(now)),
    ];
    const replacedDevices = this.#options.devices === 'none' ? [] : this.#replaceDevices(tasks, devices, protections);
    return replacedDevices === null ? null : [...positions, ...replacedDevices];
  }

  #replaceStorage(source: StorageSnapshot): number[] {
    const [position, item] = this.#find('storage', source.id);
    if (item?.kind !== 'storage') return [];
    this.#items[position] = { ...item, source };
    return [position];
  }

  #replaceTask(source: TaskSnapshot): number[] {
    const [position, item] = this.#find('task', source.task.id);
    if (item?.kind !== 'task') return [];
    this.#items[position] = { ...item, source };
    this.#taskTotals?.replace(position - this.#firstTask, source);
    return [position];
  }

  /**
   * Replaces the devices of these tasks, which have the same ids as before, those of the list of devices, and their outcomes.
   * @returns the positions of the published ones; null: other ones are to be published
   */
  #replaceDevices(
    tasks: readonly Replacement<TaskSnapshot>[],
    listed: readonly Replacement<Device>[],
    protections: readonly Replacement<DeviceProtection>[],
  ): number[] | null {
    const changed = new Map<number | null, ProtectedDevice>();
    for (const [before, now] of tasks) {
      for (const device of firstOfEachId(now.task.devices)) {
        const known = changed.get(device.id) ?? this.#devices.get(device.id);
        if (known?.tasks === null || known === undefined) continue;
        const isFirst = known.tasks[0] === before;
        const ownTasks = known.tasks.map((task) => (task === before ? now : task));
        changed.set(device.id, { ...known, device: isFirst ? device : known.device, tasks: ownTasks });
      }
    }
    for (const [before, now] of listed) {
      const known = this.#devices.get(now.id);
      // A device with a task comes from the task.
      if (known?.device !== before || (known.tasks ?? []).length > 0) continue;
      changed.set(now.id, { ...known, device: now });
    }
    for (const [before, now] of protections) {
      const known = changed.get(now.device.id) ?? this.#devices.get(now.device.id);
      if (known?.protection === before) changed.set(now.device.id, { ...known, protection: now });
    }
    return this.#replaceDeviceItems(changed);
  }

  #replaceDeviceItems(changed: ReadonlyMap<number | null, ProtectedDevice>): number[] | null {
    const positions: number[] = [];
    for (const [id, source] of changed) {
      this.#devices.set(id, source);
      const [position, item] = this.#find('device', id);
      if (this.#isPublished(source) !== (item !== undefined)) return null;
      if (item?.kind !== 'device') continue;
      this.#items[position] = { ...item, source };
      positions.push(position);
    }
    return positions;
  }

  #find(kind: HaDeviceKind, id: number | null): [position: number, item: HaItem | undefined] {
    const position = id === null ? -1 : (this.#positions.get(objectIdOf(this.#options.nasId, kind, id)) ?? -1);
    return [position, this.#items[position]];
  }
}

/** Whether the values of the NAS that are no values of its items are the same. */
function hasSameTotals(one: NasSnapshot, other: NasSnapshot): boolean {
  return (
    one.storageWasLow === other.storageWasLow &&
    one.protections === other.protections &&
    one.lastVerification === other.lastVerification &&
    one.lastRestore === other.lastRestore &&
    one.transferredBytes === other.transferredBytes
  );
}

/** What decides which items there are: the task, its uuid, and which devices it protects. */
function shapeOf({ task: { id, uuid, devices } }: TaskSnapshot): unknown[] {
  return [id, uuid, ...devices.map((device) => device.id)];
}

/**
 * The objects that differ between two lists of the same items.
 * @param identityOf what makes two objects the same item
 * @returns null if the items differ
 */
function replacements<T>(
  before: readonly T[] | null,
  now: readonly T[] | null,
  identityOf: (each: T) => readonly unknown[],
): Replacement<T>[] | null {
  if (before === now) return [];
  if (before === null || now?.length !== before.length) return null;
  const found: Replacement<T>[] = [];
  for (let index = 0; index < now.length; index += 1) {
    const [old, each] = [before[index], now[index]];
    if (old === each || old === undefined || each === undefined) continue;
    if (!isSameList(identityOf(old), identityOf(each))) return null;
    found.push([old, each, index]);
  }
  return found;
}

function firstOfEachId(devices: readonly Device[]): Device[] {
  const ids = new Set<number | null>();
  return devices.filter(({ id }) => !ids.has(id) && ids.add(id));
}

/** Whether an item is made of the same objects. */
function isSameItem(one: HaItem, other: HaItem): boolean {
  if (one.kind !== 'device' || other.kind !== 'device') return one.source === other.source;
  const [{ device, tasks, protection }, now] = [one.source, other.source];
  // No tasks is not the same as unknown tasks.
  const hasSameTasks = tasks === null || now.tasks === null ? tasks === now.tasks : isSameList(tasks, now.tasks);
  return device === now.device && protection === now.protection && hasSameTasks;
}

function isSameList(one: readonly unknown[], other: readonly unknown[]): boolean {
  return one.length === other.length && one.every((each, index) => each === other[index]);
}
