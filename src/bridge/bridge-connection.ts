import {
  MqttConnection,
  type BrokerOptions,
  type Incoming,
  type Message,
  type Session,
  type Trouble,
} from '../mqtt/mqtt-connection';
import type { Topics } from '../home-assistant/topics';
import { BrokerRefusedError } from '../mqtt/types';
import { NamedTimers } from './named-timers';
import type { BridgeTimings } from './timings';
import { DuplicateBridgeCheck } from './duplicate-check';

/** What a bridge listens to, and what is missing where the broker's access rules forbid it. */
export interface TopicSubscription {
  readonly filters: readonly string[];
  /** As a half-sentence: `commands do not arrive`. */
  readonly ifDenied: string;
}

/** What a seat works with. */
export interface BridgeConnectionOptions {
  readonly broker: BrokerOptions;
  readonly topics: Topics;
  readonly hearings: readonly TopicSubscription[];
  readonly pace: Pick<BridgeTimings, 'retainedMs' | 'presenceMs' | 'standbyRetryMs'>;
  /** 0 to 1. */
  readonly random: () => number;
  readonly owner: SeatOwner;
}

/** Who sits there. */
export interface SeatOwner {
  readonly onConnecting: () => void;
  /** The seat is taken: now may be published. */
  readonly onActive: (session: Session) => void;
  /** Nothing can be published until it is taken again. */
  readonly onInactive: (trouble: Trouble | null) => void;
  readonly onTrouble: (trouble: Trouble) => void;
  /** What another bridge publishes of an event, while it has the seat. */
  readonly onOverheard: (payload: string) => void;
  /** Another bridge has the seat; it is looked after again. */
  readonly onStandby: () => void;
  /** Everything that is heard, but what is between bridges. */
  readonly onMessage: (incoming: Incoming) => void;
  /** The broker forgets that we are on line, or takes us for gone. */
  readonly onStateOverwritten: () => void;
  readonly warn: (message: string) => void;
}

/** So often in a row a broker has to end the connection over a question before it is not asked any more. */
const STRIKES = 2;
/** It may be given other rules. */
const FORBIDDEN_FOR_MS = 60 * 60_000;
const FORBIDDEN = 'The MQTT broker ends the connection over what this account asks for';

/**
 * The place of a bridge at its broker: at most one bridge has it for each NAS. Connects again and again; takes the seat when
 * nobody answers for it, and leaves it to whoever has it.
 */
export class BridgeConnection {
  readonly #options: BridgeConnectionOptions;
  #owner: SeatOwner;
  readonly #presence: DuplicateBridgeCheck;
  readonly #alarms = new NamedTimers((error) => this.#options.broker.logger?.fault?.(error));
  /** Whether somebody wants the seat: from {@link start} to {@link stop}. */
  #isWanted = false;
  #connection: MqttConnection | null = null;
  /** While another bridge has the seat: listens to it, without a last will. */
  #listening: MqttConnection | null = null;
  #session: Session | null = null;
  /** What is being asked of the broker now that it may end the connection over; and how often it has. */
  #attempted: string | null = null;
  readonly #strikes = new Map<string, { readonly strikes: number; readonly until: number }>();
  /** The end of the last connection. */
  #ended: Promise<void> = Promise.resolve();

  constructor(options: BridgeConnectionOptions) {
    this.#options = options;
    this.#owner = options.owner;
    this.#presence = new DuplicateBridgeCheck(options.topics, options.pace);
  }

  /** Of the connection that stands and may publish; else null. */
  get session(): Session | null {
    return this.#session;
  }

  /** From now on somebody else hears what happens. */
  ownBy(owner: SeatOwner): void {
    this.#owner = owner;
  }

  /** Connects until {@link stop}; where it does so already nothing more happens. */
  start(): void {
    const { broker } = this.#options;
    this.#isWanted = true;
    if (this.#connection !== null) return;
    this.#alarms.clear('aside');
    const listening = this.#listening;
    this.#listening = null;
    this.#owner.onConnecting();
    const connection = new MqttConnection({
      broker,
      will: this.#will,
      onSession: (session) => {
        this.#greet(connection, session).catch((error: unknown) => {
          // A session that is lost meanwhile makes everything fail; the next one begins anew.
          if (this.#session === session) this.#owner.warn(messageOf(error));
        });
      },
      onProblem: (trouble) => {
        this.#strike(trouble);
        this.#unseat(trouble);
        this.#owner.onTrouble(trouble);
      },
      onMessage: (incoming) => {
        this.#hear(incoming);
      },
    });
    this.#connection = connection;
    // Two connections with the same client id would throw each other out.
    if (listening === null) connection.open();
    else void this.#openAfter(listening, connection);
  }

  async #openAfter(listening: MqttConnection, connection: MqttConnection): Promise<void> {
    await listening.close([]);
    if (this.#connection === connection) connection.open();
  }

  /** Disconnects, with a goodbye when it is seated: a broker does not publish the last will of who leaves in good order. */
  async stop({ saysGoodbye }: { saysGoodbye: boolean }): Promise<void> {
    const goodbyes: Message[] = saysGoodbye && this.#session !== null ? [{ ...this.#will, retain: true }] : [];
    this.#isWanted = false;
    await this.#disconnect(goodbyes);
  }

