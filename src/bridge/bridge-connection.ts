import { BIRTH_TOPIC, configFilter, type Topics } from '../home-assistant/topics';
import type { BridgeSettings } from './types';
import { EventEmitter } from 'node:events';
import { MqttConnection } from '../mqtt/mqtt-connection';
import {
  BrokerRefusedError,
  type BrokerOptions,
  type ConnectionProblem,
  type MqttSession,
  type OutgoingMessage,
  type ReceivedMessage,
} from '../mqtt/types';
import { DiscoveryMembership, type DiscoveryScope } from './shared-discovery';
import { DuplicateBridgeCheck } from './duplicate-check';
import { ForbiddenRequests } from './command-validator';
import { NamedTimers, type BridgeTimings } from './timings';

/** Topics that a bridge subscribes to. */
interface TopicSubscription {
  readonly filters: readonly string[];
  /** The consequence if the broker refuses the subscription, as the end of a sentence: `commands do not arrive`. */
  readonly ifDenied: string;
  /** One session subscribes for all bridges of this process. */
  readonly isShared?: true;
}

/** The subscriptions of a bridge, the most important first. */
export function subscriptionsOf(
  { discovery, discoveryPrefix }: Pick<BridgeSettings, 'discovery' | 'discoveryPrefix'>,
  { commands }: Pick<Topics, 'commands'>,
): TopicSubscription[] {
  const toCommands = { filters: commands, ifDenied: 'commands do not arrive' };
  if (!discovery) return [toCommands];
  return [
    toCommands,
    { filters: [...birthTopicsOf(discoveryPrefix)], ifDenied: 'a start of Home Assistant is not noticed' },
    {
      filters: [configFilter(discoveryPrefix)],
      ifDenied: 'devices removed in Home Assistant come back',
      isShared: true,
    },
  ];
}

/** Topics of Home Assistant's birth message: the default, and the one below a discovery prefix. */
export function birthTopicsOf(discoveryPrefix: string): ReadonlySet<string> {
  return new Set([BIRTH_TOPIC, `${discoveryPrefix}/status`]);
}

/** Settings of a bridge's connection. */
export interface BridgeConnectionOptions {
  readonly broker: BrokerOptions;
  readonly topics: Topics;
  readonly subscriptions: readonly TopicSubscription[];
  readonly discovery: DiscoveryScope;
  readonly timings: Pick<BridgeTimings, 'retainedMs' | 'pingTimeoutMs' | 'standbyRetryMs'>;
  /** In [0, 1). */
  readonly random: () => number;
}

/** Events of a bridge's connection. */
interface BridgeConnectionEvents {
  connecting: [];
  /** The bridge may publish. */
  active: [session: MqttSession];
  /** The active session has ended. @param problem null: it was closed by this side */
  inactive: [problem: ConnectionProblem | null];
  /** A failed attempt to connect, or a lost connection. */
  problem: [problem: ConnectionProblem];
  /** Another bridge is active; it is checked again later. */
  standby: [];
  /** A message of a subscribed topic, without those between bridges. */
  message: [message: ReceivedMessage];
  /** Removals in Home Assistant may have been missed. */
  discoveryMissed: [];
  /** On standby: the payload of an event that the active bridge has published. */
  otherEvent: [payload: string];
  /** The broker has published the last will of an earlier session, so the retained state of this bridge is wrong. */
  stateOverwritten: [];
  /** A sentence for the user. */
  warning: [message: string];
}

const FORBIDDEN = 'The MQTT broker ends the connection over what this account asks for';

/**
 * The bridge's MQTT connection. Reconnects until {@link stop}. Becomes active if no other bridge for this NAS answers; else
 * disconnects and retries after `standbyRetryMs`.
 */
