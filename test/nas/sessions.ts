import type { Account } from './accounts';
import { CODE, ApiError } from './api-error';
import { freshSecret } from './secrets';

/** Placeholder that DSM sends where no token was requested, and accepts as no token (docs/facts/dsm.md §4.3). */
export const NO_SYNO_TOKEN = '--------';

/** One open DSM session. */
export interface Session {
  readonly sid: string;
  readonly account: Account;
  readonly name: string;
  readonly address: string;
  /** Null unless the login requested one; then every call must carry it. */
  readonly synoToken: string | null;
  /** Epoch seconds of the NAS. */
  usedAt: number;
}

export interface SessionRules {
  /** DSM's logout timer, in minutes of the NAS; null: sessions never time out. */
  readonly idleMinutes: number | null;
  /** A second sign-in of an account ends its first session (107). */
  readonly onePerAccount: boolean;
}

/** The open sessions, and the error code of those that ended. */
export class Sessions {
  readonly #open = new Map<string, Session>();
  readonly #ended = new Map<string, number>();

  constructor(private readonly rules: SessionRules) {}

  /** Number of sessions that are open at `at` (epoch seconds). */
  count(at: number): number {
    for (const session of this.#open.values()) this.#endIfIdle(session, at);
    return this.#open.size;
  }

  open(session: Omit<Session, 'sid'>): Session {
    if (this.rules.onePerAccount) {
      for (const other of [...this.#open.values()]) {
        if (other.account === session.account) this.end(other.sid, CODE.duplicateLogin);
      }
    }
    const opened = { ...session, sid: freshSecret('sid') };
    this.#open.set(opened.sid, opened);
    return opened;
  }

  /**
   * The session a call belongs to.
   * @throws ApiError 106 timed out, 107 replaced, 119 unknown (or without its SynoToken), 150 from another address
   */
  use(sid: string | null, from: { address: string; synoToken: string | null }, at: number): Session {
    const found = sid === null ? undefined : this.#open.get(sid);
    if (found !== undefined) this.#endIfIdle(found, at);
    const session = sid === null ? undefined : this.#open.get(sid);
    if (session === undefined) throw new ApiError(this.#ended.get(sid ?? '') ?? CODE.noSuchSession);
    if (session.address !== from.address) throw new ApiError(CODE.otherAddress);
    const synoToken = from.synoToken === NO_SYNO_TOKEN ? null : from.synoToken;
    if (session.synoToken !== synoToken) throw new ApiError(CODE.noSuchSession);
    session.usedAt = at;
    return session;
  }

  /** Ends a session; calls that still use it get `code` (119 unless given). An unknown sid is ignored. */
  end(sid: string, code: number = CODE.noSuchSession): void {
    if (this.#open.delete(sid)) this.#ended.set(sid, code);
  }

  endAll(code: number = CODE.noSuchSession): void {
    for (const sid of [...this.#open.keys()]) this.end(sid, code);
  }

  #endIfIdle(session: Session, at: number): void {
    const { idleMinutes } = this.rules;
    if (idleMinutes !== null && at - session.usedAt > idleMinutes * 60) this.end(session.sid, CODE.sessionTimedOut);
  }
}
