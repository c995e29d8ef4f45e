import type { ConnectionOptions as TlsOptions } from 'node:tls';

/** Receives diagnostic lines, which contain no payload, no name and no password. */
export interface ConnectionLogger {
  debug(message: string): void;
  /** Receives an error thrown by this package in a listener or timer, where it has no caller. */
  fault?(error: unknown): void;
}

/** Address and account of a broker, and how to connect. */
export interface BrokerOptions {
  /** `mqtt://`, `mqtts://`, `ws://` or `wss://`. A user name or password in it is ignored and never logged. */
  readonly url: string;
  readonly clientId: string;
  readonly username?: string;
  readonly password?: string;
  /** For `mqtts` and `wss` only. */
  readonly tls?: TlsOptions;
  /** `auto`: MQTT 5, or 3.1.1 if the broker does not support it. */
  readonly protocolVersion: 'auto' | 5 | 4;
  readonly keepaliveSeconds: number;
  /** Receives a line per connection and per end of one, and the counts of published messages. Default: no log. */
  readonly logger?: ConnectionLogger;
}

/** A message to publish, always with QoS 1. */
export interface OutgoingMessage {
  readonly topic: string;
  readonly payload: string;
  readonly retain: boolean;
  /** MQTT 5: identifies the request that this message responds to. */
  readonly correlationData?: Buffer;
}

/** A message from a subscribed topic. */
export interface ReceivedMessage {
  readonly topic: string;
  readonly payload: Buffer;
  /** True for a message that the broker had retained; with MQTT 5 also for a new one that was published as retained. */
  readonly retain: boolean;
  /** MQTT 5: the topic for the response; null if the sender set none. */
  readonly responseTopic: string | null;
  /** MQTT 5: to be returned with the response; null if the sender set none. */
  readonly correlationData: Buffer | null;
  /** It came through the session of another bridge, to which the messages of this one are not its own. */
  readonly mayBeOwn?: true;
}

/** Why there is no connection. */
export interface ConnectionProblem {
  readonly kind: 'unreachable' | 'refused-login' | 'refused' | 'tls' | 'taken-over' | 'protocol';
  /** A sentence that the user can act on. It names `host:port`, but no secret. */
  readonly message: string;
  /** Set if the broker ended the connection because of a message or subscription. */
  readonly cause?: EndCause;
}

/**
 * Why a broker ended a connection: `topic`, the account may not use a topic; `size`, a message was too large; `rate`, there
 * were too many messages; `perhaps`, no reason was given while requests were unanswered, as MQTT 3.1.1 brokers do;
 * `subscription`, one of the last two while a subscription was unanswered.
 */
export type EndCause = 'perhaps' | 'topic' | 'size' | 'rate' | 'subscription';

/** An accepted connection. Once it is lost every call rejects with {@link SessionLostError}. */
export interface MqttSession {
  readonly version: 5 | 4;
  /** How many unacknowledged messages the broker accepts; 65,535 if it announces no limit. */
  readonly receiveMaximum: number;
  /** Bytes; the maximum of MQTT (268,435,460) if the broker announces none. */
  readonly maximumPacketSize: number;
  /** False if the broker cannot retain messages. */
  readonly retainAvailable: boolean;
  /**
   * Resolves when the broker has acknowledged the message.
   * @throws SessionLostError when the connection ends before
   * @throws BrokerRefusedError when the broker refuses it (MQTT 5 only: MQTT 3.1.1 has no such response)
   */
  publish(message: OutgoingMessage): Promise<void>;
  /**
   * Subscribes; messages go to the connection's `onMessage`. With MQTT 5 the client's own messages are left out.
   * @param options onlyNew: without the messages that are retained already (MQTT 5)
   * @throws SessionLostError
   * @throws BrokerRefusedError naming the refused filters; the other filters are subscribed
   */
  subscribe(filters: readonly string[], options?: { readonly onlyNew?: boolean }): Promise<void>;
  /** @throws SessionLostError */
  unsubscribe(filters: readonly string[]): Promise<void>;
  /**
   * Reads the retained messages that match a filter, the client's own included: topic → payload. They do not go to
   * `onMessage`, unless a subscription matches them as well.
   * @param waitMs upper limit; the read ends earlier when no more messages arrive
   * @throws SessionLostError
   * @throws BrokerRefusedError
   */
  retained(filter: string, waitMs: number): Promise<ReadonlyMap<string, string>>;
  /** Drops the connection because the broker does not acknowledge; the client then reconnects. */
  abandon(): void;
}

/** The connection ended before the broker responded: it may have processed the request or not. */
export class SessionLostError extends Error {
  override readonly name = 'SessionLost';
  constructor() {
    super('The connection to the MQTT broker was lost');
  }
}

/** The broker refused a message or a subscription. */
export class BrokerRefusedError extends Error {
  override readonly name = 'Refused';

  constructor(
    readonly action: 'publish' | 'subscribe',
    /** The topic, or the refused filters. */
    readonly topics: readonly string[],
    /** The broker's reason, in a few words. */
    readonly reason: string,
    /** Whether a quota is exceeded, so that the same request may be accepted later. */
    readonly isQuota = false,
  ) {
    super(
      isQuota
        ? `The MQTT broker accepts no more for ${topics.join(', ')} (${reason}): raise the limits of its plan, or publish fewer tasks and machines`
        : `The MQTT broker does not allow this account to ${action} to ${topics.join(', ')} (${reason})`,
    );
  }
}
