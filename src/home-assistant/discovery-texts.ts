import { haDeviceOf } from './device-info';
import { enabledKeys, itemDiscovery } from './discovery';
import { objectIdOf, type HaItem } from './items';
import { configTopic, type Topics } from './topics';
import type { BridgeOptions } from './types';

/** The discovery message of one item. */
export interface DiscoveryText {
  /** JSON. */
  readonly payload: string;
  /** Platform of each component, by key. */
  readonly platforms: Readonly<Record<string, string>>;
}

/** The part of a message that items of one kind with the same entities have in common. */
interface Template {
  /** JSON after the device, split where {@link Placeholders} stand. */
  readonly parts: readonly string[];
  readonly platforms: DiscoveryText['platforms'];
}

/** What a message was made of. */
interface Origin {
  readonly template: Template;
  /** JSON of its device. */
  readonly device: string;
  readonly idBase: string;
}

/** What stands in a template in place of the number and the id base of an item. */
interface Placeholders {
  readonly id: number;
  readonly idBase: string;
}

/**
 * Makes the discovery messages of one NAS. A message of thousands of characters depends on little of its item: what items of
 * one kind have in common is turned into JSON once.
 */
export class DiscoveryTexts {
  readonly #options: BridgeOptions;
  readonly #topics: Topics;
  readonly #placeholders: Placeholders;
  /** By kind and keys of the entities. */
  readonly #templates = new Map<string, Template>();
  readonly #origins = new WeakMap<DiscoveryText, Origin>();

  constructor(options: BridgeOptions, topics: Topics) {
    this.#options = options;
    this.#topics = topics;
    this.#placeholders = placeholdersFor(JSON.stringify([topics, options]));
  }

  /** The topic of the discovery of an item. */
  topicOf({ objectId }: HaItem): string {
    return configTopic(this.#options.discoveryPrefix, objectId);
  }

  /**
   * The message that {@link itemDiscovery} describes.
   * @param base id base of its device; undefined: its name
   * @param before the message of the same item that was made last; it is returned if nothing in it has changed
   */
  make(item: HaItem, base: string | undefined, before: DiscoveryText | undefined): DiscoveryText {
    const haDevice = haDeviceOf(item, this.#options);
    const origin = {
      template: this.#templateOf(item),
      device: JSON.stringify(haDevice.device),
      idBase: base ?? haDevice.slug,
    };
    const known = before === undefined ? undefined : this.#origins.get(before);
    if (before !== undefined && known !== undefined && isSameOrigin(known, origin)) return before;
    const text = { payload: this.#payload(origin, item.id), platforms: origin.template.platforms };
    this.#origins.set(text, origin);
    return text;
  }

  #payload({ template, device, idBase }: Origin, id: number): string {
    const values = new Map([
      [String(this.#placeholders.id), String(id)],
      [this.#placeholders.idBase, JSON.stringify(idBase).slice(1, -1)],
    ]);
    const rest = template.parts.map((part) => values.get(part) ?? part).join('');
    return `{"device":${device},${rest}`;
  }

  #templateOf(item: HaItem): Template {
    const key = [item.kind, ...enabledKeys(item, this.#options)].join(' ');
    const known = this.#templates.get(key) ?? this.#newTemplate(item);
    this.#templates.set(key, known);
    return known;
  }

  #newTemplate(item: HaItem): Template {
    const { id, idBase } = this.#placeholders;
    const model = { ...item, id, objectId: objectIdOf(this.#options.nasId, item.kind, id) };
    const { device: _, ...rest } = itemDiscovery(model, idBase, this.#topics, this.#options).payload;
    const platforms = Object.entries(rest.components).map(
      ([component, { platform }]) => [component, platform] as const,
    );
    return {
      parts: JSON.stringify(rest)
        .slice(1)
        .split(new RegExp(`(${id}|${idBase})`)),
      platforms: Object.fromEntries(platforms),
    };
  }
}

/** Values that are no part of a text. */
function placeholdersFor(text: string): Placeholders {
  let id = 900_000_000_001;
  while (text.includes(String(id)) || text.includes(String(id + 1))) id += 2;
  return { id, idBase: `base_${id + 1}` };
}

function isSameOrigin(one: Origin, other: Origin): boolean {
  return one.template === other.template && one.device === other.device && one.idBase === other.idBase;
}
