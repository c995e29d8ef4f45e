import { Agent as HttpAgent, type AgentOptions } from 'node:http';
import type { Agent as HttpsAgent } from 'node:https';
import { Socket, type LookupFunction } from 'node:net';
import type { Readable } from 'node:stream';
import type { AxiosResponse } from 'axios';
import { isAxiosError, loadAxios } from './axios';
import { createHttpsAgent, type CertificatePolicy } from './certificate';
import { createSharedAbortController, startTimeout } from './abort';
import { DsmError, type DsmCause, type ErrorCode, networkMessage } from './errors';
import { isJsonObject, type JsonObject } from './json';
import { BodyError, readBody } from './response-body';

/** Address of a NAS and limits of the connection. */
export interface TransportOptions {
  /** `http(s)://host:port/`, with a path before `webapi` when a reverse proxy adds one. */
  readonly url: URL;
  /** `host:port`, for messages. */
  readonly label: string;
  readonly certificate: CertificatePolicy;
  /** Time limit of one request, from the first byte sent to the last received. */
  readonly timeoutMs: number;
  /** Largest accepted response; far above any of Active Backup. */
  readonly maxResponseBytes: number;
  /** Resolves host names; default: the resolver of the operating system. */
  readonly lookup?: LookupFunction | undefined;
}

/** One request: a form and how to send it. */
export interface HttpRequest {
  /** Relative to `webapi/`, from API.Info. */
  readonly path: string;
  /** `api`, `method`, `version` and the encoded parameters. Sent in the body, never in the URL. */
  readonly form: Readonly<Record<string, string>>;
  /** Use a new connection, for requests that must not be repeated: the NAS may just have closed a pooled connection. */
  readonly newConnection?: boolean;
  /** Each of these aborts the request. */
  readonly signals?: readonly (AbortSignal | undefined)[];
  /** In place of the transport's own limit. */
  readonly timeoutMs?: number | undefined;
  /** Shared byte limit of several responses; the size of this response is subtracted. */
  readonly budget?: ByteBudget | undefined;
  /** The bytes of an earlier response: a response of the same bytes has this very Buffer. */
  readonly known?: Buffer | null;
}

/** Shared byte limit of several responses. */
export interface ByteBudget {
  left: number;
}

/** DSM's envelope: `{success: true, data}` or `{success: false, error: {code, errors?}}`. */
export type Envelope = JsonObject & { success: boolean };

/** An HTTP response that is no redirect. */
export interface HttpResponse {
  /** The body, not decoded: equal bytes need not be read again. */
  readonly bytes: Buffer;
  /** HTTP status. */
  readonly status: number;
  /** Parses DSM's envelope. @throws DsmError ERESPONSE when the response is not DSM's */
  readonly envelope: () => Envelope;
}

/** Reason in the cause of an error: the caller or the owner of the connection aborted the request. */
export const ABORTED = 'ABORTED';

/** IP version. */
type Family = 4 | 6;

/** The number browsers use; a small NAS is slower with more. */
const MAX_CONNECTIONS = 6;

/**
 * Sends forms to a NAS and returns its envelopes, without knowledge of sessions or codes. Responses are identified by
 * their content: DSM sometimes labels JSON as text, and proxies label HTML as anything.
 */
export class Transport {
  readonly #options: TransportOptions;
  #pool: HttpAgent | HttpsAgent;
  readonly #single: HttpAgent | HttpsAgent;
  readonly #closing = createSharedAbortController();
  /**
   * IP version of all connections, because DSM binds a session to the address that logged in (docs/facts/dsm.md §4.3).
   * Null until the first connection is open.
   */
  #family: Family | null = null;

  constructor(options: TransportOptions) {
    this.#options = options;
    this.#pool = this.#newPool();
    // Without a limit: a change that waits behind a hanging one would time out before it is sent.
    this.#single = this.#agent({ keepAlive: false });
  }

  /**
   * @throws DsmError EUNREACHABLE (no response), ERESPONSE (redirected, cut off, too large); with the reason ABORTED
   * when it was aborted
   */
  async post(request: HttpRequest): Promise<HttpResponse> {
    const { status, headers, bytes } = await this.#send(request);
    if (request.budget !== undefined) request.budget.left -= bytes.length;
    this.#rejectRedirect(request, status, headers['location']);
    return { bytes, status, envelope: () => this.#envelope(request, bytes, status) };
  }

  /** Excludes all open connections from further requests: the NAS sees them as another client. */
  dropConnections(): void {
    const old = this.#pool;
    this.#pool = this.#newPool();
    old.maxFreeSockets = 0;
    for (const socket of Object.values(old.freeSockets).flat()) socket?.destroy();
  }

  /** Aborts all requests and closes all connections. */
  close(): void {
    this.#closing.abort();
    this.#pool.destroy();
    this.#single.destroy();
  }

  #newPool(): HttpAgent | HttpsAgent {
    return this.#agent({ keepAlive: true, maxSockets: MAX_CONNECTIONS });
  }

