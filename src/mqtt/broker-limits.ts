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

  /** @param now ms of a monotonic clock */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** How many messages may be in flight now. */
  maxInFlight(session: Pick<MqttSession, 'receiveMaximum'>): number {
    if (this.#lostConnections.size > 0) return 1;
    return Math.min(this.#now() < this.#reducedUntil ? REDUCED_IN_FLIGHT : MAX_IN_FLIGHT, session.receiveMaximum);
  }

  /** An acknowledgement is missing: fewer messages are sent at a time for ten minutes. */
  reduceInFlight(): void {
    this.#reducedUntil = this.#now() + REDUCED_FOR_MS;
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
    if (bytes < this.#excludedSize.bytes || now >= this.#excludedSize.until) return null;
    const reason = `The MQTT broker seems not to take a message of ${bytes} bytes: ${topic} is left out`;
    return { reason, isNew: true };
  }

  /** The broker has acknowledged or refused a message, so it does not end the connection over it. */
  answered(topic: string, bytes: number): void {
    this.#lostConnections.delete(topic);
    this.#excludedTopics.delete(topic);
    this.#largestAcceptedBytes = Math.max(this.#largestAcceptedBytes, bytes);
  }

  /** The queue is empty: an isolated message that was not sent again needs no further test. */
  endIsolation(): void {
    this.#lostConnections.clear();
  }

  /** Lifts all exclusions: the user has asked for a new attempt. */
  reset(): void {
    this.#lostConnections.clear();
    this.#excludedTopics.clear();
    this.#excludedSize = { bytes: Infinity, until: -Infinity };
  }

  /**
   * The connection has ended.
   * @param cause undefined: not because of a message
   * @param inFlight the unacknowledged messages with their sizes in bytes
   * @returns a warning for the user when a message is excluded from now on, else null
   */
  connectionLost(
    cause: EndCause | undefined,
    inFlight: readonly (readonly [OutgoingMessage, number])[],
  ): string | null {
    const [only] = inFlight;
    if (cause === undefined || only === undefined) return null;
    if (inFlight.length > 1) {
      for (const [{ topic }] of inFlight) this.#lostConnections.set(topic, this.#lostConnections.get(topic) ?? 0);
      return null;
    }
    const [{ topic }, bytes] = only;
    const count = (this.#lostConnections.get(topic) ?? 0) + (cause === 'perhaps' ? 1 : MAX_LOST_CONNECTIONS);
    this.#lostConnections.set(topic, count);
    if (count < MAX_LOST_CONNECTIONS) return null;
    this.#lostConnections.delete(topic);
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
    return `The MQTT broker ends the connection over ${topic} (${bytes} bytes): this account seems not to be allowed to publish there. It is left out for an hour: check the broker's access rules`;
  }
}

/** Upper bound of the size of a PUBLISH packet in MQTT 5: header, topic, packet id, properties, payload. */
export function packetBytes({ topic, payload, correlationData }: OutgoingMessage): number {
  const properties = correlationData === undefined ? 0 : 3 + correlationData.length;
  return 5 + 2 + Buffer.byteLength(topic) + 2 + 4 + properties + Buffer.byteLength(payload);
}
