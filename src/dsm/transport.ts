import { Agent as HttpAgent, type AgentOptions } from 'node:http';
import type { Agent as HttpsAgent } from 'node:https';
import { Socket, type LookupFunction } from 'node:net';
import axios, { AxiosError, type AxiosResponse } from 'axios';
import { createHttpsAgent, type CertificatePolicy } from './certificate';
import { createSharedAbortController, startTimeout } from './abort';
import { DsmError, type DsmCause, type ErrorCode } from './errors';
import { isJsonObject, type JsonObject } from './json';
import { networkMessage } from './network-errors';

/** Where a NAS is and how it may be spoken to. */
export interface TransportOptions {
  /** `http(s)://host:port/` with a path before `webapi` where a reverse proxy has one. */
  readonly url: URL;
  /** `host:port`, for messages. */
  readonly label: string;
  readonly certificate: CertificatePolicy;
  /** Limit of one request, from the first byte sent to the last received. */
  readonly timeoutMs: number;
  /** A larger answer is refused: nothing in Active Backup comes near. */
  readonly maxResponseBytes: number;
  /** Finds the addresses of a name; default: that of the operating system. */
  readonly lookup?: LookupFunction | undefined;
}

/** One request: a form, and how it is to be sent. */
export interface HttpRequest {
  /** Below `webapi/`, as API.Info gives it. */
  readonly path: string;
  /** `api`, `method`, `version` and the parameters as they stand on the wire. Sent in the body, never in the URL. */
  readonly form: Readonly<Record<string, string>>;
  /** Use a new connection: a pooled one may have been closed by the NAS a moment ago, and this is not to be sent twice. */
  readonly newConnection?: boolean;
  /** Any of these ends it. */
  readonly signals?: readonly (AbortSignal | undefined)[];
  /** In place of the transport's own limit. */
  readonly timeoutMs?: number | undefined;
  /** What is left of the bytes that several answers may have together; this answer is taken off. */
  readonly budget?: ByteBudget | undefined;
}

/** Bytes that the answers to several requests may have together. */
export interface ByteBudget {
  left: number;
}

/** DSM's envelope around every answer: `{success: true, data}` or `{success: false, error: {code, errors?}}`. */
export type Envelope = JsonObject & { success: boolean };

/** What came back: an HTTP answer that is no redirection. */
export interface HttpResponse {
  readonly text: string;
  /** HTTP's number. */
  readonly status: number;
  /** Reads DSM's envelope, whatever it says. @throws DsmError ERESPONSE when the answer is not DSM's */
  readonly envelope: () => Envelope;
}

/** The reason of an exchange that its own caller, or the closing of the transport, ended. */
export const ABORTED = 'ABORTED';

/** An IP version. */
type Family = 4 | 6;

/** As many at once as a browser opens; a small NAS is slower with more. */
const MAX_CONNECTIONS = 6;

/**
 * Sends one form to a NAS and brings its envelope back; knows nothing of sessions or of what the answer means.
 * Answers are judged by their content: DSM labels JSON as text at times, and proxies label HTML as anything.
 */
export class Transport {
  readonly #options: TransportOptions;
  #pool: HttpAgent | HttpsAgent;
  readonly #single: HttpAgent | HttpsAgent;
  readonly #closing = createSharedAbortController();
  /**
   * IP version of every connection, since DSM knows a session only from the address that logged in; null: the next
   * connection decides. Source: DSM facts 11.4.
   */
  #family: Family | null = null;

  constructor(options: TransportOptions) {
    this.#options = options;
    this.#pool = this.#newPool();
    // Without a limit: a change that waited in a queue behind one that hangs would time out before it was sent.
    this.#single = this.#agent({ keepAlive: false });
  }

