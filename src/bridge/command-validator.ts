import { isStale, parseCommandPayload } from './command-payload';
import { parseCommandTopic, type Topics } from '../home-assistant/topics';
import type { ReceivedMessage } from '../mqtt/types';

/** What can be asked for. Nothing that deletes can (Home Assistant facts 2.5). */
export type Action = 'backup' | 'cancel' | 'refresh';

/** A command that passed the gate. */
export interface Command {
  /** As its sender calls it; null where it gave none. */
  readonly id: string | null;
  readonly action: Action;
  /** Null: the NAS as a whole. */
  readonly taskId: number | null;
}

/** A command that did not pass. */
export interface RejectedCommand {
  /** Null where it has none that can be read. */
  readonly id: string | null;
  /** As it was sent; null where it cannot be read. */
  readonly action: string | null;
  readonly reason:
    'retained' | 'too_large' | 'malformed' | 'unknown_action' | 'stale' | 'unknown_task' | 'repeated' | 'too_many';
}

const MOST_BYTES = 1024;

/** How long an id counts as seen: longer than a broker or a client tries to deliver one message. */
const ID_MEMORY_MS = 10 * 60_000;
/** Two presses of the same button within this are one. */
const DEBOUNCE_MS = 5000;
const MOST_PER_MINUTE = 30;
const MINUTE_MS = 60_000;

const ACTIONS: Readonly<Record<'nas' | 'task', ReadonlySet<string>>> = {
  nas: new Set<Action>(['refresh']),
  task: new Set<Action>(['backup', 'cancel']),
};

/**
 * Lets through what may be carried out. It knows the rules that need no NAS: those of the message itself, and of the ones
 * that it has let through before.
 */
export class CommandValidator {
  readonly #topics: Topics;
  /** From when to when (epoch ms) an id, or an action on a topic, counts as seen. */
  readonly #seen = new Map<string, { readonly from: number; readonly until: number }>();
  /** When (epoch ms) commands were let through in the last minute. */
  #accepted: number[] = [];

  constructor(topics: Topics) {
    this.#topics = topics;
  }

  /**
   * @param now epoch ms
   * @returns null for what is no command: it came on another topic
   */
  validate(message: ReceivedMessage, now: number): Command | RejectedCommand | null {
    const target = parseCommandTopic(this.#topics, message.topic);
    if (target === null) return null;
    // One that long is not even read.
    if (message.payload.length > MOST_BYTES) return { id: null, action: null, reason: 'too_large' };
    const request = parseCommandPayload(message.payload.toString());
    const { id, action } = request;
    const refuse = (reason: RejectedCommand['reason']): RejectedCommand => ({ id, action, reason });
    if (message.retain) return refuse('retained');
    if (request.isMalformed) return refuse('malformed');
    const taskId = target === 'nas' ? null : taskIdOf(target.taskId);
    if (taskId === undefined) return refuse('unknown_task');
    if (!isAction(action, taskId)) return refuse('unknown_action');
    if (isStale(request, now)) return refuse('stale');
    const objection = this.#objection(id, `${action} ${message.topic}`, now);
    return objection === null ? { id, action, taskId } : refuse(objection);
  }

  /** What speaks against a command in view of those before it. If nothing does, it counts as let through. */
  #objection(id: string | null, act: string, now: number): 'repeated' | 'too_many' | null {
    // A clock that was set back makes nothing last longer.
    for (const [key, { from, until }] of this.#seen) if (now < from || now >= until) this.#seen.delete(key);
    this.#accepted = this.#accepted.filter((at) => at <= now && now < at + MINUTE_MS);
    const idKey = `id ${id ?? ''}`;
    if (this.#seen.has(act) || (id !== null && this.#seen.has(idKey))) return 'repeated';
    if (this.#accepted.length >= MOST_PER_MINUTE) return 'too_many';
    // Bounded: only what is let through is remembered, 30 a minute.
    this.#accepted.push(now);
    this.#seen.set(act, { from: now, until: now + DEBOUNCE_MS });
    if (id !== null) this.#seen.set(idKey, { from: now, until: now + ID_MEMORY_MS });
    return null;
  }
}

function isAction(action: string | null, taskId: number | null): action is Action {
  return action !== null && ACTIONS[taskId === null ? 'nas' : 'task'].has(action);
}

/** A task's number; undefined for anything else in its place. */
function taskIdOf(level: string): number | undefined {
  return /^[1-9]\d{0,14}$/.test(level) ? Number(level) : undefined;
}
