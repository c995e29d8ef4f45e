import { COMMAND_LIMITS, type RejectionReason } from '../settings/limits';
import type { parseCommandTopic } from '../home-assistant/topics';
import type { ReceivedMessage, ConnectionProblem } from '../mqtt/types';

/** The parsed payload of a command. */
interface CommandPayload {
  /** Chosen by the sender; null if missing or invalid. */
  readonly id: string | null;
  /** Null if invalid. */
  readonly action: string | null;
  /** When the command was sent, epoch ms; null if missing or invalid. */
  readonly sentAt: number | null;
  /** For how long after `sentAt` the command may be executed. */
  readonly ttlMs: number;
  /** True if any field is invalid; the command must not be executed. */
  readonly isMalformed: boolean;
}

const { maxIdLength, defaultTtlSeconds, maxTtlSeconds } = COMMAND_LIMITS;
/** A time stamp below this is in seconds: as milliseconds it would be in the year 1973. */
const FIRST_IN_MILLISECONDS = 1e11;

const ACTION = /^[\w-]{1,32}$/;
/** With a UTC offset; without one the meaning would depend on the sender's time zone. */
const ISO_8601 = /^\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:Z|[+-]\d\d:?\d\d)$/;

/**
 * Parses a payload: an action as plain text, or a JSON object `{"action", "id"?, "ts"?, "ttl"?}` whose other keys are ignored.
 * `id` is a string of at most 128 characters or a number, `ts` epoch milliseconds, epoch seconds or ISO 8601 with an offset,
 * `ttl` seconds, at most an hour. Null means missing.
 */
function parseCommandPayload(payload: string): CommandPayload {
  const text = payload.trim();
  if (!text.startsWith('{')) return payloadOf({ action: text });
  const fields = parseObject(text);
  return fields === null ? { ...payloadOf({}), isMalformed: true } : payloadOf(fields);
}

/** Whether a command is too old, or from the future: then one of the clocks is wrong. @param now epoch ms */
function isStale({ sentAt, ttlMs }: CommandPayload, now: number): boolean {
  return sentAt !== null && Math.abs(now - sentAt) > ttlMs;
}

function payloadOf(fields: Readonly<Record<string, unknown>>): CommandPayload {
  const id = parseId(fields['id'] ?? null);
  const action = parseAction(fields['action']);
  const sentAt = parseTime(fields['ts'] ?? null);
  const ttlSeconds = parseTtl(fields['ttl'] ?? null);
  return {
    id: id ?? null,
    action: action ?? null,
    sentAt: sentAt ?? null,
    ttlMs: (ttlSeconds ?? defaultTtlSeconds) * 1000,
    isMalformed: [id, action, sentAt, ttlSeconds].includes(undefined),
  };
}

// The parsers return undefined for an invalid value.

function parseId(value: unknown): string | null | undefined {
  if (value === null) return null;
  const id = typeof value === 'number' ? String(value) : value;
  return typeof id === 'string' && id !== '' && id.length <= maxIdLength ? id : undefined;
}

function parseAction(value: unknown): string | undefined {
  const action = typeof value === 'string' ? value.trim() : '';
  return ACTION.test(action) ? action : undefined;
}

function parseTime(value: unknown): number | null | undefined {
  if (value === null) return null;
  if (typeof value === 'number') return value < 0 ? undefined : value * (value < FIRST_IN_MILLISECONDS ? 1000 : 1);
  const time = typeof value === 'string' && ISO_8601.test(value) ? Date.parse(value) : NaN;
  return Number.isNaN(time) ? undefined : time;
}

function parseTtl(value: unknown): number | undefined {
  if (value === null) return defaultTtlSeconds;
  return typeof value === 'number' && value > 0 ? Math.min(value, maxTtlSeconds) : undefined;
}

/** @param text begins with `{`, so valid JSON is an object */
function parseObject(text: string): Readonly<Record<string, unknown>> | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? { ...value } : null;
  } catch {
    return null;
  }
}

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

/** A request is not repeated after the broker has ended the connection over it this many times in a row. */
const MAX_LOST_CONNECTIONS = 2;
/** Expires, because the broker may get other access rules. */
const FORBIDDEN_FOR_MS = 60 * 60_000;

/** Remembers requests over which the broker ends the connection. Only one request at a time is attempted. */
export class ForbiddenRequests {
  readonly #lostConnections = new Map<string, { readonly count: number; readonly until: number }>();
  /** The request that waits for the broker's response. */
  #attempted: string | null = null;

  /**
   * Makes a request.
   * @param topics identify the request
   * @returns null without a request, for an hour after the broker has ended the connection over it twice in a row
   */
  async attempt<T>(topics: readonly string[], request: () => Promise<T>): Promise<T | null> {
    const name = topics.join(' ');
    const { count, until } = this.#lostConnections.get(name) ?? { count: 0, until: 0 };
    if (count >= MAX_LOST_CONNECTIONS && performance.now() < until) return null;
    this.#attempted = name;
    const result = await request();
    this.#attempted = null;
    this.#lostConnections.delete(name);
    return result;
  }

  /** The connection has ended, perhaps because of the request in progress. */
  connectionLost({ cause }: ConnectionProblem): void {
    const name = this.#attempted;
    this.#attempted = null;
    if (name === null || cause === undefined || cause === 'size' || cause === 'rate') return;
    const count = (this.#lostConnections.get(name)?.count ?? 0) + 1;
    this.#lostConnections.set(name, { count, until: performance.now() + FORBIDDEN_FOR_MS });
  }
}
