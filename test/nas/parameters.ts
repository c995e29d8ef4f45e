import type { Json, JsonObject } from '../../src/dsm/json';
import { isJsonObject } from '../../src/dsm/json';
import { CODE, ApiError } from './api-error';

/** The parsed value of each type of parameter. */
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

/** One parameter that a method accepts. */
interface ParameterSpec {
  readonly type: keyof ValueOf;
  readonly required?: true;
}

export type ParameterSpecs = Readonly<Record<string, ParameterSpec>>;

/** Parsed parameters: required ones are present, others may be missing. */
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
 * Parses a value as DSM does where `requestFormat` is JSON: as JSON, else as a bare string. So `task_name=Office` is a string, `task_name=12` a number and `load_result=True` a string (docs/facts/dsm.md §1.0).
 */
function readValue(onTheWire: string): Json {
  try {
    return JSON.parse(onTheWire) as Json;
  } catch {
    return onTheWire;
  }
}

/**
 * Checks and parses the parameters of a call. Unknown parameters are ignored, as DSM does.
 * @throws ApiError 120 with `{name, reason}`, for the first parameter that is missing (`required`) or wrong (`type`)
 */
export function readParameters<S extends ParameterSpecs>(
  specs: S,
  onTheWire: Readonly<Record<string, string>>,
): ParameterValues<S> {
  const values: Record<string, Json> = {};
  for (const [name, spec] of Object.entries(specs)) {
    const raw = onTheWire[name];
    if (raw === undefined) {
      if (spec.required === true) throw new ApiError(CODE.badParameter, { name, reason: 'required' });
      continue;
    }
    const value = readValue(raw);
    if (!HAS_TYPE[spec.type](value)) throw new ApiError(CODE.badParameter, { name, reason: 'type' });
    values[name] = value;
  }
  // The loop has checked each value against its spec, which is what the type states.
  return values as ParameterValues<S>;
}