  async #disconnect(goodbyes: readonly Message[]): Promise<void> {
    const connection = this.#connection;
    this.#connection = null;
    const listening = this.#listening;
    this.#listening = null;
    this.#alarms.clear();
    this.#unseat();
    if (listening !== null) this.#ended = listening.close([]);
    if (connection !== null) this.#ended = connection.close(goodbyes);
    await this.#ended; // whoever leaves may find the connection about to be closed
  }

  get #will(): { topic: string; payload: string } {
    return { topic: this.#options.topics.bridge, payload: 'offline' };
  }

  #unseat(trouble: Trouble | null = null): void {
    this.#alarms.clear('rival');
    this.#presence.giveUp();
    if (this.#session === null) return;
    this.#session = null;
    this.#owner.onInactive(trouble);
  }

  /** Sees to it that nobody else is there and that all that matters is heard, and then takes the seat. */
  async #greet(connection: MqttConnection, session: Session): Promise<void> {
    const { topics, hearings } = this.#options;
    if (await this.#isTaken(session)) {
      await this.#goStandby();
      return;
    }
    await this.#listen(session, {
      filters: [topics.bridge],
      ifDenied: 'another bridge of the same NAS is not noticed',
    });
    for (const hearing of hearings) await this.#listen(session, hearing);
    if (this.#connection !== connection) return;
    this.#session = session;
    this.#owner.onActive(session);
  }

  /** A broker that ends the connection over the question itself is not asked. */
  async #isTaken(session: Session): Promise<boolean> {
    const isTaken = await this.#attempt([this.#options.topics.bridge, this.#options.topics.command], () =>
      this.#presence.isOtherBridgeActive(session),
    );
    if (isTaken === null) this.#owner.warn(`${FORBIDDEN}, so another bridge of the same NAS is not noticed`);
    return isTaken ?? false;
  }

  /** What the broker's access rules forbid is done without, but not in silence. */
  async #listen(session: Session, { filters, ifDenied: otherwise }: TopicSubscription): Promise<void> {
    const refused = (why: string): string => {
      this.#owner.warn(`${why}, so ${otherwise}`);
      return why;
    };
    const done = await this.#attempt(filters, () =>
      session.subscribe(filters, { onlyNew: true }).then(
        () => '',
        (error: unknown) => {
          if (error instanceof BrokerRefusedError) return refused(error.message);
          throw error;
        },
      ),
    );
    if (done === null) refused(`${FORBIDDEN} (${filters.join(', ')})`);
  }

  /**
   * Does what a broker may end the connection over.
   * @returns null when it has done so {@link STRIKES} times in a row, and is not asked again for an hour
   */
  async #attempt<T>(topics: readonly string[], act: () => Promise<T>): Promise<T | null> {
    const name = topics.join(' ');
    const { strikes, until } = this.#strikes.get(name) ?? { strikes: 0, until: 0 };
    if (strikes >= STRIKES && performance.now() < until) return null;
    this.#attempted = name;
    const done = await act();
    this.#attempted = null;
    this.#strikes.delete(name);
    return done;
  }

  /** The connection has ended, perhaps over what was being attempted. */
  #strike({ blame }: Trouble): void {
    const name = this.#attempted;
    this.#attempted = null;
    if (name === null || blame === undefined || blame === 'size') return;
    const strikes = (this.#strikes.get(name)?.strikes ?? 0) + 1;
    this.#strikes.set(name, { strikes, until: performance.now() + FORBIDDEN_FOR_MS });
  }

  /** Leaves the seat to the other bridge, without a last will, and looks again after a while: it may be gone then. */
  async #goStandby(): Promise<void> {
    await this.#disconnect([]);
    if (!this.#isWanted || this.#connection !== null) return; // it was left for good meanwhile, or taken again
    this.#owner.onStandby();
    this.#listenAside();
  }

  /** Takes note of what the other bridge publishes, and of when it is there no more. */
  #listenAside(): void {
    const { broker, topics } = this.#options;
    const listening = new MqttConnection({
      broker,
      will: null,
      onSession: (session) => {
        void session
          .subscribe([topics.event], { onlyNew: true })
          .catch(() => undefined) // lost, or not allowed: what the other one publishes is not known then
          .then(() => {
            this.#lookAside(listening, session);
          });
      },
      onProblem: () => {
        this.#alarms.clear('aside');
        this.#presence.giveUp();
      },
      onMessage: (incoming) => {
        this.#presence.handleResponse(incoming);
        if (incoming.topic === topics.event) this.#owner.onOverheard(incoming.payload.toString());
      },
    });
    this.#listening = listening;
    listening.open();
  }

  /** Asks again after a while whether the other bridge is there, and takes the seat when it is not. */
  #lookAside(listening: MqttConnection, session: Session): void {
    const { pace, random } = this.#options;
    if (this.#listening !== listening) return;
    this.#alarms.set('aside', pace.standbyRetryMs * (1 + random()), () => {
      this.#presence.isOtherBridgeActive(session).then(
        (isTaken) => {
          if (this.#listening !== listening) return;
          if (!isTaken) this.start();
          else {
            this.#owner.onStandby();
            this.#lookAside(listening, session);
          }
        },
        () => undefined, // a lost session: the next one asks again
      );
    });
  }

  #hear(incoming: Incoming): void {
    this.#presence.handleResponse(incoming);
    if (this.#presence.isOwnQuestion(incoming)) return;
    if (incoming.topic === this.#options.topics.bridge) this.#hearBridge(incoming.payload.toString());
    else this.#owner.onMessage(incoming);
  }

  /** The will of a session of ours that the broker has missed late, or another bridge that came at the same time. */
  #hearBridge(payload: string): void {
    const session = this.#session;
    if (session === null) return;
    if (payload === 'offline') this.#owner.onStateOverwritten();
    // MQTT 3.1.1 sends us our own words too: then nobody answers the question.
    if (payload !== 'online') return;
    this.#alarms.setOnce('rival', this.#options.pace.presenceMs * 2 * this.#options.random(), () => {
      this.#presence
        .doesOtherAnswer(session)
        .then((isThere) => (isThere ? this.#goStandby() : undefined))
        .catch(() => undefined); // a lost session: the next one asks again
    });
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
