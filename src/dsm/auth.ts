import type { ApiAddress, ApiInfo } from './api-info';
import { AUTH_CODES, COMMON_CODES, UNKNOWN_LOGIN_CODE } from './codes';
import { DsmError } from './errors';
import { isJsonObject, type Json } from './json';
import { networkMessage } from './network-errors';
import { errorFromResponse } from './error-response';
import type { Authenticator, Sid } from './session';
import type { Transport } from './transport';

/** Who logs in. */
export interface Account {
  readonly name: string;
  readonly password: string;
  /** Token of a trusted device: in place of the code of a 2-factor account. */
  readonly deviceId?: string | undefined;
}

const API = 'SYNO.API.Auth';

/** Version 7 belongs to DSM 7's web page and its key exchange; 6 is the newest every client uses. */
const VERSION = 6;

/** Names the session for the logout; an account without administrator rights is admitted under this name. DSM facts 4.6. */
const SESSION_NAME = 'ActiveBackup';

/** The name a trusted device is paired under; DSM wants it together with its token. */
const DEVICE_NAME = 'Node-RED';

/** HTTP's number for a path where nothing is. */
const NOT_FOUND = 404;
/** DSM's numbers for a path that knows no such API, method or version. DSM facts 4.3. */
const AUTH_MISSING_CODES: ReadonlySet<number> = new Set([102, 103, 104]);

/** What became of a sign-in: DSM's data, or the error that says that there is no Auth where it was sent. */
type SignIn = { readonly data: Json } | { readonly missing: DsmError };

/** How long Auth waits for the NAS, in milliseconds. */
export interface AuthLimits {
  /** Of a login: longer than anybody waits for it, since an answer that nobody awaits leaves a session open on the NAS. */
  readonly loginMs: number;
  /** Of a logout: nobody waits long to go. */
  readonly logoutMs: number;
}

/** Whether an error is that of a login that was sent: another one would count for Auto Block like the first. */
export function isLoginError(error: DsmError): boolean {
  return error.cause?.api === API && error.cause.method === 'login';
}

/** The error of a login that is still under way when its caller has waited long enough. */
export function loginTimeoutError(label: string): DsmError {
  const cause = { api: API, method: 'login', version: VERSION, code: null, errors: null, reason: 'ETIMEDOUT' };
  return new DsmError('EUNREACHABLE', networkMessage(label, 'ETIMEDOUT'), cause);
}

/** Logs one account in and out of a NAS. Sends plain values, as `SYNO.API.*` takes them, and no SynoToken is asked for. */
export class Auth implements Authenticator {
  readonly #transport: Transport;
  readonly #apiInfo: ApiInfo;
  readonly #account: Account;
  readonly #label: string;
  readonly #limits: AuthLimits;

  constructor(transport: Transport, apiInfo: ApiInfo, account: Account, label: string, limits: AuthLimits) {
    this.#transport = transport;
    this.#apiInfo = apiInfo;
    this.#account = account;
    this.#label = label;
    this.#limits = limits;
  }

  /** Asks where to log in, if that is not known yet. @throws DsmError as the NAS cannot be reached, or offers no login */
  async locate(): Promise<void> {
    await this.#apiInfo.address(API, 'login', VERSION);
  }

  /** @throws DsmError EAUTH, EOTP, EBLOCKED, or as the NAS cannot be reached */
  async login(): Promise<Sid> {
    const { deviceId } = this.#account;
    const trusted = deviceId === undefined ? {} : { device_id: deviceId, device_name: DEVICE_NAME };
    return this.#sidOf(await this.#signIn(trusted));
  }

  /**
   * Makes this machine a trusted device of a 2-factor account, with a code that is used up by it.
   * @returns the token to log in with from now on; null when DSM gave none
   * @throws DsmError EOTP when the code is wrong; else as {@link login}
   */
  async pair(code: string): Promise<string | null> {
    const data = await this.#signIn({ otp_code: code, enable_device_token: 'yes', device_name: DEVICE_NAME });
    await this.logout(this.#sidOf(data)).catch(() => undefined);
    // DSM 6 calls it `did`, DSM 7 `device_id`; an empty one is no token. DSM facts 4.2, 10.2.
    return stringField(data, 'device_id') ?? stringField(data, 'did');
  }

  /** Without the sid DSM answers success and leaves the session open. DSM facts 4.3. */
  async logout(sid: Sid): Promise<void> {
    const { path, version } = await this.#apiInfo.address(API, 'logout', VERSION);
    const form = { api: API, method: 'logout', version: String(version), session: SESSION_NAME, _sid: sid };
    await this.#transport.post({ path, form, timeoutMs: this.#limits.logoutMs });
  }

  /**
   * Sends a sign-in; a second one only where the first found no Auth at its path and the NAS names another path since (an
   * update of DSM has moved it), so that no account was tried by the first.
   */
  async #signIn(more: Readonly<Record<string, string>>): Promise<Json> {
    const address = await this.#apiInfo.address(API, 'login', VERSION);
    const first = await this.#signInAt(address, more);
    if (!('missing' in first)) return first.data;
    this.#apiInfo.invalidate();
    const moved = await this.#apiInfo.address(API, 'login', VERSION).catch(() => address);
    if (moved.path === address.path) throw first.missing;
    const second = await this.#signInAt(moved, more);
    if ('missing' in second) throw second.missing;
    return second.data;
  }

  /** @returns DSM's data, or the error that says that there is no Auth at this path @throws DsmError any other */
  async #signInAt({ path, version }: ApiAddress, more: Readonly<Record<string, string>>): Promise<SignIn> {
    const { name, password } = this.#account;
    const own = { account: name, passwd: password, session: SESSION_NAME, format: 'sid' };
    const form = { api: API, method: 'login', version: String(version), ...own, ...more };
    let status: number | null = null;
    try {
      const answer = await this.#transport.post({
        path,
        form,
        newConnection: true,
        timeoutMs: this.#limits.loginMs,
      });
      status = answer.status;
      const envelope = answer.envelope();
      if (envelope.success) return { data: envelope['data'] ?? null };
      throw errorFromResponse(
        this.#label,
        form,
        envelope['error'],
        { ...COMMON_CODES, ...AUTH_CODES },
        UNKNOWN_LOGIN_CODE,
      );
    } catch (error) {
      this.#apiInfo.invalidateAfter(error);
      if (error instanceof DsmError && isAuthMissing(error, status)) return { missing: error };
      throw error;
    }
  }

  #sidOf(data: Json): Sid {
    const sid = stringField(data, 'sid');
    if (sid !== null) return sid;
    const cause = { api: API, method: 'login', version: VERSION, code: null, errors: null };
    throw new DsmError('ERESPONSE', `The NAS ${this.#label} accepted the login but named no session`, cause);
  }
}

/** Whether a sign-in was sent to where no Auth is. An answer in DSM's form is believed, whatever HTTP's number. */
function isAuthMissing({ code, cause }: DsmError, status: number | null): boolean {
  const number = cause?.code;
  return typeof number === 'number' ? AUTH_MISSING_CODES.has(number) : code === 'ERESPONSE' && status === NOT_FOUND;
}

function stringField(data: Json, field: string): string | null {
  const value = isJsonObject(data) ? data[field] : undefined;
  return typeof value === 'string' && value !== '' ? value : null;
}
