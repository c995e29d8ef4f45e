import { setTimeout as sleep } from 'node:timers/promises';
import { ApiInfo } from './api-info';
import { Auth, isLoginError, loginTimeoutError, type Account } from './auth';
import type { CertificatePolicy } from './certificate';
import { COMMON_CODES, type CodeTable } from './codes';
import { forwardAbort, createSharedAbortController, startTimeout, waitOrAbort } from './abort';
import { DsmError, dsmErrorOf, ERRORS } from './errors';
import type { Json } from './json';
import { LoginRefusals } from './login-refusals';
import type { ResponseCache } from './response-cache';
import { SILENT_LOGGER, type Logger } from './logger';
import { removeSecrets } from './redact';
import { errorFromResponse, mayBeLostSession } from './error-response';
import { logLogins, logRequest } from './request-log';
import { RequestQueue, type QueueLimits } from './request-queue';
import { DsmSession, type Sid } from './session';
import { ABORTED, isAborted, Transport, type ByteBudget, type HttpRequest, type TransportOptions } from './transport';

export type { CodeMeaning, CodeTable } from './codes';

/** Everything that makes up the connection to one NAS. */
export interface DiskStationOptions {
  readonly url: URL;
  readonly account: Account;
  readonly certificate: CertificatePolicy;
  /** Limit of one request. */
  readonly timeoutMs: number;
  readonly maxResponseBytes?: number;
  /** The pauses before a read is asked again; as many repetitions as pauses. */
  readonly retryPausesMs?: readonly number[];
  /** Epoch milliseconds. */
  readonly now?: () => number;
  /** Where refused logins are remembered; default: as long as this connection lasts. */
  readonly refusals?: LoginRefusals;
  /** Takes a line for each request, login, renewal and logout; default: nobody. */
  readonly logger?: Logger;
  /** Finds the addresses of a name; default: that of the operating system. */
  readonly lookup?: TransportOptions['lookup'];
  /** How much the NAS is asked for at a time, where it is not the usual. */
  readonly queue?: Partial<Pick<QueueLimits, 'reads' | 'changes' | 'waiting'>>;
}

/** One call of one method. */
export interface DsmRequest {
  readonly api: string;
  readonly method: string;
  /** Each value is JSON-encoded on the wire: a bare string that looks like a number would be read as one. DSM facts 10.6. */
  readonly parameters: Readonly<Record<string, Json>>;
  /** The version to ask for; default 1, the only one anybody has seen work in Active Backup. */
  readonly version?: number;
  /** It changes something on the NAS: it is put on the wire at most once, whatever fails. */
  readonly changes: boolean;
  /** What the numbers of this API's family mean; DSM's common ones are known. */
  readonly codes?: CodeTable;
  /** It waits for its turn however many calls do, and reads before others: for the few that the monitor needs. */
  readonly essential?: boolean;
  /** Kept by the caller when it asks the same again and again; see {@link ResponseCache}. */
  readonly cache?: ResponseCache;
  /** Bytes that several answers may have together, where one question takes several requests. */
  readonly budget?: ByteBudget;
  /** Limit of one request, in place of the connection's own. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

/** An answer that was read: its bytes, and DSM's `data` without its secrets. */
interface DsmResponse {
  readonly text: string;
  readonly data: Json;
}

const API_INFO = { api: 'SYNO.API.Info', method: 'query', version: '1' } as const;
const MAX_RESPONSE_BYTES = 64 * 1024 * 1024;
const RETRY_PAUSES_MS = [500, 2000] as const;
/** Reads at the NAS at once: fewer than the connections there are, so that none waits where its time runs. */
const MAX_CONCURRENT_READS = 4;
/** Enough that one change that hangs keeps no other from being sent in time: each is sent at most once, so none is tried again. */
const MAX_CONCURRENT_CHANGES = 10;
/** Calls that wait for their turn; what is more is refused at once. */
const MAX_WAITING = 200;
/** A close of a node has a second in all; the logout gets most of it. */
const CLOSE_MS = 800;
/** A login is awaited for so many times the limit of a request, so that a slow NAS is left with no session that nobody uses. */
const LOGIN_TIMEOUT_FACTOR = 2;
/** How long a method that was refused after a renewal is believed to be forbidden, before a refusal renews again. */
const DENIED_MS = 30 * 60_000;
/** A session that worked so short a time ago is not lost: DSM ends none earlier than after a minute (DSM facts 4.3). */
const PROVEN_MS = 45_000;
/** DSM's number for "no permission", which it also answers to a session that it does not know any more. */
const FORBIDDEN = 105;
/** DSM's number for a request from another address than the login. */
const OTHER_ADDRESS = 150;

/**
 * A DiskStation over HTTP: finds its APIs, keeps one session for all callers, sends calls and repeats what may be
 * repeated. Opens nothing before the first call; whoever makes it closes it.
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
  readonly #queue: RequestQueue<DsmRequest, DsmResponse>;
  /** Methods refused with 105 although the session was good, and when (epoch ms). A success forgets the refusal. */
  readonly #deniedMethods = new Map<string, number>();
  /** When a call last came back with data, or a login succeeded (epoch ms). */
  #sessionProvenAt = -Infinity;
  /** When a call last came back with data (epoch ms). */
  #lastResponseAt = -Infinity;
  /** Ends calls and pauses. The login and the logout are not under it: a session must be given back. */
  readonly #closing = createSharedAbortController();

