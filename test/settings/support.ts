import { DsmError } from '../../src/dsm/errors';

/** Whether the runtime accepts settings. @param parse reads them; rethrows what is not a {@link DsmError} */
export function isAccepted(parse: () => unknown): boolean {
  try {
    parse();
    return true;
  } catch (error) {
    if (error instanceof DsmError) return false;
    throw error;
  }
}
