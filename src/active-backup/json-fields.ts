import { isJsonObject, type JsonObject } from '../dsm/json';

/*
 * Readers for what DSM sends. Fields come and go between releases, numbers arrive as strings (DSM facts 6.1, 6.15), lists
 * as null: each reader answers for every value whatsoever, and says null (or nothing in a list) where there is nothing.
 */

const DECIMAL = /^[+-]?\d+(?:\.\d+)?(?:e[+-]?\d+)?$/i;
/** 9999-12-31T23:59:59Z. A larger number is no time in seconds: milliseconds, or rubbish. */
const LAST_EPOCH_SECOND = 253_402_300_799;

/** A finite number, also one written as a decimal string. */
export function numberOf(value: unknown): number | null {
  const number = typeof value === 'string' && DECIMAL.test(value.trim()) ? Number(value) : value;
  if (typeof number !== 'number' || !Number.isFinite(number)) return null;
  return number === 0 ? 0 : number; // JSON knows -0, but nobody means it
}

/** A whole number that JavaScript holds exactly: ids and codes. */
export function integerOf(value: unknown): number | null {
  const number = numberOf(value);
  return number !== null && Number.isSafeInteger(number) ? number : null;
}

/** A number of bytes, versions or anything else that is whole and cannot be below zero. */
export function nonNegativeIntegerOf(value: unknown): number | null {
  const number = integerOf(value);
  return number !== null && number >= 0 ? number : null;
}

/** An amount of something that is there: DSM's 0 says that it is not. */
export function positiveIntegerOf(value: unknown): number | null {
  const amount = nonNegativeIntegerOf(value);
  return amount === 0 ? null : amount;
}

/** A text; DSM's empty string means that there is none. */
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

/** Yes or no, also as 1 and 0 or in words. */
export function booleanOf(value: unknown): boolean | null {
  return FLAGS.get(typeof value === 'string' ? value.trim().toLowerCase() : value) ?? null;
}

/** Seconds since 1970. DSM writes 0 and -1 for "never"; what no clock can show is not a time either. */
export function epochSecondsOf(value: unknown): number | null {
  const seconds = numberOf(value);
  return seconds !== null && seconds > 0 && seconds <= LAST_EPOCH_SECOND ? seconds : null;
}

/** Epoch seconds as an ISO 8601 string in UTC. */
export function timeOf(value: unknown): string | null {
  const seconds = epochSecondsOf(value);
  return seconds === null ? null : new Date(seconds * 1000).toISOString();
}

/** The entries of a list; no list has none. */
export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** The entries of a list that are objects: a task, a device … is nothing else. */
export function objectsOf(value: unknown): readonly JsonObject[] {
  return listOf(value).filter(isJsonObject);
}

/** The fields of an object; anything else has none. */
export function objectOf(value: unknown): JsonObject {
  return isJsonObject(value) ? value : {};
}
