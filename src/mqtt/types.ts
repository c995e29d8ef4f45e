import type { ConnectionOptions } from 'node:tls';
import type { ConnectionLogger } from './logger';

/** How to reach a broker, and as whom. */
export interface BrokerOptions {
  /** `mqtt://`, `mqtts://`, `ws://` or `wss://`; a name or password in it is ignored, and never shown. */
  readonly url: string;
  readonly clientId: string;
  readonly username?: string;
  readonly password?: string;
  /** For `mqtts` and `wss` only. */
  readonly tls?: ConnectionOptions;
  /** `auto`: MQTT 5, and 3.1.1 where the broker does not speak it. */
  readonly protocolVersion: 'auto' | 5 | 4;
  readonly keepaliveSeconds: number;
  /** Takes a line for each connection and its end, and counts of what was published; default: nobody. */
  readonly logger?: ConnectionLogger;
}

/** What is published, always with QoS 1. */
export interface OutgoingMessage {
  readonly topic: string;
  readonly payload: string;
  readonly retain: boolean;
  /** MQTT 5: tells whoever asked which question this answers. */
  readonly correlationData?: Buffer;
}

/** What came. */
export interface ReceivedMessage {
  readonly topic: string;
  readonly payload: Buffer;
  /** The broker had kept it, or (MQTT 5) it was published to be kept. */
  readonly retain: boolean;
  /** MQTT 5: where its sender wants the answer; null where it does not say. */
  readonly responseTopic: string | null;
  /** MQTT 5: what its sender wants back with the answer. */
  readonly correlationData: Buffer | null;
}

/** Why there is no connection. */
export interface ConnectionProblem {
  readonly kind: 'unreachable' | 'refused-login' | 'refused' | 'tls' | 'taken-over' | 'protocol';
  /** One sentence that a person can act on; names `host:port`, and no secret. */
  readonly message: string;
  /**
   * Whether the broker ended the connection over something that it was sent: `topic`, it is not allowed there; `size`, it
   * was too large; `perhaps`, it gave no reason, as brokers of MQTT 3.1.1 do. Left out: over nothing that we did.
   */
  readonly blame?: Blame;
}

/** What a broker may have ended a connection over; see {@link ConnectionProblem.blame}. */
export type Blame = 'perhaps' | 'topic' | 'size';

/** What a connection that stands offers. Once it is lost everything it is asked for is refused with {@link SessionLostError}. */
export interface MqttSession {
  readonly version: 5 | 4;
  /** How many messages the broker takes before it has acknowledged the first one; 65,535 where it does not say. */
  readonly receiveMaximum: number;
  /** Bytes; what MQTT allows (268,435,460) where the broker does not say. */
  readonly maximumPacketSize: number;
  /** False: the broker forgets every message as soon as it is delivered. */
  readonly retainAvailable: boolean;
  /**
   * Resolves when the broker has it.
   * @throws SessionLost when the connection ends before; Refused when the broker does not want it (MQTT 5 only: with 3.1.1
   * it cannot say so)
   */
  publish(message: OutgoingMessage): Promise<void>;
  /**
   * Messages come to the connection's `onMessage`, our own ones not (MQTT 5).
   * @param options onlyNew: none of the retained ones that are there already (MQTT 5)
   * @throws SessionLost; Refused naming the filters that the broker does not allow: the others stand
   */
  subscribe(filters: readonly string[], options?: { readonly onlyNew?: boolean }): Promise<void>;
  /** @throws SessionLost */
  unsubscribe(filters: readonly string[]): Promise<void>;
  /**
   * What the broker holds, our own included: topic → payload. Other messages of these topics do not come to `onMessage`,
   * unless they are subscribed to as well.
   * @param waitMs at most this long; it is over sooner when nothing more comes
   * @throws SessionLost; Refused
   */
  retained(filter: string, waitMs: number): Promise<ReadonlyMap<string, string>>;
  /** Ends the connection because the broker does not acknowledge what it is sent; a new one follows by itself. */
  abandon(): void;
}

/** The connection ended before the broker had answered: whether it did what it was asked for is not known. */
export class SessionLostError extends Error {
  override readonly name = 'SessionLost';
  constructor() {
    super('The connection to the MQTT broker was lost');
  }
}

/** The broker said no. */
export class BrokerRefusedError extends Error {
  override readonly name = 'Refused';

  constructor(
    /** What it does not allow. */
    readonly what: 'publish' | 'subscribe',
    /** The filters, or the topic, that it concerns. */
    readonly topics: readonly string[],
    /** The broker's own, in a few words. */
    readonly reason: string,
  ) {
    super(`The MQTT broker does not allow this account to ${what} to ${topics.join(', ')} (${reason})`);
  }
}
