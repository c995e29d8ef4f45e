import type { IdBases } from '../home-assistant/entity-ids';
import type { Publisher } from '../mqtt/publisher';
import type { PersistedState } from './persisted-state';

/** What the broker shall hold of a NAS: topic → payload, in the order in which it goes out. */
export interface DesiredState {
  readonly documents: ReadonlyMap<string, string>;
  /** Discovery; the hub comes first. */
  readonly configs: ReadonlyMap<string, DeviceDiscovery>;
  /** By the topic of its discovery: what tells a task from another one that gets its number later. */
  readonly uuids?: ReadonlyMap<string, string>;
}

/** The discovery of one device, as far as a shelf looks into it. */
export interface DeviceDiscovery {
  readonly components: Readonly<Record<string, { readonly platform: string }>>;
}

/** Which kinds of things a picture knows all of: of the others nothing is cleared. */
export type CompleteKinds = ReadonlySet<ItemKind>;
export type ItemKind = 'task' | 'storage' | 'device';

/** What a shelf works with. */
export interface ShelfOptions {
  readonly publisher: Pick<Publisher, 'retain' | 'clear'>;
  /** What was published before, also in an earlier life. */
  readonly published: PersistedState;
  readonly save: (published: PersistedState) => void;
}

/**
 * Keeps what the broker holds for us the same as what is wanted, and knows what we have ever put there: only that is
 * cleared when it is wanted no more. What is put there is noted before, so a process that dies leaves nothing unknown.
 */
export class RetainedState {
  readonly #options: ShelfOptions;
  #published: PersistedState;
  /** Components that Home Assistant is being told to remove, by the topic of their config. */
  readonly #removedComponents = new Map<string, DeviceDiscovery['components']>();
  /** Of every topic, as it is wanted now. */
  #payloads = new Map<string, string>();
  #uuids: NonNullable<DesiredState['uuids']> = new Map();

  constructor(options: ShelfOptions) {
    this.#options = options;
    this.#published = options.published;
  }

  /** How the entity ids of each thing begin. */
  get bases(): IdBases {
    return this.#published.bases ?? {};
  }

  /** Keeps the bases of entity ids, also over a purge. */
  keepBases(bases: IdBases): void {
    this.#change({ bases });
  }

  /** What the NAS is now. */
  setNasDescription(facts: PersistedState['facts']): void {
    this.#change({ facts });
  }

