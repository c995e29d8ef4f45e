import { type DsmCause, DsmError, dsmErrorOf, ERRORS, type ErrorCode } from '../dsm/errors';
import { integerOf, objectOf, textOf } from './json-fields';

/** The error of a run that was not started, or left no result. @param message for the user, with the name of its task */
export function runError(message: string): DsmError {
  return new DsmError('EABB', message);
}

/** A DsmError for any error of a run. */
export function toRunError(error: unknown): DsmError {
  return dsmErrorOf(error, 'EPARAM', 'This message could not be processed');
}

/** The errors of the runs of one message in one: a message ends once. Null: there was none. */
export function joinRunErrors(errors: readonly DsmError[]): DsmError | null {
  const [first = null, ...others] = errors;
  if (first === null || others.length === 0) return first;
  const code = others.every((error) => error.code === first.code) ? first.code : 'EABB';
  return new DsmError(code, errors.map(({ message }) => message).join('; '), first.cause);
}

/** An error from its stored fields. @param cause as JSON; null: none. A code that does not exist becomes EABB */
export function restoredError(code: string, message: string, cause: string | null): DsmError {
  return new DsmError(isErrorCode(code) ? code : 'EABB', message, cause === null ? undefined : causeOf(cause));
}

function isErrorCode(code: string): code is ErrorCode {
  return Object.hasOwn(ERRORS, code);
}

function causeOf(json: string): DsmCause {
  const raw = objectOf(JSON.parse(json));
  const reason = textOf(raw['reason']);
  return {
    api: textOf(raw['api']) ?? '',
    method: textOf(raw['method']) ?? '',
    version: integerOf(raw['version']) ?? 1,
    code: integerOf(raw['code']),
    errors: raw['errors'] ?? null,
    ...(reason === null ? {} : { reason }),
  };
}
