import type { NasSnapshot } from '../monitor/snapshot';
import { configTopic, topicsOf, type Topics } from './topics';
import { buildComponent, type Availability, type Component, type EntityContext } from './components';
import { ENTITIES } from './entities';
import { PROTECTION_ATTRIBUTES } from './entities/device';
import { PROBLEM_ATTRIBUTES } from './entities/nas-outcomes';
import { isEnabledAt, type EntityDescription } from './entity';
import { idBases, NO_IDS, type IdBases, announcedBase } from './entity-ids';
import { buildHaDevices, haDeviceOf, type DeviceInfo, type HaDevice, isOwnObjectId } from './device-info';
import { itemsOf, type HaItem } from './items';
import type { BridgeOptions, NasDescription } from './types';

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
  return itemsOf(snapshot, nas, options).map((item) => itemDiscovery(item, bases[item.objectId], topics, options));
}

/**
 * The discovery message of one item.
 * @param base id base of its device; undefined: its name
 * @param topics of the NAS
 */
export function itemDiscovery(
  item: HaItem,
  base: string | undefined,
  topics: Topics,
  options: BridgeOptions,
): Discovery {
  const haDevice = haDeviceOf(item, options);
  const { objectId } = item;
  const announce = <Source>(
    rows: readonly EntityDescription<Source>[],
    source: Source,
    deviceTopics: DeviceTopics,
  ): Discovery => {
    const { language } = options;
    const context = { objectId, idBase: base ?? haDevice.slug, language, topics, ...deviceTopics };
    const components = enabledEntities(rows, source, options).map(
      (row) => [row.key, buildComponent(row, context)] as const,
    );
    return deviceDiscovery(haDevice, deviceTopics.state, Object.fromEntries(components), topics, options);
  };
  switch (item.kind) {
    case 'nas': {
      const { state, event, command } = topics;
      const attributes = { of: 'problem', topic: state, keys: PROBLEM_ATTRIBUTES };
      return announce(ENTITIES.nas, item.source, { state, event, command, attributes });
    }
    case 'storage':
      return announce(ENTITIES.storage, item.source, topics.storage(item.id));
    case 'task':
      return announce(ENTITIES.task, item.source, taskTopics(topics.task(item.id)));
    case 'device':
      return announce(ENTITIES.device, item.source, deviceTopics(topics.device(item.id)));
  }
}

function taskTopics({ attributes, ...topics }: ReturnType<Topics['task']>): DeviceTopics {
  return { ...topics, attributes: { of: 'last_result', topic: attributes } };
}

function deviceTopics({ state }: ReturnType<Topics['device']>): DeviceTopics {
  return { state, attributes: { of: 'protection', topic: state, keys: PROTECTION_ATTRIBUTES } };
}

