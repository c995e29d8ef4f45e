import { DsmError } from '../dsm/errors';
import { isJsonObject, type Json } from '../dsm/json';
import { quoted } from '../dsm/redact';
import { isJsonValue } from './json-value';
import { readForeign, describeValue } from './json-fields';
import { methodName, type Method, type Parameter } from './methods';
import { expectedValue, readParameterValue } from './parameter-values';

/** Part of the call itself: a value with such a name would call a method that was not authorized. */
const RESERVED: ReadonlySet<string> = new Set(['api', 'method', 'version', '_sid', 'synotoken']);
const PARAMETER_NAME = /^\w+$/;

/** Limit of all parameters as JSON, far above any settings of a task. */
const MAX_CHARACTERS = 1_000_000;

/**
 * Parses the parameters of a method: known ones are checked and defaults filled in, undefined values omitted. Unknown
 * names are passed on, because methods have undocumented parameters (docs/facts/dsm.md §1.1).
 * @throws DsmError EPARAM naming method, parameter, expected and given value; never the value of a secret
 */
export function parseParameters(row: Method, given: unknown): Record<string, Json> {
  // A copy of the checked values: a getter may return another value next time.
  return readForeign(`${methodName(row)}: a parameter`, () => {
    const text = JSON.stringify(read(row, given));
    const copy: unknown = JSON.parse(text);
    if (text.length <= MAX_CHARACTERS && isJsonObject(copy)) return copy;
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
  if (isNothing(value, parameter)) {
    if (parameter.required !== true) return parameter.default;
    throw parameterError(row, name, `is missing; it must be ${expectedValue(parameter)}`);
  }
  const result = readParameterValue(parameter, value);
  if (result !== undefined) return result;
  throw parameterError(row, name, `must be ${expectedValue(parameter)}, but got ${describe(value, parameter)}`);
}

function readUnlisted(row: Method, name: string, value: unknown): Json | undefined {
  if (value === undefined) return undefined;
  if (!PARAMETER_NAME.test(name))
    throw parameterError(row, name, 'is no name of a parameter: letters, digits and _ only');
  if (RESERVED.has(name.toLowerCase())) throw parameterError(row, name, 'cannot be set: it is part of the call itself');
  if (isJsonValue(value)) return value;
  throw parameterError(row, name, 'must be a JSON value');
}

/** An empty text counts as not given, except for an optional string. */
function isNothing(value: unknown, { type, required }: Parameter): boolean {
  if (value === undefined || value === null) return true;
  const emptyIsValue = type === 'string' && required !== true;
  return typeof value === 'string' && value.trim() === '' && !emptyIsValue;
}

/** The given value for the message; only its type if it is a secret. */
function describe(value: unknown, { secret }: Parameter): string {
  return secret === true && Array.isArray(value) ? 'a list' : describeValue(value);
}

function parameterError(row: Method, name: string, what: string): DsmError {
  return new DsmError('EPARAM', `${methodName(row)}: parameter ${quoted(name)} ${what}`);
}
