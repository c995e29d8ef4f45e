// Reconnecting is done here and not by MQTT.js: it needs a delay per kind of problem, the change from MQTT 5 to 3.1.1, and
// a clean session each time (docs/decisions/0002-own-mqtt-client.md).
import {
  openSocket,
  type BrokerSocket,
  type CloseReason,
  brokerLabel,
  clientOptions,
  type Will,
} from './broker-socket';
import { describeProblem } from './connection-problem';
import { DeliveryLog, SILENT_CONNECTION_LOGGER } from './logger';
import { MqttClientSession } from './session';
import type {
  BrokerOptions,
  ConnectionLogger,
  ConnectionProblem,
  MqttSession,
  OutgoingMessage,
  ReceivedMessage,
} from './types';

/** Settings and listeners of a connection. Errors thrown by a listener go to the broker's logger. */
export interface MqttConnectionOptions {
  readonly broker: BrokerOptions;
  /** Null: the broker publishes nothing when the connection breaks. */
  readonly will: Will | null;
  /** A new session, without subscriptions. */
  readonly onSession: (session: MqttSession) => void;
  /** A failed attempt or a lost session; the next attempt follows by itself. */
  readonly onProblem: (problem: ConnectionProblem) => void;
  readonly onMessage: (message: ReceivedMessage) => void;
  /** In [0, 1); default Math.random. */
  readonly random?: () => number;
}

type State =
  | { readonly at: 'new' }
  | { readonly at: 'connecting'; readonly socket: BrokerSocket }
  | {
      readonly at: 'connected';
      readonly socket: BrokerSocket;
      readonly session: MqttClientSession;
      readonly sinceMs: number;
    }
  | { readonly at: 'waiting'; readonly timer: NodeJS.Timeout }
  | { readonly at: 'closed' };

/** A broker that does not respond delays {@link MqttConnection.close} by at most this; with its network part 800 ms. */
const CLOSE_TIMEOUT_MS = 700;
/**
 * A session of this length resets the reconnect delay. It exceeds the longest delay, so two clients that disconnect each
 * other by the same client id never reset it.
 */
const STABLE_SESSION_MS = 60_000;
const MAX_RECONNECT_DELAY_MS = 30_000;
/** The delay stays short while the publisher finds the message over which the broker ends the connection. */
const MAX_FAILURES_WITH_CAUSE = 1;

/** Problems that frequent attempts would make worse: account lockout, or two clients with the same client id. */
const SLOW_RETRY: ReadonlySet<ConnectionProblem['kind']> = new Set(['refused-login', 'taken-over']);

/** "Unsupported protocol version" in MQTT 3.1.1 and MQTT 5. */
const VERSION_REFUSALS: ReadonlySet<CloseReason['reason']> = new Set([1, 132]);
/** Close reasons with which MQTT 3.1.1-only brokers answer a version-5 CONNECT. */
const SILENT_VERSION_REJECTIONS: ReadonlySet<CloseReason['reason']> = new Set([
  null,
  'ECONNRESET',
  'EPIPE',
  'NO_MQTT',
  129,
  130,
]);

/** A connection to a broker that reconnects until it is closed. */
export class MqttConnection {
  readonly #options: MqttConnectionOptions;
  readonly #label: string;
  readonly #logger: ConnectionLogger;
  #state: State = { at: 'new' };
  /** Consecutive attempts without a stable session. */
  #failures = 0;
  /** Whether this broker has accepted MQTT 5 before. */
  #supports5 = false;
  #closed: Promise<void> | null = null;

  constructor(options: MqttConnectionOptions) {
    this.#options = options;
    this.#label = brokerLabel(options.broker.url);
    this.#logger = options.broker.logger ?? SILENT_CONNECTION_LOGGER;
  }

