import type { NasSnapshot } from '../monitor/snapshot';
import { configTopic, topicsOf } from './topics';
import { buildComponent, type Availability, type Component, type EntityContext } from './components';
import { ENTITIES } from './entities';
import { isEnabledAt, type EntityDescription } from './entity';
import { idBases, NO_IDS, type IdBases } from './entity-ids';
import {
  buildHaDevices,
  protectedDeviceDevice,
  nasDevice,
  storageDevice,
  taskDevice,
  type DeviceInfo,
  type HaDevice,
} from './device-info';
import type { BridgeOptions, NasDescription } from './options';
import { devicesToPublish, storagesOf, tasksOf } from './published-items';

/** One device of Home Assistant with all of its entities (device-based discovery, Home Assistant 2024.12). */
export interface DiscoveryPayload {
  readonly device: DeviceInfo;
  readonly origin: { readonly name: string; readonly sw_version: string; readonly support_url: string };
  /** The bridge, and whether the NAS answers it. */
  readonly availability: readonly Availability[];
  readonly availability_mode: 'all';
  readonly state_topic: string;
  readonly qos: 1;
  readonly components: Readonly<Record<string, Component>>;
}

/** The discovery of one device, and where it goes. */
export interface Discovery {
  readonly objectId: string;
  readonly topic: string;
  readonly payload: DiscoveryPayload;
}

/**
 * What Home Assistant is told of a NAS: the hub first, so that the others find it, then its storages, tasks and machines.
 * What the NAS has not told of yet is not among them.
 * @param bases of all that is announced; without them new ones, as if nobody else were at the broker
 */
export function buildDiscovery(
  snapshot: NasSnapshot,
  nas: NasDescription,
  options: BridgeOptions,
  bases: IdBases = idBases(buildHaDevices(snapshot, nas, options), options.nasId, NO_IDS),
): Discovery[] {
  const topics = topicsOf(options.baseTopic, options.nasId);
  const announce = <Source>(
    rows: readonly EntityDescription<Source>[],
    source: Source,
    { objectId, slug, device }: HaDevice,
    {
      state,
      ...others
    }: Pick<EntityContext, 'event' | 'command' | 'attributes' | 'active'> & { readonly state: string },
  ): Discovery => {
    const context = { objectId, idBase: bases[objectId] ?? slug, language: options.language, topics, ...others };
    const components = enabledEntities(rows, source, options).map(
      (row) => [row.key, buildComponent(row, context)] as const,
    );
    const { name, version, url } = options.origin;
    const payload: DiscoveryPayload = {
      device,
      origin: { name, sw_version: version, support_url: url },
      availability: [{ topic: topics.bridge }, { topic: topics.connection }],
      availability_mode: 'all',
      state_topic: state,
      qos: 1,
      components: Object.fromEntries(components),
    };
    return { objectId, topic: configTopic(options.discoveryPrefix, objectId), payload };
  };
  const { state, event, command } = topics;
  return [
    announce(ENTITIES.nas, { snapshot, nas }, nasDevice(nas, options), { state, event, command }),
    ...(storagesOf(snapshot) ?? []).map(({ id, source }) =>
      announce(ENTITIES.storage, source, storageDevice(id, source, options), topics.storage(id)),
    ),
    ...(tasksOf(snapshot) ?? []).map(({ id, source }) =>
      announce(ENTITIES.task, source, taskDevice(id, source, options), topics.task(id)),
    ),
    ...devicesToPublish(snapshot, options.devices).map(({ id, source }) =>
      announce(ENTITIES.device, source, protectedDeviceDevice(id, source, options), topics.device(id)),
    ),
  ];
}

/** The rows that a bridge set like this announces of something. */
export function enabledEntities<Source>(
  rows: readonly EntityDescription<Source>[],
  source: Source,
  { detail, commands }: Pick<BridgeOptions, 'detail' | 'commands'>,
): (EntityDescription<Source> & { shown: NonNullable<EntityDescription<Source>['shown']> })[] {
  return rows.filter(
    (row): row is EntityDescription<Source> & { shown: NonNullable<EntityDescription<Source>['shown']> } =>
      isEnabledAt(row, source, detail) && (commands || row.kind !== 'button'),
  );
}
