import type { NasSnapshot, StorageSnapshot, TaskSnapshot } from '../monitor/snapshot';
import type { HaDeviceKind } from './entities';
import type { NasSource } from './entities/nas-outcomes';
import { nasTotals } from './nas-totals';
import type { ProtectedDevice } from './protected-device';
import { devicesToPublish, storagesOf, tasksOf, type PublishedItem } from './published-items';
import type { BridgeOptions, NasDescription } from './types';

/** The NAS, or one of its storages, tasks and devices: each has its own topics and is a device of Home Assistant. */
export type HaItem =
  | ItemOf<'nas', NasSource>
  | ItemOf<'storage', StorageSnapshot>
  | ItemOf<'task', TaskSnapshot>
  | ItemOf<'device', ProtectedDevice>;

/** An item of one kind. */
interface ItemOf<Kind extends HaDeviceKind, Source> {
  readonly kind: Kind;
  /** DSM's id; 0 for the NAS. */
  readonly id: number;
  /** @see objectIdOf */
  readonly objectId: string;
  readonly source: Source;
}

/** Object id of the NAS device, or of an item of the NAS. */
export function objectIdOf(nasId: string, kind: HaDeviceKind = 'nas', id = 0): string {
  return kind === 'nas' ? `active_backup_${nasId}` : `active_backup_${nasId}_${kind}_${id}`;
}

/** All published items in the order of publishing: NAS, storages, tasks, devices. Items not read yet are missing. */
export function itemsOf(
  snapshot: NasSnapshot,
  nas: NasDescription,
  { nasId, devices }: Pick<BridgeOptions, 'nasId' | 'devices'>,
): HaItem[] {
  const parts = {
    nas: { totals: nasTotals(snapshot), nas },
    storages: storagesOf(snapshot) ?? [],
    tasks: tasksOf(snapshot) ?? [],
    devices: devicesToPublish(snapshot, devices),
  };
  return itemsFrom(parts, nasId);
}

/** The items that {@link itemsOf} is made of. */
interface ItemSources {
  readonly nas: NasSource;
  readonly storages: readonly PublishedItem<StorageSnapshot>[];
  readonly tasks: readonly PublishedItem<TaskSnapshot>[];
  readonly devices: readonly PublishedItem<ProtectedDevice>[];
}

/** @see itemsOf */
export function itemsFrom({ nas, storages, tasks, devices }: ItemSources, nasId: string): HaItem[] {
  const item = <Kind extends HaDeviceKind, Source>(kind: Kind, id: number, source: Source): ItemOf<Kind, Source> => ({
    kind,
    id,
    objectId: objectIdOf(nasId, kind, id),
    source,
  });
  return [
    item('nas', 0, nas),
    ...storages.map(({ id, source }) => item('storage', id, source)),
    ...tasks.map(({ id, source }) => item('task', id, source)),
    ...devices.map(({ id, source }) => item('device', id, source)),
  ];
}
