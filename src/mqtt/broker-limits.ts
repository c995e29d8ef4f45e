import { SendRate } from './send-rate';
import { levelsOf, TopicGroups } from './topic-groups';
import type { EndCause, MqttSession, OutgoingMessage } from './types';

/** Every broker accepts this many unacknowledged messages, whatever maximum it announces (docs/facts/home-assistant.md §2.4). */
const MAX_IN_FLIGHT = 20;
/** Used for a while after a missing acknowledgement: a broker that limits the rate drops messages above its limit. */
const REDUCED_IN_FLIGHT = 4;
const REDUCED_FOR_MS = 10 * 60_000;
/** A message is excluded once the connection has ended this many times in a row while it alone was in flight. */
const MAX_LOST_CONNECTIONS = 2;
/** Every broker accepts a message of this size. */
const SMALL_BYTES = 1000;
/** Exclusions expire, because a broker may get other access rules or a larger limit. */
const EXCLUDED_FOR_MS = 60 * 60_000;
/** A message over which a quota is exceeded is sent again this many times. */
const MAX_RETRIES = 5;
/** AWS IoT Core takes one retained message a second for a topic. */
const RETRY_PAUSE_MS = 1000;
/** Ends of the connection that no message explains, within this time of each other, come from the number of messages. */
const UNEXPLAINED_WITHIN_MS = 10 * 60_000;

/** Why a message is not sent. */
export interface Objection {
  /** A sentence for the user. */
  readonly reason: string;
  /** Whether to warn the user; false where {@link BrokerLimits.connectionLost} has returned a warning before. */
  readonly isNew: boolean;
}

/**
 * The messages that a broker accepts, and how many it may be sent at a time. Brokers that end the connection over a message
 * do not name it. After such an end every message that was in flight is isolated: it is sent alone. A message that ends the
 * connection twice while it is alone in flight is excluded for an hour.
 */
export class BrokerLimits {
  readonly #now: () => number;
  /** By topic: how often in a row the connection ended while only this message was in flight. */
  readonly #lostConnections = new Map<string, number>();
  /** By topic: until when (ms) it is not sent. */
  readonly #excludedTopics = new Map<string, number>();
  /** Messages of this size and larger are not sent until `until` (ms). */
  #excludedSize = { bytes: Infinity, until: -Infinity };
  #largestAcceptedBytes = 0;
  #reducedUntil = -Infinity;
  readonly #rate: SendRate;
  readonly #groups: TopicGroups;
  /** By topic: how often in a row a quota was exceeded. */
  readonly #retries = new Map<string, number>();
  /** When (ms) the connection last ended while several messages were in flight, all of which the broker has accepted since. */
  #unexplainedAt = -Infinity;

  /** @param now ms of a monotonic clock */
  constructor(now: () => number) {
    this.#now = now;
    this.#rate = new SendRate(now);
    this.#groups = new TopicGroups(now, EXCLUDED_FOR_MS);
  }

  /** How many messages a second are sent, and when the next one may be. */
  get rate(): Pick<SendRate, 'perSecond' | 'waitMs' | 'sent'> {
    return this.#rate;
  }

