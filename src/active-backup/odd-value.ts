import { DsmError } from '../dsm/errors';

const SHOWN_CHARACTERS = 40;

/** A value as an error message shows it, whatever it is: cyclic, huge, a function … Texts are cut, objects are named by their kind. */
export function shownValue(value: unknown): string {
  switch (typeof value) {
    case 'undefined':
      return 'nothing';
    case 'string':
      return JSON.stringify(cutText(value));
    case 'number':
    case 'boolean':
      return String(value);
    case 'bigint':
      return 'a BigInt';
    case 'object':
      if (value === null) return 'null';
      if (!Array.isArray(value)) return 'an object';
      return value.length === 0 ? 'an empty list' : 'a list';
    default:
      return `a ${typeof value}`;
  }
}

/** The beginning of a text that may be long. */
export function cutText(text: string): string {
  return text.length > SHOWN_CHARACTERS ? `${text.slice(0, SHOWN_CHARACTERS)}…` : text;
}

/**
 * Reads a value that comes from a flow. Its getters and proxies may throw anything.
 * @param what names the value in the error
 * @throws DsmError EPARAM when it cannot be read, else what `read` throws
 */
export function readOdd<T>(what: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof DsmError) throw error;
    throw new DsmError('EPARAM', `${what} cannot be read: it must be plain data, without getters or cycles`);
  }
}
