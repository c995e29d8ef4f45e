import { brokerLabel, clientOptions, type Will } from './client-options';
import { openLink, type Ending, type Link } from './link';
import { DeliveryLog, NO_LOG, type ConnectionLogger } from './logger';
import { ClientSession } from './session';
import { troubleOf } from './trouble';
import type { BrokerOptions, Incoming, Message, Session, Trouble } from './types';

export { Refused, SessionLost } from './types';
export type { BrokerOptions, Incoming, Message, Session, Trouble } from './types';

/** What a connection is made of, and who hears of it. What a listener throws goes to the logger of the broker. */
export interface ConnectionOptions {
  readonly broker: BrokerOptions;
  /** Null: nothing is published when the connection breaks. */
  readonly will: Will | null;
  /** It stands: nothing is subscribed to yet, and the broker has forgotten what was before. */
  readonly onSession: (session: Session) => void;
  /** Each attempt that failed, and each loss of a session, which then serves no more. The next attempt follows by itself. */
  readonly onTrouble: (trouble: Trouble) => void;
  readonly onMessage: (message: Incoming) => void;
  /** In [0, 1); default Math.random. */
  readonly random?: () => number;
}

type State =
  | { readonly at: 'new' }
  | { readonly at: 'connecting'; readonly link: Link }
  | { readonly at: 'standing'; readonly link: Link; readonly session: ClientSession; readonly sinceMs: number }
  | { readonly at: 'waiting'; readonly timer: NodeJS.Timeout }
  | { readonly at: 'closed' };

/** Closing lasts no longer than 800 ms: after so much of it the broker is not waited for any more. */
const PATIENCE_AT_CLOSE_MS = 700;
/**
 * A session that stood so long was a good one, and the pauses begin anew. It is longer than they are, so that of two clients
 * that throw each other out neither has one.
 */
const GOOD_SESSION_MS = 60_000;
const LONGEST_PAUSE_MS = 30_000;
const FAILURES_OVER_A_MESSAGE = 2;

/** What another attempt in a second would only make worse: a lock-out, or two clients that throw each other out. */
const SLOW: ReadonlySet<Trouble['kind']> = new Set(['refused-login', 'taken-over']);

/** MQTT 3.1.1's and MQTT 5's word for a version that is not spoken. */
const VERSION_REFUSALS: ReadonlySet<Ending['reason']> = new Set([1, 132]);
/** How a broker of old may answer the first packet of a version that it does not know. */
const SPEECHLESS: ReadonlySet<Ending['reason']> = new Set([null, 'ECONNRESET', 'EPIPE', 'NO_MQTT', 129, 130]);

/** A connection to a broker that comes back by itself, until it is closed. */
export class Connection {
  readonly #options: ConnectionOptions;
  readonly #label: string;
  readonly #logger: ConnectionLogger;
  #state: State = { at: 'new' };
  /** Attempts in a row that led to no good session. */
  #failures = 0;
  /** Whether this broker has ever spoken MQTT 5: then its silence is not for want of knowing it. */
  #speaks5 = false;
  #closed: Promise<void> | null = null;

  constructor(options: ConnectionOptions) {
    this.#options = options;
    this.#label = brokerLabel(options.broker.url);
    this.#logger = options.broker.logger ?? NO_LOG;
  }

  /** Connects, and again after each loss, with pauses of 1 to 30 s. Once only, and not after {@link close}. */
  open(): void {
    if (this.#state.at === 'new') this.#attempt();
  }

  /**
   * Publishes the goodbyes, where a session stands, and ends. What the broker does not acknowledge in time the last will
   * says in its stead: then the connection is dropped without a word. At most 800 ms; may come again.
   */
  close(goodbye: readonly Message[]): Promise<void> {
    return (this.#closed ??= this.#end(goodbye));
  }

  #attempt(version: 5 | 4 = this.#options.broker.protocolVersion === 4 ? 4 : 5): void {
    const { broker, will, onSession, onMessage } = this.#options;
    let session: ClientSession | null = null;
    const link = openLink(clientOptions(broker, version, will), {
      open: (client, connack) => {
        if (this.#state.at === 'closed') return;
        const deliveries = new DeliveryLog(this.#logger);
        session = new ClientSession(client, connack, onMessage, () => link.drop('UNACKNOWLEDGED'), deliveries);
        this.#logger.debug(`MQTT: connected to ${this.#label}, version ${version === 5 ? '5' : '3.1.1'}`);
        this.#speaks5 ||= version === 5;
        this.#state = { at: 'standing', link, session, sinceMs: performance.now() };
        onSession(session);
      },
      message: (packet) => session?.deliver(packet),
      end: (ending) => {
        const unanswered = session?.unanswered ?? [];
        session?.lose();
        if (this.#state.at !== 'closed') this.#ended(ending, version, unanswered);
      },
      fault: (error) => this.#logger.fault?.(error),
    });
    this.#state = { at: 'connecting', link };
  }

  /** @param unanswered what the broker was asked for when it ended */
  #ended(ending: Ending, version: 5 | 4, unanswered: readonly string[]): void {
    if (version === 5 && this.#options.broker.protocolVersion === 'auto' && this.#isForWantOf5(ending)) {
      this.#logger.debug('MQTT: the broker does not speak version 5, 3.1.1 is tried');
      this.#attempt(4);
      return;
    }
    const stoodMs = this.#state.at === 'standing' ? performance.now() - this.#state.sinceMs : 0;
    const trouble = troubleOf(this.#label, ending, unanswered);
    const failures = stoodMs >= GOOD_SESSION_MS ? 1 : this.#failures + 1;
    // What the broker ends the connection over is found in a few sessions; until then nothing else gets through.
    this.#failures = trouble.blame === undefined ? failures : Math.min(failures, FAILURES_OVER_A_MESSAGE);
    const pauseMs = pauseAfter(
      SLOW.has(trouble.kind) ? Infinity : this.#failures,
      (this.#options.random ?? Math.random)(),
    );
    this.#state = { at: 'waiting', timer: setTimeout(() => this.#attempt(), pauseMs) };
    this.#logger.debug(`MQTT: the connection has ended: ${trouble.kind} (${ending.reason ?? 'without a reason'})`);
    this.#options.onTrouble(trouble);
  }

  #isForWantOf5({ stood, reason }: Ending): boolean {
    return !stood && (VERSION_REFUSALS.has(reason) || (!this.#speaks5 && SPEECHLESS.has(reason)));
  }

  async #end(goodbye: readonly Message[]): Promise<void> {
    const state = this.#state;
    this.#state = { at: 'closed' };
    if (state.at === 'waiting') clearTimeout(state.timer);
    if (state.at === 'connecting') {
      state.link.drop();
      await state.link.ended;
    }
    if (state.at === 'standing') await leave(state.link, state.session, goodbye);
    this.#logger.debug('MQTT: disconnected');
  }
}

async function leave(link: Link, session: ClientSession, goodbye: readonly Message[]): Promise<void> {
  const limit = setTimeout(() => link.drop(), PATIENCE_AT_CLOSE_MS);
  await session.sayGoodbye(goodbye).then(
    () => link.leave(),
    () => link.drop(),
  );
  await link.ended;
  clearTimeout(limit);
}

/**
 * The pause before the next attempt, half of it by chance: the bridges of a house do not all come at once when its broker
 * comes back. @param failures in a row, from 1; @param random in [0, 1); @returns ms, 1–2 s at first, 15–30 s at last
 */
export function pauseAfter(failures: number, random: number): number {
  return Math.min(2000 * 2 ** (failures - 1), LONGEST_PAUSE_MS) * (0.5 + random / 2);
}