  /** @throws DsmError EUNREACHABLE (no answer), ERESPONSE (redirected, cut off, too large); with reason ABORTED when it was given up */
  async post(request: HttpRequest): Promise<HttpResponse> {
    const response = await this.#send(request);
    if (request.budget !== undefined) request.budget.left -= Buffer.byteLength(response.data);
    this.#rejectRedirect(request, response);
    return { text: response.data, status: response.status, envelope: () => this.#envelope(request, response) };
  }

  /** Lets no connection that is open now serve another exchange: the NAS takes them for those of another machine. */
  dropConnections(): void {
    const old = this.#pool;
    this.#pool = this.#newPool();
    old.maxFreeSockets = 0;
    for (const socket of Object.values(old.freeSockets).flat()) socket?.destroy();
  }

  /** Ends every exchange under way and closes all connections. */
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

  async #send(request: HttpRequest): Promise<AxiosResponse<string>> {
    const timeout = startTimeout(request.timeoutMs ?? this.#options.timeoutMs, [
      this.#closing.signal,
      ...(request.signals ?? []),
    ]);
    const agent = request.newConnection === true ? this.#single : this.#pool;
    try {
      return await axios.request<string>({
        method: 'POST',
        url: new URL(`webapi/${request.path}`, this.#options.url).href,
        data: new URLSearchParams(request.form).toString(),
        headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
        httpAgent: agent,
        httpsAgent: agent,
        ...(this.#family !== null && { family: this.#family }),
        signal: timeout.signal,
        maxContentLength: this.#maxBytes(request),
        maxRedirects: 0,
        proxy: false,
        responseType: 'text',
        transformResponse: (text: string) => text,
        validateStatus: null,
      });
    } catch (error) {
      const reason = timeout.timedOut ? 'ETIMEDOUT' : timeout.signal.aborted ? ABORTED : networkErrorCode(error);
      const broken = this.#requestError(request, reason);
      // A NAS that cannot be reached this way may be by the other IP version.
      if (broken.code === 'EUNREACHABLE' && reason !== ABORTED) this.#family = null;
      throw broken;
    } finally {
      timeout.clear();
    }
  }

  #maxBytes({ budget }: HttpRequest): number {
    return Math.max(0, Math.min(this.#options.maxResponseBytes, budget?.left ?? Infinity));
  }

  #rejectRedirect(request: HttpRequest, { status, headers }: AxiosResponse<string>): void {
    if (status < 300 || status >= 400) return;
    const { label, url } = this.#options;
    const target = redirectTarget(headers.location, url);
    throw this.#error(
      'ERESPONSE',
      request,
      `The NAS ${label} sends this request on${target}, and it is not followed: enter that address in the NAS node (DSM may be set to redirect http to https)`,
    );
  }

  #envelope(request: HttpRequest, { data: text, status }: AxiosResponse<string>): Envelope {
    const answer = parse(text);
    if (isEnvelope(answer)) return answer;
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

/** An agent that also tells the IP version of each connection it has opened. */
function reportFamily<A extends HttpAgent>(agent: A, report: (family: Family) => void): A {
  const create = agent.createConnection.bind(agent);
  agent.createConnection = (...given) => {
    const socket = create(...given);
    if (socket instanceof Socket) {
      socket.once('connect', () => {
        report(socket.remoteFamily === 'IPv6' ? 6 : 4);
      });
    }
    return socket;
  };
  return agent;
}

/** The network's word for why a request failed; axios's error itself holds the form with the password and goes no further. */
export function networkErrorCode(error: unknown): string {
  if (!(error instanceof AxiosError)) return codeOf(error);
  if (error.message.startsWith('maxContentLength')) return 'TOO_LARGE';
  if (error.response !== undefined || error.message.includes('aborted')) return 'CUT_OFF';
  return error.code ?? 'UNKNOWN';
}

function codeOf(error: unknown): string {
  const { code } = error as { code?: unknown };
  return typeof code === 'string' ? code : 'UNKNOWN';
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isEnvelope(answer: unknown): answer is Envelope {
  return isJsonObject(answer) && typeof answer['success'] === 'boolean';
}

/** Names what came instead of JSON without repeating any of it: a page can hold anything. */
function describe(text: string, status: number): string {
  if (text.trim() === '') return `it is empty (HTTP ${status})`;
  if (/^\s*</.test(text)) return `it is a web page (HTTP ${status})`;
  if (/^\s*[[{]/.test(text)) return `it is incomplete or not in DSM's form (HTTP ${status})`;
  return `it is no JSON (HTTP ${status})`;
}

/** ` to https://nas.lan:5001`, without path and query: they are not needed to correct the address. */
function redirectTarget(location: unknown, base: URL): string {
  return typeof location === 'string' && URL.canParse(location, base.href)
    ? ` to ${new URL(location, base).origin}`
    : '';
}

/** Whether an error only says that its caller, or the closing of the connection, gave the call up. */
export function isAborted(error: unknown): boolean {
  return error instanceof DsmError && error.cause?.reason === ABORTED;
}
