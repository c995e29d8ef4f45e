import { entityIdsIn } from '../home-assistant/discovery';

/**
 * The discovery messages that bridges of this process have received under one prefix of one broker. Each is kept and parsed once,
 * not once per bridge; and only when a new device needs ids.
 */
export class ReceivedDiscovery {
  /** By topic. */
  readonly #payloads = new Map<string, string>();
  /** Topics whose payload is not the one in {@link #entityIds}. */
  readonly #changed = new Set<string>();
  /** Requested entity ids by topic. */
  readonly #entityIds = new Map<string, readonly string[]>();
  /** In how many topics an entity id is requested. */
  readonly #counts = new Map<string, number>();

  /** For each read in progress, the topics that were received since its begin. */
  readonly #newer = new Set<Set<string>>();

  /** @param payload `''`: the topic was cleared */
  record(topic: string, payload: string): void {
    for (const topics of this.#newer) topics.add(topic);
    if ((this.#payloads.get(topic) ?? '') === payload) return;
    if (payload === '') this.#payloads.delete(topic);
    else this.#payloads.set(topic, payload);
    this.#changed.add(topic);
  }

  /**
   * A read of everything retained begins.
   * @returns takes its result in place of what was received before, or null if it has failed; what was received meanwhile is
   * newer and stays
   */
  replaceLater(): (retained: Iterable<readonly [topic: string, payload: string]> | null) => void {
    const newer = new Set<string>();
    this.#newer.add(newer);
    return (retained) => {
      this.#newer.delete(newer);
      if (retained === null) return;
      const read = new Map(retained);
      for (const topic of [...this.#payloads.keys()].filter((each) => !read.has(each))) read.set(topic, '');
      for (const [topic, payload] of read) if (!newer.has(topic)) this.record(topic, payload);
    };
  }

  /** Topic and payload of what is retained, as far as it was received. */
  entries(): Iterable<readonly [topic: string, payload: string]> {
    return this.#payloads;
  }

  /** The entity ids that discovery requests, but for those of topics that `isOwn` accepts. */
  reserved(isOwn: (topic: string) => boolean): Pick<ReadonlySet<string>, 'has' | 'size'> {
    this.#parseChanged();
    const own = new Map<string, number>();
    for (const [topic, ids] of this.#entityIds) if (isOwn(topic)) for (const id of ids) count(own, id, 1);
    const has = (id: string): boolean => (this.#counts.get(id) ?? 0) > (own.get(id) ?? 0);
    const onlyOwn = [...own.keys()].filter((id) => !has(id)).length;
    return { has, size: this.#counts.size - onlyOwn };
  }

  #parseChanged(): void {
    for (const topic of this.#changed) {
      for (const id of this.#entityIds.get(topic) ?? []) count(this.#counts, id, -1);
      const ids = entityIdsIn(this.#payloads.get(topic) ?? '');
      for (const id of ids) count(this.#counts, id, 1);
      if (ids.length > 0) this.#entityIds.set(topic, ids);
      else this.#entityIds.delete(topic);
    }
    this.#changed.clear();
  }
}

function count(counts: Map<string, number>, id: string, step: 1 | -1): void {
  const number = (counts.get(id) ?? 0) + step;
  if (number > 0) counts.set(id, number);
  else counts.delete(id);
}
