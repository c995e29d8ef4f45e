import { configTopic, topicsOf } from './topics';
import { announcedBase } from './entity-ids';
import { isOwnObjectId } from './device-info';
import type { BridgeOptions } from './options';

/** The parts of a discovery message needed to remove it: its components, by key. */
export interface OwnDiscovery {
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

/** The entity ids requested by a retained discovery message. */
export type AnnouncedIds =
  /** Of this NAS, published by any bridge: Home Assistant has its entities under these ids. */
  | { readonly objectId: string; readonly base: string | null }
  | { readonly objectId: null; readonly entityIds: readonly string[] };

/** The entity ids requested by any discovery message; none when the payload is empty or invalid. */
export function announcedIds(
  topic: string,
  payload: string,
  options: Pick<BridgeOptions, 'discoveryPrefix' | 'nasId'>,
): AnnouncedIds {
  const components = Object.entries(objectOf(objectOf(parsed(payload))['components'])).flatMap(([key, component]) => {
    const entityId = objectOf(component)['default_entity_id'];
    return typeof entityId === 'string' ? [[key, { entityId }] as const] : [];
  });
  const objectId = ownObjectId(topic, options);
  if (objectId !== null) return { objectId, base: announcedBase(Object.fromEntries(components)) };
  return { objectId, entityIds: components.map(([, { entityId }]) => entityId) };
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
