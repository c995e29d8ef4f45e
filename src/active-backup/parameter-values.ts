import type { Json } from '../dsm/json';
import { BACKUP_TYPE, nameToCode, type Codes } from './codes';
import { isJsonValue } from './json-value';
import type { Parameter, ParameterType } from './methods';

/** The code tables that a parameter may name. */
const CODES: Readonly<Record<NonNullable<Parameter['codes']>, Codes>> = { BACKUP_TYPE };

/** A larger number of seconds must be in milliseconds: as seconds it would lie after the year 5000. */
const LAST_PLAUSIBLE_SECOND = 1e11;

/** How the values of one parameter type are read. */
interface ValueReader {
  /** The expected value, as the rest of a sentence. */
  readonly expected: (parameter: Parameter) => string;
  /** The value to send; undefined for a value of another type, or an ambiguous one. */
  readonly read: (value: unknown, parameter: Parameter) => Json | undefined;
}

const READERS: Readonly<Record<ParameterType, ValueReader>> = {
  boolean: { expected: () => 'true or false', read: readBoolean },
  integer: { expected: expectedInteger, read: readInteger },
  integers: { expected: () => 'one or more whole numbers, like [1, 2] or "1,2"', read: readIntegers },
  string: { expected: () => 'a text', read: readString },
  strings: { expected: () => 'one or more texts, like ["a", "b"]', read: readStrings },
  object: { expected: () => 'a JSON object', read: (value) => readJson(value, isObject) },
  array: { expected: () => 'a JSON array', read: (value) => readJson(value, Array.isArray) },
  any: { expected: () => 'a JSON value', read: (value) => (isJsonValue(value) ? value : undefined) },
};

/**
 * The value to send for a parameter; undefined if the parameter does not take the value. The rule of the facade, and of the
 * editor, which marks a wrong value before it is sent.
 */
export function readParameterValue(parameter: Parameter, value: unknown): Json | undefined {
  return READERS[parameter.type].read(value, parameter);
}

/** The expected value of a parameter, as the rest of a sentence: `a whole number, 0 or more`. */
export function expectedValue(parameter: Parameter): string {
  return READERS[parameter.type].expected(parameter);
}

/** The names that a parameter takes in place of a number. */
export function codeNames(codes: NonNullable<Parameter['codes']>): readonly string[] {
  return Object.values(CODES[codes]);
}

/** Whether a text is the id of a task: a whole number above 0. */
export function isTaskId(text: string): boolean {
  return /^[1-9]\d{0,14}$/.test(text);
}

function readBoolean(value: unknown): boolean | undefined {
  const word = typeof value === 'string' ? value.trim().toLowerCase() : value;
  return word === true || word === 'true' ? true : word === false || word === 'false' ? false : undefined;
}

function readInteger(value: unknown, { codes, unit }: Parameter = { type: 'integer' }): number | undefined {
  const text = typeof value === 'string' ? value.trim() : null;
  const code = text !== null && codes !== undefined ? nameToCode(CODES[codes], text.toLowerCase()) : null;
  const number = code ?? (text !== null && /^\d+$/.test(text) ? Number(text) : value);
  if (typeof number !== 'number' || !Number.isSafeInteger(number) || number < 0) return undefined;
  return unit === 'epochSeconds' && number > LAST_PLAUSIBLE_SECOND ? undefined : number;
}

function expectedInteger({ codes, unit }: Parameter): string {
  if (unit === 'epochSeconds') return 'a time in whole seconds since 1970';
  if (codes === undefined) return 'a whole number, 0 or more';
  return `one of ${codeNames(codes).join(', ')} or its number`;
}

function readIntegers(value: unknown): number[] | undefined {
  const list = typeof value === 'string' && !value.trim().startsWith('[') ? value.split(',') : listOf(value);
  const numbers = list.map((entry) => readInteger(entry)).filter((number) => number !== undefined);
  return numbers.length === 0 || numbers.length < list.length ? undefined : [...new Set(numbers)];
}

function readString(value: unknown): string | undefined {
  if (typeof value === 'number' && Number.isFinite(value)) return String(value);
  return typeof value === 'string' ? value : undefined;
}

/** A single text is a list of one. Nothing is split: paths may hold commas. */
function readStrings(value: unknown): string[] | undefined {
  const list = listOf(value);
  const texts = list.filter((entry): entry is string => typeof entry === 'string' && entry !== '');
  return list.length > 0 && texts.length === list.length ? texts : undefined;
}

/** A list as it is or as JSON text; anything else is a list of one. */
function listOf(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value;
  const parsed = typeof value === 'string' && value.trim().startsWith('[') ? parsedJson(value) : undefined;
  return Array.isArray(parsed) ? parsed : [value];
}

function readJson(value: unknown, isExpected: (value: unknown) => boolean): Json | undefined {
  const candidate = typeof value === 'string' ? parsedJson(value) : value;
  return isExpected(candidate) && isJsonValue(candidate) ? candidate : undefined;
}

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