function deviceDiscovery(
  { objectId, device }: HaDevice,
  stateTopic: string,
  components: Readonly<Record<string, Component>>,
  topics: Topics,
  { discoveryPrefix, origin }: BridgeOptions,
): Discovery {
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

/** A discovery message with additional components, which Home Assistant removes: they have a platform and nothing else. */
export function withRemovedComponents(payload: string, removed: OwnDiscovery['components']): string {
  const config = objectOf(parsed(payload));
  return JSON.stringify({ ...config, components: { ...removed, ...objectOf(config['components']) } });
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

/** Keys of the entities of an item, in the order of its discovery: apart from them and its device it depends on ids alone. */
export function enabledKeys(item: HaItem, options: Pick<BridgeOptions, 'detail' | 'commands'>): string[] {
  const keysOf = <Source>(rows: readonly EntityDescription<Source>[], source: Source): string[] =>
    enabledEntities(rows, source, options).map(({ key }) => key);
  switch (item.kind) {
    case 'nas':
      return keysOf(ENTITIES.nas, item.source);
    case 'storage':
      return keysOf(ENTITIES.storage, item.source);
    case 'task':
      return keysOf(ENTITIES.task, item.source);
    case 'device':
      return keysOf(ENTITIES.device, item.source);
  }
}

/** The parts of a discovery message needed to remove it: its components, by key. */
interface OwnDiscovery {
  readonly components: Readonly<Record<string, { readonly platform: string }>>;
}

/**
 * Parses a retained discovery message if it was published by this bridge: its topic, origin and availability topic
 * match. The availability topic is checked because one NAS id may be the beginning of another.
 * @returns topic and components; empty for any other message
 */
export function parseOwnDiscovery(
  topic: string,
  payload: string,
  options: Pick<BridgeOptions, 'baseTopic' | 'nasId' | 'discoveryPrefix' | 'origin'>,
): [] | [readonly [topic: string, config: OwnDiscovery]] {
  const config = objectOf(parsed(payload));
  const { bridge } = topicsOf(options.baseTopic, options.nasId);
  const isOwn =
    isOwnTopic(topic, options) &&
    objectOf(config['origin'])['name'] === options.origin.name &&
    listOf(config['availability']).some((item) => objectOf(item)['topic'] === bridge);
  if (!isOwn) return [];
  const components = Object.entries(objectOf(config['components'])).flatMap(([key, component]) => {
    const { platform } = objectOf(component);
    return typeof platform === 'string' ? [[key, { platform }] as const] : [];
  });
  return [[topic, { components: Object.fromEntries(components) }]];
}

/**
 * The availability topic of another bridge that publishes the same NAS under another base topic: for Home Assistant
 * both are the same device, with conflicting messages. Null for own, foreign or invalid messages.
 */
export function conflictingBridgeTopic(
  topic: string,
  payload: string,
  options: Pick<BridgeOptions, 'baseTopic' | 'nasId' | 'discoveryPrefix' | 'origin'>,
): string | null {
  if (payload === '' || !isOwnTopic(topic, options) || parseOwnDiscovery(topic, payload, options).length > 0)
    return null;
  const [availability] = listOf(objectOf(parsed(payload))['availability']);
  const bridge = objectOf(availability)['topic'];
  return typeof bridge === 'string' && bridge.endsWith(`/${options.nasId}/bridge`) ? bridge : null;
}

/** Whether a topic is a discovery topic of this NAS: of the NAS device or of one of its items. */
export function isOwnTopic(topic: string, options: Pick<BridgeOptions, 'discoveryPrefix' | 'nasId'>): boolean {
  return ownObjectId(topic, options) !== null;
}

/** The entity ids requested by any discovery message; none when the payload is empty or invalid. */
export function entityIdsIn(payload: string): string[] {
  return requestedIds(payload).map(([, { entityId }]) => entityId);
}

/**
 * The device and id base of a discovery message of this NAS, published by any bridge: Home Assistant has its entities under
 * these ids. The base is null when its ids have no common one; the result is null for a topic of another NAS or program.
 */
export function announcedIdBase(
  topic: string,
  payload: string,
  options: Pick<BridgeOptions, 'discoveryPrefix' | 'nasId'>,
): { readonly objectId: string; readonly base: string | null } | null {
  const objectId = ownObjectId(topic, options);
  return objectId === null ? null : { objectId, base: announcedBase(Object.fromEntries(requestedIds(payload))) };
}

function requestedIds(payload: string): (readonly [key: string, { readonly entityId: string }])[] {
  return Object.entries(objectOf(objectOf(parsed(payload))['components'])).flatMap(([key, component]) => {
    const entityId = objectOf(component)['default_entity_id'];
    return typeof entityId === 'string' ? [[key, { entityId }] as const] : [];
  });
}

/** The object id of a discovery topic of this NAS; null for any other topic. */
function ownObjectId(
  topic: string,
  { discoveryPrefix, nasId }: Pick<BridgeOptions, 'discoveryPrefix' | 'nasId'>,
): string | null {
  const [before, after] = configTopic(discoveryPrefix, '\n').split('\n');
  if (before === undefined || after === undefined || !topic.startsWith(before) || !topic.endsWith(after)) return null;
  const objectId = topic.slice(before.length, topic.length - after.length);
  return isOwnObjectId(objectId, nasId) ? objectId : null;
}

function parsed(payload: string): unknown {
  try {
    return JSON.parse(payload);
  } catch {
    return null;
  }
}

/** The fields of an object; none for any other value. */
function objectOf(value: unknown): Readonly<Record<string, unknown>> {
  return isRecord(value) ? value : {};
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
