import { brokerLabel, clientOptions, type Will } from './client-options';
import { openSocket, type CloseReason, type BrokerSocket } from './broker-socket';
import { DeliveryLog, SILENT_CONNECTION_LOGGER, type ConnectionLogger } from './logger';
import { MqttClientSession } from './session';
import { describeProblem } from './connection-problem';
import type { BrokerOptions, ReceivedMessage, OutgoingMessage, MqttSession, ConnectionProblem } from './types';

export { BrokerRefusedError as Refused, SessionLostError as SessionLost } from './types';
export type {
  BrokerOptions,
  ReceivedMessage as Incoming,
  OutgoingMessage as Message,
  MqttSession as Session,
  ConnectionProblem as Trouble,
} from './types';

/** What a connection is made of, and who hears of it. What a listener throws goes to the logger of the broker. */
export interface ConnectionOptions {
  readonly broker: BrokerOptions;
  /** Null: nothing is published when the connection breaks. */
  readonly will: Will | null;
  /** It stands: nothing is subscribed to yet, and the broker has forgotten what was before. */
  readonly onSession: (session: MqttSession) => void;
  /** Each attempt that failed, and each loss of a session, which then serves no more. The next attempt follows by itself. */
  readonly onProblem: (trouble: ConnectionProblem) => void;
  readonly onMessage: (message: ReceivedMessage) => void;
  /** In [0, 1); default Math.random. */
  readonly random?: () => number;
}

type State =
  | { readonly at: 'new' }
  | { readonly at: 'connecting'; readonly link: BrokerSocket }
  | {
      readonly at: 'standing';
      readonly link: BrokerSocket;
      readonly session: MqttClientSession;
      readonly sinceMs: number;
    }
  | { readonly at: 'waiting'; readonly timer: NodeJS.Timeout }
  | { readonly at: 'closed' };

/** Closing lasts no longer than 800 ms: after so much of it the broker is not waited for any more. */
const CLOSE_TIMEOUT_MS = 700;
/**
 * A session that lasted so long was a good one, and the pauses begin anew. It is longer than they are, so that of two clients
 * that throw each other out neither has one.
 */
const STABLE_SESSION_MS = 60_000;
const LONGEST_PAUSE_MS = 30_000;
const FAILURES_OVER_A_MESSAGE = 2;

/** What another attempt in a second would only make worse: a lock-out, or two clients that throw each other out. */
const SLOW_RETRY: ReadonlySet<ConnectionProblem['kind']> = new Set(['refused-login', 'taken-over']);

/** MQTT 3.1.1's and MQTT 5's word for a version that is not spoken. */
const VERSION_REFUSALS: ReadonlySet<CloseReason['reason']> = new Set([1, 132]);
/** How a broker of old may answer the first packet of a version that it does not know. */
const SILENT_VERSION_REJECTIONS: ReadonlySet<CloseReason['reason']> = new Set([
  null,
  'ECONNRESET',
  'EPIPE',
  'NO_MQTT',
  129,
  130,
]);

