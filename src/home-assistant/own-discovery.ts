import { configTopic, topicsOf } from './topics';
import { announcedBase } from './entity-ids';
import { objectIdOf } from './device-info';
import type { BridgeOptions } from './options';

/** A discovery as far as clearing it goes: its components, by key. */
export interface OwnDiscovery {
  readonly components: Readonly<Record<string, { readonly platform: string }>>;
}

/**
 * Whether a retained discovery is this bridge's: named as it names them, made by this package, and available by this NAS's
 * own topic – two NAS may have ids of which one begins with the other.
 * @returns the topic with what it announces; nothing when it is somebody else's, or no discovery at all
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
 * The topic that tells whether another bridge is there which announces the same NAS under another base topic: to Home
 * Assistant both are one device, told now this, now that. Null when the discovery is our own, somebody else's, or none.
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

/** Whether discovery of this NAS may stand at a topic: at its hub's, or at that of one of its things. */
export function isOwnTopic(topic: string, options: Pick<BridgeOptions, 'discoveryPrefix' | 'nasId'>): boolean {
  return ownObjectId(topic, options) !== null;
}

/** The entity ids that a retained discovery asks for. */
export type AnnouncedIds =
  /** Of this NAS, whatever bridge announced it: Home Assistant has its entities under these ids. */
  | { readonly objectId: string; readonly base: string | null }
  | { readonly objectId: null; readonly entityIds: readonly string[] };

/** What a discovery, of whomever, says about entity ids; nothing when the payload is empty or no discovery. */
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
  const hub = objectIdOf(nasId);
  const [before, after] = configTopic(discoveryPrefix, '\n').split('\n');
  if (before === undefined || after === undefined || !topic.startsWith(before) || !topic.endsWith(after)) return null;
  const objectId = topic.slice(before.length, topic.length - after.length);
  const isOwn = objectId === hub || (objectId.startsWith(`${hub}_`) && ITEM_SUFFIX.test(objectId.slice(hub.length)));
  return isOwn ? objectId : null;
}

const ITEM_SUFFIX = /^_(?:task|storage|device)_\d+$/;

function parsed(payload: string): unknown {
  try {
    return JSON.parse(payload);
  } catch {
    return null;
  }
}

/** What is no object has no fields. */
function objectOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
