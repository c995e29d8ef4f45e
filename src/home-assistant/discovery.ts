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

/** A device of Home Assistant with all its entities (device-based discovery, since Home Assistant 2024.12). */
export interface DiscoveryPayload {
  readonly device: DeviceInfo;
  readonly origin: { readonly name: string; readonly sw_version: string; readonly support_url: string };
  /** Topics of the bridge and of the connection to the NAS. */
  readonly availability: readonly Availability[];
  readonly availability_mode: 'all';
  readonly state_topic: string;
  readonly qos: 1;
  readonly components: Readonly<Record<string, Component>>;
}

/** The discovery message of one device. */
export interface Discovery {
  readonly objectId: string;
  readonly topic: string;
  readonly payload: DiscoveryPayload;
}

/** Topics of one device. */
type DeviceTopics = Pick<EntityContext, 'event' | 'command' | 'attributes' | 'active'> & { readonly state: string };

/**
 * All discovery messages of a NAS: the NAS device first, because the others refer to it, then storages, tasks and devices.
 * Items not read yet are missing.
 * @param bases id bases of all devices; default: new ones, without regard to other ids on the broker
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
    haDevice: HaDevice,
    deviceTopics: DeviceTopics,
  ): Discovery => {
    const { objectId, slug } = haDevice;
    const context = { objectId, idBase: bases[objectId] ?? slug, language: options.language, topics, ...deviceTopics };
    const components = enabledEntities(rows, source, options).map(
      (row) => [row.key, buildComponent(row, context)] as const,
    );
    return deviceDiscovery(haDevice, deviceTopics.state, Object.fromEntries(components), options);
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

function deviceDiscovery(
  { objectId, device }: HaDevice,
  stateTopic: string,
  components: Readonly<Record<string, Component>>,
  { baseTopic, nasId, discoveryPrefix, origin }: BridgeOptions,
): Discovery {
  const topics = topicsOf(baseTopic, nasId);
  const payload: DiscoveryPayload = {
    device,
    origin: { name: origin.name, sw_version: origin.version, support_url: origin.url },
    availability: [{ topic: topics.bridge }, { topic: topics.connection }],
    availability_mode: 'all',
    state_topic: stateTopic,
    qos: 1,
    components,
  };
  return { objectId, topic: configTopic(discoveryPrefix, objectId), payload };
}

/** The entities that are published with these options. */
function enabledEntities<Source>(
  rows: readonly EntityDescription<Source>[],
  source: Source,
  { detail, commands }: Pick<BridgeOptions, 'detail' | 'commands'>,
): (EntityDescription<Source> & { shown: NonNullable<EntityDescription<Source>['shown']> })[] {
  return rows.filter(
    (row): row is EntityDescription<Source> & { shown: NonNullable<EntityDescription<Source>['shown']> } =>
      isEnabledAt(row, source, detail) && (commands || row.kind !== 'button'),
  );
}
