import type { Json } from '../dsm/json';

/** Deeper than any setting of a task. Without a limit a deep value would overflow the stack. */
const MAX_DEPTH = 100;

/**
 * Whether a value survives a round trip through JSON: no NaN, undefined, function, cycle or class instance (a Buffer, a
 * Date). Objects of a function node come from another realm, so the prototype is recognized by its shape, not by its
 * identity.
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
