import { copyError, DsmError, dsmErrorOf } from './errors';
import { LoginRefusals, type RefusalRecord } from './login-refusals';

/** Session id; a secret. */
export type Sid = string;

/** Logs in and out. Implementations limit the time of both. */
export interface Authenticator {
  login(): Promise<Sid>;
  logout(sid: Sid): Promise<void>;
}

type State =
  | { at: 'signed-out' }
  /** One attempt, shared by all callers. */
  | { at: 'signing-in'; attempt: Promise<Sid> }
  | { at: 'signed-in'; sid: Sid }
  | { at: 'closed' };

/**
 * The session shared by all nodes of a NAS: one login at a time, whatever the number of callers, and one new login for
 * a lost session.
 */
export class DsmSession {
  readonly #authenticator: Authenticator;
  readonly #now: () => number;
  readonly #refusal: RefusalRecord;
  #state: State = { at: 'signed-out' };
  /** Number of running calls by session. */
  readonly #calls = new Map<Sid, number>();
  /** Replaced sessions that may still be open on the NAS; each is logged out when its last call ends. */
  readonly #retired = new Set<Sid>();

  /**
   * @param now epoch milliseconds, for the pause after a block
   * @param refusal earlier refusal of the same credentials
   */
  constructor(
    authenticator: Authenticator,
    now: () => number,
    refusal: RefusalRecord = new LoginRefusals().forCredentials(),
  ) {
    this.#authenticator = authenticator;
    this.#now = now;
    this.#refusal = refusal;
  }

  /**
   * The session id; logs in when there is none.
   * @throws DsmError the error of the login; repeated without a login while the refusal is active
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
    const refusal = this.#refusal.activeError(this.#now());
    if (refusal !== null) return Promise.reject(refusal);
    const attempt = this.#signIn();
    this.#state = { at: 'signing-in', attempt };
    return withOwnError(attempt);
  }

  /** Whether a session is open, as far as known here. */
  get signedIn(): boolean {
    return this.#state.at === 'signed-in';
  }

  /** Whether {@link getSid} waits for a login. */
  get mustSignIn(): boolean {
    const { at } = this.#state;
    return at === 'signing-in' || (at === 'signed-out' && this.#refusal.activeError(this.#now()) === null);
  }

  /** Clears a refusal, so that the next call logs in again. */
  clearLoginRefusal(): void {
    this.#refusal.clear();
  }

  /**
   * Ends the session, if `lost` is the current one: of several calls that report the same lost session only the first
   * causes a new login.
   */
  invalidate(lost: Sid): void {
    if (this.#state.at === 'signed-in' && this.#state.sid === lost) this.#state = { at: 'signed-out' };
  }

  /**
   * Like {@link invalidate}, for a session that may still be open: it is logged out when its last call has ended, see
   * {@link using}.
   */
  retire(doubtful: Sid): void {
    if (this.#state.at !== 'signed-in' || this.#state.sid !== doubtful) return;
    this.#state = { at: 'signed-out' };
    this.#retired.add(doubtful);
    this.#logoutIfUnused(doubtful);
  }

  /** Runs `work` with a session that is not logged out meanwhile. */
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

  /** Logs out. A login in progress is awaited first, because its session would stay open on the NAS for days. */
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

  /** Keeps the state `closed`: `close` waits for the attempt and logs it out. */
  #endSignIn(state: State): void {
    if (this.#state.at === 'signing-in') this.#state = state;
  }

  #logoutIfUnused(sid: Sid): void {
    if (!this.#calls.has(sid) && this.#retired.delete(sid)) void orNull(this.#authenticator.logout(sid));
  }
}

/** Rejects with a copy of the error, because several callers share the attempt. */
function withOwnError(attempt: Promise<Sid>): Promise<Sid> {
  return attempt.catch((error: unknown) => {
    throw error instanceof DsmError ? copyError(error) : error;
  });
}

function orNull<T>(promise: Promise<T>): Promise<T | null> {
  return promise.catch(() => null);
}
