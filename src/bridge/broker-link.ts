import { EventEmitter } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { Publisher } from '../mqtt/publisher';
import type { ConnectionProblem, MqttSession, ReceivedMessage } from '../mqtt/types';
import { BridgeConnection, type BridgeConnectionOptions } from './bridge-connection';
import type { OpenJournal } from './types';
import { publishedKeyOf } from './standby-events';
import type { BridgeTimings } from './timings';
import { UndeliveredEvents, type OutgoingEvent } from './undelivered-events';

/** Settings of a link. */
export interface BrokerLinkOptions extends BridgeConnectionOptions {
  readonly openJournal: OpenJournal | null;
  readonly timings: BridgeConnectionOptions['timings'] & Pick<BridgeTimings, 'publishedAfterMs' | 'acknowledgeMs'>;
}

interface BrokerLinkEvents {
  connecting: [];
  problem: [problem: ConnectionProblem];
  /** Messages are published from now on; the broker may have lost its retained messages. */
  active: [session: MqttSession];
  inactive: [];
  /** Another bridge publishes this NAS. */
  standby: [];
  message: [message: ReceivedMessage];
  /** Removals in Home Assistant may have been missed. */
  discoveryMissed: [];
  /** The broker has accepted the event with this key. */
  delivered: [key: string];
  /** A sentence for the user. */
  warning: [message: string];
}

/** Listeners of a link without a bridge. */
export interface DetachedLinkListener {
  /** The connection has ended, so the next bridge cannot continue with it. */
  readonly onLost: () => void;
  /** @see BrokerLinkEvents.delivered */
  readonly onDelivered: (key: string) => void;
}

/** Bounds the memory for messages that are received during a deploy. */
const MAX_RECEIVED = 100;

/**
 * The link of a bridge to its broker: connection, publisher and undelivered events. It survives a deploy: the bridge
 * instance before the deploy detaches it, the one after the deploy attaches it, and nothing in flight is lost meanwhile.
 */
export class BrokerLink extends EventEmitter<BrokerLinkEvents> {
  /** Holds the desired retained state. */
  readonly publisher: Publisher;
  readonly #options: BrokerLinkOptions;
  readonly #connection: BridgeConnection;
  readonly #events: UndeliveredEvents;
  /** Messages received while detached. */
  #received: ReceivedMessage[] = [];
  #isStandby = false;

  constructor(options: BrokerLinkOptions) {
    super();
    this.#options = options;
    this.publisher = new Publisher({ acknowledgeTimeoutMs: options.timings.acknowledgeMs });
    this.#connection = new BridgeConnection(options);
    this.#events = new UndeliveredEvents({
      openJournal: options.openJournal,
      send: (message, onAnswered) => {
        this.publisher.publishEvent(message, onAnswered);
      },
    });
    this.#listen();
  }

  /** The session while messages are published; else null. */
  get session(): MqttSession | null {
    return this.#connection.session;
  }

  /** Reads the file of undelivered events. Call it once, after listeners for warnings have been added. */
  load(): void {
    this.#events.load();
  }

  /** Connects until {@link stopWhenIdle} or {@link close}. */
  start(): void {
    this.#connection.start();
  }

  /** Publishes an event as soon as the broker accepts it. On standby only events with a key are stored. */
  deliver(event: OutgoingEvent): void {
    // The active bridge reports all events; those with a key are stored in case it cannot publish them any more.
    if (!this.#isStandby || event.key !== null) this.#events.add(event);
  }

  /** @see UndeliveredEvents.areStored */
  get areEventsStored(): boolean {
    return this.#events.areStored;
  }

  /** Drops all undelivered events. */
  dropEvents(): void {
    this.#events.dropBefore(Infinity);
  }

  /**
   * Disconnects without publishing `offline` when the broker has acknowledged everything, at the latest after `limitMs`.
   * @returns false if it has not acknowledged everything
   */
  async stopWhenIdle(limitMs: number): Promise<boolean> {
    const { session } = this;
    const timeout = new AbortController();
    const expired = sleep(limitMs, false, { signal: timeout.signal }).catch(() => false);
    const isIdle = await Promise.race([this.publisher.whenIdle().then(() => true), expired]);
    timeout.abort();
    const isDone = isIdle && this.session === session;
    await this.#connection.stop({ publishOffline: false });
    return isDone;
  }

  /** Publishes `offline`, disconnects and closes the file. Takes at most 800 ms. */
  async close(): Promise<void> {
    await this.#connection.stop({ publishOffline: true });
    this.#events.end();
  }

  /** Replaces all listeners: the link continues without a bridge, delivers, and stores received messages. */
  detach({ onLost, onDelivered }: DetachedLinkListener): void {
    this.removeAllListeners();
    this.on('inactive', onLost);
    this.on('delivered', onDelivered);
    this.on('message', (message) => {
      if (this.#received.length < MAX_RECEIVED) this.#received.push(message);
    });
  }

  /** Removes the listeners of {@link detach}. @returns the messages received since */
  attach(): readonly ReceivedMessage[] {
    this.removeAllListeners();
    return this.#received.splice(0);
  }

  #listen(): void {
    const connection = this.#connection;
    connection.on('active', (session) => {
      this.#begin(session);
    });
    connection.on('inactive', (problem) => {
      this.#events.close();
      this.publisher.clearSession(problem?.cause);
      this.emit('inactive');
    });
    connection.on('standby', () => {
      this.#isStandby = true;
      // The active bridge has published these events.
      this.publisher.dropEvents();
      this.#events.dropBefore(Date.now() - this.#options.timings.publishedAfterMs);
      this.emit('standby');
    });
    connection.on('otherEvent', (payload) => {
      const key = publishedKeyOf(payload);
      if (key !== null) this.#events.markPublished(key);
    });
    connection.on('stateOverwritten', () => {
      this.publisher.republish((topic) => topic === this.#options.topics.bridge);
    });
    connection.on('connecting', () => this.emit('connecting'));
    connection.on('problem', (problem) => this.emit('problem', problem));
    connection.on('message', (message) => this.emit('message', message));
    connection.on('discoveryMissed', () => this.emit('discoveryMissed'));
    this.#events.on('delivered', (key) => this.emit('delivered', key));
    const warn = (message: string): void => void this.emit('warning', message);
    connection.on('warning', warn);
    this.publisher.on('warning', warn);
    this.#events.on('warning', warn);
  }

  #begin(session: MqttSession): void {
    if (!session.retainAvailable) {
      const text =
        'This MQTT broker keeps no retained messages: after a restart Home Assistant has no values for a while';
      this.emit('warning', text);
    }
    this.#isStandby = false;
    const mayHaveLost = this.publisher.setSession(session);
    this.publisher.retain(this.#options.topics.bridge, 'online');
    if (mayHaveLost) this.publisher.republish();
    this.#events.open();
    this.emit('active', session);
  }
}
