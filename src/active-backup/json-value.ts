import type { Json } from '../dsm/json';

/** No setting of a task is nested like this; without a limit a deep value would end the process. */
const MAX_DEPTH = 100;

/**
 * Whether a value can be sent as JSON and arrive as what it is: no NaN, no undefined, no function, no cycle, no instance
 * of a class (a Buffer, a Date), which JSON would silently turn into something else. A function node's objects come from
 * another realm, so it is the shape of the prototype that counts, not its identity.
 */
export function isJsonValue(value: unknown, above: readonly unknown[] = []): value is Json {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return true;
  if (typeof value === 'number') return Number.isFinite(value);
  if (typeof value !== 'object' || above.length === MAX_DEPTH || above.includes(value)) return false;
  const within = [...above, value];
  if (Array.isArray(value)) return Array.from<unknown>(value).every((item) => isJsonValue(item, within));
  return isPlain(value) && Object.values(value).every((item) => isJsonValue(item, within));
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}
