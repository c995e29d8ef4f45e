import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Incoming, Session } from '../../mqtt/connection';
import { Refused } from '../../mqtt/types';
import type { Topics } from '../../mqtt/topics';
import type { Pace } from './pace';

/** A question to whoever takes the commands of a NAS, which no command is: a bridge that lives refuses it. */
export const QUESTION = 'hello';

type QuestionTopics = Pick<Topics, 'bridge' | 'command' | 'response'>;
type Patience = Pick<Pace, 'retainedMs' | 'presenceMs'>;

/** A question under way. */
interface Probe {
  readonly id: string;
  isAnswered: boolean;
  /** Aborted when there is nothing to wait for any more. */
  readonly over: AbortController;
}

/**
 * Finds out whether another bridge publishes the same NAS on the same broker. What the broker holds does not tell: a bridge
 * that has lost its connection is on line there until the broker notices. But one that lives answers commands.
 */
export class Presence {
  readonly #topics: QuestionTopics;
  readonly #pace: Patience;
  #probe: Probe | null = null;

  constructor(topics: QuestionTopics, pace: Patience) {
    this.#topics = topics;
    this.#pace = pace;
  }

  /** Whether a bridge is on line at the broker, and answers. @throws SessionLost */
  async isTaken(session: Session): Promise<boolean> {
    const { bridge } = this.#topics;
    try {
      const standing = await session.retained(bridge, this.#pace.retainedMs);
      return standing.get(bridge) === 'online' && (await this.isAnswered(session));
    } catch (error) {
      if (error instanceof Refused) return false; // access rules that do not let us look do not forbid to publish
      throw error;
    }
  }

  /** Whether another bridge answers. What comes meanwhile has to be handed to {@link hear}. @throws SessionLost */
  async isAnswered(session: Session): Promise<boolean> {
    const { command, response } = this.#topics;
    const probe: Probe = { id: randomUUID(), isAnswered: false, over: new AbortController() };
    this.#probe = probe;
    try {
      await session.subscribe([response], { onlyNew: true });
      const payload = JSON.stringify({ action: QUESTION, id: probe.id });
      await session.publish({ topic: command, payload, retain: false });
      await sleep(this.#pace.presenceMs, undefined, { signal: probe.over.signal }).catch(() => undefined);
      await session.unsubscribe([response]);
      return probe.isAnswered;
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
  hear({ topic, payload }: Pick<Incoming, 'topic' | 'payload'>): void {
    if (this.#probe === null || topic !== this.#topics.response || !payload.includes(this.#probe.id)) return;
    this.#probe.isAnswered = true;
    this.#probe.over.abort();
  }

  /** Whether a command is our own question, which MQTT 3.1.1 sends back to us. */
  isOwnQuestion({ topic, payload }: Pick<Incoming, 'topic' | 'payload'>): boolean {
    return this.#probe !== null && topic === this.#topics.command && payload.includes(this.#probe.id);
  }
}
