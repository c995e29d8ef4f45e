import { availabilityViolations } from './availability';
import { hasLoneSurrogate, isObject, label, qosOne, text, texts, topicFilter, topicName, webAddress } from './checks';
import { componentViolations } from './component';
import { fieldViolations, type Shape } from './fields';

const CONFIG_TOPIC = /^(?:[^/+#]+\/)+?device\/(?:[A-Za-z0-9_-]+\/)?([A-Za-z0-9_-]+)\/config$/;

const anything = (): null => null;

const DEVICE: Shape = {
  identifiers: texts,
  name: label,
  'manufacturer?': label,
  'model?': label,
  'model_id?': label,
  'hw_version?': label,
  'sw_version?': label,
  'serial_number?': label,
  'suggested_area?': label,
  'via_device?': label,
  'configuration_url?': webAddress,
};

/** Home Assistant requires only the name; version and address make its log useful. */
const ORIGIN: Shape = { name: label, sw_version: label, support_url: webAddress };

/** Abbreviations and `~` are refused: people read these messages. What is `anything` here is judged below. */
const ROOT: Shape = {
  device: anything,
  origin: anything,
  components: anything,
  qos: qosOne,
  availability: anything,
  'availability_mode?': anything,
  'state_topic?': topicFilter,
  'command_topic?': topicName,
  'payload_available?': text,
  'payload_not_available?': text,
  'encoding?': text,
};

/** One message of discovery. An empty payload takes the device away. */
export interface Discovery {
  readonly topic: string;
  readonly payload: string | object;
}

/**
 * Everything for which Home Assistant would refuse a message of discovery, or part of it, or grumble in its log.
 * @returns one line per violation, with the place in the payload
 */
export function violationsOf(topic: string, payload: string | object): string[] {
  const objectId = CONFIG_TOPIC.exec(topic)?.[1];
  if (objectId === undefined || topicName(topic) !== null)
    return [`the topic ${topic} is none of <prefix>/device/<object id>/config`];
  if (payload === '') return [];
  const root = payloadObject(payload);
  if (root === null) return ['the payload is no JSON object'];
  // Home Assistant's parser gives up on the whole message.
  if (hasLoneSurrogate(JSON.stringify(root))) return ['the payload has half a surrogate pair'];
  return [
    ...fieldViolations('root', root, ROOT),
    ...availabilityViolations('root', root, root),
    ...partViolations('device', root['device'], DEVICE),
    ...partViolations('origin', root['origin'], ORIGIN),
    ...identifierViolations(root['device'], objectId),
    ...componentsViolations(root, objectId),
  ];
}

/** A payload as an object; null when it is not one. */
export function payloadObject(payload: string | object): Record<string, unknown> | null {
  try {
    const value: unknown = typeof payload === 'string' ? JSON.parse(payload) : payload;
    return isObject(value) ? value : null;
  } catch {
    return null;
  }
}

function partViolations(at: string, part: unknown, shape: Shape): string[] {
  if (part === undefined) return []; // reported above
  return isObject(part) ? fieldViolations(at, part, shape) : [`${at} is no object`];
}

/** Home Assistant and the items of a device (`via_device`) refer to it by its identifiers. */
function identifierViolations(device: unknown, objectId: string): string[] {
  const identifiers = isObject(device) ? device['identifiers'] : undefined;
  if (!Array.isArray(identifiers) || (identifiers.length === 1 && identifiers[0] === objectId)) return [];
  return [`device.identifiers is not ${objectId} alone`];
}

function componentsViolations(root: Readonly<Record<string, unknown>>, objectId: string): string[] {
  const components = root['components'];
  if (components === undefined) return [];
  if (!isObject(components)) return ['components is no object'];
  const entries = Object.entries(components);
  if (entries.length === 0) return ['components is empty'];
  return [
    ...entries.flatMap(([key, component]) => componentViolations(key, component, objectId, root)),
    ...repeated(entries.map(([, component]) => (isObject(component) ? component['default_entity_id'] : undefined))).map(
      (id) => `components has ${id} twice`,
    ),
    ...(entries.filter(([, component]) => isObject(component) && component['name'] === null).length > 1
      ? ['components has two entities that are called like their device']
      : []),
  ];
}

/** Texts that a list has more than once. */
export function repeated(values: readonly unknown[]): string[] {
  const seen = new Set<string>();
  const again = new Set<string>();
  for (const value of values) {
    if (typeof value !== 'string') continue;
    if (seen.has(value)) again.add(value);
    seen.add(value);
  }
  return [...again];
}
