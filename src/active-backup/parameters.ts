import { DsmError } from '../dsm/errors';
import { isJsonObject, type Json } from '../dsm/json';
import { quoted } from '../dsm/quote';
import { isJsonValue } from './json-value';
import { readForeign, describeValue } from './foreign-value';
import { methodName, type Method, type Parameter } from './methods';
import { expectedValue, readParameterValue } from './parameter-values';

/** They address the call itself: a value under such a name would send another method than the one that was admitted. */
const RESERVED: ReadonlySet<string> = new Set(['api', 'method', 'version', '_sid', 'synotoken']);
const PARAMETER_NAME = /^\w+$/;

/** Of all parameters as JSON; far more than any settings of a task take. */
const MAX_CHARACTERS = 1_000_000;

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

/** An empty field of a form is nothing, except where an empty text is a value like any other. */
function isNothing(value: unknown, { type, required }: Parameter): boolean {
  if (value === undefined || value === null) return true;
  const emptyIsValue = type === 'string' && required !== true;
  return typeof value === 'string' && value.trim() === '' && !emptyIsValue;
}

/** What came, for the message; of a secret its kind alone. */
function describe(value: unknown, { secret }: Parameter): string {
  return secret === true && Array.isArray(value) ? 'a list' : describeValue(value);
}

function parameterError(row: Method, name: string, what: string): DsmError {
  return new DsmError('EPARAM', `${methodName(row)}: parameter ${quoted(name)} ${what}`);
}
