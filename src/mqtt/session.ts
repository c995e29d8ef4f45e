import { ErrorWithReasonCode, ReasonCodes, type IConnackPacket, type IPublishPacket, type MqttClient } from 'mqtt';
import { filterMatches, isPublishableTopic } from './topic-filter';
import { RetainedReader } from './retained-reader';
import type { DeliveryLog } from './logger';
import {
  BrokerRefusedError,
  SessionLostError,
  type ReceivedMessage,
  type OutgoingMessage,
  type MqttSession,
} from './types';

/** What MQTT itself allows: a fixed header of five bytes before 268,435,455 others. */
const MAXIMUM_PACKET_BYTES = 268_435_460;
const MAXIMUM_IN_FLIGHT = 65_535;

/** From here on a reason code of MQTT 5, or a granted QoS, is a refusal. */
const FAILURE = 0x80;

/** Longer messages of ours are nothing that we could mistake for another's. */
const MOST_OF_ECHO = 256;

/**
 * What a subscription is for, as MQTT 5 lets the broker say with each message: one that two of them cover may come twice.
 * The same numbers are the subscription identifiers on the wire.
 */
const LISTEN = 1;
const READ_RETAINED = 2;

/** How a filter is subscribed to; all but `qos` only in MQTT 5. */
interface Subscription {
  readonly qos: 0 | 1;
  /** 2 leaves out what the broker holds already. */
  readonly rh: 0 | 2;
  /** Whether what we publish ourselves is left out. */
  readonly nl: boolean;
  readonly purpose: number;
}

const LISTEN_SUBSCRIPTION = { qos: 1, rh: 0, nl: true, purpose: LISTEN } as const;
/**
 * Our own ones count too: those of the connection before are what it is about. And QoS 0, because a broker may queue only
 * so many of a higher one and lose the rest: Mosquitto does after 1,000.
 */
const READ_RETAINED_SUBSCRIPTION = { qos: 0, rh: 0, nl: false, purpose: READ_RETAINED } as const;

/** A {@link MqttSession} on the client of a link that stands; its owner hands in what comes, and says when it is lost. */
export class MqttClientSession implements MqttSession {
  readonly version: 5 | 4;
  readonly receiveMaximum: number;
  readonly maximumPacketSize: number;
  readonly retainAvailable: boolean;
  readonly #client: MqttClient;
  readonly #hasIdentifiers: boolean;
  readonly #onMessage: (message: ReceivedMessage) => void;
  readonly #filters = new Set<string>();
  readonly #gatherings = new Set<RetainedReader>();
  readonly #inFlight = new Set<Promise<void>>();
  /**
   * MQTT 3.1.1, which sends us our own messages too: how often a short one that we have published is still to come back, by
   * topic and payload.
   */
  readonly #echoes = new Map<string, number>();
  /** What was lost with the connection stays: it may be why. */
  readonly #unanswered = new Set<string>();
  #stands = true;

  readonly #onAbandoned: () => void;
  readonly #deliveries: DeliveryLog;

  /** @param onAbandoned ends the network connection */
  constructor(
    client: MqttClient,
    connack: IConnackPacket,
    onMessage: (message: ReceivedMessage) => void,
    onAbandoned: () => void,
    deliveries: DeliveryLog,
  ) {
    this.#deliveries = deliveries;
    this.#onAbandoned = onAbandoned;
    const properties = connack.properties ?? {};
    this.version = client.options.protocolVersion === 5 ? 5 : 4;
    this.receiveMaximum = properties.receiveMaximum ?? MAXIMUM_IN_FLIGHT;
    this.maximumPacketSize = properties.maximumPacketSize ?? MAXIMUM_PACKET_BYTES;
    this.retainAvailable = properties.retainAvailable ?? true;
    this.#hasIdentifiers = this.version === 5 && (properties.subscriptionIdentifiersAvailable ?? true);
    this.#client = client;
    this.#onMessage = onMessage;
  }

