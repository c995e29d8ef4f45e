import { entityIdsIn } from '../home-assistant/discovery';

/** By broker and discovery prefix, with the number of bridges that use it. */
const SHARED = new Map<string, { readonly discovery: ReceivedDiscovery; users: number }>();

/**
 * The discovery messages that bridges of this process have received under one prefix of one broker. Every bridge receives
 * those of all others, so each message is kept and parsed once, not once per bridge; and only when a new device needs ids.
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

  /** @param scope broker and discovery prefix. @returns the instance that all users of a scope share, and its release */
  static use(scope: string): { readonly discovery: ReceivedDiscovery; readonly release: () => void } {
    const shared = SHARED.get(scope) ?? { discovery: new ReceivedDiscovery(), users: 0 };
    SHARED.set(scope, shared);
    shared.users += 1;
    let release = (): void => {
      release = () => undefined;
      shared.users -= 1;
      if (shared.users === 0) SHARED.delete(scope);
    };
    return { discovery: shared.discovery, release: () => release() };
  }

  /** @param payload `''`: the topic was cleared */
  record(topic: string, payload: string): void {
    if ((this.#payloads.get(topic) ?? '') === payload) return;
    if (payload === '') this.#payloads.delete(topic);
    else this.#payloads.set(topic, payload);
    this.#changed.add(topic);
  }

  /** The entity ids that discovery requests, but for those of topics that `isOwn` accepts. */
  reserved(isOwn: (topic: string) => boolean): Pick<ReadonlySet<string>, 'has' | 'size'> {
    this.#parseChanged();
    const own = new Map<string, number>();
    for (const [topic, ids] of this.#entityIds) if (isOwn(topic)) for (const id of ids) count(own, id, 1);
    const has = (id: string): boolean => (this.#counts.get(id) ?? 0) > (own.get(id) ?? 0);
    let size = 0;
    for (const id of this.#counts.keys()) if (has(id)) size += 1;
    return { has, size };
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
