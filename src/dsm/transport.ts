import { Agent as HttpAgent, type AgentOptions } from 'node:http';
import type { Agent as HttpsAgent } from 'node:https';
import axios, { AxiosError, type AxiosResponse } from 'axios';
import { agentFor, type CertificatePolicy } from './certificate';
import { sharedController, startDeadline } from './deadline';
import { DsmError, type DsmCause, type ErrorCode } from './errors';
import { isJsonObject, type JsonObject } from './json';
import { networkMessage } from './network-errors';
import type { Recall } from './recall';

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
}

/** One request: a form, and how it is to be sent. */
export interface Exchange {
  /** Below `webapi/`, as API.Info gives it. */
  readonly path: string;
  /** `api`, `method`, `version` and the parameters as they stand on the wire. Sent in the body, never in the URL. */
  readonly form: Readonly<Record<string, string>>;
  /** Use a new connection: a pooled one may have been closed by the NAS a moment ago, and this is not to be sent twice. */
  readonly ownConnection?: boolean;
  /** Any of these ends it. */
  readonly signals?: readonly (AbortSignal | undefined)[];
  /** The last answer to the same question, if it is asked again and again. */
  readonly recall?: Recall | undefined;
  /** In place of the transport's own limit. */
  readonly timeoutMs?: number;
}

/** DSM's envelope around every answer: `{success: true, data}` or `{success: false, error: {code, errors?}}`. */
export type Envelope = JsonObject & { success: boolean };

/** The reason of an exchange that its own caller, or the closing of the transport, ended. */
export const ABORTED = 'ABORTED';

/** As many at once as a browser opens; a small NAS is slower with more. */
const MAX_CONNECTIONS = 6;

/**
 * Sends one form to a NAS and brings its envelope back; knows nothing of sessions or of what the answer means.
 * Answers are judged by their content: DSM labels JSON as text at times, and proxies label HTML as anything.
 */
export class Transport {
  readonly #options: TransportOptions;
  readonly #pool: HttpAgent | HttpsAgent;
  readonly #single: HttpAgent | HttpsAgent;
  readonly #closing = sharedController();

  constructor(options: TransportOptions) {
    this.#options = options;
    const https = options.url.protocol === 'https:';
    const agent = (limits: AgentOptions): HttpAgent =>
      https ? agentFor(options.certificate, limits) : new HttpAgent(limits);
    this.#pool = agent({ keepAlive: true, maxSockets: MAX_CONNECTIONS });
    // Without a limit: a change that waited in a queue behind one that hangs would time out before it was sent.
    this.#single = agent({ keepAlive: false });
  }

  /**
   * @returns the envelope, whatever it says
   * @throws DsmError EUNREACHABLE (no answer), ERESPONSE (an answer that is not DSM's); with reason ABORTED when it was given up
   */
  async exchange(exchange: Exchange): Promise<Envelope> {
    const deadline = startDeadline(exchange.timeoutMs ?? this.#options.timeoutMs, [
      this.#closing.signal,
      ...(exchange.signals ?? []),
    ]);
    const agent = exchange.ownConnection === true ? this.#single : this.#pool;
    try {
      const response = await axios.request<string>({
        method: 'POST',
        url: new URL(`webapi/${exchange.path}`, this.#options.url).href,
        data: new URLSearchParams(exchange.form).toString(),
        headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
        httpAgent: agent,
        httpsAgent: agent,
        signal: deadline.signal,
        maxContentLength: this.#options.maxResponseBytes,
        maxRedirects: 0,
        proxy: false,
        responseType: 'text',
        transformResponse: (text: string) => text,
        validateStatus: null,
      });
      return this.#envelope(exchange, response);
    } catch (error) {
      if (error instanceof DsmError) throw error;
      const reason = deadline.timedOut ? 'ETIMEDOUT' : deadline.signal.aborted ? ABORTED : reasonOf(error);
      throw this.#broken(exchange, reason);
    } finally {
      deadline.clear();
    }
  }

  /** Ends every exchange under way and closes all connections. */
  close(): void {
    this.#closing.abort();
    this.#pool.destroy();
    this.#single.destroy();
  }

  #envelope(exchange: Exchange, { data: text, status, headers }: AxiosResponse<string>): Envelope {
    const { label } = this.#options;
    if (status >= 300 && status < 400) {
      const target = redirectTarget(headers.location, this.#options.url);
      throw this.#error(
        'ERESPONSE',
        exchange,
        `The NAS ${label} sends this request on${target}, and it is not followed: enter that address in the NAS node (DSM may be set to redirect http to https)`,
      );
    }
    const { recall } = exchange;
    if (recall?.envelope && recall.text === text) return recall.envelope;
    const answer = parse(text);
    if (isEnvelope(answer)) {
      if (recall !== undefined) Object.assign(recall, { text, envelope: answer });
      return answer;
    }
    throw this.#error(
      'ERESPONSE',
      exchange,
      `The answer of ${label} is not DSM's: ${describe(text, status)}. Is this the address of DSM, and has it finished starting?`,
    );
  }

  #broken(exchange: Exchange, reason: string): DsmError {
    const { label, maxResponseBytes } = this.#options;
    switch (reason) {
      case ABORTED:
        return this.#error('EUNREACHABLE', exchange, `The request to ${label} was given up`, reason);
      case 'TOO_LARGE':
        return this.#error(
          'ERESPONSE',
          exchange,
          `The answer of ${label} is larger than ${maxResponseBytes} bytes`,
          reason,
        );
      case 'CUT_OFF':
        return this.#error('ERESPONSE', exchange, `The answer of ${label} was cut off`, reason);
      default:
        return this.#error('EUNREACHABLE', exchange, networkMessage(label, reason), reason);
    }
  }

  #error(code: ErrorCode, { form }: Exchange, message: string, reason?: string): DsmError {
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

/** The network's word for why a request failed; axios's error itself holds the form with the password and goes no further. */
export function reasonOf(error: unknown): string {
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
