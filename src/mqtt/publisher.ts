import { Outbox, type Entry } from './outbox';
import { Refused, SessionLost, type Message, type Session } from './types';

/** A broker takes so many at once without trouble, whatever it says of itself (Home Assistant facts 2.4). */
const MOST_IN_FLIGHT = 20;

/** A message under way, and what it was in the outbox. */
interface Flight {
  readonly message: Message;
  readonly entry: Entry;
}

/**
 * Knows what the broker shall hold, and sends what differs from what it was sent in this session; and sends what is to
 * be told once. Everything goes out in the order in which it was asked for, few at a time and one per topic, so that
 * the last word is the last to arrive. Of a retained topic only the latest payload waits, and while there is no session
 * nothing piles up.
 */
export class Publisher {
  readonly #warn: (message: string) => void;
  readonly #outbox: Outbox;
  #session: Session | null = null;
  /** Set in the turn in which the session came; nothing is sent before it is over. */
  #opening: NodeJS.Immediate | null = null;
  /** What the broker shall hold. Null: nothing, which it has yet to be told; then the topic is forgotten. */
  readonly #wanted = new Map<string, string | null>();
  /** What was handed to this session. */
  readonly #handed = new Map<string, string>();
  /** By topic. */
  readonly #inFlight = new Map<string, Flight>();
  /** What a person was warned of since the session began: once is enough. */
  readonly #warned = new Set<string>();
  #settling: (() => void)[] = [];
  #peak = 0;

  /** @param options warn: a sentence for a person to read; it names topics, and no payload */
  constructor({ warn }: { readonly warn: (message: string) => void }) {
    this.#warn = warn;
    this.#outbox = new Outbox(() => {
      this.#warnOnce('dropped', 'More events wait for the MQTT broker than are kept: the oldest are dropped');
    });
  }

  /** The most messages that were ever in flight at the same time. */
  get inFlightPeak(): number {
    return this.#peak;
  }

  /** From now on the broker shall hold this; an empty payload is {@link clear}. */
  retain(topic: string, payload: string): void {
    this.#wanted.set(topic, payload === '' ? null : payload);
    if (this.#session === null || this.#handed.get(topic) === payload) return;
    this.#outbox.add(topic);
    this.#pump();
  }

  /** The broker shall hold nothing there any more, whoever put it there. Once it knows, the topic is forgotten. */
  clear(topic: string): void {
    this.retain(topic, '');
  }

  /** Sends it once, if need be in the next session; of more than 1,000 that wait the oldest goes, with a warning. */
  tell(message: Message): void {
    this.#outbox.add({ ...message, retain: false }); // one of its own, even if the same is told twice
    this.#pump();
  }

  /** What waits to be told is not told any more. */
  forgetTold(): void {
    this.#outbox.dropTold();
    this.#settle();
  }

  /** Sends retained ones again, though unchanged; those to be cleared too. @param wanted which topics, default all */
  again(wanted: (topic: string) => boolean = () => true): void {
    if (this.#session === null) return;
    for (const topic of this.#wanted.keys()) {
      if (!wanted(topic)) continue;
      this.#handed.delete(topic);
      this.#outbox.add(topic);
    }
    this.#pump();
  }

  /**
   * There is a broker, which is taken to hold nothing of what was sent before. By itself only that goes out which waits to
   * be cleared or told: in a later turn, and after the retained ones that are asked for in this one.
   */
  attach(session: Session): void {
    this.detach();
    this.#session = session;
    this.#handed.clear();
    this.#warned.clear();
    this.#opening = setImmediate(() => {
      this.#opening = null;
      for (const [topic, payload] of this.#wanted) if (payload === null) this.#outbox.add(topic);
      this.#outbox.tellLast();
      this.#pump();
    });
  }

  /** There is no broker. What was told and not acknowledged waits for the next session, and may then come twice. */
  detach(): void {
    this.#session = null;
    if (this.#opening !== null) clearImmediate(this.#opening);
    this.#opening = null;
    const told = [...this.#inFlight.values()].map(({ entry }) => entry).filter((entry) => typeof entry !== 'string');
    this.#inFlight.clear();
    this.#outbox.rewind(told);
    this.#settle();
  }

  /** Resolves when nothing waits or is in flight; at once while there is no session. */
  settled(): Promise<void> {
    return new Promise((resolve) => {
      this.#settling.push(resolve);
      this.#settle();
    });
  }

  #pump(): void {
    const session = this.#session;
    if (session === null || this.#opening !== null) return;
    const most = Math.min(MOST_IN_FLIGHT, session.receiveMaximum);
    for (let entry = this.#outbox.first; entry !== undefined; entry = this.#outbox.first) {
      const message = this.#messageOf(entry);
      const isBlocked = this.#inFlight.size >= most || (message !== null && this.#inFlight.has(message.topic));
      if (isBlocked) break;
      this.#outbox.remove(entry);
      if (message !== null) this.#send(session, { message, entry });
    }
    this.#settle();
  }

  /** Null: it was handed over meanwhile, or is wanted no more. */
  #messageOf(entry: Entry): Message | null {
    if (typeof entry !== 'string') return entry;
    const wanted = this.#wanted.get(entry);
    if (wanted === undefined || this.#handed.get(entry) === (wanted ?? '')) return null;
    return { topic: entry, payload: wanted ?? '', retain: true };
  }

  #send(session: Session, flight: Flight): void {
    const { topic, payload, retain } = flight.message;
    // Also when it is refused: it would be refused again, until it changes or is asked for.
    if (retain) this.#handed.set(topic, payload);
    const bytes = packetBytes(flight.message);
    if (bytes > session.maximumPacketSize) {
      const limit = session.maximumPacketSize;
      this.#warnOnce(topic, `The MQTT broker takes at most ${limit} bytes: ${topic} has ${bytes} and is left out`);
      this.#forget(flight.message);
      return;
    }
    this.#inFlight.set(topic, flight);
    this.#peak = Math.max(this.#peak, this.#inFlight.size);
    session.publish(flight.message).then(
      () => {
        this.#land(flight);
      },
      (error: unknown) => {
        if (!(error instanceof SessionLost)) {
          // One for all topics: an ACL that refuses one refuses hundreds.
          const message = error instanceof Error ? error.message : String(error);
          this.#warnOnce(error instanceof Refused ? error.reason : message, message);
          this.#land(flight);
        } else if (this.#session === session) {
          this.detach();
        }
      },
    );
  }

  #land(flight: Flight): void {
    const { topic } = flight.message;
    if (this.#inFlight.get(topic) !== flight) return; // put back meanwhile
    this.#inFlight.delete(topic);
    this.#forget(flight.message);
    this.#pump();
  }

  /** A topic that is cleared is none of ours any more. */
  #forget({ topic, payload, retain }: Message): void {
    if (!retain || payload !== '') return;
    this.#handed.delete(topic);
    if (this.#wanted.get(topic) === null && !this.#outbox.has(topic)) this.#wanted.delete(topic);
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
function packetBytes({ topic, payload, correlationData }: Message): number {
  const properties = correlationData === undefined ? 0 : 3 + correlationData.length;
  return 5 + 2 + Buffer.byteLength(topic) + 2 + 4 + properties + Buffer.byteLength(payload);
}
