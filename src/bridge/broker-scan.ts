import type { KnownIds } from '../home-assistant/entity-ids';
import type { BridgeOptions } from '../home-assistant/types';
import { announcedIdBase, conflictingBridgeTopic, isOwnTopic, parseOwnDiscovery } from '../home-assistant/discovery';
import { configFilter, isEntityStateTopic, type Topics } from '../home-assistant/topics';
import { BrokerRefusedError, SessionLostError, type MqttSession } from '../mqtt/types';
import type { Publisher } from '../mqtt/publisher';
import type { RetainedState } from './retained-state';
import { SharedDiscovery } from './shared-discovery';

/** The parts that a scan works with. */
export interface BrokerScanOptions {
  /** @see SharedDiscovery.use */
  readonly scope: string;
  readonly topics: Topics;
  readonly options: BridgeOptions;
  readonly retained: Pick<RetainedState, 'adopt' | 'isPublished' | 'acceptedConfigs' | 'markRemovedByUser'>;
  readonly publisher: Pick<Publisher, 'whenIdle'>;
  /** Time limit for reading retained messages. */
  readonly retainedMs: number;
  /** Receives a sentence for the user. */
  readonly warn: (message: string) => void;
}

/** A filter is not read for an hour after the connection has ended this many times in a row while it was read. */
const MAX_LOST_CONNECTIONS = 2;
const NOT_READ_FOR_MS = 60 * 60_000;

/** Reads retained messages: topics left by an earlier run, entity ids of other programs, and conflicting bridges. */
export class BrokerScan {
  readonly #options: BrokerScanOptions;
  /** Topics of conflicting bridges that the user has been warned of. */
  readonly #conflicts = new Set<string>();
  /** Id bases of the own devices at the first scan. */
  readonly #ownBases: Record<string, string> = {};
  readonly #shared: ReturnType<typeof SharedDiscovery.use>;
  #isScanned = false;
  /** By filter: reads that ended with the connection, and until when (ms) it is not read. */
  readonly #lost = new Map<string, { readonly count: number; readonly until: number }>();

  constructor(options: BrokerScanOptions) {
    this.#options = options;
    this.#shared = SharedDiscovery.use(options.scope);
  }

  close(): void {
    this.#shared.release();
  }

