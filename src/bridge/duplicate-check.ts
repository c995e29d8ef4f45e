import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Topics } from '../home-assistant/topics';
import { BrokerRefusedError, type MqttSession, type ReceivedMessage } from '../mqtt/types';
import type { BridgeTimings } from './timings';

/** Action of a ping between bridges. It is not a command, so an active bridge responds by rejecting it. */
export const PING_ACTION = 'hello';

interface Ping {
  readonly id: string;
  isAnswered: boolean;
  /** Aborted when the ping is answered or cannot be answered any more. */
  readonly done: AbortController;
}

/**
 * Detects another bridge that publishes the same NAS on the same broker. The retained state of the bridge is not enough: a
 * bridge that has lost its connection stays `online` until the broker publishes its last will. A ping needs a live bridge.
 */
export class DuplicateBridgeCheck {
  readonly #topics: Pick<Topics, 'bridge' | 'command' | 'response'>;
  readonly #timings: Pick<BridgeTimings, 'retainedMs' | 'pingTimeoutMs'>;
  #ping: Ping | null = null;

  constructor(
    topics: Pick<Topics, 'bridge' | 'command' | 'response'>,
    timings: Pick<BridgeTimings, 'retainedMs' | 'pingTimeoutMs'>,
  ) {
    this.#topics = topics;
    this.#timings = timings;
  }

  /** Whether a bridge is `online` according to the broker and responds to a ping. @throws SessionLostError */
  async isOtherBridgeActive(session: MqttSession): Promise<boolean> {
    const { bridge } = this.#topics;
    try {
      const retained = await session.retained(bridge, this.#timings.retainedMs);
      return retained.get(bridge) === 'online' && (await this.doesOtherAnswer(session));
    } catch (error) {
      if (error instanceof BrokerRefusedError) return false; // an account without read access may still publish
      throw error;
    }
  }

  /**
   * Whether another bridge responds to a ping. Meanwhile the caller passes received messages to {@link handleResponse}.
   * @throws SessionLostError
   */
  async doesOtherAnswer(session: MqttSession): Promise<boolean> {
    const { command, response } = this.#topics;
    const ping: Ping = { id: randomUUID(), isAnswered: false, done: new AbortController() };
    this.#ping = ping;
    try {
      await session.subscribe([response], { onlyNew: true });
      const payload = JSON.stringify({ action: PING_ACTION, id: ping.id });
      await session.publish({ topic: command, payload, retain: false });
      await sleep(this.#timings.pingTimeoutMs, undefined, { signal: ping.done.signal }).catch(() => undefined);
      await session.unsubscribe([response]);
      return ping.isAnswered;
    } finally {
      // The next session may have sent a ping of its own meanwhile.
      if (this.#ping === ping) this.#ping = null;
    }
  }

  /** The session has ended: a response cannot arrive any more. */
  cancel(): void {
    this.#ping?.done.abort();
  }

  /** Handles a message if it is the response to the current ping. */
  handleResponse({ topic, payload }: Pick<ReceivedMessage, 'topic' | 'payload'>): void {
    if (this.#ping === null || topic !== this.#topics.response || !payload.includes(this.#ping.id)) return;
    this.#ping.isAnswered = true;
    this.#ping.done.abort();
  }

  /** Whether a message is the own ping, which MQTT 3.1.1 returns to its sender. */
  isOwnPing({ topic, payload }: Pick<ReceivedMessage, 'topic' | 'payload'>): boolean {
    return this.#ping !== null && topic === this.#topics.command && payload.includes(this.#ping.id);
  }
}
