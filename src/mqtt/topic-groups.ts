/** After this many topics of a group the others are not tried: each attempt would cost a connection. */
const MAX_REFUSED = 3;

/**
 * Groups of topics that a broker treats alike: those with the same first level and the same number of levels, as all
 * discovery messages and all documents of tasks are. Access rules and limits of levels refuse whole groups.
 */
export class TopicGroups {
  readonly #now: () => number;
  readonly #excludedForMs: number;
  /** By group: its topics over which the broker has ended the connection. */
  readonly #refused = new Map<string, Set<string>>();
  readonly #accepted = new Set<string>();
  /** By group: until when (ms) none of its topics is sent. */
  readonly #excluded = new Map<string, number>();

  /** @param now ms of a monotonic clock */
  constructor(now: () => number, excludedForMs: number) {
    this.#now = now;
    this.#excludedForMs = excludedForMs;
  }

  isExcluded(topic: string): boolean {
    return this.#excluded.size > 0 && this.#now() < (this.#excluded.get(groupOf(topic)) ?? -Infinity);
  }

  /** The broker has answered a message on this topic. */
  accepted(topic: string): void {
    const group = groupOf(topic);
    this.#accepted.add(group);
    this.#refused.delete(group);
  }

  /** The broker has ended the connection over a topic. @returns whether its whole group is excluded from now on */
  refused(topic: string): boolean {
    const group = groupOf(topic);
    const topics = this.#refused.get(group) ?? new Set();
    this.#refused.set(group, topics.add(topic));
    if (topics.size < MAX_REFUSED || this.#accepted.has(group)) return false;
    this.#excluded.set(group, this.#now() + this.#excludedForMs);
    this.#refused.delete(group);
    return true;
  }

  /** Lifts all exclusions. */
  reset(): void {
    this.#refused.clear();
    this.#accepted.clear();
    this.#excluded.clear();
  }
}

/** How many levels a topic has. */
export function levelsOf(topic: string): number {
  return topic.split('/').length;
}

function groupOf(topic: string): string {
  return `${levelsOf(topic)} ${topic.slice(0, topic.indexOf('/') + 1)}`;
}
