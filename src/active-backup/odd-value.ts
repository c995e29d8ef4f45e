import { DsmError } from '../dsm/errors';

const SHOWN_CHARACTERS = 40;
const MOST_SHOWN_ENTRIES = 10;

/**
 * A value as an error message shows it, whatever it is: cyclic, huge, a function … Numbers, `true` and `false` are shown, and a
 * list of numbers; everything else is named by its kind. A text may be a password that was typed into the wrong field.
 */
export function shownValue(value: unknown): string {
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
      return Array.isArray(value) ? shownList(value) : 'an object';
    default:
      return `a ${typeof value}`;
  }
}

function shownList(list: readonly unknown[]): string {
  if (list.length === 0) return 'an empty list';
  return list.length <= MOST_SHOWN_ENTRIES && list.every((entry) => typeof entry === 'number')
    ? `[${list.join(', ')}]`
    : 'a list';
}

/**
 * The beginning of a text that may be long. Only for the name of a task, which its message is about; every other text of a
 * person is left out, see {@link shownValue}.
 */
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
