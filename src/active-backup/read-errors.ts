import { DsmError, dsmErrorOf, type ErrorCode } from '../dsm/errors';

/** The code of a DsmError; null for any other error. */
export function errorCodeOf(error: unknown): ErrorCode | null {
  return error instanceof DsmError ? error.code : null;
}

/** A DsmError for any error of a read of the tasks. */
export function toReadError(error: unknown): DsmError {
  return dsmErrorOf(error, 'ERESPONSE', 'The tasks of the NAS could not be read');
}
