import { DsmError } from '../dsm/errors';
import { withNasName } from './nas-names';

/**
 * An error as it may leave a node: the receiver's own. Errors are shared (a refused login is remembered, a failed poll is
 * reported by several nodes), and flows change what they catch. Each Catch node reads `cause` and gets a copy of its own.
 * Without a name, Node-RED shows the message alone.
 * @param nas the NAS that it is about, where the message has to name it; see `nasNameFor`
 */
export function ownError(error: unknown, nas: string | null = null): Error {
  if (!(error instanceof DsmError)) return error instanceof Error ? error : new Error(String(error));
  const { code, message, cause, property, stack } = error;
  const own = new DsmError(code, withNasName(message, nas), cause, property);
  Object.defineProperty(own, 'name', { value: '' });
  Object.defineProperty(own, 'stack', { value: stack });
  if (cause !== undefined) {
    Object.defineProperty(own, 'cause', { enumerable: true, get: () => structuredClone(cause) });
  }
  return own;
}
