import { DsmError } from './errors';
import type { Authenticator } from './session';

/**
 * Receives log lines for diagnosis. A line never holds a secret, and of user input only values known to be harmless:
 * names of APIs and methods, ids, numbers, codes.
 */
export interface Logger {
  /** A normal step, or a failure that is reported to the user elsewhere. */
  debug(message: string): void;
  /** A problem for the user that is reported nowhere else. */
  warn(message: string): void;
}

/** Discards all lines. */
export const SILENT_LOGGER: Logger = {
  debug: () => undefined,
  warn: () => undefined,
};

/** API and method of a request. Also fits a form, whose other fields may hold a password and are never logged. */
interface RequestName {
  readonly [field: string]: string | undefined;
  readonly api?: string;
  readonly method?: string;
}

/** Accepted names of APIs and methods; a flow may pass any text as a method. */
const NAME = /^[\w.]{1,80}$/;

/**
 * Sends one request and logs its outcome and duration: `SYNO.ActiveBackup.Task.list: ok, 23 ms`.
 * @param now milliseconds of a monotonic clock
 * @throws the error of `send`
 */
export async function logRequest<T>(
  logger: Logger,
  { api, method }: RequestName,
  send: () => Promise<T>,
  now: () => number = () => performance.now(),
): Promise<T> {
  const from = now();
  const log = (outcome: string): void => {
    logger.debug(`${nameOf(api)}.${nameOf(method)}: ${outcome}, ${Math.round(now() - from)} ms`);
  };
  try {
    const result = await send();
    log('ok');
    return result;
  } catch (error) {
    log(failureOf(error));
    throw error;
  }
}

/** An authenticator that logs every login and logout. Each login after the first renews a session. */
export function logLogins(authenticator: Authenticator, logger: Logger): Authenticator {
  const request = { api: 'SYNO.API.Auth' };
  let hasSignedIn = false;
  return {
    login: async () => {
      const sid = await logRequest(logger, { ...request, method: 'login' }, () => authenticator.login());
      logger.debug(hasSignedIn ? 'Signed in again: the session is renewed' : 'Signed in');
      hasSignedIn = true;
      return sid;
    },
    logout: async (sid) => {
      await logRequest(logger, { ...request, method: 'logout' }, () => authenticator.logout(sid));
      logger.debug('Signed out');
    },
  };
}

/** The codes of an error without its message, which may quote user input: `EPERMISSION (105)`. */
export function failureOf(error: unknown): string {
  if (!(error instanceof DsmError)) return error instanceof Error ? error.name : 'no error of ours';
  const detail = error.cause?.code ?? error.cause?.reason;
  return detail === undefined ? error.code : `${error.code} (${detail})`;
}

function nameOf(name: string | undefined): string {
  return name !== undefined && NAME.test(name) ? name : '?';
}
