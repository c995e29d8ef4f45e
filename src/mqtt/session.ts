import type { IConnackPacket, IPublishPacket, MqttClient } from 'mqtt';
import { loadMqtt } from './library';
import type { DeliveryLog } from './logger';
import { RetainedReader } from './retained-reader';
import { filterMatches, isPublishableTopic } from './topic-filter';
import {
  BrokerRefusedError,
  SessionLostError,
  type MqttSession,
  type OutgoingMessage,
  type ReceivedMessage,
} from './types';

/** Protocol maximum: a fixed header of 5 bytes and 268,435,455 others. */
const MAX_PACKET_BYTES = 268_435_460;
const MAX_IN_FLIGHT = 65_535;

/** Reason codes of MQTT 5, and granted QoS, from here on are refusals. */
const FAILURE = 0x80;
const QUOTA_EXCEEDED = 0x97;

/** Own messages longer than this cannot be mistaken for another client's. */
const MAX_ECHO_LENGTH = 256;

/**
 * Purposes of a subscription, sent as MQTT 5 subscription identifiers. The broker returns them with each message, so a
 * message that matches two subscriptions can be assigned to both.
 */
const LISTEN = 1;
const READ_RETAINED = 2;

/** How to subscribe to a filter; everything but `qos` needs MQTT 5. */
interface Subscription {
  readonly qos: 0 | 1;
  /** Retain handling; 2: no retained messages. */
  readonly rh: 0 | 2;
  /** No local: without the client's own messages. */
  readonly nl: boolean;
  readonly purpose: number;
}

const LISTEN_SUBSCRIPTION = { qos: 1, rh: 0, nl: true, purpose: LISTEN } as const;
/**
 * Subscription used to read retained messages. noLocal is off because messages of our previous connection count. QoS 0:
 * Mosquitto drops queued QoS 1 messages beyond 1,000.
 */
const READ_RETAINED_SUBSCRIPTION = { qos: 0, rh: 0, nl: false, purpose: READ_RETAINED } as const;

/** The owner of a session: its connection. */
export interface SessionOwner {
  readonly onMessage: (message: ReceivedMessage) => void;
  /** Ends the network connection. */
  readonly onAbandoned: () => void;
  readonly deliveries: DeliveryLog;
}

/** An {@link MqttSession} on a connected client. Its owner calls {@link handleMessage} and {@link markLost}. */
export class MqttClientSession implements MqttSession {
  readonly version: 5 | 4;
  readonly receiveMaximum: number;
  readonly maximumPacketSize: number;
  readonly retainAvailable: boolean;
  readonly #client: MqttClient;
  readonly #owner: SessionOwner;
  readonly #hasIdentifiers: boolean;
  readonly #filters = new Set<string>();
  readonly #readers = new Set<RetainedReader>();
  readonly #inFlight = new Set<Promise<void>>();
  /**
   * MQTT 3.1.1 returns the client's own messages: for each topic and payload, how many echoes are expected. Short messages
   * only.
   */
  readonly #echoes = new Map<string, number>();
  /** Requests lost with the connection stay in it: one of them may be the reason. */
  readonly #unanswered = new Set<string>();
  /** Subscriptions among them. */
  readonly #unansweredFilters = new Set<string>();
  #isOpen = true;

  constructor(client: MqttClient, connack: IConnackPacket, owner: SessionOwner) {
    const properties = connack.properties ?? {};
    this.version = client.options.protocolVersion === 5 ? 5 : 4;
    this.receiveMaximum = properties.receiveMaximum ?? MAX_IN_FLIGHT;
    this.maximumPacketSize = properties.maximumPacketSize ?? MAX_PACKET_BYTES;
    this.retainAvailable = properties.retainAvailable ?? true;
    this.#hasIdentifiers = this.version === 5 && (properties.subscriptionIdentifiersAvailable ?? true);
    this.#client = client;
    this.#owner = owner;
  }

