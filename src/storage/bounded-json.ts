import { types } from 'node:util';

/** Nested deeper, a value is left out. */
const MAX_DEPTH = 100;
/** More objects, list entries and properties than these are left out, whatever their size. */
const MAX_VALUES = 100_000;

interface Budget {
  values: number;
  /** A longer text would be left out with its property; it is not copied first. */
  readonly maxLength: number;
}

/**
 * A message as JSON, to store it. What JSON cannot hold is left out: functions, symbols, BigInt, NaN, buffers, cycles, values
 * whose getter throws, and objects of classes, as the request and response of an HTTP node. A date becomes its ISO text. Never
 * throws. Large properties are left out from the largest on until the rest fits.
 * @param maxLength of the text, in characters
 */
export function messageToJson(message: object, maxLength: number): string {
  const budget = { values: MAX_VALUES, maxLength };
  const properties = (attempt(() => Object.keys(message)) ?? [])
    .map((name) => ({ name, json: propertyJson(message, name, budget) }))
    .filter((property): property is { name: string; json: string } => property.json !== null)
    .sort((one, other) => one.json.length - other.json.length);
  const kept: string[] = [];
  let length = 2;
  for (const { name, json } of properties) {
    const text = `${JSON.stringify(name)}:${json}`;
    length += text.length + 1;
    if (length > maxLength) break;
    kept.push(text);
  }
  return `{${kept.join(',')}}`;
}

function propertyJson(owner: object, name: string, budget: Budget): string | null {
  const value = attempt(() => plain(Reflect.get(owner, name), [owner], budget));
  return value === undefined ? null : (attempt(() => JSON.stringify(value)) ?? null);
}

/** The value of a function; undefined if it throws. */
function attempt<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}

/** @returns undefined for a value that JSON cannot hold */
function plain(value: unknown, owners: readonly object[], budget: Budget): unknown {
  budget.values -= 1;
  if (budget.values < 0) return undefined;
  if (typeof value === 'string') return value.length > budget.maxLength ? undefined : value;
  if (value === null || typeof value === 'boolean') return value;
  if (typeof value === 'number') return Number.isFinite(value) ? value : undefined;
  if (typeof value !== 'object' || owners.includes(value) || owners.length > MAX_DEPTH) return undefined;
  if (types.isDate(value)) return Number.isNaN(value.getTime()) ? undefined : value.toISOString();
  const inner = [...owners, value];
  if (Array.isArray(value)) return plainList(value, inner, budget);
  return isPlainObject(value) ? plainObject(value, inner, budget) : undefined;
}

/** A list keeps its length: an entry that JSON cannot hold becomes null. */
function plainList(list: readonly unknown[], owners: readonly object[], budget: Budget): unknown {
  if (list.length > budget.values) return undefined;
  return Array.from(list, (_, index) => attempt(() => plain(list[index], owners, budget)) ?? null);
}

function plainObject(value: object, owners: readonly object[], budget: Budget): object {
  const entries = Object.keys(value).map(
    (name) => [name, attempt(() => plain(Reflect.get(value, name), owners, budget))] as const,
  );
  // Unlike an assignment, this defines each property, also one called __proto__.
  return Object.fromEntries(entries.filter(([, field]) => field !== undefined));
}

/** Also of another realm: a Function node creates its objects in one of its own. */
function isPlainObject(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}
