import { DsmError } from './errors';
import type { DsmRequest } from './dsm-request';

/** DSM's code for "no permission". DSM also sends it for a session that no longer exists. */
export const NO_PERMISSION_CODE = 105;

/** For this long a method that was denied after a new login counts as denied, without another login. */
const DENIED_MS = 30 * 60_000;
/** A session that worked this recently is not lost: DSM ends no session within a minute (docs/facts/dsm.md §4.3). */
const SESSION_PROVEN_MS = 45_000;

type Method = Pick<DsmRequest, 'api' | 'method'>;

/**
 * Decides whether a 105 means a missing permission or a lost session. Without this, each call of a method that the
 * account may not use would cause a new login.
 */
export class DeniedMethods {
  readonly #now: () => number;
  /** By API and method, when DSM denied it although the session was valid (epoch ms). */
  readonly #deniedAt = new Map<string, number>();
  #sessionProvenAt = -Infinity;

  /** @param now epoch milliseconds */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** Records that the session is valid: a login or a call has just succeeded. */
  recordValidSession(): void {
    this.#sessionProvenAt = this.#now();
  }

  /** Records a successful call: the session is valid and the method is permitted. */
  recordSuccess(method: Method): void {
    this.recordValidSession();
    this.#deniedAt.delete(keyOf(method));
  }

  /** Records an error that followed a new login: a 105 is then a missing permission. */
  recordAfterLogin(method: Method, error: unknown): void {
    if (codeOf(error) === NO_PERMISSION_CODE) this.#deniedAt.set(keyOf(method), this.#now());
  }

  /**
   * Whether `error` is a 105 that means a missing permission: DSM denied the method a short time ago, or the request is a
   * change, which is preceded by a successful call in the same session.
   */
  isDenied(request: Method & Pick<DsmRequest, 'changes'>, error: unknown): boolean {
    if (codeOf(error) !== NO_PERMISSION_CODE) return false;
    const key = keyOf(request);
    const now = this.#now();
    if (request.changes && isWithin(SESSION_PROVEN_MS, this.#sessionProvenAt, now)) this.#deniedAt.set(key, now);
    return isWithin(DENIED_MS, this.#deniedAt.get(key) ?? -Infinity, now);
  }
}

/** DSM's code in the cause of an error; null when there is none. */
export function codeOf(error: unknown): number | null {
  return error instanceof DsmError ? (error.cause?.code ?? null) : null;
}

/** Whether `at` is less than `ms` from `now` in either direction, so that a clock set back prolongs nothing. */
function isWithin(ms: number, at: number, now: number): boolean {
  return Math.abs(now - at) < ms;
}

function keyOf({ api, method }: Method): string {
  return `${api}.${method}`;
}
