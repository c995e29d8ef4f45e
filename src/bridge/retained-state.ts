import type { IdBases } from '../home-assistant/entity-ids';
import type { Publisher } from '../mqtt/publisher';
import type { Store } from '../storage/json-file';
import type { CompleteKinds, DesiredState, DeviceDiscovery, ItemKind } from './desired-state';
import type { PersistedState } from './persisted-state';

/** The parts that a retained state works with. */
export interface RetainedStateOptions {
  readonly publisher: Pick<Publisher, 'retain' | 'clear' | 'isRetained'>;
  /** The state of an earlier run. */
  readonly published: PersistedState;
  readonly store: Pick<Store<PersistedState>, 'save'>;
}

/**
 * Keeps the broker's retained messages equal to the desired state. Clears only topics it has published itself; each topic is
 * saved to disk before it is published, so a crash leaves no unknown topic behind.
 */
export class RetainedState {
  readonly #options: RetainedStateOptions;
  #published: PersistedState;
  /** Components that Home Assistant is removing, by discovery topic. */
  readonly #removedComponents = new Map<string, DeviceDiscovery['components']>();
  #uuids: NonNullable<DesiredState['uuids']> = () => new Map();
  /** The discovery of each topic as last applied, and its payload unless Home Assistant was removing components then. */
  #applied = new Map<string, { readonly config: DeviceDiscovery; readonly payload: string | null }>();
  /** The documents last applied. */
  #documents: DesiredState['documents'] = new Map();

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
    const { publisher } = this.#options;
    this.#uuids = desired.uuids ?? ((): ReadonlyMap<string, string> => new Map());
    this.#dropOutdatedRemovals(desired, complete);
    const configs = [...desired.configs].filter(([topic]) => !this.#published.removed.includes(topic));
    const payloads = new Map(configs.map(([topic, config]) => [topic, this.#discoveryPayload(topic, config)]));
    // Discovery without the NAS itself means that discovery is off.
    const isDisabled = (topic: string): boolean => desired.configs.size === 0 && topic in this.#published.configs;
    const isDesired = (topic: string): boolean => payloads.has(topic) || desired.documents.has(topic);
    const obsolete = this.#topics().filter(
      (topic) => !isDesired(topic) && (isDisabled(topic) || mayBeCleared(topic, complete)),
    );
    if (!this.#isApplied(desired.documents, configs, obsolete))
      this.#saveTopics(desired.documents, new Map(configs), obsolete);
    this.#documents = desired.documents;
    const isWhole = (topic: string): boolean => !this.#removedComponents.has(topic);
    this.#applied = new Map(
      configs.map(([topic, config]) => [
        topic,
        { config, payload: isWhole(topic) ? (payloads.get(topic) ?? null) : null },
      ]),
    );
    for (const [topic, payload] of payloads) publisher.retain(topic, payload);
    for (const [topic, payload] of desired.documents) publisher.retain(topic, payload);
    for (const topic of obsolete) publisher.clear(topic);
    return this.#removedComponents.size > 0;
  }

  /** Whether these topics, with this discovery, are those of the last {@link apply}, so that they are saved already. */
  #isApplied(
    documents: DesiredState['documents'],
    configs: readonly (readonly [topic: string, config: DeviceDiscovery])[],
    obsolete: readonly string[],
  ): boolean {
    if (obsolete.length > 0 || configs.length !== this.#applied.size || documents.size !== this.#documents.size)
      return false;
    for (const topic of documents.keys()) if (!this.#documents.has(topic)) return false;
    return configs.every(([topic, config]) => this.#applied.get(topic)?.config === config);
  }

  #forgetApplied(): void {
    this.#applied.clear();
    this.#documents = new Map();
  }

  #discoveryPayload(topic: string, config: DeviceDiscovery): string {
    const applied = this.#applied.get(topic);
    if (applied?.config === config && applied.payload !== null) return applied.payload;
    const removed = {
      ...this.#removedComponents.get(topic),
      ...missingComponents(this.#published.configs[topic], config),
    };
    if (Object.keys(removed).length > 0) this.#removedComponents.set(topic, removed);
    return JSON.stringify({ ...config, components: { ...removed, ...config.components } });
  }

  /** Home Assistant has removed the components: the next {@link apply} leaves them out. */
  endComponentRemoval(): void {
    this.#removedComponents.clear();
  }

  /** Adds own topics found on the broker that are missing from the file. */
  adopt(documents: Iterable<string>, configs: Iterable<readonly [string, DeviceDiscovery]>): void {
    this.#forgetApplied();
    this.#change({
      documents: [...new Set([...this.#published.documents, ...documents])],
      configs: {
        ...Object.fromEntries([...configs].map(([topic, config]) => [topic, platformsOf(config)])),
        ...this.#published.configs,
      },
    });
  }

  /**
   * The user has removed a device in Home Assistant, which clears its discovery: it is not published again.
   * @returns false if the topic is not discovery of this bridge
   */
  markRemovedByUser(topic: string): boolean {
    const { publisher } = this.#options;
    if (!publisher.isRetained(topic) || !(topic in this.#published.configs)) return false;
    this.#forgetApplied();
    const { [topic]: _, ...configs } = this.#published.configs;
    publisher.clear(topic);
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
    const [before, now] = [this.#published.removedUuids?.[topic], this.#uuids().get(topic)];
    return before !== undefined && now !== undefined && before !== now;
  }

  #setRemoved(removed: readonly string[]): void {
    const { removed: before, removedUuids = {} } = this.#published;
    if (removed.length === 0 && before.length === 0 && Object.keys(removedUuids).length === 0) return;
    const uuids = removed.map(
      (topic) => [topic, this.#uuids().get(topic) ?? this.#published.removedUuids?.[topic]] as const,
    );
    const known = uuids.filter((entry): entry is readonly [string, string] => entry[1] !== undefined);
    const isStored = known.length > 0 || this.#published.removedUuids !== undefined;
    this.#change({ removed, ...(isStored && { removedUuids: Object.fromEntries(known) }) });
  }

  /** Publishes devices again that the user has removed in Home Assistant. */
  forgetUserRemovals(): void {
    this.#setRemoved([]);
  }

  /** Clears all topics. */
  purge(): void {
    this.#forgetApplied();
    for (const topic of this.#topics()) this.#options.publisher.clear(topic);
    this.#change({ documents: [], configs: {} });
    this.#setRemoved([]);
  }

  #topics(): string[] {
    return [...Object.keys(this.#published.configs), ...this.#published.documents];
  }

  #saveTopics(
    documents: DesiredState['documents'],
    configs: DesiredState['configs'],
    obsolete: readonly string[],
  ): void {
    const isObsolete = new Set(obsolete);
    const keptConfigs = Object.entries(this.#published.configs).filter(([topic]) => !isObsolete.has(topic));
    const keptDocuments = this.#published.documents.filter((topic) => !isObsolete.has(topic));
    const newConfigs = [...configs].map(([topic, config]) => [topic, platformsOf(config)] as const);
    this.#change({
      documents: [...new Set([...keptDocuments, ...documents.keys()])],
      configs: { ...Object.fromEntries(keptConfigs), ...Object.fromEntries(newConfigs) },
    });
  }

  #change(change: Partial<PersistedState>): void {
    const changed = { ...this.#published, ...change };
    if (JSON.stringify(changed) === JSON.stringify(this.#published)) return;
    this.#published = changed;
    this.#options.store.save(changed);
  }
}

function platformsOf({ components }: DeviceDiscovery): Record<string, string> {
  return Object.fromEntries(Object.entries(components).map(([key, { platform }]) => [key, platform]));
}

/** The components that a discovery had and no longer has, with their platform. */
function missingComponents(
  before: Readonly<Record<string, string>> | undefined,
  { components }: DeviceDiscovery,
): DeviceDiscovery['components'] {
  const missing = Object.entries(before ?? {}).filter(([key]) => !(key in components));
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
