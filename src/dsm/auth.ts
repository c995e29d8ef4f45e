import type { ApiAddress, ApiInfo } from './api-info';
import { AUTH_CODES, COMMON_CODES, UNKNOWN_LOGIN_CODE } from './codes';
import { DsmError, networkMessage } from './errors';
import { isJsonObject, type Json } from './json';
import { errorFromResponse } from './error-response';
import type { Authenticator, Sid } from './session';
import type { Transport } from './transport';

/** The account to log in with. */
export interface Account {
  readonly name: string;
  readonly password: string;
  /** Token of a trusted device, in place of the 2-factor code. */
  readonly deviceId?: string | undefined;
}

const API = 'SYNO.API.Auth';

/** Version 7 belongs to the web page of DSM 7 and its key exchange; 6 is the newest version that every client uses. */
const VERSION = 6;

/**
 * Session name, needed again for the logout. DSM admits accounts without administrator rights under this name
 * (docs/facts/dsm.md §4.6).
 */
const SESSION_NAME = 'ActiveBackup';

/** Name of the trusted device; DSM requires it together with the token. */
const DEVICE_NAME = 'Node-RED';

/** HTTP status of a path that does not exist. */
const NOT_FOUND = 404;
/** DSM's codes for an unknown API, method or version (docs/facts/dsm.md §4.4). */
const AUTH_MISSING_CODES: ReadonlySet<number> = new Set([102, 103, 104]);

/** Outcome of a login request: DSM's data, or the error that shows that there is no Auth API at this path. */
type SignIn = { readonly data: Json } | { readonly missing: DsmError };

/** Time limits of requests, in milliseconds. */
export interface AuthLimits {
  /** Limit of a login: longer than any caller waits, because an unread response leaves a session open on the NAS. */
  readonly loginMs: number;
  /** Limit of a logout. */
  readonly logoutMs: number;
}

/** Whether an error belongs to a login that was sent: a second attempt would count for Auto Block like the first. */
export function isLoginError(error: DsmError): boolean {
  return error.cause?.api === API && error.cause.method === 'login';
}

/** The error for a caller whose time limit ends before the login does. */
export function loginTimeoutError(label: string): DsmError {
  const cause = { api: API, method: 'login', version: VERSION, code: null, errors: null, reason: 'ETIMEDOUT' };
  return new DsmError('EUNREACHABLE', networkMessage(label, 'ETIMEDOUT'), cause);
}

/** Logs one account in and out of a NAS. Sends plain values, as `SYNO.API.*` expects, and requests no SynoToken. */
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

  /**
   * Reads the path of the Auth API, if it is not known yet. @throws DsmError when the NAS cannot be reached or has no
   * Auth API
   */
  async locate(): Promise<void> {
    await this.#apiInfo.address(API, 'login', VERSION);
  }

  /** @throws DsmError EAUTH, EOTP, EBLOCKED, or a network error */
  async login(): Promise<Sid> {
    const { deviceId } = this.#account;
    const trusted = deviceId === undefined ? {} : { device_id: deviceId, device_name: DEVICE_NAME };
    return this.#sidOf(await this.#signIn(trusted));
  }

  /**
   * Registers this machine as a trusted device of a 2-factor account, with a one-time code.
   * @returns the token for later logins; null when DSM sent none
   * @throws DsmError EOTP when the code is wrong; otherwise as {@link login}
   */
  async pair(code: string): Promise<string | null> {
    const data = await this.#signIn({ otp_code: code, enable_device_token: 'yes', device_name: DEVICE_NAME });
    await this.logout(this.#sidOf(data)).catch(() => undefined);
    // DSM 6 calls it `did`, DSM 7 `device_id`; an empty string is no token (docs/facts/dsm.md §4.2).
    return stringField(data, 'device_id') ?? stringField(data, 'did');
  }

  /** Without the sid DSM reports success but leaves the session open (docs/facts/dsm.md §4.3). */
  async logout(sid: Sid): Promise<void> {
    const { path, version } = await this.#apiInfo.address(API, 'logout', VERSION);
    const form = { api: API, method: 'logout', version: String(version), session: SESSION_NAME, _sid: sid };
    await this.#transport.post({ path, form, timeoutMs: this.#limits.logoutMs });
  }

  /**
   * Sends a login. If the Auth API is missing at its path and the NAS now names another path (an update of DSM has
   * moved it), the login is sent once more: the first request did not try the account.
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

  /**
   * @returns DSM's data, or the error that shows that there is no Auth API at this path @throws DsmError any other
   * error
   */
  async #signInAt({ path, version }: ApiAddress, more: Readonly<Record<string, string>>): Promise<SignIn> {
    const { name, password } = this.#account;
    const own = { account: name, passwd: password, session: SESSION_NAME, format: 'sid' };
    const form = { api: API, method: 'login', version: String(version), ...own, ...more };
    let status: number | null = null;
    try {
      const response = await this.#transport.post({
        path,
        form,
        newConnection: true,
        timeoutMs: this.#limits.loginMs,
      });
      status = response.status;
      const envelope = response.envelope();
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

/** Whether the Auth API is missing at the path. A response in DSM's form decides, whatever its HTTP status. */
function isAuthMissing({ code, cause }: DsmError, status: number | null): boolean {
  const number = cause?.code;
  return typeof number === 'number' ? AUTH_MISSING_CODES.has(number) : code === 'ERESPONSE' && status === NOT_FOUND;
}

function stringField(data: Json, field: string): string | null {
  const value = isJsonObject(data) ? data[field] : undefined;
  return typeof value === 'string' && value !== '' ? value : null;
}