  /** Entity ids in the retained discovery; null before the first scan. */
  get announced(): Pick<KnownIds, 'announced' | 'reserved'> | null {
    if (!this.#isScanned) return null;
    const isOwn = (topic: string): boolean => isOwnTopic(topic, this.#options.options);
    return { announced: this.#ownBases, reserved: this.#shared.discovery.received.reserved(isOwn) };
  }

  /** Adopts all retained messages of this NAS. @throws SessionLostError */
  async scan(session: MqttSession): Promise<void> {
    const { topics, options, retained } = this.#options;
    const configs = await this.#readOwnDiscovery(session);
    const documents = await Promise.all(topics.documents.map((each) => this.#read(session, each)));
    for (const [topic, payload] of configs) this.#announce(topic, payload);
    this.#isScanned = true;
    const conflicts = new Set(configs.map(([topic, payload]) => conflictingBridgeTopic(topic, payload, options)));
    for (const bridge of conflicts) if (bridge !== null) await this.#warnOfConflict(session, bridge);
    retained.adopt(
      documents
        .flatMap((found) => found ?? [])
        .map(([topic]) => topic)
        .filter((topic) => isEntityStateTopic(topics, topic)),
      configs.flatMap(([topic, payload]) => parseOwnDiscovery(topic, payload, options)),
    );
  }

  async #readOwnDiscovery(session: MqttSession): Promise<(readonly [topic: string, payload: string])[]> {
    const { options, retainedMs } = this.#options;
    const filter = configFilter(options.discoveryPrefix);
    const found = await this.#shared.discovery.retained(() => this.#read(session, filter), retainedMs);
    return [...found].filter(([topic]) => isOwnTopic(topic, options));
  }

  /** The bridge clears its own discovery. */
  cleared(topic: string): void {
    this.#shared.discovery.received.record(topic, '');
  }

  /**
   * Finds what was removed in Home Assistant while nobody listened: the broker had accepted it, and has it no more. A broker
   * that has nothing of this NAS has lost it, or does not show what it retains.
   * @throws SessionLostError
   */
  async findRemovals(session: MqttSession): Promise<void> {
    const { retained } = this.#options;
    const before = retained.acceptedConfigs();
    const found = new Set((await this.#readOwnDiscovery(session)).map(([topic]) => topic));
    if (!before.some((topic) => found.has(topic))) return;
    for (const topic of before) {
      if (found.has(topic) || !retained.acceptedConfigs().includes(topic)) continue;
      if ((await this.#read(session, topic))?.length === 0) this.#removedByUser(topic);
    }
  }

  /**
   * Handles discovery published by others: the user has removed a device, or another bridge publishes the same NAS.
   * @param mayBeOwn what this bridge has cleared, and perhaps published again since, was not removed by the user
   * @throws SessionLostError
   */
  async handleDiscovery(session: MqttSession, topic: string, payload: string, mayBeOwn: boolean): Promise<void> {
    const { options, retained, publisher } = this.#options;
    this.#announce(topic, payload);
    const conflict = conflictingBridgeTopic(topic, payload, options);
    if (conflict !== null) await this.#warnOfConflict(session, conflict);
    if (payload !== '' || !retained.isPublished(topic)) return;
    if (mayBeOwn || session.version !== 5) {
      await publisher.whenIdle(); // it may be about to publish the topic again
      if (((await this.#read(session, topic)) ?? []).length > 0) return;
    }
    this.#removedByUser(topic);
  }

  #removedByUser(topic: string): void {
    const { retained, warn } = this.#options;
    if (retained.markRemovedByUser(topic))
      warn(`A device was removed in Home Assistant (${topic}); it comes back when the bridge node gets a message`);
  }

  /** Keeps the id base of an own device that was published before the first scan. */
  #announce(topic: string, payload: string): void {
    if (this.#isScanned) return;
    const own = announcedIdBase(topic, payload, this.#options.options);
    if (own !== null && own.base !== null) this.#ownBases[own.objectId] = own.base;
  }

  /** @returns null: the broker refuses it, or ends the connection over it */
  async #read(session: MqttSession, filter: string): Promise<[topic: string, payload: string][] | null> {
    const { retainedMs, warn } = this.#options;
    const lost = this.#lost.get(filter);
    if (lost !== undefined && lost.count >= MAX_LOST_CONNECTIONS && performance.now() < lost.until) return null;
    try {
      const retained = await session.retained(filter, retainedMs);
      this.#lost.delete(filter);
      return [...retained];
    } catch (error) {
      if (error instanceof SessionLostError) this.#sessionLost(filter);
      if (!(error instanceof BrokerRefusedError)) throw error;
      warn(`${error.message}, so what an earlier bridge has left there is not found`);
      return null;
    }
  }

  /** Brokers that forbid a filter may end the connection over it. */
  #sessionLost(filter: string): void {
    const count = (this.#lost.get(filter)?.count ?? 0) + 1;
    this.#lost.set(filter, { count, until: performance.now() + NOT_READ_FOR_MS });
    if (count !== MAX_LOST_CONNECTIONS) return;
    this.#options.warn(
      `The connection to the MQTT broker has ended ${count} times while ${filter} was read: what an earlier bridge has left there is not searched for in the next hour. Check the broker's access rules`,
    );
  }

  /** Only an active bridge conflicts: this bridge may have had the other base topic before. */
  async #warnOfConflict(session: MqttSession, bridge: string): Promise<void> {
    if (this.#conflicts.has(bridge)) return;
    this.#conflicts.add(bridge); // before the read, so that further messages do not start another one
    const isOnline = (await this.#read(session, bridge))?.some(([, payload]) => payload === 'online');
    if (isOnline !== true) {
      this.#conflicts.delete(bridge);
      return;
    }
    this.#options.warn(
      `Another bridge announces this NAS to Home Assistant too (${bridge}): switch discovery off in one of the two`,
    );
  }
}
