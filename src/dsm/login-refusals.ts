import { createHmac, randomBytes } from 'node:crypto';
import { copyError, ERRORS, type DsmError } from './errors';

/** New in each process, so that a hash reveals nothing about the passwords in it. */
const SALT = randomBytes(32);

/** A hash that can serve as a map key for values with secrets. @param value anything JSON can represent, and buffers */
export function keyedHash(value: unknown): string {
  return createHmac('sha256', SALT).update(JSON.stringify(value)).digest('base64');
}

/** Shortest block of DSM in every configuration seen; an earlier attempt prolongs it. */
export const BLOCKED_PAUSE_MS = 30 * 60_000;

/** Number of refusals kept; the oldest are dropped. More than any Node-RED has NAS nodes. */
const MAX_REFUSALS = 1000;

/** The error of a refused login, and its time (epoch ms). */
interface Refusal {
  readonly error: DsmError;
  readonly at: number;
}

/** The last refusal for one account on one NAS. */
export interface RefusalRecord {
  /** A copy of the error that forbids a login at `now` (epoch ms); null when a login may be attempted. */
  activeError(now: number): DsmError | null;
  /** Stores a failed login, if DSM refused it. */
  record(error: DsmError, now: number): void;
  /** Allows the next login: a login has succeeded, or the user has requested one. */
  clear(): void;
}

/**
 * Remembers refused logins by address, account, password and trusted-device token, so that a redeployed node does not
 * repeat a login that DSM has refused: Auto Block counts every attempt. A refusal is cleared when a login with the same
 * credentials succeeds, when the user tests the connection, after {@link BLOCKED_PAUSE_MS} when DSM has blocked the
 * address or account, and when the process ends. Other credentials have their own entry.
 */
export class LoginRefusals {
  readonly #refusals = new Map<string, Refusal>();

  /** @param credentials everything a login depends on */
  forCredentials(...credentials: readonly (string | undefined)[]): RefusalRecord {
    const key = keyedHash(credentials);
    const refusals = this.#refusals;
    return {
      activeError(now) {
        const refusal = refusals.get(key);
        if (refusal === undefined) return null;
        if (mayLogInAgain(refusal, now)) refusals.delete(key);
        else return copyError(refusal.error, adviceAfter(refusal.error));
        return null;
      },
      record(error, now) {
        if (ERRORS[error.code].nextLogin === 'any-time') return;
        refusals.delete(key);
        refusals.set(key, { error, at: now });
        const [oldest = key] = refusals.keys();
        if (refusals.size > MAX_REFUSALS) refusals.delete(oldest);
      },
      clear() {
        refusals.delete(key);
      },
    };
  }
}

/** The absolute difference, so that a clock set back blocks nothing. */
function mayLogInAgain({ error, at }: Refusal, now: number): boolean {
  return ERRORS[error.code].nextLogin === 'after-30-minutes' && Math.abs(now - at) >= BLOCKED_PAUSE_MS;
}

function adviceAfter({ code }: DsmError): string {
  const soonest = ERRORS[code].nextLogin === 'after-30-minutes' ? 'for 30 minutes' : 'with these settings';
  return `. Node-RED does not sign in again ${soonest}, unless the connection is tested in the NAS node`;
}
