import { PublishQueue, type Entry, type QueuedEvent } from './publish-queue';
import { Suspects } from './suspects';
import { BrokerRefusedError, SessionLostError, type OutgoingMessage, type Blame, type MqttSession } from './types';

/** A broker takes so many at once without trouble, whatever it says of itself (Home Assistant facts 2.4). */
const MOST_IN_FLIGHT = 20;
/** After an acknowledgement that never came, for a while: a broker that limits the rate drops what is above it. */
const FEW_IN_FLIGHT = 4;
const FEW_FOR_MS = 10 * 60_000;
/** A broker that has taken a message acknowledges it in milliseconds. */
const ACKNOWLEDGED_WITHIN_MS = 30_000;
/** A broker to which no way was found for so long after may have been restarted meanwhile. */
const REMEMBERED_FOR_MS = 60_000;

/** A message under way, and what it was in the outbox. */
interface Flight {
  readonly message: OutgoingMessage;
  readonly entry: Entry;
  readonly bytes: number;
  readonly limit: NodeJS.Timeout;
}

/** What a publisher works with. */
export interface PublisherOptions {
  /** A sentence for a person to read; it names topics, and no payload. */
  readonly warn: (message: string) => void;
  /** How long the broker has to acknowledge a message, in ms. */
  readonly acknowledgedWithinMs?: number;
  /** ms of a clock that is never set back. */
  readonly now?: () => number;
}

/**
 * Knows what the broker shall hold, and sends what differs from what it was sent in this session; and sends what is to
 * be told once. Everything goes out in the order in which it was asked for, few at a time and one per retained topic, so
 * that the last word is the last to arrive. Of a retained topic only the latest payload waits, and while there is no session
 * nothing piles up.
 */
export class Publisher {
  #warn: (message: string) => void;
  readonly #acknowledgedWithinMs: number;
  readonly #now: () => number;
  readonly #outbox: PublishQueue;
  readonly #suspects: Suspects;
  #session: MqttSession | null = null;
  /** Set in the turn in which the session came; nothing is sent before it is over. */
  #opening: NodeJS.Immediate | null = null;
  /** What the broker shall hold. Null: nothing, which it has yet to be told; then the topic is forgotten. */
  readonly #desired = new Map<string, string | null>();
  /** What was handed to this session, or acknowledged in one that ended while the broker went on. */
  readonly #sent = new Map<string, string>();
  /** By topic; each that is to be told by itself, because many of one topic go at a time. */
  readonly #inFlight = new Map<Entry, Flight>();
  /** Retained topics that the broker does not take: by topic, why. */
  readonly #refused = new Map<string, string>();
  /** What a person was warned of since the session began: once is enough. */
  readonly #warned = new Set<string>();
  /** When a session was given up for want of an acknowledgement: the broker has not forgotten what it acknowledged. */
  #abandonedAt = -Infinity;
  /** Until when only few messages are in flight. */
  #fewUntil = -Infinity;
  #settling: (() => void)[] = [];
  #peak = 0;

