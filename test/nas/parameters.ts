import type { Json, JsonObject } from '../../src/dsm/json';
import { isJsonObject } from '../../src/dsm/json';
import { CODE, Refusal } from './refusal';

/** The value each type of parameter has once it is read. */
interface ValueOf {
  boolean: boolean;
  integer: number;
  integers: number[];
  string: string;
  strings: string[];
  object: JsonObject;
  array: Json[];
  any: Json;
}

/** One parameter that a method knows. */
export interface ParameterSpec {
  readonly type: keyof ValueOf;
  readonly required?: true;
}

export type ParameterSpecs = Readonly<Record<string, ParameterSpec>>;

/** What a handler gets for its specs: required ones are there, the others may be missing. */
export type ParameterValues<S extends ParameterSpecs> = {
  readonly [K in keyof S as S[K] extends { required: true } ? K : never]: ValueOf[S[K]['type']];
} & {
  readonly [K in keyof S as S[K] extends { required: true } ? never : K]?: ValueOf[S[K]['type']];
};

const arrayOf =
  (test: (item: Json) => boolean) =>
  (value: Json): boolean =>
    Array.isArray(value) && value.every(test);
const isString = (value: Json): boolean => typeof value === 'string';

const HAS_TYPE: Readonly<Record<keyof ValueOf, (value: Json) => boolean>> = {
  boolean: (value) => typeof value === 'boolean',
  integer: Number.isInteger,
  integers: arrayOf(Number.isInteger),
  string: isString,
  strings: arrayOf(isString),
  object: isJsonObject,
  array: Array.isArray,
  any: () => true,
};

/**
 * One value as DSM reads it where `requestFormat` is JSON: the JSON it is, otherwise a bare string. So `task_name=Office`
 * is a string, `task_name=12` a number and `load_result=True` a string (DSM facts 1.0 and 10.6).
 */
export function readValue(onTheWire: string): Json {
  try {
    return JSON.parse(onTheWire) as Json;
  } catch {
    return onTheWire;
  }
}

/**
 * Checks and reads the parameters of a call. What the method does not know is ignored, as DSM does.
 * @throws Refusal 120 with `{name, reason}`, for the first parameter that is missing (`required`) or wrong (`type`)
 */
export function readParameters<S extends ParameterSpecs>(
  specs: S,
  onTheWire: Readonly<Record<string, string>>,
): ParameterValues<S> {
  const values: Record<string, Json> = {};
  for (const [name, spec] of Object.entries(specs)) {
    const raw = onTheWire[name];
    if (raw === undefined) {
      if (spec.required === true) throw new Refusal(CODE.badParameter, { name, reason: 'required' });
      continue;
    }
    const value = readValue(raw);
    if (!HAS_TYPE[spec.type](value)) throw new Refusal(CODE.badParameter, { name, reason: 'type' });
    values[name] = value;
  }
  // The loop has just checked each value against its spec, which is all that the type says.
  return values as ParameterValues<S>;
}
