import { isJsonObject, type JsonObject } from '../dsm/json';
import { DsmError } from '../dsm/errors';

/*
 * Readers of DSM's fields. Fields differ between releases, numbers arrive as strings and lists as null
 * (docs/facts/dsm.md §6), so each reader accepts any value and returns null (or an empty list or object) when it does
 * not fit.
 */

const DECIMAL = /^[+-]?\d+(?:\.\d+)?(?:e[+-]?\d+)?$/i;
/** 9999-12-31T23:59:59Z. A larger number is no time in seconds. */
const LAST_EPOCH_SECOND = 253_402_300_799;

/** A finite number, also from a decimal string. */
export function numberOf(value: unknown): number | null {
  const number = typeof value === 'string' && DECIMAL.test(value.trim()) ? Number(value) : value;
  if (typeof number !== 'number' || !Number.isFinite(number)) return null;
  return number === 0 ? 0 : number; // turns -0 into 0
}

/** An integer that JavaScript represents exactly: ids and codes. */
export function integerOf(value: unknown): number | null {
  const number = numberOf(value);
  return number !== null && Number.isSafeInteger(number) ? number : null;
}

/** A non-negative integer: bytes, counts. */
export function nonNegativeIntegerOf(value: unknown): number | null {
  const number = integerOf(value);
  return number !== null && number >= 0 ? number : null;
}

/** A positive integer; DSM's 0 means "not set". */
export function positiveIntegerOf(value: unknown): number | null {
  const amount = nonNegativeIntegerOf(value);
  return amount === 0 ? null : amount;
}

/** A non-empty string; DSM's empty string means "none". */
export function textOf(value: unknown): string | null {
  if (typeof value === 'number' && Number.isFinite(value)) return String(value);
  return typeof value === 'string' && value !== '' ? value : null;
}

const FLAGS: ReadonlyMap<unknown, boolean> = new Map<unknown, boolean>([
  [true, true],
  [false, false],
  [1, true],
  [0, false],
  ['true', true],
  ['false', false],
  ['1', true],
  ['0', false],
]);

/** A boolean, also from 1, 0 or a word. */
export function booleanOf(value: unknown): boolean | null {
  return FLAGS.get(typeof value === 'string' ? value.trim().toLowerCase() : value) ?? null;
}

/** Epoch seconds. DSM writes 0 and -1 for "never"; values beyond the year 9999 are rejected. */
export function epochSecondsOf(value: unknown): number | null {
  const seconds = numberOf(value);
  return seconds !== null && seconds > 0 && seconds <= LAST_EPOCH_SECOND ? seconds : null;
}

/** Epoch seconds as an ISO 8601 string in UTC. */
export function timeOf(value: unknown): string | null {
  const seconds = epochSecondsOf(value);
  return seconds === null ? null : new Date(seconds * 1000).toISOString();
}

/** The entries of a list; empty for any other value. */
export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** The entries of a list that are objects. */
export function objectsOf(value: unknown): readonly JsonObject[] {
  return listOf(value).filter(isJsonObject);
}

/** A JSON object; empty for any other value. */
export function objectOf(value: unknown): JsonObject {
  return isJsonObject(value) ? value : {};
}

/**
 * Whether two parsed responses, parts of them, or objects of the data model are equal. The order of fields counts: a
 * NAS sends the same fields in the same order. Their depth is limited, see `removeSecrets`.
 */
export function isEqualData(one: unknown, other: unknown): boolean {
  if (one === other) return true;
  if (Array.isArray(one)) {
    return Array.isArray(other) && one.length === other.length && one.every((item, at) => isEqualData(item, other[at]));
  }
  if (!isJsonObject(one) || !isJsonObject(other)) return false;
  const names = Object.keys(one);
  const others = Object.keys(other);
  return (
    names.length === others.length &&
    names.every((name, at) => name === others[at] && isEqualData(one[name], other[name]))
  );
}

const MAX_CHARACTERS = 40;
const MAX_ENTRIES = 10;

/**
 * Describes any value for an error message, also a cyclic or huge one. Only numbers, booleans and lists of numbers are
 * shown; all else is named by its type, because a text may be a password in the wrong field.
 */
export function describeValue(value: unknown): string {
  switch (typeof value) {
    case 'undefined':
      return 'nothing';
    case 'string':
      return value === '' ? 'an empty text' : 'a text';
    case 'number':
    case 'boolean':
      return String(value);
    case 'bigint':
      return 'a BigInt';
    case 'object':
      if (value === null) return 'null';
      return Array.isArray(value) ? describeList(value) : 'an object';
    default:
      return `a ${typeof value}`;
  }
}

function describeList(list: readonly unknown[]): string {
  if (list.length === 0) return 'an empty list';
  return list.length <= MAX_ENTRIES && list.every((entry) => typeof entry === 'number')
    ? `[${list.join(', ')}]`
    : 'a list';
}

/**
 * The beginning of a long text. Only for task names; other texts of the user are not shown, see {@link describeValue}.
 */
export function truncate(text: string): string {
  return text.length > MAX_CHARACTERS ? `${text.slice(0, MAX_CHARACTERS)}…` : text;
}

/**
 * Reads a value of a flow, whose getters and proxies may throw anything.
 * @param what names the value in the error
 * @throws DsmError EPARAM when reading fails, or any DsmError of `read`
 */
export function readForeign<T>(what: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof DsmError) throw error;
    throw new DsmError('EPARAM', `${what} cannot be read: it must be plain data, without getters or cycles`);
  }
}
