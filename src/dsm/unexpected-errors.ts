import { dsmErrorOf, originStackOf } from './errors';
import type { Logger } from './request-log';

/** Stacks that were logged already: the same error may occur in every poll. */
const LOGGED_STACKS = new Set<string>();
const MAX_LOGGED_STACKS = 100;

/** Logs the stack of the unexpected error that a DsmError was made from (a bug of this package); each stack once. */
export function warnOfUnexpectedCause(logger: Logger, error: unknown): void {
  const stack = originStackOf(error);
  if (stack === null || LOGGED_STACKS.has(stack)) return;
  if (LOGGED_STACKS.size >= MAX_LOGGED_STACKS) LOGGED_STACKS.clear();
  LOGGED_STACKS.add(stack);
  logger.warn(`A fault of this package, please report it: ${stack}`);
}

/** Logs an unexpected error of a listener or timer, as {@link warnOfUnexpectedCause}. */
export function warnOfUnexpectedError(logger: Logger, error: unknown): void {
  warnOfUnexpectedCause(logger, dsmErrorOf(error, 'ERESPONSE', 'Code of this package has failed'));
}
