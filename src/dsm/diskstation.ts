import { setTimeout as sleep } from 'node:timers/promises';
import { ApiInfo, type ApiVersions, codeOf, DeniedMethods, NO_PERMISSION_CODE } from './api-info';
import { Auth, isLoginError, loginTimeoutError, type Account } from './auth';
import type { CertificatePolicy } from './certificate';
import { COMMON_CODES, type CodeTable } from './codes';
import { forwardAbort, createSharedAbortController, startTimeout, waitOrAbort } from './abort';
import type { DsmRequest } from './dsm-request';
import { DsmError, dsmErrorOf, ERRORS } from './errors';
import type { Json } from './json';
import { LoginRefusals } from './login-refusals';
import type { ResponseStore } from './response-store';
import { SILENT_LOGGER, type Logger, logLogins, logRequest } from './request-log';
import { removeSecrets } from './redact';
import { errorFromResponse, mayBeLostSession } from './error-response';
import { RequestQueue, type QueueLimits } from './request-queue';
import { DsmSession, type Sid } from './session';
import { ABORTED, isAborted, Transport, type HttpRequest, type TransportOptions } from './transport';

/** Options of the connection to one NAS. */
export interface DiskStationOptions {
  readonly url: URL;
  readonly account: Account;
  readonly certificate: CertificatePolicy;
  /** Time limit of one request in milliseconds. */
  readonly timeoutMs: number;
  readonly maxResponseBytes?: number;
  /** Pauses before the repetitions of a read, one for each. */
  readonly retryPausesMs?: readonly number[];
  /** Epoch milliseconds. */
  readonly now?: () => number;
  /** Store of refused logins; default: a store of this connection alone. */
  readonly refusals?: LoginRefusals;
  /** Receives a line for each request, login, renewal and logout; default: none. */
  readonly logger?: Logger;
  /** Resolves host names; default: the resolver of the operating system. */
  readonly lookup?: TransportOptions['lookup'];
  /** Limits of the request queue, where they differ from the defaults. */
  readonly queue?: Partial<Pick<QueueLimits, 'reads' | 'changes' | 'waiting'>>;
}

/** A parsed response: its bytes, and DSM's `data` without secrets. */
interface DsmResponse {
  readonly bytes: Buffer;
  readonly data: Json;
}

const API_INFO = { api: 'SYNO.API.Info', method: 'query', version: '1' } as const;
const MAX_RESPONSE_BYTES = 64 * 1024 * 1024;
const RETRY_PAUSES_MS = [500, 2000] as const;
/** Fewer than the connections of the transport, so that no read waits there while its time limit runs. */
const MAX_CONCURRENT_READS = 4;
/** High enough that one hanging change does not keep others from being sent in time: changes are not repeated. */
const MAX_CONCURRENT_CHANGES = 10;
/** Calls beyond this number are rejected at once. */
const MAX_WAITING = 200;
/** Node-RED gives a node about a second to close; the logout gets most of it. */
const CLOSE_MS = 800;
/**
 * Time limit of a login in multiples of the limit of a request, so that a slow NAS keeps no unused session.
 */
const LOGIN_TIMEOUT_FACTOR = 2;
/** DSM's code for a request from an address other than that of the login. */
const OTHER_ADDRESS = 150;

/**
 * A DiskStation over HTTP: finds its APIs, shares one session between all callers, sends calls and repeats those that
 * may be repeated. Nothing is opened before the first call; the caller must close it.
 */
export class DiskStation {
  /** `host:port`, for messages. */
  readonly label: string;
  readonly #transport: Transport;
  readonly #apiInfo: ApiInfo;
  readonly #auth: Auth;
  readonly #session: DsmSession;
  readonly #retryPausesMs: readonly number[];
  readonly #now: () => number;
  readonly #timeoutMs: number;
  readonly #logger: Logger;
  readonly #queue: RequestQueue<DsmResponse>;
  readonly #deniedMethods: DeniedMethods;
  /** Time of the last response with data (epoch ms). */
  #lastResponseAt = -Infinity;
  /** Aborts calls and pauses, but neither login nor logout: the session has to be logged out. */
  readonly #closing = createSharedAbortController();

