import { copyError, DsmError, dsmErrorOf } from './errors';
import { LoginRefusals, type RefusalRecord } from './login-refusals';

export { BLOCKED_PAUSE_MS } from './login-refusals';

/** The id of a session; a secret. */
export type Sid = string;

/** How a session is got and given back; both are bounded in time by whoever implements them. */
export interface Authenticator {
  login(): Promise<Sid>;
  logout(sid: Sid): Promise<void>;
}

type State =
  | { at: 'signed-out' }
  /** Shared by every caller. */
  | { at: 'signing-in'; attempt: Promise<Sid> }
  | { at: 'signed-in'; sid: Sid }
  | { at: 'closed' };

/**
 * The one session that all nodes of a NAS share: one login under way at a time, however many call, and one new login
 * for a lost session, however many lost it.
 */
export class DsmSession {
  readonly #authenticator: Authenticator;
  readonly #now: () => number;
  readonly #refusal: RefusalRecord;
  #state: State = { at: 'signed-out' };
  /** How many calls are under way in each session. */
  readonly #calls = new Map<Sid, number>();
  /** Sessions that were replaced although they may be open, and wait for their last call. */
  readonly #retired = new Set<Sid>();

  /**
   * @param now epoch milliseconds, for the pause after a block
   * @param refused what is known of earlier logins with the same credentials
   */
  constructor(
    authenticator: Authenticator,
    now: () => number,
    refused: RefusalRecord = new LoginRefusals().forCredentials(),
  ) {
    this.#authenticator = authenticator;
    this.#now = now;
    this.#refusal = refused;
  }

  /**
   * The id of the session, logging in when there is none.
   * @throws DsmError as the login did; again, without a login, while further logins are not allowed
   */
  getSid(): Promise<Sid> {
    const state = this.#state;
    switch (state.at) {
      case 'signed-in':
        return Promise.resolve(state.sid);
      case 'signing-in':
        return withOwnError(state.attempt);
      case 'closed':
        return Promise.reject(new DsmError('EUNREACHABLE', 'The connection to the NAS is closed'));
    }
    const standing = this.#refusal.activeError(this.#now());
    if (standing !== null) return Promise.reject(standing);
    const attempt = this.#signIn();
    this.#state = { at: 'signing-in', attempt };
    return withOwnError(attempt);
  }

  /** Whether a session is open, as far as we know. */
  get signedIn(): boolean {
    return this.#state.at === 'signed-in';
  }

  /** Whether {@link getSid} waits for a login. */
  get mustSignIn(): boolean {
    const { at } = this.#state;
    return at === 'signing-in' || (at === 'signed-out' && this.#refusal.activeError(this.#now()) === null);
  }

  /** Takes back a refusal, so that the next caller logs in again. */
  clearLoginRefusal(): void {
    this.#refusal.clear();
  }

  /** Ten calls may report the same lost session; only the current one counts, so only one of them renews. */
  invalidate(lost: Sid): void {
    if (this.#state.at === 'signed-in' && this.#state.sid === lost) this.#state = { at: 'signed-out' };
  }

  /** As {@link invalidate}, for a session that may be open: it is logged out when the last call {@link using} it has ended. */
  retire(doubtful: Sid): void {
    if (this.#state.at !== 'signed-in' || this.#state.sid !== doubtful) return;
    this.#state = { at: 'signed-out' };
    this.#retired.add(doubtful);
    this.#logoutIfUnused(doubtful);
  }

  /** Does `work` in a session, which is not given back meanwhile. */
  async using<T>(sid: Sid, work: () => Promise<T>): Promise<T> {
    this.#calls.set(sid, (this.#calls.get(sid) ?? 0) + 1);
    try {
      return await work();
    } finally {
      const left = (this.#calls.get(sid) ?? 1) - 1;
      if (left > 0) this.#calls.set(sid, left);
      else this.#calls.delete(sid);
      this.#logoutIfUnused(sid);
    }
  }

  /** Gives the session back; a login under way is awaited first, or its session would stay open on the NAS for days. */
  async close(): Promise<void> {
    const state = this.#state;
    this.#state = { at: 'closed' };
    const retired = [...this.#retired];
    this.#retired.clear();
    const logouts = retired.map((sid) => orNull(this.#authenticator.logout(sid)));
    const sid = state.at === 'signed-in' ? state.sid : state.at === 'signing-in' ? await orNull(state.attempt) : null;
    if (sid !== null) logouts.push(orNull(this.#authenticator.logout(sid)));
    await Promise.all(logouts);
  }

  async #signIn(): Promise<Sid> {
    try {
      const sid = await this.#authenticator.login();
      this.#refusal.clear();
      this.#endSignIn({ at: 'signed-in', sid });
      return sid;
    } catch (error) {
      const failure = dsmErrorOf(error, 'ERESPONSE', 'The answer to the sign-in could not be read');
      this.#refusal.record(failure, this.#now());
      this.#endSignIn({ at: 'signed-out' });
      throw failure;
    }
  }

  /** A session that was closed meanwhile stays closed; `close` waits for the attempt and logs it out. */
  #endSignIn(state: State): void {
    if (this.#state.at === 'signing-in') this.#state = state;
  }

  #logoutIfUnused(sid: Sid): void {
    if (!this.#calls.has(sid) && this.#retired.delete(sid)) void orNull(this.#authenticator.logout(sid));
  }
}

/** Each of the callers that share an attempt gets an error of its own. */
function withOwnError(attempt: Promise<Sid>): Promise<Sid> {
  return attempt.catch((error: unknown) => {
    throw error instanceof DsmError ? copyError(error) : error;
  });
}

function orNull<T>(promise: Promise<T>): Promise<T | null> {
  return promise.catch(() => null);
}