  #agent(limits: AgentOptions): HttpAgent | HttpsAgent {
    const { url, certificate, lookup } = this.#options;
    const options = { ...limits, ...(lookup && { lookup }) };
    const agent = url.protocol === 'https:' ? createHttpsAgent(certificate, options) : new HttpAgent(options);
    return reportFamily(agent, (family) => {
      this.#family ??= family;
    });
  }

  async #send(request: HttpRequest): Promise<Pick<AxiosResponse, 'status' | 'headers'> & { bytes: Buffer }> {
    const axios = loadAxios();
    const timeout = startTimeout(request.timeoutMs ?? this.#options.timeoutMs, [
      this.#closing.signal,
      ...(request.signals ?? []),
    ]);
    const agent = request.newConnection === true ? this.#single : this.#pool;
    try {
      const { data, status, headers } = await axios.request<Readable>({
        method: 'POST',
        url: new URL(`webapi/${request.path}`, this.#options.url).href,
        data: new URLSearchParams(request.form).toString(),
        headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
        httpAgent: agent,
        httpsAgent: agent,
        ...(this.#family !== null && { family: this.#family }),
        signal: timeout.signal,
        maxRedirects: 0,
        proxy: false,
        responseType: 'stream',
        validateStatus: null,
      });
      return { status, headers, bytes: await readBody(data, this.#maxBytes(request), request.known ?? null) };
    } catch (error) {
      const reason = timeout.timedOut ? 'ETIMEDOUT' : timeout.signal.aborted ? ABORTED : networkErrorCode(error);
      const failure = this.#requestError(request, reason);
      // The NAS may be reachable by the other IP version.
      if (failure.code === 'EUNREACHABLE' && reason !== ABORTED) this.#family = null;
      throw failure;
    } finally {
      timeout.clear();
    }
  }

  #maxBytes({ budget }: HttpRequest): number {
    return Math.max(0, Math.min(this.#options.maxResponseBytes, budget?.left ?? Infinity));
  }

  #rejectRedirect(request: HttpRequest, status: number, location: unknown): void {
    if (status < 300 || status >= 400) return;
    const { label, url } = this.#options;
    const target = redirectTarget(location, url);
    throw this.#error(
      'ERESPONSE',
      request,
      `The NAS ${label} sends this request on${target}, and it is not followed: enter that address in the NAS node (DSM may be set to redirect http to https)`,
    );
  }

  #envelope(request: HttpRequest, bytes: Buffer, status: number): Envelope {
    const text = textOf(bytes);
    const envelope = parse(text);
    if (isEnvelope(envelope)) return envelope;
    throw this.#error(
      'ERESPONSE',
      request,
      `The answer of ${this.#options.label} is not DSM's: ${describe(text, status)}. Is this the address of DSM, and has it finished starting?`,
    );
  }

  #requestError(request: HttpRequest, reason: string): DsmError {
    const { label } = this.#options;
    switch (reason) {
      case ABORTED:
        return this.#error('EUNREACHABLE', request, `The request to ${label} was given up`, reason);
      case 'TOO_LARGE':
        return this.#error(
          'ERESPONSE',
          request,
          `The answer of ${label} is larger than ${this.#maxBytes(request)} bytes`,
          reason,
        );
      case 'CUT_OFF':
        return this.#error('ERESPONSE', request, `The answer of ${label} was cut off`, reason);
      default:
        return this.#error('EUNREACHABLE', request, networkMessage(label, reason), reason);
    }
  }

  #error(code: ErrorCode, { form }: HttpRequest, message: string, reason?: string): DsmError {
    const cause: DsmCause = {
      api: form['api'] ?? '',
      method: form['method'] ?? '',
      version: Number(form['version'] ?? 1),
      code: null,
      errors: null,
      ...(reason !== undefined && { reason }),
    };
    return new DsmError(code, message, cause);
  }
}

/** An agent that reports the IP version of each connection it opens. */
function reportFamily<A extends HttpAgent>(agent: A, report: (family: Family) => void): A {
  const create = agent.createConnection.bind(agent);
  agent.createConnection = (...args) => {
    const socket = create(...args);
    if (socket instanceof Socket) {
      socket.once('connect', () => {
        report(socket.remoteFamily === 'IPv6' ? 6 : 4);
      });
    }
    return socket;
  };
  return agent;
}

/**
 * The network error code of a failed request. The axios error itself holds the form with the password and must not be
 * passed on.
 */
export function networkErrorCode(error: unknown): string {
  if (error instanceof BodyError) return error.reason;
  return isAxiosError(error) ? (error.code ?? 'UNKNOWN') : codeOf(error);
}

function codeOf(error: unknown): string {
  const code = isJsonObject(error) ? error['code'] : undefined;
  return typeof code === 'string' ? code : 'UNKNOWN';
}

/** The text of a body in UTF-8, without a byte order mark. */
function textOf(bytes: Buffer): string {
  const text = bytes.toString('utf8');
  return text.startsWith('\uFEFF') ? text.slice(1) : text;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isEnvelope(value: unknown): value is Envelope {
  return isJsonObject(value) && typeof value['success'] === 'boolean';
}

/** Describes a response that is not JSON without quoting it, because a page can contain anything. */
function describe(text: string, status: number): string {
  if (text.trim() === '') return `it is empty (HTTP ${status})`;
  if (/^\s*</.test(text)) return `it is a web page (HTTP ${status})`;
  if (/^\s*[[{]/.test(text)) return `it is incomplete or not in DSM's form (HTTP ${status})`;
  return `it is no JSON (HTTP ${status})`;
}

/** ` to https://nas.lan:5001`, without path and query, which are not needed to correct the address. */
function redirectTarget(location: unknown, base: URL): string {
  return typeof location === 'string' && URL.canParse(location, base.href)
    ? ` to ${new URL(location, base).origin}`
    : '';
}

/** Whether an error only means that the caller or the owner of the connection aborted the call. */
export function isAborted(error: unknown): boolean {
  return error instanceof DsmError && error.cause?.reason === ABORTED;
}
