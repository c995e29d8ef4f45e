import { isObject } from './checks';
import { payloadObject, type Discovery } from './discovery';
import { SHARED_KEYS, type Platform } from './tables';

/** An entity as Home Assistant makes it: with what it inherits. */
export interface Entity {
  /** Topic and key of its component, for the words. */
  readonly at: string;
  readonly platform: Platform;
  readonly options: Readonly<Record<string, unknown>>;
}

/** The entities of the sets that were read before: many events are compared with the same set. */
const READ = new WeakMap<readonly Discovery[], readonly Entity[]>();

/** Every entity of a valid set of discovery messages; a message that only removes a device contains none. */
export function entitiesOf(set: readonly Discovery[]): readonly Entity[] {
  const entities = READ.get(set) ?? readEntities(set);
  READ.set(set, entities);
  return entities;
}

function readEntities(set: readonly Discovery[]): Entity[] {
  return set.flatMap(({ topic, payload }) => {
    const root = payloadObject(payload) ?? {};
    const shared = Object.fromEntries(
      SHARED_KEYS.filter((key) => Object.hasOwn(root, key)).map((key) => [key, root[key]]),
    );
    return Object.entries(isObject(root['components']) ? root['components'] : {}).flatMap(([key, component]) =>
      isObject(component) && Object.keys(component).length > 1
        ? [
            {
              at: `${topic} ${key}`,
              platform: component['platform'] as Platform,
              options: { ...shared, ...component },
            },
          ]
        : [],
    );
  });
}