  async publish(message: OutgoingMessage): Promise<void> {
    // One too many, and the broker ends the session.
    while (this.#stands && this.#inFlight.size >= this.receiveMaximum) {
      await Promise.race([...this.#inFlight].map((sent) => sent.catch(() => undefined)));
    }
    if (!this.#stands) throw new SessionLostError();
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
    if (!this.#stands) throw new SessionLostError();
    for (const filter of filters) this.#filters.delete(filter);
    await this.#client.unsubscribeAsync([...filters]).catch((error: unknown) => {
      throw errorOf(error, 'subscribe', filters);
    });
  }

  async retained(filter: string, waitMs: number): Promise<ReadonlyMap<string, string>> {
    const gathering = new RetainedReader(filter);
    this.#gatherings.add(gathering);
    try {
      await this.#subscribe([filter], READ_RETAINED_SUBSCRIPTION);
      return await gathering.complete(waitMs);
    } finally {
      gathering.end();
      this.#gatherings.delete(gathering);
      if (this.#stands) await this.#letGo(filter);
    }
  }

  /** What came, for those whom it concerns; nobody any more once it says goodbye. */
  handleMessage({ topic, payload, retain, properties = {} }: IPublishPacket): void {
    if (!this.#stands) return;
    const bytes = Buffer.from(payload);
    if (retain) for (const gathering of this.#gatherings) gathering.take(topic, bytes.toString());
    if (!this.#isToHear(topic, properties.subscriptionIdentifier) || (!retain && this.#isEcho(topic, bytes))) return;
    this.#onMessage({
      topic,
      payload: bytes,
      retain,
      responseTopic: properties.responseTopic ?? null,
      correlationData: properties.correlationData ?? null,
    });
  }

  abandon(): void {
    if (this.#stands) this.#onAbandoned();
  }

  /** The topics, or filters, that wait for the broker's answer now. */
  get unanswered(): readonly string[] {
    return [...this.#unanswered];
  }

  /** The connection is gone. */
  markLost(): void {
    this.#stands = false;
    for (const gathering of this.#gatherings) gathering.lose();
  }

  /**
   * From now on only these are published, when the broker has acknowledged all before them.
   * @throws SessionLost when the connection ends meanwhile; Refused
   */
  async publishAndClose(messages: readonly OutgoingMessage[]): Promise<void> {
    this.#stands = false;
    await Promise.allSettled(this.#inFlight);
    for (const message of messages) await this.#send(message);
  }

  #send({ topic, payload, retain, correlationData }: OutgoingMessage): Promise<void> {
    // The library would end the connection over one of these, and so would the broker.
    if (!isPublishableTopic(topic)) return Promise.reject(new BrokerRefusedError('publish', [topic], 'it is no topic'));
    const sent = this.#client
      .publishAsync(topic, payload, {
        qos: 1,
        // With a broker that retains nothing the flag is an error.
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
    this.#deliveries.add(sent);
    this.#unanswered.add(topic);
    if (this.version === 4) this.#expectEcho(topic, payload);
    const landed = (error?: unknown): void => {
      this.#inFlight.delete(sent);
      if (!(error instanceof SessionLostError)) this.#answered([topic]);
    };
    void sent.then(() => {
      landed();
    }, landed);
    return sent;
  }

  async #subscribe(filters: readonly string[], { purpose, ...how }: Subscription): Promise<void> {
    if (!this.#stands) throw new SessionLostError();
    // `rap`: a message that was published to be kept says so, also to those who are there when it comes.
    const options = this.version === 5 ? { ...how, rap: true } : { qos: how.qos };
    const identifier = this.#hasIdentifiers && { properties: { subscriptionIdentifier: purpose } };
    for (const filter of filters) this.#unanswered.add(filter);
    await this.#client.subscribeAsync([...filters], { ...options, ...identifier }).catch((error: unknown) => {
      const reason = errorOf(error, 'subscribe', filters);
      if (reason instanceof BrokerRefusedError) this.#answered(filters);
      throw reason;
    });
    this.#answered(filters);
  }

  #expectEcho(topic: string, payload: string): void {
    const isHeard = [...this.#filters].some((filter) => filterMatches(filter, topic));
    if (!isHeard || payload === '' || payload.length > MOST_OF_ECHO) return;
    const echo = `${topic} ${payload}`;
    this.#echoes.set(echo, (this.#echoes.get(echo) ?? 0) + 1);
  }

  /** If somebody else has sent the same, one of the two comes through. */
  #isEcho(topic: string, payload: Buffer): boolean {
    const echo = `${topic} ${payload.toString()}`;
    const count = this.#echoes.get(echo) ?? 0;
    if (count > 1) this.#echoes.set(echo, count - 1);
    else this.#echoes.delete(echo);
    return count > 0;
  }

  #answered(topics: readonly string[]): void {
    for (const topic of topics) this.#unanswered.delete(topic);
  }

  async #letGo(filter: string): Promise<void> {
    if (this.#isGathered(filter)) return;
    // The gathering has changed how the subscription of the same filter is served.
    const back = this.#filters.has(filter)
      ? this.#subscribe([filter], { ...LISTEN_SUBSCRIPTION, rh: 2 })
      : this.#client.unsubscribeAsync(filter);
    await back.catch((): undefined => undefined); // lost, or refused before: nothing is left to let go
  }

  /**
   * Whether a message concerns those who listen. @param identifiers of the subscriptions that brought it, where the broker
   * says so; a filter that is both listened to and gathered has the one of the gathering
   */
  #isToHear(topic: string, identifiers: number | number[] | undefined): boolean {
    const isForHearing = identifiers === undefined || [identifiers].flat().includes(LISTEN);
    return [...this.#filters].some(
      (filter) => filterMatches(filter, topic) && (isForHearing || this.#isGathered(filter)),
    );
  }

  #isGathered(filter: string): boolean {
    return [...this.#gatherings].some((gathering) => gathering.filter === filter);
  }
}

/** What an error of the library means: the broker's refusal has a reason code, and everything else is a lost connection. */
function errorOf(
  error: unknown,
  what: BrokerRefusedError['what'],
  topics: readonly string[],
): BrokerRefusedError | SessionLostError {
  const granted = (error as { packet?: { granted?: readonly number[] } }).packet?.granted;
  if (granted?.length === topics.length) {
    const refused = topics.filter((_, index) => (granted[index] ?? 0) >= FAILURE);
    return new BrokerRefusedError(what, refused, wordsOf(Math.max(...granted)));
  }
  return error instanceof ErrorWithReasonCode
    ? new BrokerRefusedError(what, topics, wordsOf(error.code))
    : new SessionLostError();
}

/** MQTT 3.1.1 has only 128, which says nothing. */
function wordsOf(code: number): string {
  const words = (ReasonCodes as Readonly<Record<number, string | undefined>>)[code];
  return code === FAILURE || words === undefined ? `reason ${code}` : words.toLowerCase();
}
