import { DsmError } from '../dsm/errors';
import { isJsonObject, type Json } from '../dsm/json';
import { quoted } from '../dsm/quote';
import { methodName, type Method, type Parameter, type ParameterType } from './methods';
import { BACKUP_TYPE, nameToCode, type Codes } from './codes';
import { isJsonValue } from './json-value';
import { readForeign, describeValue } from './foreign-value';

/** The word tables a parameter may name. */
const CODES: Readonly<Record<NonNullable<Parameter['codes']>, Codes>> = { BACKUP_TYPE };

/** They address the call itself: a value under such a name would send another method than the one that was admitted. */
const RESERVED: ReadonlySet<string> = new Set(['api', 'method', 'version', '_sid', 'synotoken']);
const PARAMETER_NAME = /^\w+$/;

/** A number of seconds beyond this is in milliseconds: as seconds it would lie after the year 5000. */
const LAST_PLAUSIBLE_SECOND = 1e11;
/** Of all parameters as JSON; far more than any settings of a task take. */
const MAX_CHARACTERS = 1_000_000;

/** How a person's value becomes the one to send; undefined where it is none of this type, or could be meant in two ways. */
interface Reader {
  readonly expected: (parameter: Parameter) => string;
  readonly read: (value: unknown, parameter: Parameter) => Json | undefined;
}

const READERS: Readonly<Record<ParameterType, Reader>> = {
  boolean: { expected: () => 'true or false', read: readBoolean },
  integer: { expected: expectedInteger, read: readInteger },
  integers: { expected: () => 'one or more whole numbers, like [1, 2] or "1,2"', read: readIntegers },
  string: { expected: () => 'a text', read: readString },
  strings: { expected: () => 'one or more texts, like ["a", "b"]', read: readStrings },
  object: { expected: () => 'a JSON object', read: (value) => readJson(value, isJsonObject) },
  array: { expected: () => 'a JSON array', read: (value) => readJson(value, Array.isArray) },
  any: { expected: () => 'a JSON value', read: (value) => (isJsonValue(value) ? value : undefined) },
};

/**
 * What to send for a method, from what a person gave: checked by the method's row, defaults filled in, what is undefined
 * left out. Parameters the row does not list go through as they are: there are undocumented ones (DSM facts 1.1).
 * @throws DsmError EPARAM naming method, parameter, what it must be and what came; never the value of a secret
 */
export function parseParameters(row: Method, given: unknown): Record<string, Json> {
  // The copy holds what was checked, whatever a getter says the next time.
  return readForeign(`${methodName(row)}: a parameter`, () => {
    const text = JSON.stringify(read(row, given));
    if (text.length <= MAX_CHARACTERS) return JSON.parse(text) as Record<string, Json>;
    throw new DsmError('EPARAM', `${methodName(row)}: the parameters are too large`);
  });
}

function read(row: Method, given: unknown): Record<string, Json> {
  if (!isJsonObject(given)) throw new DsmError('EPARAM', `${methodName(row)}: the parameters must be an object`);
  const listed = Object.entries(row.parameters).map(([name, parameter]) => {
    return [name, readListed(row, name, parameter, Object.hasOwn(given, name) ? given[name] : undefined)] as const;
  });
  const others = Object.entries(given)
    .filter(([name]) => !Object.hasOwn(row.parameters, name))
    .map(([name, value]) => [name, readUnlisted(row, name, value)] as const);
  return Object.fromEntries([...listed, ...others].filter((pair): pair is [string, Json] => pair[1] !== undefined));
}

function readListed(row: Method, name: string, parameter: Parameter, value: unknown): Json | undefined {
  const { expected, read } = READERS[parameter.type];
  if (isNothing(value, parameter)) {
    if (parameter.required !== true) return parameter.default;
    throw parameterError(row, name, `is missing; it must be ${expected(parameter)}`);
  }
  const result = read(value, parameter);
  if (result !== undefined) return result;
  throw parameterError(row, name, `must be ${expected(parameter)}, but got ${describe(value, parameter)}`);
}

function readUnlisted(row: Method, name: string, value: unknown): Json | undefined {
  if (value === undefined) return undefined;
  if (!PARAMETER_NAME.test(name))
    throw parameterError(row, name, 'is no name of a parameter: letters, digits and _ only');
  if (RESERVED.has(name.toLowerCase())) throw parameterError(row, name, 'cannot be set: it is part of the call itself');
  if (isJsonValue(value)) return value;
  throw parameterError(row, name, 'must be a JSON value');
}

/** An empty field of a form is nothing, except where an empty text is a value like any other. */
function isNothing(value: unknown, { type, required }: Parameter): boolean {
  if (value === undefined || value === null) return true;
  const emptyIsValue = type === 'string' && required !== true;
  return typeof value === 'string' && value.trim() === '' && !emptyIsValue;
}

function readBoolean(value: unknown): boolean | undefined {
  const word = typeof value === 'string' ? value.trim().toLowerCase() : value;
  return word === true || word === 'true' ? true : word === false || word === 'false' ? false : undefined;
}

function readInteger(value: unknown, { codes, unit }: Parameter = { type: 'integer' }): number | undefined {
  const text = typeof value === 'string' ? value.trim() : null;
  const word = text !== null && codes !== undefined ? nameToCode(CODES[codes], text.toLowerCase()) : null;
  const number = word ?? (text !== null && /^\d+$/.test(text) ? Number(text) : value);
  if (typeof number !== 'number' || !Number.isSafeInteger(number) || number < 0) return undefined;
  return unit === 'epochSeconds' && number > LAST_PLAUSIBLE_SECOND ? undefined : number;
}

function expectedInteger({ codes, unit }: Parameter): string {
  if (unit === 'epochSeconds') return 'a time in whole seconds since 1970';
  if (codes === undefined) return 'a whole number, 0 or more';
  return `one of ${Object.values(CODES[codes]).join(', ')} or its number`;
}

function readIntegers(value: unknown): number[] | undefined {
  const list = typeof value === 'string' && !value.trim().startsWith('[') ? value.split(',') : listOf(value);
  const numbers = list.map((entry) => readInteger(entry));
  if (numbers.length === 0 || numbers.includes(undefined)) return undefined;
  return [...new Set(numbers as number[])];
}

function readString(value: unknown): string | undefined {
  if (typeof value === 'number' && Number.isFinite(value)) return String(value);
  return typeof value === 'string' ? value : undefined;
}

/** One text is a list of one: paths may hold commas, so nothing is split. */
function readStrings(value: unknown): string[] | undefined {
  const list = listOf(value);
  const isFilled = list.length > 0 && list.every((entry) => typeof entry === 'string' && entry !== '');
  return isFilled ? (list as string[]) : undefined;
}

/** A list as it is or as JSON text; anything else is a list of one. */
function listOf(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value;
  const parsed = typeof value === 'string' && value.trim().startsWith('[') ? parsedJson(value) : undefined;
  return Array.isArray(parsed) ? parsed : [value];
}

function readJson(value: unknown, isWanted: (value: unknown) => boolean): Json | undefined {
  const candidate = typeof value === 'string' ? parsedJson(value) : value;
  return isWanted(candidate) && isJsonValue(candidate) ? candidate : undefined;
}

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** What came, for the message; of a secret its kind alone. */
function describe(value: unknown, { secret }: Parameter): string {
  return secret === true && Array.isArray(value) ? 'a list' : describeValue(value);
}

function parameterError(row: Method, name: string, what: string): DsmError {
  return new DsmError('EPARAM', `${methodName(row)}: parameter ${quoted(name)} ${what}`);
}
