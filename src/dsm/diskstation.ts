import { setTimeout as sleep } from 'node:timers/promises';
import { ApiInfo } from './api-info';
import { Auth, type Account } from './auth';
import type { CertificatePolicy } from './certificate';
import { COMMON_CODES, type CodeTable } from './codes';
import { sharedController, untilAborted } from './deadline';
import { DsmError, ERRORS, type ErrorCode } from './errors';
import type { Json } from './json';
import type { Recall } from './recall';
import { removeSecrets } from './redact';
import { refusal, refusedBySession } from './refusal';
import { Session, type Sid } from './session';
import { ABORTED, isAborted, Transport, type Envelope, type Exchange } from './transport';

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
  /** Kept by the caller when it asks the same again and again; see {@link Recall}. */
  readonly recall?: Recall;
  readonly signal?: AbortSignal;
}

const API_INFO = { api: 'SYNO.API.Info', method: 'query', version: '1' } as const;
const MAX_RESPONSE_BYTES = 64 * 1024 * 1024;
const RETRY_PAUSES_MS = [500, 2000] as const;
/** A close of a node has a second in all; the logout gets most of it. */
const CLOSE_MS = 800;
/** How long a method that was refused after a renewal is believed to be forbidden, before a refusal renews again. */
const DENIED_MS = 30 * 60_000;

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
  readonly #session: Session;
  readonly #retryPausesMs: readonly number[];
  readonly #now: () => number;
  /** Methods refused with 105 although the session was new, and until when (epoch ms) that is believed. */
  readonly #denied = new Map<string, number>();
  /** When a call last came back with data (epoch ms). */
  #answeredAt = -Infinity;
  /** Ends calls and pauses. The login and the logout are not under it: a session must be given back. */
  readonly #closing = sharedController();

  constructor(options: DiskStationOptions) {
    const { url, account, certificate, timeoutMs } = options;
    this.label = url.host || url.hostname;
    this.#now = options.now ?? Date.now;
    this.#retryPausesMs = options.retryPausesMs ?? RETRY_PAUSES_MS;
    const maxResponseBytes = options.maxResponseBytes ?? MAX_RESPONSE_BYTES;
    this.#transport = new Transport({ url, label: this.label, certificate, timeoutMs, maxResponseBytes });
    this.#apiInfo = new ApiInfo(
      () => this.#read({ path: 'query.cgi', form: { ...API_INFO, query: 'all' } }, COMMON_CODES),
      this.label,
    );
    this.#auth = new Auth(this.#transport, this.#apiInfo, account, this.label, CLOSE_MS);
    this.#session = new Session(this.#auth, this.#now);
  }

  /**
   * Calls one method.
   * @returns DSM's `data` without its secrets; null when DSM sent none
   * @throws DsmError with any code of INTERFACE 2.4 that a NAS can cause
   */
  async call(request: DsmRequest): Promise<Json> {
    try {
      return await this.#callPatiently(request);
    } catch (error) {
      if (error instanceof DsmError) throw error;
      // Only the abort of a wait gets here: a shared login or API.Info that this caller no longer waits for.
      const { api, method } = request;
      const cause = { api, method, version: 1, code: null, errors: null, reason: ABORTED };
      throw new DsmError('EUNREACHABLE', `The request to ${this.label} was given up`, cause);
    }
  }

  /** Makes this machine a trusted device of a 2-factor account; see {@link Auth.pair}. */
  pair(code: string): Promise<string | null> {
    return this.#auth.pair(code);
  }

  /** Lets the next call log in again after a refusal: a person has asked for it. */
  allowLogin(): void {
    this.#session.allowLogin();
  }

  /** Whether a session is open, so that the next call goes out at once. */
  get signedIn(): boolean {
    return this.#session.signedIn;
  }

  /** How long ago the session was last seen to work; Infinity when it never was. */
  get silentMs(): number {
    return this.#session.signedIn ? this.#now() - this.#answeredAt : Infinity;
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

  async #callPatiently(request: DsmRequest): Promise<Json> {
    const pausesMs = request.changes ? [] : this.#retryPausesMs;
    for (const pauseMs of pausesMs) {
      try {
        return await this.#callOnce(request);
      } catch (error) {
        if (!isPassing(error)) throw error;
        await sleep(pauseMs, undefined, { signal: this.#closing.signal }).catch(() => undefined);
        if (this.#closing.signal.aborted || request.signal?.aborted === true) throw error;
      }
    }
    return this.#callOnce(request);
  }

  async #callOnce(request: DsmRequest): Promise<Json> {
    const sid = await this.#sid(request);
    try {
      return await this.#callWith(sid, request);
    } catch (error) {
      if (!refusedBySession(error) || this.#isForbidden(request, error)) throw error;
      this.#session.forget(sid);
      if (request.changes) throw error;
    }
    const renewed = await this.#sid(request);
    try {
      return await this.#callWith(renewed, request);
    } catch (error) {
      if (isCode(error, 'EPERMISSION')) {
        this.#denied.set(methodKey(request), this.#now() + DENIED_MS);
      }
      throw error;
    }
  }

  /** The shared session's id; a caller that is given up, or a NAS that is closed, no longer waits for a slow login. */
  async #sid({ signal }: DsmRequest): Promise<Sid> {
    return untilAborted(untilAborted(this.#session.sid(), signal), this.#closing.signal);
  }

  /** Whether a 105 is what it says, and no lost session. Without this memory each poll of a forbidden method would log in again. */
  #isForbidden(request: DsmRequest, error: unknown): boolean {
    return isCode(error, 'EPERMISSION') && this.#now() < (this.#denied.get(methodKey(request)) ?? 0);
  }

  async #callWith(sid: Sid, request: DsmRequest): Promise<Json> {
    const { api, method, parameters, changes } = request;
    const address = this.#apiInfo.address(api, method, request.version ?? 1);
    const { path, version } = await untilAborted(address, request.signal);
    const form: Record<string, string> = {};
    for (const [name, value] of Object.entries(parameters)) form[name] = JSON.stringify(value);
    // What addresses the call comes last: no parameter may turn it into another one.
    Object.assign(form, { api, method, version: String(version), _sid: sid });
    const signals = [request.signal, this.#closing.signal];
    const exchange = { path, form, ownConnection: changes, signals, recall: request.recall };
    const data = await this.#read(exchange, { ...COMMON_CODES, ...request.codes });
    this.#answeredAt = this.#now();
    return data;
  }

  /** Sends one form, opens the envelope and takes the secrets out. */
  async #read(exchange: Exchange, codes: CodeTable): Promise<Json> {
    const known = exchange.recall?.envelope;
    const envelope: Envelope = await this.#transport.exchange(exchange);
    if (envelope === known && envelope.success) return envelope['data'] ?? null;
    if (envelope.success) return removeSecrets(envelope['data'] ?? null);
    const error = refusal(this.label, exchange.form, envelope['error'], codes);
    // What DSM offers may have changed: the next call asks again.
    if (error.cause?.code === 102 || error.cause?.code === 104) this.#apiInfo.forget();
    throw error;
  }
}

function methodKey({ api, method }: DsmRequest): string {
  return `${api}.${method}`;
}

function isCode(error: unknown, code: ErrorCode): boolean {
  return error instanceof DsmError && error.code === code;
}

function isPassing(error: unknown): boolean {
  return error instanceof DsmError && ERRORS[error.code].retry === 'reads-twice' && !isAborted(error);
}