  /** How many messages may be in flight now. */
  maxInFlight(session: Pick<MqttSession, 'receiveMaximum'>): number {
    if (this.#lostConnections.size > 0) return 1;
    return Math.min(this.#now() < this.#reducedUntil ? REDUCED_IN_FLIGHT : MAX_IN_FLIGHT, session.receiveMaximum);
  }

  /** The broker drops messages: fewer are sent at a time for ten minutes, and fewer in a second for a day. */
  reduce(): void {
    this.#reducedUntil = this.#now() + REDUCED_FOR_MS;
    this.#rate.reduce();
  }

  /** The broker has refused a message for now, because a quota is exceeded. @returns whether it is to be sent again */
  mayRetry(topic: string): boolean {
    const count = (this.#retries.get(topic) ?? 0) + 1;
    this.#retries.set(topic, count);
    this.#rate.reduce();
    this.#rate.pause(RETRY_PAUSE_MS);
    return count <= MAX_RETRIES;
  }

  /** Why a message must not be sent; null: it may be sent. */
  objection(session: Pick<MqttSession, 'maximumPacketSize'>, topic: string, bytes: number): Objection | null {
    const limit = session.maximumPacketSize;
    if (bytes > limit) {
      const reason = `The MQTT broker takes at most ${limit} bytes: ${topic} has ${bytes} and is left out`;
      return { reason, isNew: true };
    }
    const now = this.#now();
    if (now < (this.#excludedTopics.get(topic) ?? -Infinity))
      return { reason: `The MQTT broker ends the connection over ${topic}: it is left out`, isNew: false };
    if (this.#groups.isExcluded(topic))
      return {
        reason: `The MQTT broker ends the connection over topics such as ${topic}: it is left out`,
        isNew: false,
      };
    if (bytes < this.#excludedSize.bytes || now >= this.#excludedSize.until) return null;
    const reason = `The MQTT broker seems not to take a message of ${bytes} bytes: ${topic} is left out`;
    return { reason, isNew: true };
  }

  /** The broker has acknowledged or refused a message, so it does not end the connection over it. */
  answered(topic: string, bytes: number): void {
    const wasIsolated = this.#lostConnections.delete(topic);
    if (wasIsolated && this.#lostConnections.size === 0) this.#isolationEnded();
    this.#excludedTopics.delete(topic);
    this.#retries.delete(topic);
    this.#groups.accepted(topic);
    this.#largestAcceptedBytes = Math.max(this.#largestAcceptedBytes, bytes);
  }

  /** The queue is empty: an isolated message that was not sent again needs no further test. */
  endIsolation(): void {
    this.#lostConnections.clear();
  }

  /** Each message that was in flight together has been accepted alone: twice in a row, there were too many. */
  #isolationEnded(): void {
    const now = this.#now();
    if (now < this.#unexplainedAt + UNEXPLAINED_WITHIN_MS) this.#rate.reduce();
    this.#unexplainedAt = now;
  }

  /** Lifts all exclusions: the user has asked for a new attempt. */
  reset(): void {
    this.#lostConnections.clear();
    this.#excludedTopics.clear();
    this.#excludedSize = { bytes: Infinity, until: -Infinity };
    this.#groups.reset();
    this.#rate.reset();
    this.#retries.clear();
  }

  /**
   * The connection has ended.
   * @param cause undefined, `subscription`: not because of a message
   * @param inFlight the unacknowledged messages with their sizes in bytes
   * @returns a warning for the user when a message is excluded from now on, else null
   */
  connectionLost(
    cause: EndCause | undefined,
    inFlight: readonly (readonly [OutgoingMessage, number])[],
  ): string | null {
    const [only] = inFlight;
    if (cause === 'rate') {
      this.reduce();
      return `The MQTT broker ended the connection because it was sent too many messages: at most ${this.#rate.perSecond} a second are sent for a day`;
    }
    if (cause === undefined || cause === 'subscription' || only === undefined) return null;
    if (inFlight.length > 1) {
      for (const [{ topic }] of inFlight) this.#lostConnections.set(topic, this.#lostConnections.get(topic) ?? 0);
      return null;
    }
    const [{ topic }, bytes] = only;
    const count = (this.#lostConnections.get(topic) ?? 0) + (cause === 'perhaps' ? 1 : MAX_LOST_CONNECTIONS);
    this.#lostConnections.set(topic, count);
    if (count < MAX_LOST_CONNECTIONS) return null;
    this.#lostConnections.delete(topic);
    this.#unexplainedAt = -Infinity;
    return this.#exclude(cause, topic, bytes);
  }

  #exclude(cause: EndCause, topic: string, bytes: number): string {
    const until = this.#now() + EXCLUDED_FOR_MS;
    const mayBeSize = cause === 'perhaps' && bytes > Math.max(this.#largestAcceptedBytes, SMALL_BYTES);
    if (cause === 'size' || mayBeSize) {
      this.#excludedSize = { bytes, until };
      return `The MQTT broker ends the connection over a message of ${bytes} bytes (${topic}): it seems to take only smaller ones. Larger ones are left out for an hour: raise its limit`;
    }
    this.#excludedTopics.set(topic, until);
    if (this.#groups.refused(topic))
      return `The MQTT broker ends the connection over topics such as ${topic}: this account seems not to be allowed to publish there, or the broker takes no topics of ${levelsOf(topic)} levels. All such topics are left out for an hour: check the broker's access rules and the base topic`;
    return `The MQTT broker ends the connection over ${topic} (${bytes} bytes): this account seems not to be allowed to publish there. It is left out for an hour: check the broker's access rules`;
  }
}

/** Upper bound of the size of a PUBLISH packet in MQTT 5: header, topic, packet id, properties, payload. */
export function packetBytes({ topic, payload, correlationData }: OutgoingMessage): number {
  const properties = correlationData === undefined ? 0 : 3 + correlationData.length;
  return 5 + 2 + Buffer.byteLength(topic) + 2 + 4 + properties + Buffer.byteLength(payload);
}
