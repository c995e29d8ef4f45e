import { announcedIds, parseOwnDiscovery, conflictingBridgeTopic } from '../home-assistant/own-discovery';
import type { KnownIds } from '../home-assistant/entity-ids';
import type { BridgeOptions } from '../home-assistant/options';
import type { Session } from '../mqtt/mqtt-connection';
import { configFilter, isEntityStateTopic, type Topics } from '../home-assistant/topics';
import { BrokerRefusedError } from '../mqtt/types';
import type { RetainedState } from './retained-state';

/** What a survey works with. */
export interface SurveyOptions {
  readonly topics: Topics;
  readonly options: BridgeOptions;
  readonly shelf: Pick<RetainedState, 'adopt' | 'markRemovedByUser'>;
  /** How long the broker has for sending what it holds. */
  readonly retainedMs: number;
  /** For a person to read. */
  readonly warn: (message: string) => void;
}

/** Looks at what others did to our topics at the broker, and at what an earlier life of ours has left there. */
export class BrokerScan {
  readonly #options: SurveyOptions;
  /** Bridges of other base topics that a person was told of. */
  readonly #rivals = new Set<string>();
  /** Id bases of our things, as the broker held them at the first scan. */
  readonly #bases: Record<string, string> = {};
  /** Entity ids of others, by the topic of their discovery. */
  readonly #otherIds = new Map<string, readonly string[]>();
  #isScanned = false;

  constructor(options: SurveyOptions) {
    this.#options = options;
  }

  /** What retained discovery says about entity ids; null until it was read once. */
  get announced(): Pick<KnownIds, 'announced' | 'reserved'> | null {
    if (!this.#isScanned) return null;
    return { announced: this.#bases, reserved: new Set([...this.#otherIds.values()].flat()) };
  }

  /** Tells the shelf of everything of ours that the broker holds. @throws SessionLost */
  async scan(session: Session): Promise<void> {
    const { topics, options, shelf } = this.#options;
    const configs = await this.#held(session, configFilter(options.discoveryPrefix));
    const documents = await Promise.all(topics.documents.map((filter) => this.#held(session, filter)));
    for (const [topic, payload] of configs) this.#noteIds(topic, payload);
    this.#isScanned = true;
    const rivals = new Set(configs.map(([topic, payload]) => conflictingBridgeTopic(topic, payload, options)));
    for (const bridge of rivals) if (bridge !== null) await this.#meetRival(session, bridge);
    shelf.adopt(
      documents
        .flat()
        .map(([topic]) => topic)
        .filter((topic) => isEntityStateTopic(topics, topic)),
      configs.flatMap(([topic, payload]) => parseOwnDiscovery(topic, payload, options)),
    );
  }

  /** Discovery that others publish: a person has removed a device, or another bridge announces the same NAS. @throws SessionLost */
  async handleDiscovery(session: Session, topic: string, payload: string): Promise<void> {
    const { options, shelf, warn } = this.#options;
    this.#noteIds(topic, payload);
    const rival = conflictingBridgeTopic(topic, payload, options);
    if (rival !== null) await this.#meetRival(session, rival);
    if (payload === '' && shelf.markRemovedByUser(topic))
      warn(`A device was removed in Home Assistant (${topic}); it comes back when the bridge node gets a message`);
  }

  #noteIds(topic: string, payload: string): void {
    const ids = announcedIds(topic, payload, this.#options.options);
    if (ids.objectId === null) {
      if (ids.entityIds.length > 0) this.#otherIds.set(topic, ids.entityIds);
      else this.#otherIds.delete(topic);
    } else if (ids.base !== null && !this.#isScanned) this.#bases[ids.objectId] = ids.base;
  }

  async #held(session: Session, filter: string): Promise<[topic: string, payload: string][]> {
    const { retainedMs, warn } = this.#options;
    try {
      return [...(await session.retained(filter, retainedMs))];
    } catch (error) {
      if (!(error instanceof BrokerRefusedError)) throw error;
      warn(`${error.message}, so what an earlier bridge has left there is not found`);
      return [];
    }
  }

  /** What a bridge of another base topic has left is nobody's rival: this very one may have had that base topic before. */
  async #meetRival(session: Session, bridge: string): Promise<void> {
    if (this.#rivals.has(bridge)) return;
    this.#rivals.add(bridge); // not asked for again with each of its messages
    const isOnline = (await this.#held(session, bridge)).some(([, payload]) => payload === 'online');
    if (!isOnline) {
      this.#rivals.delete(bridge);
      return;
    }
    this.#options.warn(
      `Another bridge announces this NAS to Home Assistant too (${bridge}): switch discovery off in one of the two`,
    );
  }
}
