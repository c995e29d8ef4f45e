import { EventEmitter } from 'node:events';
import { BrokerLimits, packetBytes } from './broker-limits';
import { PublishQueue, type QueueEntry, type QueuedEvent } from './publish-queue';
import { BrokerRefusedError, SessionLostError, type EndCause, type MqttSession, type OutgoingMessage } from './types';

/** A broker that was unreachable for longer than this may have restarted and lost its retained messages. */
const RETAINS_FOR_MS = 60_000;

/** A message that waits for its acknowledgement. */
interface Flight {
  readonly message: OutgoingMessage;
  readonly entry: QueueEntry;
  readonly bytes: number;
  readonly timeout: NodeJS.Timeout;
}

/** Clocks of a publisher. */
export interface PublisherOptions {
  /** From a message to its acknowledgement; default 30 s. */
  readonly acknowledgeTimeoutMs?: number;
  /** ms of a monotonic clock. */
  readonly now?: () => number;
}

/** `warning`: a sentence for the user, which names topics but no payload. */
interface PublisherEvents {
  warning: [message: string];
}

/**
 * Holds the desired retained state of the broker, sends the topics whose payload differs from the one sent in this session,
 * and sends events. Messages go out in the order of the calls, a limited number at a time and at most one per retained topic,
 * so that the last payload arrives last. Of a retained topic only the latest payload is queued.
 */
