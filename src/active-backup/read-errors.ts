import { DsmError, dsmErrorOf, type ErrorCode } from '../dsm/errors';

/** The code of an error of ours; null for every other, which says nothing about the NAS. */
export function errorCodeOf(error: unknown): ErrorCode | null {
  return error instanceof DsmError ? error.code : null;
}

/** Whatever a read of the tasks ended with, as an error of ours. */
export function toReadError(error: unknown): DsmError {
  return dsmErrorOf(error, 'ERESPONSE', 'The tasks of the NAS could not be read');
}