  constructor({
    warn,
    acknowledgedWithinMs = ACKNOWLEDGED_WITHIN_MS,
    now = (): number => performance.now(),
  }: PublisherOptions) {
    this.#warn = warn;
    this.#acknowledgedWithinMs = acknowledgedWithinMs;
    this.#now = now;
    this.#suspects = new Suspects(now);
    this.#outbox = new PublishQueue(() => {
      this.#warnOnce('dropped', 'More events wait for the MQTT broker than are kept: the oldest are dropped');
    });
  }

  /** The most messages that were ever in flight at the same time. */
  get inFlightPeak(): number {
    return this.#peak;
  }

  /** Retained topics that the broker does not take now: by topic, why. */
  get refused(): ReadonlyMap<string, string> {
    return this.#refused;
  }

  /** Warnings go elsewhere from now on. */
  warnBy(warn: (message: string) => void): void {
    this.#warn = warn;
  }

  /** From now on the broker shall hold this; an empty payload is {@link clear}. */
  retain(topic: string, payload: string): void {
    this.#desired.set(topic, payload === '' ? null : payload);
    if (this.#session === null || this.#sent.get(topic) === payload) return;
    this.#outbox.add(topic);
    this.#pump();
  }

  /** The broker shall hold nothing there any more, whoever put it there. Once it knows, the topic is forgotten. */
  clear(topic: string): void {
    this.retain(topic, '');
  }

  /**
   * Sends it once.
   * @param onAnswered hears whether the broker has taken it; without an answer before {@link clearSession} it is forgotten here,
   * and whoever keeps it tells it again. Without `onAnswered` it is kept here, for the next session if need be; of more
   * than 1,000 that wait so the oldest goes, with a warning
   */
  publishEvent(message: OutgoingMessage, onAnswered: QueuedEvent['onAnswered'] = null): void {
    this.#outbox.add({ message: { ...message, retain: false }, onAnswered });
    this.#pump();
  }

  /** What waits to be told is not told any more. */
  dropEvents(): void {
    this.#outbox.dropEvents();
    this.#settle();
  }

  /** Tries again what the broker has not taken. */
  forgetRefusals(): void {
    this.#suspects.forget();
  }

  /** Sends retained ones again, though unchanged; those to be cleared too. @param wanted which topics, default all */
  republish(wanted: (topic: string) => boolean = () => true): void {
    if (this.#session === null) return;
    for (const topic of this.#desired.keys()) {
      if (!wanted(topic)) continue;
      this.#sent.delete(topic);
      this.#outbox.add(topic);
    }
    this.#pump();
  }

  /**
   * There is a broker, which is taken to hold nothing of what was sent before, unless the session before was given up for
   * want of an acknowledgement: then what was not acknowledged goes out again. By itself only that goes out, and what waits
   * to be cleared or told: in a later turn, and after the retained ones that are asked for in this one.
   * @returns whether the broker is taken to have forgotten everything
   */
  setSession(session: MqttSession): boolean {
    this.clearSession();
    this.#session = session;
    const hasForgotten = this.#now() > this.#abandonedAt + REMEMBERED_FOR_MS;
    this.#abandonedAt = -Infinity;
    if (hasForgotten) this.#sent.clear();
    this.#warned.clear();
    this.#opening = setImmediate(() => {
      this.#opening = null;
      for (const [topic, payload] of this.#desired) {
        const isOpen = payload === null || (!hasForgotten && this.#sent.get(topic) !== payload);
        if (isOpen) this.#outbox.add(topic);
      }
      this.#outbox.retainedFirst();
      this.#pump();
    });
    return hasForgotten;
  }

  /**
   * There is no broker. What was told and not acknowledged waits for the next session, and may then come twice.
   * @param blame whether the broker ended the connection over something that it was sent
   */
  clearSession(blame?: Blame): void {
    this.#session = null;
    if (this.#opening !== null) clearImmediate(this.#opening);
    this.#opening = null;
    const flights = [...this.#inFlight.values()];
    this.#inFlight.clear();
    for (const { limit, message } of flights) {
      clearTimeout(limit);
      if (message.retain) this.#sent.delete(message.topic);
    }
    this.#exclude(
      blame,
      flights.map(({ message, bytes }) => [message, bytes]),
    );
    this.#outbox.requeue(flights.map(({ entry }) => entry).filter((entry) => typeof entry !== 'string'));
    this.#settle();
  }

  /** Resolves when nothing waits or is in flight; at once while there is no session. */
  whenIdle(): Promise<void> {
    return new Promise((resolve) => {
      this.#settling.push(resolve);
      this.#settle();
    });
  }

  #exclude(blame: Blame | undefined, flights: readonly (readonly [OutgoingMessage, number])[]): void {
    const found = this.#suspects.blame(blame, flights);
    if (found === null) return;
    const { topic, bytes, why } = found;
    this.#warn(
      why === 'size'
        ? `The MQTT broker ends the connection over a message of ${bytes} bytes (${topic}): it seems to take only smaller ones. Larger ones are left out for an hour: raise its limit`
        : `The MQTT broker ends the connection over ${topic} (${bytes} bytes): this account seems not to be allowed to publish there. It is left out for an hour: check the broker's access rules`,
    );
  }

  #mostInFlight(session: MqttSession): number {
    if (this.#suspects.isCareful) return 1;
    return Math.min(this.#now() < this.#fewUntil ? FEW_IN_FLIGHT : MOST_IN_FLIGHT, session.receiveMaximum);
  }

  #pump(): void {
    const session = this.#session;
    if (session === null || this.#opening !== null) return;
    for (let entry = this.#outbox.first; entry !== undefined; entry = this.#outbox.first) {
      const message = this.#messageOf(entry);
      const isFull = this.#inFlight.size >= this.#mostInFlight(session);
      if (isFull || this.#inFlight.has(entry)) break;
      this.#outbox.remove(entry);
      if (message !== null) this.#send(session, message, entry);
    }
    if (this.#outbox.first === undefined && this.#inFlight.size === 0) this.#suspects.rest();
    this.#settle();
  }

  /** Null: it was handed over meanwhile, or is wanted no more. */
  #messageOf(entry: Entry): OutgoingMessage | null {
    if (typeof entry !== 'string') return entry.message;
    const wanted = this.#desired.get(entry);
    if (wanted === undefined || this.#sent.get(entry) === (wanted ?? '')) return null;
    return { topic: entry, payload: wanted ?? '', retain: true };
  }

  #send(session: MqttSession, message: OutgoingMessage, entry: Entry): void {
    const { topic, payload, retain } = message;
    // Also when it is refused: it would be refused again, until it changes or is asked for.
    if (retain) this.#sent.set(topic, payload);
    const bytes = packetBytes(message);
    const objection = this.#objection(session, topic, bytes);
    if (objection !== null) {
      this.#answered({ message, entry, bytes }, objection);
      return;
    }
    const limit = setTimeout(() => {
      this.#giveUp(session, topic);
    }, this.#acknowledgedWithinMs);
    const flight = { message, entry, bytes, limit };
    this.#inFlight.set(entry, flight);
    this.#peak = Math.max(this.#peak, this.#inFlight.size);
    session.publish(message).then(
      () => {
        this.#acknowledged(flight, null);
      },
      (error: unknown) => {
        if (!(error instanceof SessionLostError)) {
          // One for all topics: an ACL that refuses one refuses hundreds.
          const text = error instanceof Error ? error.message : String(error);
          this.#warnOnce(error instanceof BrokerRefusedError ? error.reason : text, text);
          this.#acknowledged(flight, text);
        } else if (this.#session === session) {
          // What was in flight stays so: why the session was lost is told to `detach`.
          this.#session = null;
          this.#settle();
        }
      },
    );
  }

  /** Why a message is not sent at all; a person is told. */
  #objection(session: MqttSession, topic: string, bytes: number): string | null {
    const limit = session.maximumPacketSize;
    if (bytes > limit) {
      const text = `The MQTT broker takes at most ${limit} bytes: ${topic} has ${bytes} and is left out`;
      this.#warnOnce(topic, text);
      return text;
    }
    const why = this.#suspects.objection(topic, bytes);
    if (why === 'size') {
      const text = `The MQTT broker seems not to take a message of ${bytes} bytes: ${topic} is left out`;
      this.#warnOnce(topic, text);
      return text;
    }
    return why === null ? null : `The MQTT broker ends the connection over ${topic}: it is left out`;
  }

  /** The broker does not acknowledge: it has lost the message, or is not there any more without anybody having noticed. */
  #giveUp(session: MqttSession, topic: string): void {
    if (this.#session !== session) return;
    const seconds = Math.round(this.#acknowledgedWithinMs / 1000);
    this.#warn(
      `The MQTT broker has not acknowledged ${topic} for ${seconds} s: the connection is made anew, what was not acknowledged is sent again, and for ten minutes fewer messages go at a time`,
    );
    this.#abandonedAt = this.#now();
    this.#fewUntil = this.#now() + FEW_FOR_MS;
    session.abandon();
  }

  #acknowledged(flight: Flight, refusal: string | null): void {
    if (this.#inFlight.get(flight.entry) !== flight) {
      // Put back meanwhile. But what the broker has taken in the last moment of a session it has taken.
      if (refusal === null && typeof flight.entry !== 'string') flight.entry.onAnswered?.(true);
      return;
    }
    clearTimeout(flight.limit);
    this.#inFlight.delete(flight.entry);
    this.#suspects.clear(flight.message.topic, flight.bytes);
    this.#answered(flight, refusal);
    this.#pump();
  }

  /** @param refusal why the broker has not taken it; null when it has */
  #answered({ message, entry }: Omit<Flight, 'limit'>, refusal: string | null): void {
    if (typeof entry !== 'string') {
      entry.onAnswered?.(refusal === null);
      return;
    }
    if (refusal === null || message.payload === '') this.#refused.delete(message.topic);
    else this.#refused.set(message.topic, refusal);
    this.#forget(message);
  }

  /** A topic that is cleared is none of ours any more. */
  #forget({ topic, payload }: OutgoingMessage): void {
    if (payload !== '') return;
    this.#sent.delete(topic);
    if (this.#desired.get(topic) === null && !this.#outbox.has(topic)) this.#desired.delete(topic);
  }

  #settle(): void {
    const isBusy = this.#opening !== null || this.#outbox.first !== undefined || this.#inFlight.size > 0;
    if (this.#session !== null && isBusy) return;
    for (const resolve of this.#settling.splice(0)) resolve();
  }

  #warnOnce(about: string, message: string): void {
    if (this.#warned.has(about)) return;
    this.#warned.add(about);
    this.#warn(message);
  }
}

/** Never less than what MQTT 5 makes of it: header, topic, packet id, properties. */
function packetBytes({ topic, payload, correlationData }: OutgoingMessage): number {
  const properties = correlationData === undefined ? 0 : 3 + correlationData.length;
  return 5 + 2 + Buffer.byteLength(topic) + 2 + 4 + properties + Buffer.byteLength(payload);
}
