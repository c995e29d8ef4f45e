import { DiscoveryTexts, type DiscoveryText } from '../home-assistant/discovery-texts';
import type { IdBases } from '../home-assistant/entity-ids';
import { ItemList } from '../home-assistant/item-list';
import type { HaItem } from '../home-assistant/items';
import { itemDocuments, type StateDocument } from '../home-assistant/state-documents';
import { configTopic, type Topics } from '../home-assistant/topics';
import type { BridgeOptions, NasDescription } from '../home-assistant/types';
import type { NasSnapshot } from '../monitor/snapshot';

/** The desired retained messages of a NAS by topic, in the order of publishing. */
export interface DesiredState {
  readonly documents: ReadonlyMap<string, string>;
  /** Discovery; the NAS itself comes first. Empty: discovery is off. */
  readonly configs: ReadonlyMap<string, DiscoveryText>;
  /** The uuid of a task by its discovery topic: DSM may reuse the number of a removed task. */
  readonly uuids?: ReadonlyMap<string, string>;
  /** The topics whose payload may differ from the desired state before, which had the same topics; null: all, or other topics. */
  readonly changed?: readonly string[] | null;
}

/** The part of a device's discovery that the bridge reads. */
export interface DeviceDiscovery {
  readonly components: Readonly<Record<string, { readonly platform: string }>>;
}

/** The kinds of items that a snapshot lists completely; topics of other kinds are not cleared. */
export type CompleteKinds = ReadonlySet<ItemKind>;
export type ItemKind = 'task' | 'storage' | 'device';

/** The messages of one item. */
interface ItemMessages {
  readonly documents: readonly StateDocument[];
  /** Null: without discovery. */
  readonly config: readonly [topic: string, config: DiscoveryText] | null;
}

/** Topic and payload: whether the NAS is reachable. */
export function connectionState({ online }: NasSnapshot, topics: Topics): readonly [topic: string, payload: string] {
  return [topics.connection, online ? 'online' : 'offline'];
}

/**
 * The kinds that a snapshot lists completely. Devices are complete if none are to be published; which of them have a problem
 * is known from their outcomes.
 * @param hasEnoughPolls false: items published by an earlier run may only be missing from the first polls
 */
export function completeKinds(
  { tasks, storages, devices, protections }: NasSnapshot,
  publishedDevices: BridgeOptions['devices'],
  hasEnoughPolls: boolean,
): CompleteKinds {
  const hasDevices = devices !== null && (publishedDevices === 'all' || protections !== null);
  const kinds: readonly [kind: ItemKind, isComplete: boolean][] = [
    ['task', hasEnoughPolls && tasks !== null],
    ['storage', hasEnoughPolls && storages !== null],
    ['device', publishedDevices === 'none' || (hasEnoughPolls && hasDevices)],
  ];
  return new Set(kinds.filter(([, isComplete]) => isComplete).map(([kind]) => kind));
}

/** Makes the desired state of successive snapshots; only the messages of changed items are made again. */
export class DesiredStateBuilder {
  readonly #options: BridgeOptions;
  readonly #topics: Topics;
  readonly #list: ItemList;
  readonly #discovery: DiscoveryTexts;
  #snapshot: NasSnapshot | null = null;
  /** The messages of the items that have not changed since they were made. */
  #messages = new WeakMap<HaItem, ItemMessages>();
  #hasDiscovery = false;
  /** Positions of the items that have changed since the last {@link build}; null: there are other items than before. */
  #changed: Set<number> | null = null;
  /** Positions of the items whose messages may not be made yet. */
  #unmade = new Set<number>();
  #documents = new Map<string, string>();
  #configs = new Map<string, DiscoveryText>();
  #uuids: ReadonlyMap<string, string> = new Map();

  constructor(options: BridgeOptions, topics: Topics) {
    this.#options = options;
    this.#topics = topics;
    this.#list = new ItemList(options);
    this.#discovery = new DiscoveryTexts(options, topics);
  }

  /** @returns the items of the snapshot; the same array as before while there are no others */
  show(snapshot: NasSnapshot, description: NasDescription): readonly HaItem[] {
    const changed = this.#list.update(snapshot, description);
    this.#snapshot = snapshot;
    if (changed === null) this.#expectAll();
    else for (const position of changed) this.#expect(position);
    return this.#list.items;
  }

