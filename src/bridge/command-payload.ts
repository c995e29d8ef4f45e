/** What the payload of a command asks for. */
export interface CommandPayload {
  /** As its sender calls it; null where it gave none, or none that can be used. */
  readonly id: string | null;
  /** Null where it cannot be read. */
  readonly action: string | null;
  /** When it was sent, epoch ms; null where it does not say. */
  readonly sentAt: number | null;
  /** How long after that it may still be carried out. */
  readonly ttlMs: number;
  /** Something in it is not as it should be, so it is not to be carried out. */
  readonly isMalformed: boolean;
}

const MOST_ID_LENGTH = 128;
const DEFAULT_TTL_SECONDS = 30;
const MOST_TTL_SECONDS = 3600;
/** A time stamp below this is in seconds: as milliseconds it would lie in the year 1973. */
const FIRST_IN_MILLISECONDS = 1e11;

const WORD = /^[\w-]{1,32}$/;
/** With its offset: without one the clock of the sender decides what it means. */
const ISO_8601 = /^\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:Z|[+-]\d\d:?\d\d)$/;

/**
 * Reads a payload: a plain word, or a JSON object `{"action", "id"?, "ts"?, "ttl"?}` whose other keys do not matter.
 * `id` is a string of at most 128 characters or a number, `ts` epoch milliseconds, epoch seconds or ISO 8601 with an offset,
 * `ttl` seconds, at most an hour. Null stands for an absent one.
 */
export function parseCommandPayload(payload: string): CommandPayload {
  const text = payload.trim();
  if (!text.startsWith('{')) return requestFrom({ action: text });
  const fields = parsed(text);
  return fields === null ? { ...requestFrom({}), isMalformed: true } : requestFrom(fields);
}

/** Whether it comes too late, or by its own account too early: then one of the clocks is wrong. */
export function isStale({ sentAt, ttlMs }: CommandPayload, now: number): boolean {
  return sentAt !== null && Math.abs(now - sentAt) > ttlMs;
}

function requestFrom(fields: Readonly<Record<string, unknown>>): CommandPayload {
  const id = idOf(fields['id'] ?? null);
  const action = actionOf(fields['action']);
  const sentAt = timeOf(fields['ts'] ?? null);
  const ttlSeconds = ttlOf(fields['ttl'] ?? null);
  return {
    id: id ?? null,
    action: action ?? null,
    sentAt: sentAt ?? null,
    ttlMs: (ttlSeconds ?? DEFAULT_TTL_SECONDS) * 1000,
    isMalformed: [id, action, sentAt, ttlSeconds].includes(undefined),
  };
}

// Each of these: undefined for what cannot be used.

function idOf(value: unknown): string | null | undefined {
  if (value === null) return null;
  const id = typeof value === 'number' ? String(value) : value;
  return typeof id === 'string' && id !== '' && id.length <= MOST_ID_LENGTH ? id : undefined;
}

function actionOf(value: unknown): string | undefined {
  const action = typeof value === 'string' ? value.trim() : '';
  return WORD.test(action) ? action : undefined;
}

function timeOf(value: unknown): number | null | undefined {
  if (value === null) return null;
  if (typeof value === 'number') return value < 0 ? undefined : value * (value < FIRST_IN_MILLISECONDS ? 1000 : 1);
  const time = typeof value === 'string' && ISO_8601.test(value) ? Date.parse(value) : NaN;
  return Number.isNaN(time) ? undefined : time;
}

function ttlOf(value: unknown): number | undefined {
  if (value === null) return DEFAULT_TTL_SECONDS;
  return typeof value === 'number' && value > 0 ? Math.min(value, MOST_TTL_SECONDS) : undefined;
}

function parsed(text: string): Readonly<Record<string, unknown>> | null {
  try {
    return JSON.parse(text) as Readonly<Record<string, unknown>>; // begins with a brace: an object
  } catch {
    return null;
  }
}