export class Publisher extends EventEmitter<PublisherEvents> {
  readonly #acknowledgeTimeoutMs: number;
  readonly #now: () => number;
  readonly #queue = new PublishQueue(() => {
    this.#warnOnce('dropped', 'More events wait for the MQTT broker than are kept: the oldest are dropped');
  });
  readonly #limits: BrokerLimits;
  #session: MqttSession | null = null;
  /** Set from {@link setSession} until the next turn of the event loop; nothing is sent before. */
  #opening: NodeJS.Immediate | null = null;
  /** Set while the next message waits because of the broker's limit of messages a second. */
  #nextMessage: NodeJS.Timeout | null = null;
  /** Desired payload by topic. Null: the topic is to be cleared; it is removed from the map once the broker has cleared it. */
  readonly #desired = new Map<string, string | null>();
  /** Payload by topic as sent in this session, or as acknowledged in the previous one if the broker still has it. */
  readonly #sent = new Map<string, string>();
  /** Retained topics by name, events by identity: several events of one topic may be in flight. */
  readonly #inFlight = new Map<QueueEntry, Flight>();
  /** Retained topics that the broker refuses, with the reason. */
  readonly #refused = new Map<string, string>();
  /** Subjects of the warnings of this session: each is emitted once. */
  readonly #warned = new Set<string>();
  /** When (ms) a session was abandoned because of a missing acknowledgement: the broker still has what it acknowledged. */
  #abandonedAt = -Infinity;
  #idleWaiters: (() => void)[] = [];
  #inFlightPeak = 0;

  constructor({ acknowledgeTimeoutMs = 30_000, now = (): number => performance.now() }: PublisherOptions = {}) {
    super();
    this.#acknowledgeTimeoutMs = acknowledgeTimeoutMs;
    this.#now = now;
    this.#limits = new BrokerLimits(now);
  }

  /** The largest number of messages that have been in flight at the same time. */
  get inFlightPeak(): number {
    return this.#inFlightPeak;
  }

  /** Retained topics that the broker refuses, with the reason. */
  get refused(): ReadonlyMap<string, string> {
    return this.#refused;
  }

  /** Whether the broker is to retain a payload at `topic`. */
  isRetained(topic: string): boolean {
    return (this.#desired.get(topic) ?? null) !== null;
  }

  /** Whether the broker has acknowledged in this session the payload that it is to retain at `topic`. */
  isAccepted(topic: string): boolean {
    const isSent = this.isRetained(topic) && this.#sent.get(topic) === this.#desired.get(topic);
    return isSent && !this.#inFlight.has(topic) && !this.#refused.has(topic);
  }

  /** Sets the desired payload of a topic; an empty one is {@link clear}. */
  retain(topic: string, payload: string): void {
    this.#desired.set(topic, payload === '' ? null : payload);
    if (this.#session === null || this.#sent.get(topic) === payload) return;
    this.#queue.add(topic);
    this.#sendQueued();
  }

  /** Removes the retained message of a topic, also one of another client. */
  clear(topic: string): void {
    this.retain(topic, '');
  }

  /**
   * Sends a message once, not retained.
   * @param onAnswered receives whether the broker has accepted it, unless the session ends before: then the message is
   * dropped here, and the caller sends it again. Without `onAnswered` the message is kept for the next session; of more than
   * 1,000 such messages the oldest are dropped with a warning
   */
  publishEvent(message: OutgoingMessage, onAnswered: QueuedEvent['onAnswered'] = null): void {
    this.#queue.add({ message: { ...message, retain: false }, onAnswered });
    this.#sendQueued();
  }

  /** Removes all events from the queue. */
  dropEvents(): void {
    this.#queue.dropEvents();
    this.#resolveWhenIdle();
  }

  /** Tries again what the broker has not accepted. */
  forgetRefusals(): void {
    this.#limits.reset();
  }

  /** Sends retained topics again although their payload is unchanged. @param isIncluded which topics; default: all */
  republish(isIncluded: (topic: string) => boolean = () => true): void {
    if (this.#session === null) return;
    for (const topic of this.#desired.keys()) {
      if (!isIncluded(topic)) continue;
      this.#sent.delete(topic);
      this.#queue.add(topic);
    }
    this.#sendQueued();
  }

  /**
   * Starts to send. In the next turn of the event loop topics to be cleared and queued events go out, after the retained
   * topics requested in this turn. After an abandoned session unacknowledged topics go out too.
   * @returns true when the broker may have lost its retained messages, so everything has to be sent again
   */
  setSession(session: MqttSession): boolean {
    this.clearSession();
    this.#session = session;
    const mayHaveLost = this.#now() > this.#abandonedAt + RETAINS_FOR_MS;
    this.#abandonedAt = -Infinity;
    if (mayHaveLost) this.#sent.clear();
    this.#warned.clear();
    this.#opening = setImmediate(() => {
      this.#opening = null;
      for (const [topic, payload] of this.#desired) {
        const isUnsent = payload === null || (!mayHaveLost && this.#sent.get(topic) !== payload);
        if (isUnsent) this.#queue.add(topic);
      }
      this.#queue.retainedFirst();
      this.#sendQueued();
    });
    return mayHaveLost;
  }

  /**
   * Stops sending. Unacknowledged events of this queue are sent again in the next session, so they may arrive twice.
   * @param cause set when the broker ended the connection because of a message
   */
  clearSession(cause?: EndCause): void {
    this.#session = null;
    if (this.#opening !== null) clearImmediate(this.#opening);
    this.#opening = null;
    if (this.#nextMessage !== null) clearTimeout(this.#nextMessage);
    this.#nextMessage = null;
    // It has what it acknowledged.
    if (cause === 'rate') this.#abandonedAt = this.#now();
    const flights = [...this.#inFlight.values()];
    this.#inFlight.clear();
    for (const { timeout, message } of flights) {
      clearTimeout(timeout);
      if (message.retain) this.#sent.delete(message.topic);
    }
    const warning = this.#limits.connectionLost(
      cause,
      flights.map(({ message, bytes }) => [message, bytes]),
    );
    if (warning !== null) this.emit('warning', warning);
    this.#queue.requeue(flights.map(({ entry }) => entry).filter((entry) => typeof entry !== 'string'));
    this.#resolveWhenIdle();
  }

  /** Resolves when nothing is queued or in flight; at once while there is no session. */
  whenIdle(): Promise<void> {
    return new Promise((resolve) => {
      this.#idleWaiters.push(resolve);
      this.#resolveWhenIdle();
    });
  }

  #sendQueued(): void {
    const session = this.#session;
    if (session === null || this.#opening !== null) return;
    for (let entry = this.#queue.first; entry !== undefined; entry = this.#queue.first) {
      const message = this.#messageOf(entry);
      const isFull = this.#inFlight.size >= this.#limits.maxInFlight(session);
      if (isFull || this.#inFlight.has(entry) || (message !== null && this.#isDelayed())) break;
      this.#queue.remove(entry);
      if (message !== null) this.#send(session, message, entry);
    }
    if (this.#queue.first === undefined && this.#inFlight.size === 0) this.#limits.endIsolation();
    this.#resolveWhenIdle();
  }

  /** Whether the next message has to wait because of the broker's limit of messages a second. */
  #isDelayed(): boolean {
    const { waitMs } = this.#limits.rate;
    if (waitMs === 0) return false;
    this.#nextMessage ??= setTimeout(() => {
      this.#nextMessage = null;
      this.#sendQueued();
    }, waitMs);
    return true;
  }

  /** Null: the topic has been sent meanwhile, or is no longer desired. */
  #messageOf(entry: QueueEntry): OutgoingMessage | null {
    if (typeof entry !== 'string') return entry.message;
    const desired = this.#desired.get(entry);
    if (desired === undefined || this.#sent.get(entry) === (desired ?? '')) return null;
    return { topic: entry, payload: desired ?? '', retain: true };
  }

  #send(session: MqttSession, message: OutgoingMessage, entry: QueueEntry): void {
    const { topic, payload, retain } = message;
    // Also if the broker refuses it: it would refuse it again until the payload changes.
    if (retain) this.#sent.set(topic, payload);
    const bytes = packetBytes(message);
    const objection = this.#limits.objection(session, topic, bytes);
    if (objection !== null) {
      if (objection.isNew) this.#warnOnce(topic, objection.reason);
      this.#settle({ message, entry }, objection.reason);
      return;
    }
    const timeout = setTimeout(() => {
      this.#abandonSession(session, topic);
    }, this.#acknowledgeTimeoutMs);
    const flight = { message, entry, bytes, timeout };
    this.#limits.rate.sent();
    this.#inFlight.set(entry, flight);
    this.#inFlightPeak = Math.max(this.#inFlightPeak, this.#inFlight.size);
    session.publish(message).then(
      () => {
        this.#acknowledged(flight, null);
      },
      (error: unknown) => {
        this.#publishFailed(session, flight, error);
      },
    );
  }

  #publishFailed(session: MqttSession, flight: Flight, error: unknown): void {
    if (error instanceof BrokerRefusedError && error.isQuota && this.#limits.mayRetry(flight.message.topic)) {
      this.#sendAgain(flight);
    } else if (!(error instanceof SessionLostError)) {
      const text = error instanceof Error ? error.message : String(error);
      // One warning per reason: an access rule that refuses one topic refuses hundreds.
      this.#warnOnce(error instanceof BrokerRefusedError ? error.reason : text, text);
      this.#acknowledged(flight, text);
    } else if (this.#session === session) {
      // The flights stay: clearSession, which follows, receives why the session was lost.
      this.#session = null;
      this.#resolveWhenIdle();
    }
  }

  #sendAgain({ entry, message, timeout }: Flight): void {
    clearTimeout(timeout);
    if (!this.#inFlight.delete(entry)) return; // the session has been cleared meanwhile
    if (message.retain) this.#sent.delete(message.topic);
    this.#queue.add(entry);
    this.#sendQueued();
  }

  /** An acknowledgement is missing: the broker has lost the message, or the connection is dead without a sign of it. */
  #abandonSession(session: MqttSession, topic: string): void {
    if (this.#session !== session) return;
    const seconds = Math.round(this.#acknowledgeTimeoutMs / 1000);
    this.#abandonedAt = this.#now();
    this.#limits.reduce();
    this.emit(
      'warning',
      `The MQTT broker has not acknowledged ${topic} for ${seconds} s: the bridge reconnects, what was not acknowledged is sent again, and at most ${this.#limits.rate.perSecond} messages a second are sent for a day`,
    );
    session.abandon();
  }

  #acknowledged(flight: Flight, refusal: string | null): void {
    if (this.#inFlight.get(flight.entry) !== flight) {
      // Acknowledged in the last moment of a session that has been cleared since.
      if (refusal === null && typeof flight.entry !== 'string') flight.entry.onAnswered?.(true);
      return;
    }
    clearTimeout(flight.timeout);
    this.#inFlight.delete(flight.entry);
    this.#limits.answered(flight.message.topic, flight.bytes);
    this.#settle(flight, refusal);
    this.#sendQueued();
  }

  /** @param refusal why the message was not accepted; null: it was */
  #settle({ message, entry }: Pick<Flight, 'message' | 'entry'>, refusal: string | null): void {
    const { topic, payload } = message;
    if (typeof entry !== 'string') {
      entry.onAnswered?.(refusal === null);
      return;
    }
    if (refusal === null || payload === '') this.#refused.delete(topic);
    else this.#refused.set(topic, refusal);
    if (payload !== '') return;
    this.#sent.delete(topic);
    if (this.#desired.get(topic) === null && !this.#queue.has(topic)) this.#desired.delete(topic);
  }

  #resolveWhenIdle(): void {
    const isBusy = this.#opening !== null || this.#queue.first !== undefined || this.#inFlight.size > 0;
    if (this.#session !== null && isBusy) return;
    for (const resolve of this.#idleWaiters.splice(0)) resolve();
  }

  #warnOnce(subject: string, message: string): void {
    if (this.#warned.has(subject)) return;
    this.#warned.add(subject);
    this.emit('warning', message);
  }
}
