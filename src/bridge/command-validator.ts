import type { parseCommandTopic } from '../home-assistant/topics';
import type { ReceivedMessage } from '../mqtt/types';
import { COMMAND_LIMITS, type RejectionReason } from '../settings/limits';
import { isStale, parseCommandPayload } from './command-payload';

/** The actions of commands. None of them deletes anything (docs/facts/home-assistant.md §2.5). */
export type Action = 'backup' | 'cancel' | 'refresh';

/** The addressee of a command topic: the NAS, or the task with an unchecked id. */
export type CommandTarget = NonNullable<ReturnType<typeof parseCommandTopic>>;

/** A valid command. */
export type Command = {
  /** Chosen by the sender; null if it set none. */
  readonly id: string | null;
} & (
  | { readonly action: 'refresh'; readonly taskId: null }
  | { readonly action: 'backup' | 'cancel'; readonly taskId: number }
);

/** An invalid command. */
export interface RejectedCommand {
  /** Null if missing or invalid. */
  readonly id: string | null;
  /** As sent; null if it cannot be parsed. */
  readonly action: string | null;
  readonly reason: RejectionReason;
}

/** How long an id is remembered: longer than a broker or client tries to deliver one message. */
const ID_REMEMBERED_MS = COMMAND_LIMITS.idMinutes * 60_000;
/** The same action for the same target within this time is a double press of a button. */
const DEBOUNCE_MS = COMMAND_LIMITS.debounceSeconds * 1000;
const MINUTE_MS = 60_000;

/** Checks commands by the rules that do not need the NAS: content, age, repetition and rate. */
export class CommandValidator {
  /** Ids and actions of accepted commands, with the range of time (epoch ms) in which they count as repeated. */
  readonly #recent = new Map<string, { readonly from: number; readonly until: number }>();
  /** When (epoch ms) the commands of the last minute were accepted. */
  #acceptedAt: number[] = [];

  /** @param target of the message's topic; @param now epoch ms */
  validate(message: ReceivedMessage, target: CommandTarget, now: number): Command | RejectedCommand {
    if (message.payload.length > COMMAND_LIMITS.maxBytes) return { id: null, action: null, reason: 'too_large' };
    const payload = parseCommandPayload(message.payload.toString());
    const { id, action } = payload;
    const reject = (reason: RejectedCommand['reason']): RejectedCommand => ({ id, action, reason });
    if (message.retain) return reject('retained');
    if (payload.isMalformed) return reject('malformed');
    const taskId = target === 'nas' ? null : parseTaskId(target.taskId);
    if (taskId === undefined) return reject('unknown_task');
    const command = commandOf(id, action, taskId);
    if (command === null) return reject('unknown_action');
    if (isStale(payload, now)) return reject('stale');
    const reason = this.#acceptOrReject(id, `${command.action} ${message.topic}`, now);
    return reason === null ? command : reject(reason);
  }

  /** Records a command as accepted, unless it is a repetition or exceeds the rate. */
  #acceptOrReject(id: string | null, actionKey: string, now: number): 'repeated' | 'too_many' | null {
    // Entries from the future are dropped too: the clock was set back.
    for (const [key, { from, until }] of this.#recent) if (now < from || now >= until) this.#recent.delete(key);
    this.#acceptedAt = this.#acceptedAt.filter((at) => at <= now && now < at + MINUTE_MS);
    const idKey = `id ${id ?? ''}`;
    if (this.#recent.has(actionKey) || (id !== null && this.#recent.has(idKey))) return 'repeated';
    if (this.#acceptedAt.length >= COMMAND_LIMITS.maxPerMinute) return 'too_many';
    // Bounded, because only accepted commands are recorded.
    this.#acceptedAt.push(now);
    this.#recent.set(actionKey, { from: now, until: now + DEBOUNCE_MS });
    if (id !== null) this.#recent.set(idKey, { from: now, until: now + ID_REMEMBERED_MS });
    return null;
  }
}

/** Null if the target does not have the action. */
function commandOf(id: string | null, action: string | null, taskId: number | null): Command | null {
  if (taskId === null) return action === 'refresh' ? { id, action, taskId } : null;
  return action === 'backup' || action === 'cancel' ? { id, action, taskId } : null;
}

/** Undefined if it is not the number of a task. */
function parseTaskId(level: string): number | undefined {
  return /^[1-9]\d{0,14}$/.test(level) ? Number(level) : undefined;
}
