import { DsmError } from '../dsm/errors';

const MAX_CHARACTERS = 40;
const MAX_ENTRIES = 10;

/**
 * A value as an error message shows it, whatever it is: cyclic, huge, a function … Numbers, `true` and `false` are shown, and a
 * list of numbers; everything else is named by its kind. A text may be a password that was typed into the wrong field.
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
 * The beginning of a text that may be long. Only for the name of a task, which its message is about; every other text of a
 * person is left out, see {@link describeValue}.
 */
export function truncate(text: string): string {
  return text.length > MAX_CHARACTERS ? `${text.slice(0, MAX_CHARACTERS)}…` : text;
}

/**
 * Reads a value that comes from a flow. Its getters and proxies may throw anything.
 * @param what names the value in the error
 * @throws DsmError EPARAM when it cannot be read, else what `read` throws
 */
export function readForeign<T>(what: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof DsmError) throw error;
    throw new DsmError('EPARAM', `${what} cannot be read: it must be plain data, without getters or cycles`);
  }
}
