import { DsmError } from '../dsm/errors';
import { withNasName } from './nas-registry';

/**
 * Copies an error for `done` or `node.error`. A DsmError may be shared (a refused login is kept, a failed poll is reported by
 * several nodes), and flows may change what a Catch node sends: each reader of `cause` gets another copy. The name is empty,
 * so that Node-RED shows the message alone.
 * @param nas the name to put before the message; see `nasNameFor`
 */
export function toNodeError(error: unknown, nas: string | null = null): Error {
  if (!(error instanceof DsmError)) return error instanceof Error ? error : new Error(String(error));
  const { code, message, cause, property, stack } = error;
  const copy = new DsmError(code, withNasName(message, nas), cause, property);
  Object.defineProperty(copy, 'name', { value: '' });
  Object.defineProperty(copy, 'stack', { value: stack });
  if (cause !== undefined) {
    Object.defineProperty(copy, 'cause', { enumerable: true, get: () => structuredClone(cause) });
  }
  return copy;
}