  async publish(message: OutgoingMessage): Promise<void> {
    // A broker ends the session when its receive maximum is exceeded.
    while (this.#isOpen && this.#inFlight.size >= this.receiveMaximum) {
      await Promise.race([...this.#inFlight].map((sent) => sent.catch(() => undefined)));
    }
    if (!this.#isOpen) throw new SessionLostError();
    await this.#send(message);
  }

  async subscribe(filters: readonly string[], options: { readonly onlyNew?: boolean } = {}): Promise<void> {
    for (const filter of filters) this.#filters.add(filter);
    try {
      await this.#subscribe(filters, { ...LISTEN_SUBSCRIPTION, rh: options.onlyNew === true ? 2 : 0 });
    } catch (error) {
      for (const filter of error instanceof BrokerRefusedError ? error.topics : filters) this.#filters.delete(filter);
      throw error;
    }
  }

  async unsubscribe(filters: readonly string[]): Promise<void> {
    if (!this.#isOpen) throw new SessionLostError();
    for (const filter of filters) this.#filters.delete(filter);
    await this.#client.unsubscribeAsync([...filters]).catch((error: unknown) => {
      throw errorOf(error, 'subscribe', filters);
    });
  }

  async retained(filter: string, waitMs: number): Promise<ReadonlyMap<string, string>> {
    const reader = new RetainedReader(filter);
    this.#readers.add(reader);
    try {
      await this.#subscribe([filter], READ_RETAINED_SUBSCRIPTION);
      return await reader.complete(waitMs);
    } finally {
      reader.end();
      this.#readers.delete(reader);
      if (this.#isOpen) await this.#endReading(filter);
    }
  }

  /** Passes a message on to readers and to the owner. Ignored once the session is closing. */
  handleMessage({ topic, payload, retain, properties = {} }: IPublishPacket): void {
    if (!this.#isOpen) return;
    const bytes = Buffer.from(payload);
    if (retain) for (const reader of this.#readers) reader.add(topic, bytes.toString());
    if (!this.#isSubscribed(topic, properties.subscriptionIdentifier)) return;
    if (!retain && this.#isEcho(topic, bytes)) return;
    this.#owner.onMessage({
      topic,
      payload: bytes,
      retain,
      responseTopic: properties.responseTopic ?? null,
      correlationData: properties.correlationData ?? null,
    });
  }

  abandon(): void {
    if (this.#isOpen) this.#owner.onAbandoned();
  }

  /** Topics and filters of the requests that the broker has not answered. */
  get unanswered(): readonly string[] {
    return [...this.#unanswered];
  }

  /** Whether a subscription is among them. */
  get isSubscribing(): boolean {
    return this.#unansweredFilters.size > 0;
  }

  /** The connection has ended. */
  markLost(): void {
    this.#isOpen = false;
    for (const reader of this.#readers) reader.markLost();
  }

  /**
   * Waits until all messages are acknowledged, then publishes these last ones; every other call rejects from now on.
   * @throws SessionLostError when the connection ends before
   * @throws BrokerRefusedError
   */
  async publishAndClose(messages: readonly OutgoingMessage[]): Promise<void> {
    this.#isOpen = false;
    await Promise.allSettled(this.#inFlight);
    for (const message of messages) await this.#send(message);
  }

  #send({ topic, payload, retain, correlationData }: OutgoingMessage): Promise<void> {
    // Both the library and the broker would end the connection.
    if (!isPublishableTopic(topic)) return Promise.reject(new BrokerRefusedError('publish', [topic], 'it is no topic'));
    const sent = this.#client
      .publishAsync(topic, payload, {
        qos: 1,
        // The flag is a protocol error if the broker cannot retain.
        retain: retain && this.retainAvailable,
        ...(correlationData !== undefined && this.version === 5 && { properties: { correlationData } }),
      })
      .then(
        () => undefined,
        (error: unknown) => {
          throw errorOf(error, 'publish', [topic]);
        },
      );
    this.#inFlight.add(sent);
    this.#owner.deliveries.add(sent);
    this.#unanswered.add(topic);
    if (this.version === 4) this.#expectEcho(topic, payload);
    const settled = (error?: unknown): void => {
      this.#inFlight.delete(sent);
      if (!(error instanceof SessionLostError)) this.#answered([topic]);
    };
    void sent.then(() => {
      settled();
    }, settled);
    return sent;
  }

  async #subscribe(filters: readonly string[], { purpose, ...flags }: Subscription): Promise<void> {
    if (!this.#isOpen) throw new SessionLostError();
    // `rap` (retain as published): a new message keeps its retain flag.
    const options = this.version === 5 ? { ...flags, rap: true } : { qos: flags.qos };
    const identifier = this.#hasIdentifiers && { properties: { subscriptionIdentifier: purpose } };
    for (const filter of filters) {
      this.#unanswered.add(filter);
      this.#unansweredFilters.add(filter);
    }
    await this.#client.subscribeAsync([...filters], { ...options, ...identifier }).catch((error: unknown) => {
      const reason = errorOf(error, 'subscribe', filters);
      if (reason instanceof BrokerRefusedError) this.#answered(filters);
      throw reason;
    });
    this.#answered(filters);
  }

  #expectEcho(topic: string, payload: string): void {
    const isSubscribed = [...this.#filters].some((filter) => filterMatches(filter, topic));
    if (!isSubscribed || payload === '' || payload.length > MAX_ECHO_LENGTH) return;
    const echo = `${topic} ${payload}`;
    this.#echoes.set(echo, (this.#echoes.get(echo) ?? 0) + 1);
  }

  /** If another client publishes the same payload, one of the two messages passes. */
  #isEcho(topic: string, payload: Buffer): boolean {
    if (this.#echoes.size === 0) return false; // a bridge receives the discovery of all others
    const echo = `${topic} ${payload.toString()}`;
    const count = this.#echoes.get(echo) ?? 0;
    if (count > 1) this.#echoes.set(echo, count - 1);
    else this.#echoes.delete(echo);
    return count > 0;
  }

  #answered(topics: readonly string[]): void {
    for (const topic of topics) {
      this.#unanswered.delete(topic);
      this.#unansweredFilters.delete(topic);
    }
  }

  async #endReading(filter: string): Promise<void> {
    if (this.#isRead(filter)) return;
    // Reading has replaced the options of a subscription to the same filter.
    const restored = this.#filters.has(filter)
      ? this.#subscribe([filter], { ...LISTEN_SUBSCRIPTION, rh: 2 })
      : this.#client.unsubscribeAsync(filter);
    await restored.catch((): undefined => undefined); // lost or refused: there is no subscription to restore
  }

  /**
   * Whether a message matches a subscription made by {@link subscribe}.
   * @param identifiers of the matching subscriptions, if the broker sends them; a filter that is read at the same time has
   * the identifier of the read
   */
  #isSubscribed(topic: string, identifiers: number | number[] | undefined): boolean {
    const hasListenIdentifier = identifiers === undefined || [identifiers].flat().includes(LISTEN);
    return [...this.#filters].some(
      (filter) => filterMatches(filter, topic) && (hasListenIdentifier || this.#isRead(filter)),
    );
  }

  #isRead(filter: string): boolean {
    return [...this.#readers].some((reader) => reader.filter === filter);
  }
}

/** The meaning of an error of the library: a reason code is a refusal of the broker, everything else a lost connection. */
function errorOf(
  error: unknown,
  action: BrokerRefusedError['action'],
  topics: readonly string[],
): BrokerRefusedError | SessionLostError {
  const granted = grantedOf(error);
  if (granted?.length === topics.length) {
    const refused = topics.filter((_, index) => (granted[index] ?? 0) >= FAILURE);
    return new BrokerRefusedError(action, refused, reasonText(Math.max(...granted)));
  }
  return error instanceof loadMqtt().ErrorWithReasonCode
    ? new BrokerRefusedError(action, topics, reasonText(error.code), error.code === QUOTA_EXCEEDED)
    : new SessionLostError();
}

/** The granted QoS per filter of a SUBACK, which the library attaches to its error. */
function grantedOf(error: unknown): readonly number[] | null {
  if (typeof error !== 'object' || error === null || !('packet' in error)) return null;
  const { packet } = error;
  if (typeof packet !== 'object' || packet === null || !('granted' in packet)) return null;
  const { granted } = packet;
  return Array.isArray(granted) && granted.every((code) => typeof code === 'number') ? granted : null;
}

/** MQTT 3.1.1 has only the code 128, which gives no reason. */
function reasonText(code: number): string {
  const words: Readonly<Record<number, string | undefined>> = loadMqtt().ReasonCodes;
  const text = words[code];
  return code === FAILURE || text === undefined ? `reason ${code}` : text.toLowerCase();
}
