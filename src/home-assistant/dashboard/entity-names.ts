import type { Component } from '../components';
import { kindOfObjectId } from '../device-info';
import type { Discovery } from '../discovery';
import type { HaDeviceKind } from '../entities';
import { entityIdFromName } from '../text';

/** Where Home Assistant takes entity ids from: since 2025.10 from discovery, before that from the names. */
export const ID_SOURCES = ['discovery', 'names'] as const;

/** One of {@link ID_SOURCES}. */
export type IdSource = (typeof ID_SOURCES)[number];

/** An entity under its id in Home Assistant. */
interface DashboardEntity {
  readonly id: string;
  readonly component: Component;
}

/** A published device with its entities. */
export interface DashboardDevice {
  readonly kind: HaDeviceKind;
  readonly objectId: string;
  readonly name: string;
  /** By key. */
  readonly entities: ReadonlyMap<string, DashboardEntity>;
}

/** All devices with the ids that their entities have in a Home Assistant which discovers them for the first time. */
export function dashboardDevices(
  discovery: readonly Discovery[],
  nasId: string,
  source: IdSource,
): readonly DashboardDevice[] {
  const used = new Map<string, number>();
  const idOf = (device: string, { platform, name, default_entity_id: requested }: Component): string => {
    if (source === 'discovery') return requested;
    const id = `${platform}.${entityIdFromName(`${device} ${name}`)}`;
    const count = (used.get(id) ?? 0) + 1;
    used.set(id, count);
    return count === 1 ? id : `${id}_${count}`;
  };
  return discovery.map(({ objectId, payload: { device, components } }) => {
    const entities = Object.entries(components).map(
      ([key, component]) => [key, { id: idOf(device.name, component), component }] as const,
    );
    return { kind: kindOfObjectId(objectId, nasId), objectId, name: device.name, entities: new Map(entities) };
  });
}
