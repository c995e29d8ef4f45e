import { DsmError, ERRORS } from './errors';

/** The id of a session; a secret. */
export type Sid = string;

/** How a session is got and given back; both are bounded in time by whoever implements them. */
export interface Door {
  login(): Promise<Sid>;
  logout(sid: Sid): Promise<void>;
}

type State =
  | { at: 'signed-out' }
  /** Shared by every caller. */
  | { at: 'signing-in'; attempt: Promise<Sid> }
  | { at: 'signed-in'; sid: Sid }
  /** No try before `until` (epoch ms; null: never with this configuration): Auto Block counts them. */
  | { at: 'refused'; error: DsmError; until: number | null }
  | { at: 'closed' };

/** DSM's own block lasts at least this long in every configuration seen; trying earlier prolongs it. */
export const BLOCKED_PAUSE_MS = 30 * 60_000;

/**
 * The one session that all nodes of a NAS share: one login under way at a time, however many call, and one new login
 * for a lost session, however many lost it.
 */
export class Session {
  readonly #door: Door;
  readonly #now: () => number;
  #state: State = { at: 'signed-out' };

  /** @param now epoch milliseconds, for the pause after a block */
  constructor(door: Door, now: () => number) {
    this.#door = door;
    this.#now = now;
  }

  /**
   * The id of the session, logging in when there is none.
   * @throws DsmError as the login did; again, without a login, while further logins are not allowed
   */
  sid(): Promise<Sid> {
    const state = this.#state;
    switch (state.at) {
      case 'signed-in':
        return Promise.resolve(state.sid);
      case 'signing-in':
        return state.attempt;
      case 'refused':
        if (state.until === null || this.#now() < state.until) return Promise.reject(state.error);
        break;
      case 'closed':
        return Promise.reject(new DsmError('EUNREACHABLE', 'The connection to the NAS is closed'));
    }
    const attempt = this.#signIn();
    this.#state = { at: 'signing-in', attempt };
    return attempt;
  }

  /** Whether a session is open, as far as we know. */
  get signedIn(): boolean {
    return this.#state.at === 'signed-in';
  }

  /** Takes back a refusal, so that the next caller logs in again. */
  allowLogin(): void {
    if (this.#state.at === 'refused') this.#state = { at: 'signed-out' };
  }

  /** Ten calls may report the same lost session; only the current one counts, so only one of them renews. */
  forget(lost: Sid): void {
    if (this.#state.at === 'signed-in' && this.#state.sid === lost) this.#state = { at: 'signed-out' };
  }

  /** Gives the session back; a login under way is awaited first, or its session would stay open on the NAS for days. */
  async close(): Promise<void> {
    const state = this.#state;
    this.#state = { at: 'closed' };
    const sid = state.at === 'signed-in' ? state.sid : state.at === 'signing-in' ? await orNull(state.attempt) : null;
    if (sid !== null) await orNull(this.#door.logout(sid));
  }

  async #signIn(): Promise<Sid> {
    try {
      const sid = await this.#door.login();
      this.#become({ at: 'signed-in', sid });
      return sid;
    } catch (error) {
      this.#become(afterFailedLogin(error, this.#now()));
      throw error;
    }
  }

  /** A session that was closed meanwhile stays closed; `close` waits for the attempt and logs it out. */
  #become(state: State): void {
    if (this.#state.at === 'signing-in') this.#state = state;
  }
}

function afterFailedLogin(error: unknown, now: number): State {
  if (!(error instanceof DsmError)) return { at: 'signed-out' };
  switch (ERRORS[error.code].nextLogin) {
    case 'any-time':
      return { at: 'signed-out' };
    case 'after-30-minutes':
      return { at: 'refused', error, until: now + BLOCKED_PAUSE_MS };
    case 'after-configuration-change':
      return { at: 'refused', error, until: null };
  }
}

function orNull<T>(promise: Promise<T>): Promise<T | null> {
  return promise.catch(() => null);
}