  constructor(options: DiskStationOptions) {
    const { url, account, certificate, timeoutMs, lookup, refusals = new LoginRefusals() } = options;
    this.label = url.host || url.hostname;
    this.#now = options.now ?? Date.now;
    this.#logger = options.logger ?? SILENT_LOGGER;
    this.#retryPausesMs = options.retryPausesMs ?? RETRY_PAUSES_MS;
    const maxResponseBytes = options.maxResponseBytes ?? MAX_RESPONSE_BYTES;
    this.#timeoutMs = timeoutMs;
    this.#transport = new Transport({ url, label: this.label, certificate, timeoutMs, maxResponseBytes, lookup });
    this.#apiInfo = new ApiInfo(async () => {
      const { data } = await this.#read({ path: 'query.cgi', form: { ...API_INFO, query: 'all' } }, COMMON_CODES);
      return data;
    }, this.label);
    const limitsOfQueue = {
      reads: MAX_CONCURRENT_READS,
      changes: MAX_CONCURRENT_CHANGES,
      waiting: MAX_WAITING,
      ...options.queue,
    };
    this.#queue = new RequestQueue({ label: this.label, timeoutMs, ...limitsOfQueue }, (request) =>
      this.#callWithRetry(request),
    );
    const limits = { loginMs: LOGIN_TIMEOUT_FACTOR * timeoutMs, logoutMs: CLOSE_MS };
    this.#auth = new Auth(this.#transport, this.#apiInfo, account, this.label, limits);
    const refused = refusals.forCredentials(url.href, account.name, account.password, account.deviceId);
    this.#session = new DsmSession(logLogins(this.#auth, this.#logger), this.#now, refused);
  }

  /**
   * Calls one method, when its turn comes; see {@link RequestQueue}.
   * @returns DSM's `data` without its secrets, the caller's own unless it has a recall; null when DSM sent none
   * @throws DsmError with any code of INTERFACE 2.4 that a NAS can cause
   */
  async call(request: DsmRequest): Promise<Json> {
    try {
      return await this.#callQueued(request);
    } catch (error) {
      const { api, method, version = 1, signal } = request;
      const isGivenUp = signal?.aborted === true || this.#closing.signal.aborted;
      if (!(error instanceof DsmError) && isGivenUp) {
        const cause = { api, method, version, code: null, errors: null, reason: ABORTED };
        throw new DsmError('EUNREACHABLE', `The request to ${this.label} was given up`, cause);
      }
      const message = `An answer of ${this.label} could not be worked on`;
      throw dsmErrorOf(error, 'ERESPONSE', message, { api, method, version });
    }
  }

  /** Makes this machine a trusted device of a 2-factor account; see {@link Auth.pair}. */
  pair(code: string): Promise<string | null> {
    return this.#auth.pair(code);
  }

  /** Lets the next call log in again after a refusal: a person has asked for it. */
  clearLoginRefusal(): void {
    this.#session.clearLoginRefusal();
  }

  /** Whether a session is open, so that the next call goes out at once. */
  get signedIn(): boolean {
    return this.#session.signedIn;
  }

  /** How long ago the session was last seen to work; Infinity when it never was. */
  get msSinceLastResponse(): number {
    return this.#session.signedIn ? this.#now() - this.#lastResponseAt : Infinity;
  }

  /** Ends what is under way, gives the session back and closes all connections; takes at most {@link CLOSE_MS}. */
  async close(): Promise<void> {
    this.#closing.abort();
    const givenUp = new AbortController();
    await Promise.race([
      this.#session.close(),
      sleep(CLOSE_MS, undefined, { signal: givenUp.signal }).catch(() => undefined),
    ]);
    givenUp.abort();
    this.#transport.close();
  }

  /** Equal reads that wait share one answer, of which each gets a copy. */
  async #callQueued(request: DsmRequest): Promise<Json> {
    const call = new AbortController();
    const unfollow = forwardAbort(call, [request.signal, this.#closing.signal]);
    try {
      const { reply, isOwn } = await this.#queue.add({ ...request, signal: call.signal });
      return isOwn ? reply.data : ownCopy(reply, request.cache);
    } finally {
      unfollow();
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
      if (!mayBeLostSession(error) || this.#isForbidden(request, error)) throw error;
      this.#dropSession(sid, error);
      if (request.changes) throw error;
    }
    const renewed = await this.#sid(request);
    try {
      return await this.#callWith(renewed, request);
    } catch (error) {
      if (codeOf(error) === FORBIDDEN) this.#deniedMethods.set(methodKey(request), this.#now());
      throw error;
    }
  }

  /**
   * The shared session's id; a caller that is given up, a NAS that is closed, or a request whose time is over no longer
   * waits for a slow login. The login itself goes on: a second one beside it would be one more for Auto Block to count.
   */
  async #sid({ signal, timeoutMs = this.#timeoutMs }: DsmRequest): Promise<Sid> {
    if (!this.#session.mustSignIn) return this.#session.getSid();
    await waitOrAbort(waitOrAbort(this.#auth.locate(), signal), this.#closing.signal);
    const waiting = startTimeout(timeoutMs, [signal, this.#closing.signal]);
    try {
      const sid = await waitOrAbort(this.#session.getSid(), waiting.signal);
      this.#sessionProvenAt = this.#now();
      return sid;
    } catch (error) {
      throw waiting.timedOut && !(error instanceof DsmError) ? loginTimeoutError(this.label) : error;
    } finally {
      waiting.clear();
    }
  }

  /** A 105 may come from a session that is open all the same, and would stay so for days; every other code ends it. */
  #dropSession(sid: Sid, error: unknown): void {
    const code = codeOf(error);
    this.#logger.debug(`The session was refused with ${code ?? 'an error'}`);
    if (code === OTHER_ADDRESS) this.#transport.dropConnections();
    if (code === FORBIDDEN) this.#session.retire(sid);
    else this.#session.invalidate(sid);
  }

  /**
   * Whether a 105 is what it says, and no lost session: it was so a while ago, or it is the answer to a change, before
   * which the session has just worked. Without this each call of a forbidden method would log in again.
   */
  #isForbidden(request: DsmRequest, error: unknown): boolean {
    if (codeOf(error) !== FORBIDDEN) return false;
    const key = methodKey(request);
    const now = this.#now();
    if (request.changes && isWithin(PROVEN_MS, this.#sessionProvenAt, now)) this.#deniedMethods.set(key, now);
    return isWithin(DENIED_MS, this.#deniedMethods.get(key) ?? -Infinity, now);
  }

  async #callWith(sid: Sid, request: DsmRequest): Promise<DsmResponse> {
    const { api, method, parameters, changes, cache, budget, timeoutMs } = request;
    const address = this.#apiInfo.address(api, method, request.version ?? 1);
    const { path, version } = await waitOrAbort(address, request.signal);
    const form: Record<string, string> = {};
    for (const [name, value] of Object.entries(parameters)) form[name] = JSON.stringify(value);
    // What addresses the call comes last: no parameter may turn it into another one.
    Object.assign(form, { api, method, version: String(version), _sid: sid });
    const signals = [request.signal, this.#closing.signal];
    const httpRequest: HttpRequest = { path, form, newConnection: changes, signals, budget, timeoutMs };
    const codes = { ...COMMON_CODES, ...request.codes };
    const reply = await this.#session.using(sid, () => this.#read(httpRequest, codes, cache));
    this.#lastResponseAt = this.#sessionProvenAt = this.#now();
    this.#deniedMethods.delete(methodKey(request));
    return reply;
  }

  #read(request: HttpRequest, codes: CodeTable, cache?: ResponseCache): Promise<DsmResponse> {
    return logRequest(this.#logger, request.form, () => this.#readData(request, codes, cache));
  }

  /** Sends one form, opens the envelope and takes the secrets out. */
  async #readData(request: HttpRequest, codes: CodeTable, cache?: ResponseCache): Promise<DsmResponse> {
    try {
      const answer = await this.#transport.post(request);
      const { text } = answer;
      const known = cache?.get(text);
      if (known !== undefined) return { text, data: known };
      const envelope = answer.envelope();
      if (!envelope.success) throw errorFromResponse(this.label, request.form, envelope['error'], codes);
      const data = removeSecrets(envelope['data'] ?? null);
      cache?.set(text, data);
      return { text, data };
    } catch (error) {
      this.#apiInfo.invalidateAfter(error);
      throw error;
    }
  }
}

/** The data of an answer that another call got, as a recall of its own knows it, or as a copy. */
function ownCopy({ text, data }: DsmResponse, cache: ResponseCache | undefined): Json {
  const known = cache?.get(text);
  if (known !== undefined) return known;
  const own = structuredClone(data);
  cache?.set(text, own);
  return own;
}

/** @returns whether `at` is less than `ms` away from `now`; a clock that was set back makes nothing last */
function isWithin(ms: number, at: number, now: number): boolean {
  return Math.abs(now - at) < ms;
}

function methodKey({ api, method }: DsmRequest): string {
  return `${api}.${method}`;
}

/** DSM's number in an error; null when it is none of DSM's. */
function codeOf(error: unknown): number | null {
  return error instanceof DsmError ? (error.cause?.code ?? null) : null;
}

/** A login is not sent a second time for one call, whatever became of the first. */
function isTransient(error: unknown): boolean {
  if (!(error instanceof DsmError) || isAborted(error) || isLoginError(error)) return false;
  return ERRORS[error.code].retry === 'reads-twice';
}