  /** Connects, and reconnects after 1 to 30 s. Has an effect once, and none after {@link close}. */
  open(): void {
    if (this.#state.at === 'new') this.#connect();
  }

  /**
   * Publishes `closeMessages` if there is a session, and disconnects. If the broker does not acknowledge them in time the
   * connection is dropped, so that it publishes the last will instead. Takes at most 800 ms; may be called again.
   */
  close(closeMessages: readonly OutgoingMessage[]): Promise<void> {
    return (this.#closed ??= this.#close(closeMessages));
  }

  #connect(version: 5 | 4 = this.#options.broker.protocolVersion === 4 ? 4 : 5): void {
    const { broker, will, onSession, onMessage } = this.#options;
    let session: MqttClientSession | null = null;
    const socket = openSocket(clientOptions(broker, version, will), {
      open: (client, connack) => {
        if (this.#state.at === 'closed') return;
        session = new MqttClientSession(client, connack, {
          onMessage,
          onAbandoned: () => socket.destroy('UNACKNOWLEDGED'),
          deliveries: new DeliveryLog(this.#logger),
        });
        this.#logger.debug(`MQTT: connected to ${this.#label}, version ${version === 5 ? '5' : '3.1.1'}`);
        this.#supports5 ||= version === 5;
        this.#state = { at: 'connected', socket, session, sinceMs: performance.now() };
        onSession(session);
      },
      message: (packet) => session?.handleMessage(packet),
      end: (reason) => {
        session?.markLost();
        if (this.#state.at !== 'closed') this.#ended(reason, version, session);
      },
      fault: (error) => this.#logger.fault?.(error),
    });
    this.#state = { at: 'connecting', socket };
  }

  /** @param session null: the broker had not accepted the client */
  #ended(reason: CloseReason, version: 5 | 4, session: MqttClientSession | null): void {
    if (version === 5 && this.#options.broker.protocolVersion === 'auto' && this.#isVersionRefusal(reason)) {
      this.#logger.debug('MQTT: the broker does not speak version 5, 3.1.1 is tried');
      this.#connect(4);
      return;
    }
    const connectedMs = this.#state.at === 'connected' ? performance.now() - this.#state.sinceMs : 0;
    const problem = describeProblem(this.#label, reason, session?.unanswered, session?.isSubscribing);
    const failures = connectedMs >= STABLE_SESSION_MS ? 1 : this.#failures + 1;
    const isSearching = problem.cause !== undefined && problem.cause !== 'rate';
    this.#failures = isSearching ? Math.min(failures, MAX_FAILURES_WITH_CAUSE) : failures;
    const delayMs = reconnectDelayMs(
      SLOW_RETRY.has(problem.kind) ? Infinity : this.#failures,
      (this.#options.random ?? Math.random)(),
    );
    this.#state = { at: 'waiting', timer: setTimeout(() => this.#connect(), delayMs) };
    this.#logger.debug(`MQTT: the connection has ended: ${problem.kind} (${reason.reason ?? 'without a reason'})`);
    this.#options.onProblem(problem);
  }

  #isVersionRefusal({ wasConnected, reason }: CloseReason): boolean {
    if (wasConnected) return false;
    return VERSION_REFUSALS.has(reason) || (!this.#supports5 && SILENT_VERSION_REJECTIONS.has(reason));
  }

  async #close(closeMessages: readonly OutgoingMessage[]): Promise<void> {
    const state = this.#state;
    this.#state = { at: 'closed' };
    if (state.at === 'waiting') clearTimeout(state.timer);
    if (state.at === 'connecting') {
      state.socket.destroy();
      await state.socket.ended;
    }
    if (state.at === 'connected') await closeGracefully(state.socket, state.session, closeMessages);
    this.#logger.debug('MQTT: disconnected');
  }
}

/** The outcome of {@link connectOnce}, and the function that disconnects. */
type Attempt =
  | { readonly session: MqttSession; readonly problem: null; readonly close: () => Promise<void> }
  | { readonly session: null; readonly problem: ConnectionProblem; readonly close: () => Promise<void> };

/** Connects without a last will, and resolves with the outcome of the first attempt. The caller must close it, also after a problem. */
export function connectOnce(broker: BrokerOptions): Promise<Attempt> {
  return new Promise((resolve) => {
    const connection: MqttConnection = new MqttConnection({
      broker,
      will: null,
      onSession: (session) => resolve({ session, problem: null, close }),
      onProblem: (problem) => resolve({ session: null, problem, close }),
      onMessage: () => undefined,
    });
    const close = (): Promise<void> => connection.close([]);
    connection.open();
  });
}

async function closeGracefully(
  socket: BrokerSocket,
  session: MqttClientSession,
  closeMessages: readonly OutgoingMessage[],
): Promise<void> {
  const timeout = setTimeout(() => socket.destroy(), CLOSE_TIMEOUT_MS);
  await session.publishAndClose(closeMessages).then(
    () => socket.disconnect(),
    () => socket.destroy(),
  );
  await socket.ended;
  clearTimeout(timeout);
}

/**
 * Delay before the next attempt. Half of it is random, so that all bridges of a site do not reconnect at the same moment.
 * @param failures consecutive, from 1; @param random in [0, 1)
 * @returns ms: 1–2 s at first, 15–30 s at most
 */
export function reconnectDelayMs(failures: number, random: number): number {
  return Math.min(2000 * 2 ** (failures - 1), MAX_RECONNECT_DELAY_MS) * (0.5 + random / 2);
}
