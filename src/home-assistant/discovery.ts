import type { Picture } from '../monitor/picture';
import { configTopic, topicsOf } from '../mqtt/topics';
import { componentOf, type Availability, type Component, type Outlet } from './components';
import { ENTITIES } from './entities';
import { isShown, type Row } from './entity';
import {
  machineIdentity,
  nasIdentity,
  storageIdentity,
  taskIdentity,
  type DeviceBlock,
  type Identity,
} from './identity';
import type { BridgeOptions, NasFacts } from './options';
import { announcedMachines, storagesOf, tasksOf } from './things';

/** One device of Home Assistant with all of its entities (device-based discovery, Home Assistant 2024.12). */
export interface DiscoveryPayload {
  readonly device: DeviceBlock;
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
 */
export function discoveryOf(picture: Picture, nas: NasFacts, options: BridgeOptions): Discovery[] {
  const topics = topicsOf(options.baseTopic, options.nasId);
  const outletOf = (identity: Identity): Outlet => ({ identity, language: options.language, topics });
  const announce = <Source>(rows: readonly Row<Source>[], source: Source, state: string, outlet: Outlet): Discovery => {
    const { objectId, device } = outlet.identity;
    const components = announced(rows, source, options).map((row) => [row.key, componentOf(row, outlet)] as const);
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
  const hub = outletOf(nasIdentity(nas, options));
  return [
    announce(ENTITIES.nas, { picture, nas }, topics.state, { ...hub, event: topics.event, command: topics.command }),
    ...(storagesOf(picture) ?? []).map(({ id, source }) =>
      announce(ENTITIES.storage, source, topics.storage(id).state, outletOf(storageIdentity(id, source, options))),
    ),
    ...(tasksOf(picture) ?? []).map(({ id, source }) => {
      const { state, ...others } = topics.task(id);
      return announce(ENTITIES.task, source, state, { ...outletOf(taskIdentity(id, source, options)), ...others });
    }),
    ...announcedMachines(picture, options.devices).map(({ id, source }) =>
      announce(ENTITIES.device, source, topics.device(id).state, outletOf(machineIdentity(id, source, options))),
    ),
  ];
}

/** The rows that a bridge set like this announces of something. */
export function announced<Source>(
  rows: readonly Row<Source>[],
  source: Source,
  { detail, commands }: Pick<BridgeOptions, 'detail' | 'commands'>,
): (Row<Source> & { shown: NonNullable<Row<Source>['shown']> })[] {
  return rows.filter(
    (row): row is Row<Source> & { shown: NonNullable<Row<Source>['shown']> } =>
      isShown(row, source, detail) && (commands || row.kind !== 'button'),
  );
}