  /**
   * Makes some of the messages that {@link build} needs: those of all items at once would hold the event loop for a second.
   * @param bases as for {@link build} @param most how many items
   * @returns whether all of them are made
   */
  prepare(bases: IdBases | null, most: number): boolean {
    this.#useDiscovery(bases !== null);
    let made = 0;
    for (const position of this.#unmade) {
      if (made === most) return false;
      this.#unmade.delete(position);
      const item = this.#list.items[position];
      if (item === undefined || this.#messages.has(item)) continue;
      this.#messagesOf(item, bases);
      made += 1;
    }
    return true;
  }

  /**
   * The desired state of the snapshot that was shown last. Valid until the next call.
   * @param bases of all its items; null: without discovery
   */
  build(bases: IdBases | null): DesiredState {
    this.#useDiscovery(bases !== null);
    const changed = this.#changed === null ? null : this.#replaceChanged(this.#changed, bases);
    if (changed === null) this.#buildAll(bases);
    this.#changed = new Set();
    this.#unmade.clear();
    return { documents: this.#documents, configs: this.#configs, uuids: this.#uuids, changed };
  }

  #useDiscovery(hasDiscovery: boolean): void {
    if (hasDiscovery === this.#hasDiscovery) return;
    this.#hasDiscovery = hasDiscovery;
    this.#messages = new WeakMap();
    this.#expectAll();
  }

  #expectAll(): void {
    this.#changed = null;
    this.#unmade = new Set(this.#list.items.keys());
  }

  #expect(position: number): void {
    this.#changed?.add(position);
    this.#unmade.add(position);
  }

  /** @returns the topics of the changed items, discovery first */
  #replaceChanged(positions: ReadonlySet<number>, bases: IdBases | null): string[] {
    const items = [...positions].sort((one, other) => one - other).map((position) => this.#list.items[position]);
    const messages = items.flatMap((item) => (item === undefined ? [] : [this.#messagesOf(item, bases)]));
    const configs = messages.flatMap(({ config }) => (config === null ? [] : [config]));
    const documents = [...this.#availability(), ...messages.flatMap((each) => each.documents)];
    for (const [topic, config] of configs) this.#configs.set(topic, config);
    for (const [topic, payload] of documents) this.#documents.set(topic, payload);
    return [...configs, ...documents].map(([topic]) => topic);
  }

  #buildAll(bases: IdBases | null): void {
    const { items } = this.#list;
    const messages = items.map((item) => this.#messagesOf(item, bases));
    this.#documents = new Map([...this.#availability(), ...messages.flatMap(({ documents }) => documents)]);
    this.#configs = new Map(messages.flatMap(({ config }) => (config === null ? [] : [config])));
    this.#uuids = uuidsOf(items, this.#options);
  }

  #availability(): StateDocument[] {
    const bridge = [this.#topics.bridge, 'online'] as const;
    return this.#snapshot === null ? [bridge] : [bridge, connectionState(this.#snapshot, this.#topics)];
  }

  #messagesOf(item: HaItem, bases: IdBases | null): ItemMessages {
    const known = this.#messages.get(item);
    if (known !== undefined) return known;
    const documents = itemDocuments(item, this.#topics);
    const messages = { documents, config: bases && this.#configOf(item, bases[item.objectId]) };
    this.#messages.set(item, messages);
    return messages;
  }

  #configOf(item: HaItem, base: string | undefined): [topic: string, config: DiscoveryText] {
    const topic = this.#discovery.topicOf(item);
    return [topic, this.#discovery.make(item, base, this.#configs.get(topic))];
  }
}

function uuidsOf(items: readonly HaItem[], { discoveryPrefix }: BridgeOptions): Map<string, string> {
  const entries = items.flatMap((item): [string, string][] => {
    const uuid = item.kind === 'task' ? item.source.task.uuid : null;
    return uuid === null ? [] : [[configTopic(discoveryPrefix, item.objectId), uuid]];
  });
  return new Map(entries);
}
