import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Incoming, Session } from '../mqtt/mqtt-connection';
import { BrokerRefusedError } from '../mqtt/types';
import type { Topics } from '../home-assistant/topics';
import type { BridgeTimings } from './timings';

/** A question to whoever takes the commands of a NAS, which no command is: a bridge that lives refuses it. */
export const PING_ACTION = 'hello';

type QuestionTopics = Pick<Topics, 'bridge' | 'command' | 'response'>;
type Patience = Pick<BridgeTimings, 'retainedMs' | 'presenceMs'>;

/** A question under way. */
interface Probe {
  readonly id: string;
  doesOtherAnswer: boolean;
  /** Aborted when there is nothing to wait for any more. */
  readonly over: AbortController;
}

/**
 * Finds out whether another bridge publishes the same NAS on the same broker. What the broker holds does not tell: a bridge
 * that has lost its connection is on line there until the broker notices. But one that lives answers commands.
 */
export class DuplicateBridgeCheck {
  readonly #topics: QuestionTopics;
  readonly #pace: Patience;
  #probe: Probe | null = null;

  constructor(topics: QuestionTopics, pace: Patience) {
    this.#topics = topics;
    this.#pace = pace;
  }

  /** Whether a bridge is on line at the broker, and answers. @throws SessionLost */
  async isOtherBridgeActive(session: Session): Promise<boolean> {
    const { bridge } = this.#topics;
    try {
      const standing = await session.retained(bridge, this.#pace.retainedMs);
      return standing.get(bridge) === 'online' && (await this.doesOtherAnswer(session));
    } catch (error) {
      if (error instanceof BrokerRefusedError) return false; // access rules that do not let us look do not forbid to publish
      throw error;
    }
  }

  /** Whether another bridge answers. What comes meanwhile has to be handed to {@link handleResponse}. @throws SessionLost */
  async doesOtherAnswer(session: Session): Promise<boolean> {
    const { command, response } = this.#topics;
    const probe: Probe = { id: randomUUID(), doesOtherAnswer: false, over: new AbortController() };
    this.#probe = probe;
    try {
      await session.subscribe([response], { onlyNew: true });
      const payload = JSON.stringify({ action: PING_ACTION, id: probe.id });
      await session.publish({ topic: command, payload, retain: false });
      await sleep(this.#pace.presenceMs, undefined, { signal: probe.over.signal }).catch(() => undefined);
      await session.unsubscribe([response]);
      return probe.doesOtherAnswer;
    } finally {
      // The next session may have asked meanwhile.
      if (this.#probe === probe) this.#probe = null;
    }
  }

  /** The session is lost or left: nobody can answer any more. */
  giveUp(): void {
    this.#probe?.over.abort();
  }

  /** Takes an answer, if it is the one that is waited for. */
  handleResponse({ topic, payload }: Pick<Incoming, 'topic' | 'payload'>): void {
    if (this.#probe === null || topic !== this.#topics.response || !payload.includes(this.#probe.id)) return;
    this.#probe.doesOtherAnswer = true;
    this.#probe.over.abort();
  }

  /** Whether a command is our own question, which MQTT 3.1.1 sends back to us. */
  isOwnQuestion({ topic, payload }: Pick<Incoming, 'topic' | 'payload'>): boolean {
    return this.#probe !== null && topic === this.#topics.command && payload.includes(this.#probe.id);
  }
}
