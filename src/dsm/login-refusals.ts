import { copyError, ERRORS, type DsmError } from './errors';
import { keyedHash } from './keyed-hash';

/** DSM's own block lasts at least this long in every configuration seen; trying earlier prolongs it. */
export const BLOCKED_PAUSE_MS = 30 * 60_000;

/** Credentials that were refused; more of them than any Node-RED has NAS nodes, and the oldest go. */
const MAX_REFUSALS = 1000;

/** A refused login: what DSM said, and when (epoch ms). */
interface Refusal {
  readonly error: DsmError;
  readonly at: number;
}

/** What is known of the last login of one account at one NAS. */
export interface RefusalRecord {
  /** The refusal that forbids a login at `now` (epoch ms), as an error of the caller's own; null when a login may be tried. */
  activeError(now: number): DsmError | null;
  /** Keeps a failed login, if DSM refused it. */
  record(error: DsmError, now: number): void;
  /** Lets the next login be tried: one has succeeded, or a person asked for it. */
  clear(): void;
}

/**
 * Remembers refused logins by address, account, password and trusted-device token, so that a redeployed node does not
 * send again what DSM has just refused: Auto Block counts every attempt. A refusal is forgotten when a login with the
 * same credentials succeeds, when a person tests the connection, after {@link BLOCKED_PAUSE_MS} where DSM has blocked
 * the address or account, and when the process ends. Other credentials are another entry, so a change of the NAS node
 * needs nothing.
 */
export class LoginRefusals {
  readonly #refusals = new Map<string, Refusal>();

  /** @param credentials everything that a login depends on */
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

/** A clock that was set back holds nothing up. */
function mayLogInAgain({ error, at }: Refusal, now: number): boolean {
  return ERRORS[error.code].nextLogin === 'after-30-minutes' && Math.abs(now - at) >= BLOCKED_PAUSE_MS;
}

function adviceAfter({ code }: DsmError): string {
  const soonest = ERRORS[code].nextLogin === 'after-30-minutes' ? 'for 30 minutes' : 'with these settings';
  return `. Node-RED does not sign in again ${soonest}, unless somebody tests the connection in the NAS node`;
}
