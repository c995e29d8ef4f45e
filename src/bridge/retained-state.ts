import { withRemovedComponents } from '../home-assistant/discovery';
import type { DiscoveryText } from '../home-assistant/discovery-texts';
import type { IdBases } from '../home-assistant/entity-ids';
import type { Publisher } from '../mqtt/publisher';
import type { Store } from '../storage/json-file';
import type { CompleteKinds, DesiredState, DeviceDiscovery, ItemKind } from './desired-state';
import type { PersistedState } from './persisted-state';

/** The parts that a retained state works with. */
export interface RetainedStateOptions {
  readonly publisher: Pick<Publisher, 'retain' | 'clear' | 'isRetained' | 'isAccepted'>;
  /** The state of an earlier run. */
  readonly published: PersistedState;
  readonly store: Pick<Store<PersistedState>, 'save'>;
  /** Receives discovery that is cleared: MQTT 5 does not return it to the session of this bridge. */
  readonly onCleared?: (topic: string) => void;
}

/**
 * Keeps the broker's retained messages equal to the desired state. Clears only topics it has published itself; each topic is
 * saved to disk before it is published, so a crash leaves no unknown topic behind.
 */
export class RetainedState {
  readonly #options: RetainedStateOptions;
  #published: PersistedState;
  /** The complete kinds with which the desired state before was applied; null: all topics have to be compared again. */
  #applied: CompleteKinds | null = null;
  /** Components that Home Assistant is removing, by discovery topic. */
  readonly #removedComponents = new Map<string, DeviceDiscovery['components']>();
  #uuids: NonNullable<DesiredState['uuids']> = new Map();

  constructor(options: RetainedStateOptions) {
    this.#options = options;
    this.#published = options.published;
  }

  /** Prefix of the entity ids of each device. */
  get bases(): IdBases {
    return this.#published.bases ?? {};
  }

  /** Stores the bases of entity ids; a purge does not remove them. */
  keepBases(bases: IdBases): void {
    this.#change({ bases });
  }

  setNasDescription(description: PersistedState['facts']): void {
    this.#change({ facts: description });
  }

  /**
   * Publishes the desired state and clears topics that are no longer part of it. A component missing from a discovery is
   * first published with its platform alone, which makes Home Assistant remove it, until {@link endComponentRemoval}.
   * @returns whether there are such components
   */
  apply(desired: DesiredState, complete: CompleteKinds): boolean {
    const { changed = null } = desired;
    const isSameSet = this.#applied !== null && isSameKinds(this.#applied, complete);
    if (changed !== null && isSameSet) this.#publish(desired, changed, null);
    else this.#applyAll(desired, complete);
    this.#applied = complete;
    return this.#removedComponents.size > 0;
  }