/** A connection to a broker that comes back by itself, until it is closed. */
export class MqttConnection {
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
    this.#logger = options.broker.logger ?? SILENT_CONNECTION_LOGGER;
  }

  /** Connects, and again after each loss, with pauses of 1 to 30 s. Once only, and not after {@link close}. */
  open(): void {
    if (this.#state.at === 'new') this.#attempt();
  }

  /**
   * Publishes the goodbyes, where a session stands, and ends. What the broker does not acknowledge in time the last will
   * says in its stead: then the connection is dropped without a word. At most 800 ms; may come again.
   */
  close(goodbye: readonly OutgoingMessage[]): Promise<void> {
    return (this.#closed ??= this.#end(goodbye));
  }

  #attempt(version: 5 | 4 = this.#options.broker.protocolVersion === 4 ? 4 : 5): void {
    const { broker, will, onSession, onMessage } = this.#options;
    let session: MqttClientSession | null = null;
    const link = openSocket(clientOptions(broker, version, will), {
      open: (client, connack) => {
        if (this.#state.at === 'closed') return;
        const deliveries = new DeliveryLog(this.#logger);
        session = new MqttClientSession(client, connack, onMessage, () => link.destroy('UNACKNOWLEDGED'), deliveries);
        this.#logger.debug(`MQTT: connected to ${this.#label}, version ${version === 5 ? '5' : '3.1.1'}`);
        this.#speaks5 ||= version === 5;
        this.#state = { at: 'standing', link, session, sinceMs: performance.now() };
        onSession(session);
      },
      message: (packet) => session?.handleMessage(packet),
      end: (ending) => {
        const unanswered = session?.unanswered ?? [];
        session?.markLost();
        if (this.#state.at !== 'closed') this.#ended(ending, version, unanswered);
      },
      fault: (error) => this.#logger.fault?.(error),
    });
    this.#state = { at: 'connecting', link };
  }

  /** @param unanswered what the broker was asked for when it ended */
  #ended(ending: CloseReason, version: 5 | 4, unanswered: readonly string[]): void {
    if (version === 5 && this.#options.broker.protocolVersion === 'auto' && this.#isForWantOf5(ending)) {
      this.#logger.debug('MQTT: the broker does not speak version 5, 3.1.1 is tried');
      this.#attempt(4);
      return;
    }
    const stoodMs = this.#state.at === 'standing' ? performance.now() - this.#state.sinceMs : 0;
    const trouble = describeProblem(this.#label, ending, unanswered);
    const failures = stoodMs >= STABLE_SESSION_MS ? 1 : this.#failures + 1;
    // What the broker ends the connection over is found in a few sessions; until then nothing else gets through.
    this.#failures = trouble.blame === undefined ? failures : Math.min(failures, FAILURES_OVER_A_MESSAGE);
    const pauseMs = reconnectDelayMs(
      SLOW_RETRY.has(trouble.kind) ? Infinity : this.#failures,
      (this.#options.random ?? Math.random)(),
    );
    this.#state = { at: 'waiting', timer: setTimeout(() => this.#attempt(), pauseMs) };
    this.#logger.debug(`MQTT: the connection has ended: ${trouble.kind} (${ending.reason ?? 'without a reason'})`);
    this.#options.onProblem(trouble);
  }

  #isForWantOf5({ wasConnected, reason }: CloseReason): boolean {
    return !wasConnected && (VERSION_REFUSALS.has(reason) || (!this.#speaks5 && SILENT_VERSION_REJECTIONS.has(reason)));
  }

  async #end(goodbye: readonly OutgoingMessage[]): Promise<void> {
    const state = this.#state;
    this.#state = { at: 'closed' };
    if (state.at === 'waiting') clearTimeout(state.timer);
    if (state.at === 'connecting') {
      state.link.destroy();
      await state.link.ended;
    }
    if (state.at === 'standing') await closeGracefully(state.link, state.session, goodbye);
    this.#logger.debug('MQTT: disconnected');
  }
}

async function closeGracefully(
  link: BrokerSocket,
  session: MqttClientSession,
  goodbye: readonly OutgoingMessage[],
): Promise<void> {
  const limit = setTimeout(() => link.destroy(), CLOSE_TIMEOUT_MS);
  await session.publishAndClose(goodbye).then(
    () => link.disconnect(),
    () => link.destroy(),
  );
  await link.ended;
  clearTimeout(limit);
}

/**
 * The pause before the next attempt, half of it by chance: the bridges of a house do not all come at once when its broker
 * comes back. @param failures in a row, from 1; @param random in [0, 1); @returns ms, 1–2 s at first, 15–30 s at last
 */
export function reconnectDelayMs(failures: number, random: number): number {
  return Math.min(2000 * 2 ** (failures - 1), LONGEST_PAUSE_MS) * (0.5 + random / 2);
}
