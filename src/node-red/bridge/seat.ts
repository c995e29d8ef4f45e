import {
  Connection,
  type BrokerOptions,
  type Incoming,
  type Message,
  type Session,
  type Trouble,
} from '../../mqtt/connection';
import type { Topics } from '../../mqtt/topics';
import { Refused } from '../../mqtt/types';
import { Alarms } from './alarms';
import type { Pace } from './pace';
import { Presence } from './presence';

/** What a bridge listens to, and what is missing where the broker's access rules forbid it. */
export interface Hearing {
  readonly filters: readonly string[];
  /** As a half-sentence: `commands do not arrive`. */
  readonly otherwise: string;
}

/** What a seat works with. */
export interface SeatOptions {
  readonly broker: BrokerOptions;
  readonly topics: Topics;
  readonly hearings: readonly Hearing[];
  readonly pace: Pick<Pace, 'retainedMs' | 'presenceMs' | 'asideMs'>;
  /** 0 to 1. */
  readonly random: () => number;
  readonly onConnecting: () => void;
  /** The seat is taken: now may be published. */
  readonly onSeated: (session: Session) => void;
  /** Nothing can be published until it is taken again. */
  readonly onUnseated: () => void;
  readonly onTrouble: (trouble: Trouble) => void;
  /** Another bridge has the seat; it is looked after again. */
  readonly onTwice: () => void;
  /** Everything that is heard, but what is between bridges. */
  readonly onMessage: (incoming: Incoming) => void;
  /** The broker forgets that we are on line, or takes us for gone. */
  readonly onDoubted: () => void;
  readonly warn: (message: string) => void;
}

/**
 * The place of a bridge at its broker: at most one bridge has it for each NAS. Connects again and again; takes the seat when
 * nobody answers for it, and leaves it to whoever has it.
 */
export class Seat {
  readonly #options: SeatOptions;
  readonly #presence: Presence;
  readonly #alarms = new Alarms();
  /** Whether somebody wants the seat: from {@link take} to {@link leave}. */
  #isWanted = false;
  #isAside = false;
  #connection: Connection | null = null;
  #session: Session | null = null;
  /** The end of the last connection. */
  #ended: Promise<void> = Promise.resolve();

  constructor(options: SeatOptions) {
    this.#options = options;
    this.#presence = new Presence(options.topics, options.pace);
  }

  /** Of the connection that stands and may publish; else null. */
  get session(): Session | null {
    return this.#session;
  }

  /** Whether another bridge had the seat when it was looked last. */
  get isAside(): boolean {
    return this.#isAside;
  }

  /** Connects until {@link leave}; where it does so already nothing more happens. */
  take(): void {
    const { broker, onConnecting, onTrouble } = this.#options;
    this.#isWanted = true;
    if (this.#connection !== null) return;
    this.#alarms.clear('aside');
    onConnecting();
    const connection = new Connection({
      broker,
      will: this.#will,
      onSession: (session) => {
        this.#greet(connection, session).catch((error: unknown) => {
          // A session that is lost meanwhile makes everything fail; the next one begins anew.
          if (this.#session === session) this.#options.warn(messageOf(error));
        });
      },
      onTrouble: (trouble) => {
        this.#unseat();
        onTrouble(trouble);
      },
      onMessage: (incoming) => {
        this.#hear(incoming);
      },
    });
    this.#connection = connection;
    connection.open();
  }

  /** Disconnects, with a goodbye when it is seated: a broker does not publish the last will of who leaves in good order. */
  async leave({ saysGoodbye }: { saysGoodbye: boolean }): Promise<void> {
    const goodbyes: Message[] = saysGoodbye && this.#session !== null ? [{ ...this.#will, retain: true }] : [];
    this.#isWanted = false;
    this.#isAside = false;
    await this.#disconnect(goodbyes);
  }

  async #disconnect(goodbyes: readonly Message[]): Promise<void> {
    const connection = this.#connection;
    this.#connection = null;
    this.#alarms.clear();
    this.#unseat();
    if (connection !== null) this.#ended = connection.close(goodbyes);
    await this.#ended; // whoever leaves may find the connection about to be closed
  }

  get #will(): { topic: string; payload: string } {
    return { topic: this.#options.topics.bridge, payload: 'offline' };
  }

  #unseat(): void {
    this.#alarms.clear('rival');
    this.#presence.giveUp();
    if (this.#session === null) return;
    this.#session = null;
    this.#options.onUnseated();
  }

  /** Sees to it that nobody else is there and that all that matters is heard, and then takes the seat. */
  async #greet(connection: Connection, session: Session): Promise<void> {
    const { topics, hearings, onSeated } = this.#options;
    if (await this.#presence.isTaken(session)) {
      await this.#standAside();
      return;
    }
    await this.#listen(session, {
      filters: [topics.bridge],
      otherwise: 'another bridge of the same NAS is not noticed',
    });
    for (const hearing of hearings) await this.#listen(session, hearing);
    if (this.#connection !== connection) return;
    this.#session = session;
    this.#isAside = false;
    onSeated(session);
  }

  /** What the broker's access rules forbid is done without, but not in silence. */
  async #listen(session: Session, { filters, otherwise }: Hearing): Promise<void> {
    await session.subscribe(filters, { onlyNew: true }).catch((error: unknown) => {
      if (error instanceof Refused) this.#options.warn(`${error.message}, so ${otherwise}`);
      else throw error;
    });
  }

  /** Leaves the seat to the other bridge, without a last will, and looks again after a while: it may be gone then. */
  async #standAside(): Promise<void> {
    const { pace, random, onTwice } = this.#options;
    this.#isAside = this.#isWanted;
    await this.#disconnect([]);
    if (!this.#isWanted || this.#connection !== null) return; // it was left for good meanwhile, or taken again
    onTwice();
    this.#alarms.set('aside', pace.asideMs * (1 + random()), () => {
      this.take();
    });
  }

  #hear(incoming: Incoming): void {
    this.#presence.hear(incoming);
    if (this.#presence.isOwnQuestion(incoming)) return;
    if (incoming.topic === this.#options.topics.bridge) this.#hearBridge(incoming.payload.toString());
    else this.#options.onMessage(incoming);
  }

  /** The will of a session of ours that the broker has missed late, or another bridge that came at the same time. */
  #hearBridge(payload: string): void {
    const session = this.#session;
    if (session === null) return;
    if (payload === 'offline') this.#options.onDoubted();
    // MQTT 3.1.1 sends us our own words too.
    if (payload !== 'online' || session.version !== 5) return;
    this.#alarms.setOnce('rival', this.#options.pace.presenceMs * 2 * this.#options.random(), () => {
      this.#presence
        .isAnswered(session)
        .then((isThere) => (isThere ? this.#standAside() : undefined))
        .catch(() => undefined); // a lost session: the next one asks again
    });
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
