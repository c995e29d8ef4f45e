import { attributeKeys, hasLoneSurrogate, isObject, shown, templateKey } from './checks';
import { payloadObject, type Discovery } from './discovery';
import { entitiesOf, type Entity } from './entities';
import { ATTRIBUTES_LIMIT, RESERVED_ATTRIBUTES } from './tables';
import { valueViolation } from './values';

/** Retained documents: topic → payload. */
export type Documents = ReadonlyMap<string, string>;

/**
 * Contradictions between discovery and documents.
 * @param documents the retained messages besides discovery; without the message of a topic its entities have no state
 */
export function contradictions(set: readonly Discovery[], documents: Documents): string[] {
  return entitiesOf(set).flatMap((entity) => [
    ...stateContradictions(entity, documents),
    ...attributesContradictions(entity, documents),
    ...availabilityContradictions(entity, documents),
  ]);
}

/** Contradictions between events and the entities that show them. */
export function eventContradictions(
  set: readonly Discovery[],
  messages: readonly { readonly topic: string; readonly payload: string }[],
): string[] {
  const entities = entitiesOf(set).filter(({ platform }) => platform === 'event');
  return messages.flatMap(({ topic, payload }) =>
    entities
      .filter(({ options }) => options['state_topic'] === topic)
      .flatMap(({ at, options }) => {
        const event = payloadObject(payload);
        if (event === null) return [`${at}: an event on ${topic} is no JSON object`];
        const { event_type: type, ...attributes } = event;
        return [
          ...((options['event_types'] as unknown[]).includes(type)
            ? []
            : [`${at}: ${shown(type)} is none of its events`]),
          ...attributeViolations(`${at}: an event on ${topic}`, attributes, payload),
        ];
      }),
  );
}

function stateContradictions(entity: Entity, documents: Documents): string[] {
  const { at, platform, options } = entity;
  const topic = options['state_topic'];
  if (platform === 'button') return [];
  const payload = documents.get(shown(topic));
  // A retained event would be ignored, so it must not be there; any other state has to be.
  if (platform === 'event') return payload === undefined ? [] : [`${at}: the events of ${shown(topic)} are retained`];
  if (payload === undefined) return [`${at}: nothing is on ${shown(topic)}`];
  if (hasLoneSurrogate(payload)) return [`${at}: ${shown(topic)} has half a surrogate pair`];
  if (options['value_template'] === undefined) return valueContradictions(entity, shown(topic), payload);

  const key = templateKey(shown(options['value_template']));
  const document = payloadObject(payload);
  if (key === null || document === null) return [`${at}: ${shown(topic)} has no JSON object for its template`];
  if (!Object.hasOwn(document, key)) return [`${at}: ${shown(topic)} has no ${key}`];
  return valueContradictions(entity, `${key} on ${shown(topic)}`, document[key]);
}

function valueContradictions(entity: Entity, where: string, value: unknown): string[] {
  const fault = valueViolation(entity, value);
  return fault === null ? [] : [`${entity.at}: ${where} ${fault}: ${JSON.stringify(value)}`];
}

function attributesContradictions({ at, options }: Entity, documents: Documents): string[] {
  const topic = options['json_attributes_topic'];
  if (topic === undefined) return [];
  const payload = documents.get(shown(topic));
  if (payload === undefined) return [`${at}: nothing is on ${shown(topic)}`];
  const attributes = payloadObject(payload);
  if (attributes === null) return [`${at}: ${shown(topic)} is no JSON object`];
  const keys = attributeKeys(shown(options['json_attributes_template'])) ?? Object.keys(attributes);
  return [
    ...keys.filter((key) => !Object.hasOwn(attributes, key)).map((key) => `${at}: ${shown(topic)} has no ${key}`),
    ...attributeViolations(
      `${at}: ${shown(topic)}`,
      Object.fromEntries(keys.map((key) => [key, attributes[key]])),
      payload,
    ),
  ];
}

function attributeViolations(at: string, attributes: Record<string, unknown>, payload: string): string[] {
  return [
    ...Object.keys(attributes)
      .filter((key) => RESERVED_ATTRIBUTES.includes(key))
      .map((key) => `${at} has the reserved ${key}`),
    ...(Buffer.byteLength(payload) < ATTRIBUTES_LIMIT ? [] : [`${at} has ${ATTRIBUTES_LIMIT} bytes or more`]),
    ...(hasLoneSurrogate(payload) ? [`${at} has half a surrogate pair`] : []),
  ];
}

function availabilityContradictions({ at, options }: Entity, documents: Documents): string[] {
  const list = Array.isArray(options['availability']) ? options['availability'].filter(isObject) : [];
  return list.flatMap(({ topic, payload_available: yes = 'online', payload_not_available: no = 'offline' }) => {
    const payload = documents.get(shown(topic));
    if (payload === undefined) return [`${at}: nothing is on ${shown(topic)}, so that it is never available`];
    return payload === yes || payload === no
      ? []
      : [`${at}: ${shown(topic)} is neither ${shown(yes)} nor ${shown(no)}`];
  });
}