  #applyAll(desired: DesiredState, complete: CompleteKinds): void {
    this.#uuids = desired.uuids ?? new Map();
    this.#dropOutdatedRemovals(desired, complete);
    const removed = new Set(this.#published.removed);
    // Discovery without the NAS itself means that discovery is off.
    const isDisabled = (topic: string): boolean => desired.configs.size === 0 && topic in this.#published.configs;
    const isDesired = (topic: string): boolean =>
      (desired.configs.has(topic) && !removed.has(topic)) || desired.documents.has(topic);
    const obsolete = this.#topics().filter(
      (topic) => !isDesired(topic) && (isDisabled(topic) || mayBeCleared(topic, complete)),
    );
    this.#publish(desired, [...desired.configs.keys(), ...desired.documents.keys()], obsolete);
  }

  /** @param topics to publish, discovery first @param obsolete topics to clear; null: the topics are the same as before */
  #publish({ configs, documents }: DesiredState, topics: readonly string[], obsolete: readonly string[] | null): void {
    const { publisher } = this.#options;
    const removed = new Set(this.#published.removed);
    const published = topics.flatMap((topic) => {
      const config = removed.has(topic) ? undefined : configs.get(topic);
      return config === undefined ? [] : [[topic, config] as const];
    });
    const payloads = published.map(([topic, config]) => [topic, this.#discoveryPayload(topic, config)] as const);
    const states = topics.flatMap((topic) => {
      const payload = documents.get(topic);
      return payload === undefined ? [] : [[topic, payload] as const];
    });
    this.#saveTopics(obsolete === null ? [] : states, published, obsolete ?? []);
    for (const [topic, payload] of payloads) publisher.retain(topic, payload);
    for (const [topic, payload] of states) publisher.retain(topic, payload);
    for (const topic of obsolete ?? []) this.#clear(topic);
  }

  #clear(topic: string): void {
    this.#options.publisher.clear(topic);
    if (topic.endsWith('/config')) this.#options.onCleared?.(topic);
  }

  #discoveryPayload(topic: string, { payload, platforms }: DiscoveryText): string {
    const missing = missingComponents(this.#published.configs[topic], platforms);
    const removed = { ...this.#removedComponents.get(topic), ...missing };
    if (Object.keys(removed).length === 0) return payload;
    this.#removedComponents.set(topic, removed);
    return withRemovedComponents(payload, removed);
  }

  /** Home Assistant has removed the components: the next {@link apply} leaves them out. */
  endComponentRemoval(): void {
    this.#applied = null;
    this.#removedComponents.clear();
  }

  /** Adds own topics found on the broker that are missing from the file. */
  adopt(documents: Iterable<string>, configs: Iterable<readonly [string, DeviceDiscovery]>): void {
    this.#applied = null;
    this.#change({
      documents: [...new Set([...this.#published.documents, ...documents])],
      configs: {
        ...Object.fromEntries([...configs].map(([topic, config]) => [topic, platformsOf(config)])),
        ...this.#published.configs,
      },
    });
  }

  /** Topics of this bridge's discovery that the broker has accepted. */
  acceptedConfigs(): string[] {
    return Object.keys(this.#published.configs).filter((topic) => this.#options.publisher.isAccepted(topic));
  }

  /** Whether the broker is to retain a topic that is discovery of this bridge. */
  isPublished(topic: string): boolean {
    return this.#options.publisher.isRetained(topic) && topic in this.#published.configs;
  }

  /**
   * The user has removed a device in Home Assistant, which clears its discovery: it is not published again.
   * @returns false if the topic is not discovery of this bridge
   */
  markRemovedByUser(topic: string): boolean {
    if (!this.isPublished(topic)) return false;
    const { [topic]: _, ...configs } = this.#published.configs;
    this.#options.publisher.clear(topic);
    this.#applied = null;
    this.#change({ configs });
    this.#setRemoved([...this.#published.removed, topic]);
    return true;
  }

  /**
   * A removal by the user ends with the item: if the NAS reuses its number later, the new item is published. Devices are
   * excepted, because with `problems` they come and go; they stay removed until {@link forgetUserRemovals}.
   */
  #dropOutdatedRemovals(desired: DesiredState, complete: CompleteKinds): void {
    if (desired.configs.size === 0) return; // discovery is off
    const exists = (topic: string): boolean => desired.configs.has(topic) || kindOf(topic) === 'device';
    const { removed } = this.#published;
    this.#setRemoved(
      removed.filter((topic) => !this.#isOtherTask(topic) && (exists(topic) || !mayBeCleared(topic, complete))),
    );
  }

  /** Whether the number of a removed task belongs to another task now. */
  #isOtherTask(topic: string): boolean {
    const [before, now] = [this.#published.removedUuids?.[topic], this.#uuids.get(topic)];
    return before !== undefined && now !== undefined && before !== now;
  }

  #setRemoved(removed: readonly string[]): void {
    const uuids = removed.map(
      (topic) => [topic, this.#uuids.get(topic) ?? this.#published.removedUuids?.[topic]] as const,
    );
    const known = uuids.filter((entry): entry is readonly [string, string] => entry[1] !== undefined);
    const isStored = known.length > 0 || this.#published.removedUuids !== undefined;
    this.#change({ removed, ...(isStored && { removedUuids: Object.fromEntries(known) }) });
  }

  /** Publishes devices again that the user has removed in Home Assistant. */
  forgetUserRemovals(): void {
    this.#applied = null;
    this.#setRemoved([]);
  }

  /** Clears all topics. */
  purge(): void {
    this.#applied = null;
    for (const topic of this.#topics()) this.#clear(topic);
    this.#change({ documents: [], configs: {} });
    this.#setRemoved([]);
  }

  #topics(): string[] {
    return [...Object.keys(this.#published.configs), ...this.#published.documents];
  }

  /** @param documents topic and payload @param configs topic and discovery */
  #saveTopics(
    documents: readonly (readonly [topic: string, payload: string])[],
    configs: readonly (readonly [topic: string, config: DiscoveryText])[],
    obsolete: readonly string[],
  ): void {
    const before = this.#published;
    const known = new Set(documents.length === 0 ? [] : before.documents);
    const isNew = documents.some(([topic]) => !known.has(topic));
    const isOther = configs.some(([topic, { platforms }]) => !isSameRecord(before.configs[topic], platforms));
    if (!isNew && !isOther && obsolete.length === 0) return;
    const isObsolete = new Set(obsolete);
    const keptConfigs = Object.entries(before.configs).filter(([topic]) => !isObsolete.has(topic));
    const keptDocuments = before.documents.filter((topic) => !isObsolete.has(topic));
    const newConfigs = configs.map(([topic, { platforms }]) => [topic, platforms] as const);
    this.#change({
      documents: [...new Set([...keptDocuments, ...documents.map(([topic]) => topic)])],
      configs: { ...Object.fromEntries(keptConfigs), ...Object.fromEntries(newConfigs) },
    });
  }

  #change(change: Partial<PersistedState>): void {
    const before = new Map<string, unknown>(Object.entries(this.#published));
    const isSame = ([key, value]: [string, unknown]): boolean =>
      value === before.get(key) || JSON.stringify(value) === JSON.stringify(before.get(key));
    if (Object.entries(change).every(isSame)) return;
    this.#published = { ...this.#published, ...change };
    this.#options.store.save(this.#published);
  }
}

function platformsOf({ components }: DeviceDiscovery): Record<string, string> {
  return Object.fromEntries(Object.entries(components).map(([key, { platform }]) => [key, platform]));
}

/** The components that a discovery had and no longer has, with their platform. */
function missingComponents(
  before: Readonly<Record<string, string>> | undefined,
  platforms: DiscoveryText['platforms'],
): DeviceDiscovery['components'] {
  if (before === undefined || before === platforms) return {};
  const missing = Object.entries(before).filter(([key]) => !(key in platforms));
  return Object.fromEntries(missing.map(([key, platform]) => [key, { platform }]));
}

/**
 * Whether `topic` may be cleared: the snapshot lists its kind (task, storage, device) completely. A topic of no kind was left
 * by older settings and may always go.
 */
function mayBeCleared(topic: string, complete: CompleteKinds): boolean {
  const kind = kindOf(topic);
  return kind === null || complete.has(kind);
}

const KINDS: readonly ItemKind[] = ['task', 'storage', 'device'];
/** `…_task_3` in the object id of a discovery, `task/3/` in the topic of a state. */
const ITEM_TOPIC = /(?:_(task|storage|device)_\d+\/config|\/(task|storage|device)\/\d+\/\w+)$/;

/** The kind of item that a topic belongs to; null: of none. */
function kindOf(topic: string): ItemKind | null {
  const match = ITEM_TOPIC.exec(topic);
  return KINDS.find((kind) => kind === match?.[1] || kind === match?.[2]) ?? null;
}

function isSameKinds(one: CompleteKinds, other: CompleteKinds): boolean {
  return one.size === other.size && [...one].every((kind) => other.has(kind));
}

/** Whether both have the same keys in the same order, with the same values. */
function isSameRecord(
  one: Readonly<Record<string, string>> | undefined,
  other: Readonly<Record<string, string>>,
): boolean {
  if (one === undefined || one === other) return one === other;
  const [before, now] = [Object.entries(one), Object.entries(other)];
  return (
    before.length === now.length &&
    before.every(([key, value], index) => key === now[index]?.[0] && value === now[index][1])
  );
}