  /**
   * Puts up what is wanted and takes down what is wanted no more. Components that a config has lost are announced without
   * their properties, which is how Home Assistant removes them, until {@link endComponentRemoval}.
   * @returns whether there are such components
   */
  apply(wanted: DesiredState, known: CompleteKinds): boolean {
    const { publisher } = this.#options;
    this.#uuids = wanted.uuids ?? new Map();
    this.#forgetRemoved(wanted, known);
    const configs = [...wanted.configs].filter(([topic]) => !this.#published.removed.includes(topic));
    const payloads = new Map(wanted.documents);
    for (const [topic, config] of configs) {
      const lost = { ...this.#removedComponents.get(topic), ...lostComponents(this.#published.configs[topic], config) };
      if (Object.keys(lost).length > 0) this.#removedComponents.set(topic, lost);
      payloads.set(topic, JSON.stringify({ ...config, components: { ...lost, ...config.components } }));
    }
    // Without even the hub nothing is announced any more, whoever is there.
    const isOver = (topic: string): boolean => wanted.configs.size === 0 && topic in this.#published.configs;
    const gone = this.#topics().filter((topic) => !payloads.has(topic) && (isOver(topic) || isKnown(topic, known)));
    this.#note(wanted.documents, new Map(configs), gone);
    for (const [topic] of configs) publisher.retain(topic, payloads.get(topic) ?? '');
    for (const [topic, payload] of wanted.documents) publisher.retain(topic, payload);
    for (const topic of gone) publisher.clear(topic);
    this.#payloads = payloads;
    return this.#removedComponents.size > 0;
  }

  /** Home Assistant has had its time: the next {@link apply} leaves out what it was told to remove. */
  endComponentRemoval(): void {
    this.#removedComponents.clear();
  }

  /** Takes note of what the broker holds that is ours, though no memory tells of it. */
  adopt(documents: Iterable<string>, configs: Iterable<readonly [string, DeviceDiscovery]>): void {
    this.#change({
      documents: [...new Set([...this.#published.documents, ...documents])],
      configs: {
        ...Object.fromEntries([...configs].map(([topic, config]) => [topic, platformsOf(config)])),
        ...this.#published.configs,
      },
    });
  }

  /** A person has removed a device in Home Assistant: it is not put up again. @returns false when it was none of ours */
  markRemovedByUser(topic: string): boolean {
    if (!this.#payloads.has(topic) || !(topic in this.#published.configs)) return false;
    const { [topic]: _, ...configs } = this.#published.configs;
    this.#payloads.delete(topic);
    this.#options.publisher.clear(topic);
    this.#change({ configs });
    this.#changeRemoved([...this.#published.removed, topic]);
    return true;
  }

  /**
   * What was removed in Home Assistant is kept in mind as long as there is such a thing: once it has gone from the NAS, what
   * gets its number is another thing, and is announced. Machines that only show while they have a problem come and go: they
   * stay away until {@link forgetUserRemovals}.
   */
  #forgetRemoved(wanted: DesiredState, known: CompleteKinds): void {
    if (wanted.configs.size === 0) return; // nothing is announced at all
    const isThere = (topic: string): boolean => wanted.configs.has(topic) || kindOf(topic) === 'device';
    const { removed } = this.#published;
    this.#changeRemoved(
      removed.filter((topic) => !this.#isAnother(topic) && (isThere(topic) || !isKnown(topic, known))),
    );
  }

  /** Whether a task has its number from one that was removed while nobody looked. */
  #isAnother(topic: string): boolean {
    const [before, now] = [this.#published.removedUuids?.[topic], this.#uuids.get(topic)];
    return before !== undefined && now !== undefined && before !== now;
  }

  #changeRemoved(removed: readonly string[]): void {
    const uuids = removed.map(
      (topic) => [topic, this.#uuids.get(topic) ?? this.#published.removedUuids?.[topic]] as const,
    );
    const known = uuids.filter((entry): entry is readonly [string, string] => entry[1] !== undefined);
    const isNoted = known.length > 0 || this.#published.removedUuids !== undefined;
    this.#change({ removed, ...(isNoted && { removedUuids: Object.fromEntries(known) }) });
  }

  /** What was removed in Home Assistant may be put up again: a person has asked for it. */
  forgetUserRemovals(): void {
    this.#changeRemoved([]);
  }

  /** Takes everything down. */
  purge(): void {
    for (const topic of this.#topics()) this.#options.publisher.clear(topic);
    this.#payloads.clear();
    this.#change({ documents: [], configs: {} });
    this.#changeRemoved([]);
  }

  #topics(): string[] {
    return [...Object.keys(this.#published.configs), ...this.#published.documents];
  }

  #note(documents: DesiredState['documents'], configs: DesiredState['configs'], gone: readonly string[]): void {
    const isGone = new Set(gone);
    const kept = Object.entries(this.#published.configs).filter(([topic]) => !isGone.has(topic));
    const own = [...configs].map(([topic, config]) => [topic, platformsOf(config)] as const);
    const all = [...this.#published.documents.filter((topic) => !isGone.has(topic)), ...documents.keys()];
    this.#change({
      documents: [...new Set(all)],
      configs: { ...Object.fromEntries(kept), ...Object.fromEntries(own) },
    });
  }

  #change(change: Partial<PersistedState>): void {
    const changed = { ...this.#published, ...change };
    if (JSON.stringify(changed) === JSON.stringify(this.#published)) return;
    this.#published = changed;
    this.#options.save(changed);
  }
}

function platformsOf({ components }: DeviceDiscovery): Record<string, string> {
  return Object.fromEntries(Object.entries(components).map(([key, { platform }]) => [key, platform]));
}

/** The components a config had and has no more, by their platform; another platform is another component. */
function lostComponents(
  before: Readonly<Record<string, string>> | undefined,
  { components }: DeviceDiscovery,
): DeviceDiscovery['components'] {
  const lost = Object.entries(before ?? {}).filter(([key]) => !(key in components));
  return Object.fromEntries(lost.map(([key, platform]) => [key, { platform }]));
}

/** `…_task_3` in a config's object id, `task/3/` in a document's topic. */
const THING = /(?:_(task|storage|device)_\d+\/config|\/(task|storage|device)\/\d+\/\w+)$/;

/** Whether it is known that a thing is gone; what is no thing's, a bridge of other settings has left. */
function isKnown(topic: string, known: CompleteKinds): boolean {
  const kind = kindOf(topic);
  return kind === null || known.has(kind);
}

/** What kind of thing a topic is of; null: of none. */
function kindOf(topic: string): ItemKind | null {
  const match = THING.exec(topic);
  return ((match?.[1] ?? match?.[2]) as ItemKind | undefined) ?? null;
}
