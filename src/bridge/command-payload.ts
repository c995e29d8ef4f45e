import { COMMAND_LIMITS } from '../settings/limits';

/** The parsed payload of a command. */
export interface CommandPayload {
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
export function parseCommandPayload(payload: string): CommandPayload {
  const text = payload.trim();
  if (!text.startsWith('{')) return payloadOf({ action: text });
  const fields = parseObject(text);
  return fields === null ? { ...payloadOf({}), isMalformed: true } : payloadOf(fields);
}

/** Whether a command is too old, or from the future: then one of the clocks is wrong. @param now epoch ms */
export function isStale({ sentAt, ttlMs }: CommandPayload, now: number): boolean {
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
