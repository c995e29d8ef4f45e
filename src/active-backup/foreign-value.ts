import { DsmError } from '../dsm/errors';

const MAX_CHARACTERS = 40;
const MAX_ENTRIES = 10;

/**
 * Describes any value for an error message, also a cyclic or huge one. Only numbers, booleans and lists of numbers are
 * shown; all else is named by its type, because a text may be a password in the wrong field.
 */
export function describeValue(value: unknown): string {
  switch (typeof value) {
    case 'undefined':
      return 'nothing';
    case 'string':
      return value === '' ? 'an empty text' : 'a text';
    case 'number':
    case 'boolean':
      return String(value);
    case 'bigint':
      return 'a BigInt';
    case 'object':
      if (value === null) return 'null';
      return Array.isArray(value) ? describeList(value) : 'an object';
    default:
      return `a ${typeof value}`;
  }
}

function describeList(list: readonly unknown[]): string {
  if (list.length === 0) return 'an empty list';
  return list.length <= MAX_ENTRIES && list.every((entry) => typeof entry === 'number')
    ? `[${list.join(', ')}]`
    : 'a list';
}

/**
 * The beginning of a long text. Only for task names; other texts of the user are not shown, see {@link describeValue}.
 */
export function truncate(text: string): string {
  return text.length > MAX_CHARACTERS ? `${text.slice(0, MAX_CHARACTERS)}…` : text;
}

/**
 * Reads a value of a flow, whose getters and proxies may throw anything.
 * @param what names the value in the error
 * @throws DsmError EPARAM when reading fails, or any DsmError of `read`
 */
export function readForeign<T>(what: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof DsmError) throw error;
    throw new DsmError('EPARAM', `${what} cannot be read: it must be plain data, without getters or cycles`);
  }
}