  constructor(options: DiskStationOptions) {
    const { url, account, certificate, timeoutMs, lookup, refusals = new LoginRefusals() } = options;
    this.label = url.host || url.hostname;
    this.#now = options.now ?? Date.now;
    this.#deniedMethods = new DeniedMethods(this.#now);
    this.#logger = options.logger ?? SILENT_LOGGER;
    this.#retryPausesMs = options.retryPausesMs ?? RETRY_PAUSES_MS;
    const maxResponseBytes = options.maxResponseBytes ?? MAX_RESPONSE_BYTES;
    this.#timeoutMs = timeoutMs;
    this.#transport = new Transport({ url, label: this.label, certificate, timeoutMs, maxResponseBytes, lookup });
    this.#apiInfo = new ApiInfo(async () => {
      const { data } = await this.#read({ path: 'query.cgi', form: { ...API_INFO, query: 'all' } }, COMMON_CODES);
      return data;
    }, this.label);
    const queueLimits = {
      reads: MAX_CONCURRENT_READS,
      changes: MAX_CONCURRENT_CHANGES,
      waiting: MAX_WAITING,
      ...options.queue,
    };
    this.#queue = new RequestQueue({ label: this.label, timeoutMs, ...queueLimits }, (request) =>
      this.#callWithRetry(request),
    );
    const authLimits = { loginMs: LOGIN_TIMEOUT_FACTOR * timeoutMs, logoutMs: CLOSE_MS };
    this.#auth = new Auth(this.#transport, this.#apiInfo, account, this.label, authLimits);
    const refusal = refusals.forCredentials(url.href, account.name, account.password, account.deviceId);
    this.#session = new DsmSession(logLogins(this.#auth, this.#logger), this.#now, refusal);
  }

  /**
   * Calls one method; see {@link RequestQueue} for the order of calls.
   * @returns DSM's `data` without secrets, null when DSM sent none. The object is the caller's own, unless the request
   * has a cache.
   * @throws DsmError with any code a NAS can cause (docs/interface.md §2.4)
   */
  async call(request: DsmRequest): Promise<Json> {
    try {
      return await this.#callQueued(request);
    } catch (error) {
      const { api, method, version = 1, signal } = request;
      const wasAborted = signal?.aborted === true || this.#closing.signal.aborted;
      if (!(error instanceof DsmError) && wasAborted) {
        const cause = { api, method, version, code: null, errors: null, reason: ABORTED };
        throw new DsmError('EUNREACHABLE', `The request to ${this.label} was given up`, cause);
      }
      const message = `An answer of ${this.label} could not be processed`;
      throw dsmErrorOf(error, 'ERESPONSE', message, { api, method, version });
    }
  }

  /** Every API of this DSM, with its versions; needs no login. @throws DsmError as {@link call} */
  apis(): Promise<ReadonlyMap<string, ApiVersions>> {
    return this.#apiInfo.versions();
  }

  /** Registers this machine as a trusted device of a 2-factor account; see {@link Auth.pair}. */
  pair(code: string): Promise<string | null> {
    return this.#auth.pair(code);
  }

  /** Allows the next call to log in again after a refusal, at the user's request. */
  clearLoginRefusal(): void {
    this.#session.clearLoginRefusal();
  }

  /** Whether a session is open, so that the next call is sent without a login. */
  get signedIn(): boolean {
    return this.#session.signedIn;
  }

  /** Time since the last response in this session; Infinity when there was none. */
  get msSinceLastResponse(): number {
    return this.#session.signedIn ? this.#now() - this.#lastResponseAt : Infinity;
  }

  /** Aborts all calls, logs out and closes all connections; takes at most {@link CLOSE_MS}. */
  async close(): Promise<void> {
    this.#closing.abort();
    const closed = new AbortController();
    await Promise.race([
      this.#session.close(),
      sleep(CLOSE_MS, undefined, { signal: closed.signal }).catch(() => undefined),
    ]);
    closed.abort();
    this.#transport.close();
  }

  /** Waiting equal reads share one response; each caller gets a copy. */
  async #callQueued(request: DsmRequest): Promise<Json> {
    const call = new AbortController();
    const stopForwarding = forwardAbort(call, [request.signal, this.#closing.signal]);
    try {
      const { response, isOwn } = await this.#queue.add({ ...request, signal: call.signal });
      return isOwn ? response.data : ownCopy(response, request.cache);
    } finally {
      stopForwarding();
    }
  }

  async #callWithRetry(request: DsmRequest): Promise<DsmResponse> {
    const pausesMs = request.changes ? [] : this.#retryPausesMs;
    for (const pauseMs of pausesMs) {
      try {
        return await this.#callOnce(request);
      } catch (error) {
        if (!isTransient(error)) throw error;
        await sleep(pauseMs, undefined, { signal: this.#closing.signal }).catch(() => undefined);
        if (this.#closing.signal.aborted || request.signal?.aborted === true) throw error;
      }
    }
    return this.#callOnce(request);
  }

  async #callOnce(request: DsmRequest): Promise<DsmResponse> {
    const sid = await this.#sid(request);
    try {
      return await this.#callWith(sid, request);
    } catch (error) {
      if (!mayBeLostSession(error) || this.#deniedMethods.isDenied(request, error)) throw error;
      this.#dropSession(sid, error);
      if (request.changes) throw error;
    }
    const renewed = await this.#sid(request);
    try {
      return await this.#callWith(renewed, request);
    } catch (error) {
      this.#deniedMethods.recordAfterLogin(request, error);
      throw error;
    }
  }

  /**
   * The id of the shared session. Waiting for a slow login ends when the caller aborts, the NAS is closed or the time
   * limit is over. The login itself continues: a second one would count for Auto Block.
   */
  async #sid({ signal, timeoutMs = this.#timeoutMs }: DsmRequest): Promise<Sid> {
    if (!this.#session.mustSignIn) return this.#session.getSid();
    await waitOrAbort(waitOrAbort(this.#auth.locate(), signal), this.#closing.signal);
    const waiting = startTimeout(timeoutMs, [signal, this.#closing.signal]);
    try {
      const sid = await waitOrAbort(this.#session.getSid(), waiting.signal);
      this.#deniedMethods.recordValidSession();
      return sid;
    } catch (error) {
      throw waiting.timedOut && !(error instanceof DsmError) ? loginTimeoutError(this.label) : error;
    } finally {
      waiting.clear();
    }
  }

  /**
   * Ends the session after an error. After a 105 it may still be open on the NAS, where it would stay for days, so it
   * is retired and logged out; every other code means that it is gone.
   */
  #dropSession(sid: Sid, error: unknown): void {
    const code = codeOf(error);
    this.#logger.debug(`The session was refused with ${code ?? 'an error'}`);
    if (code === OTHER_ADDRESS) this.#transport.dropConnections();
    if (code === NO_PERMISSION_CODE) this.#session.retire(sid);
    else this.#session.invalidate(sid);
  }

  async #callWith(sid: Sid, request: DsmRequest): Promise<DsmResponse> {
    const { api, method, parameters, changes, cache, budget, timeoutMs } = request;
    const address = this.#apiInfo.address(api, method, request.version ?? 1);
    const { path, version } = await waitOrAbort(address, request.signal);
    const form: Record<string, string> = {};
    for (const [name, value] of Object.entries(parameters)) form[name] = JSON.stringify(value);
    // Set last, so that no parameter can change which method is called.
    Object.assign(form, { api, method, version: String(version), _sid: sid });
    const signals = [request.signal, this.#closing.signal];
    const httpRequest: HttpRequest = {
      path,
      form,
      newConnection: changes,
      signals,
      budget,
      timeoutMs,
      known: cache?.known ?? null,
    };
    const codes = { ...COMMON_CODES, ...request.codes };
    const response = await this.#session.using(sid, () => this.#read(httpRequest, codes, cache));
    this.#lastResponseAt = this.#now();
    this.#deniedMethods.recordSuccess(request);
    return response;
  }

  #read(request: HttpRequest, codes: CodeTable, cache?: ResponseStore): Promise<DsmResponse> {
    return logRequest(this.#logger, request.form, () => this.#readData(request, codes, cache));
  }

  /** Sends one form, parses the envelope and removes the secrets. */
  async #readData(request: HttpRequest, codes: CodeTable, cache?: ResponseStore): Promise<DsmResponse> {
    try {
      const response = await this.#transport.post(request);
      const { bytes } = response;
      const cached = cache?.get(bytes);
      if (cached !== undefined) return { bytes, data: cached };
      const envelope = response.envelope();
      if (!envelope.success) throw errorFromResponse(this.label, request.form, envelope['error'], codes);
      const data = removeSecrets(envelope['data'] ?? null);
      cache?.set(bytes, data);
      return { bytes, data };
    } catch (error) {
      this.#apiInfo.invalidateAfter(error);
      throw error;
    }
  }
}

/** The data of a response shared with another call: the object in this caller's cache, or a copy. */
function ownCopy({ bytes, data }: DsmResponse, cache: ResponseStore | undefined): Json {
  const cached = cache?.get(bytes);
  if (cached !== undefined) return cached;
  const own = structuredClone(data);
  cache?.set(bytes, own);
  return own;
}

/** Whether a read may be repeated. A login is not sent twice for one call, whatever its error. */
function isTransient(error: unknown): boolean {
  if (!(error instanceof DsmError) || isAborted(error) || isLoginError(error)) return false;
  return ERRORS[error.code].retry === 'reads-twice';
}