export class BridgeConnection extends EventEmitter<BridgeConnectionEvents> {
  readonly #options: BridgeConnectionOptions;
  readonly #duplicateCheck: DuplicateBridgeCheck;
  readonly #forbidden = new ForbiddenRequests();
  readonly #discovery: DiscoveryMembership;
  readonly #timers = new NamedTimers((error) => this.#options.broker.logger?.fault?.(error));
  /** True from {@link start} to {@link stop}. */
  #isStarted = false;
  #connection: MqttConnection | null = null;
  /** On standby: the connection without a last will that receives the events of the active bridge. */
  #standbyConnection: MqttConnection | null = null;
  #session: MqttSession | null = null;
  /** Resolves when the last connection has been closed. */
  #closed: Promise<void> = Promise.resolve();

  constructor(options: BridgeConnectionOptions) {
    super();
    this.#options = options;
    this.#duplicateCheck = new DuplicateBridgeCheck(options.topics, options.timings);
    this.#discovery = new DiscoveryMembership(options.discovery, {
      receive: (message) => this.emit('message', message),
      missed: () => this.emit('discoveryMissed'),
    });
  }

  /** The session while the bridge is active; else null. */
  get session(): MqttSession | null {
    return this.#session;
  }

  /** Connects until {@link stop}; does nothing if it is connecting or connected already. */
  start(): void {
    const { broker } = this.#options;
    this.#isStarted = true;
    if (this.#connection !== null) return;
    this.#timers.clear('standby');
    const standbyConnection = this.#standbyConnection;
    this.#standbyConnection = null;
    this.emit('connecting');
    const connection = new MqttConnection({
      broker,
      will: this.#will,
      onSession: (session) => {
        this.#checkAndActivate(connection, session).catch((error: unknown) => {
          // After a lost session every request fails; the next session starts over.
          if (this.#session === session) this.emit('warning', messageOf(error));
        });
      },
      onProblem: (problem) => {
        this.#forbidden.connectionLost(problem);
        this.#deactivate(problem);
        this.emit('problem', problem);
      },
      onMessage: (message) => {
        this.#handleMessage(message);
      },
    });
    this.#connection = connection;
    // Two connections with the same client id would disconnect each other.
    if (standbyConnection === null) connection.open();
    else void this.#openAfter(standbyConnection, connection);
  }

  async #openAfter(standbyConnection: MqttConnection, connection: MqttConnection): Promise<void> {
    await standbyConnection.close([]);
    if (this.#connection === connection) connection.open();
  }

  /** Disconnects. @param publishOffline while active: a broker publishes no last will after an orderly disconnect */
  async stop({ publishOffline }: { publishOffline: boolean }): Promise<void> {
    const messages: OutgoingMessage[] =
      publishOffline && this.#session !== null ? [{ ...this.#will, retain: true }] : [];
    this.#isStarted = false;
    await this.#disconnect(messages);
  }

  async #disconnect(closeMessages: readonly OutgoingMessage[]): Promise<void> {
    const connection = this.#connection;
    this.#connection = null;
    const standbyConnection = this.#standbyConnection;
    this.#standbyConnection = null;
    this.#timers.clear();
    this.#deactivate();
    if (standbyConnection !== null) this.#closed = standbyConnection.close([]);
    if (connection !== null) this.#closed = connection.close(closeMessages);
    await this.#closed; // also of an earlier call that has not finished
  }

  get #will(): { topic: string; payload: string } {
    return { topic: this.#options.topics.bridge, payload: 'offline' };
  }

  #deactivate(problem: ConnectionProblem | null = null): void {
    this.#timers.clear('duplicate');
    this.#duplicateCheck.cancel();
    this.#discovery.leave();
    if (this.#session === null) return;
    this.#session = null;
    this.emit('inactive', problem);
  }

  async #checkAndActivate(connection: MqttConnection, session: MqttSession): Promise<void> {
    const { topics, subscriptions } = this.#options;
    if (await this.#isOtherBridgeActive(session)) {
      await this.#goStandby();
      return;
    }
    await this.#subscribe(session, {
      filters: [topics.bridge],
      ifDenied: 'another bridge of the same NAS is not noticed',
    });
    for (const subscription of subscriptions) {
      const subscribe = (): Promise<boolean> => this.#subscribe(session, subscription);
      if (this.#connection !== connection) return;
      await (subscription.isShared === true ? this.#discovery.join(subscribe) : subscribe());
    }
    if (this.#connection !== connection) return;
    this.#session = session;
    this.emit('active', session);
  }

  /** False if the broker ends the connection over the check itself. */
  async #isOtherBridgeActive(session: MqttSession): Promise<boolean> {
    const { bridge, command } = this.#options.topics;
    const isActive = await this.#forbidden.attempt([bridge, command], () =>
      this.#duplicateCheck.isOtherBridgeActive(session),
    );
    if (isActive === null) this.emit('warning', `${FORBIDDEN}, so another bridge of the same NAS is not noticed`);
    return isActive ?? false;
  }

  /** A refused subscription is left out with a warning. @returns whether the broker has accepted it */
  async #subscribe(session: MqttSession, { filters, ifDenied }: TopicSubscription): Promise<boolean> {
    const refusal = await this.#forbidden.attempt(filters, () =>
      session.subscribe(filters, { onlyNew: true }).then(
        () => '',
        (error: unknown) => {
          if (error instanceof BrokerRefusedError) return error.message;
          throw error;
        },
      ),
    );
    const reason = refusal ?? `${FORBIDDEN} (${filters.join(', ')})`;
    if (reason !== '') this.emit('warning', `${reason}, so ${ifDenied}`);
    return reason === '';
  }

  async #goStandby(): Promise<void> {
    await this.#disconnect([]);
    if (!this.#isStarted || this.#connection !== null) return; // stopped or started again meanwhile
    this.emit('standby');
    this.#connectStandby();
  }

  /** Receives the events of the active bridge, and becomes active when that bridge has gone. */
  #connectStandby(): void {
    const { broker, topics } = this.#options;
    const connection = new MqttConnection({
      broker,
      will: null,
      onSession: (session) => {
        void session
          .subscribe([topics.event], { onlyNew: true })
          .catch(() => undefined) // lost or refused: the events of the active bridge stay unknown
          .then(() => {
            this.#retryLater(connection, session);
          });
      },
      onProblem: () => {
        this.#timers.clear('standby');
        this.#duplicateCheck.cancel();
      },
      onMessage: (message) => {
        this.#duplicateCheck.handleResponse(message);
        if (message.topic === topics.event) this.emit('otherEvent', message.payload.toString());
      },
    });
    this.#standbyConnection = connection;
    connection.open();
  }

  #retryLater(connection: MqttConnection, session: MqttSession): void {
    const { timings, random } = this.#options;
    if (this.#standbyConnection !== connection) return;
    this.#timers.set('standby', timings.standbyRetryMs * (1 + random()), () => {
      this.#duplicateCheck.isOtherBridgeActive(session).then(
        (isActive) => {
          if (this.#standbyConnection !== connection) return;
          if (!isActive) {
            this.start();
            return;
          }
          this.emit('standby');
          this.#retryLater(connection, session);
        },
        () => undefined, // a lost session: the next one checks again
      );
    });
  }

  #handleMessage(message: ReceivedMessage): void {
    this.#duplicateCheck.handleResponse(message);
    if (this.#duplicateCheck.isOwnPing(message)) return;
    if (message.topic === this.#options.topics.bridge) this.#handleBridgeState(message.payload.toString());
    else {
      this.#discovery.share(message);
      this.emit('message', message);
    }
  }

  /** The late last will of an earlier session, or the state of another bridge that has connected at the same time. */
  #handleBridgeState(payload: string): void {
    const session = this.#session;
    if (session === null) return;
    if (payload === 'offline') this.emit('stateOverwritten');
    // With MQTT 3.1.1 this may be the own message: then the ping stays unanswered.
    if (payload !== 'online') return;
    const { timings, random } = this.#options;
    this.#timers.setOnce('duplicate', timings.pingTimeoutMs * 2 * random(), () => {
      this.#duplicateCheck
        .doesOtherAnswer(session)
        .then((isAnswered) => (isAnswered ? this.#goStandby() : undefined))
        .catch(() => undefined); // a lost session: the next one checks again
    });
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
