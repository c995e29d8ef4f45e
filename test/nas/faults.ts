import type { ServerResponse } from 'node:http';
import type { Json } from '../../src/dsm/json';
import { failure } from './dispatch';
import { errorPage, jsonReply, loginPage, send } from './reply';
import type { Reply } from './reply';
import type { ReceivedRequest } from './requests';

/** What each kind of fault can be told. */
interface FaultDetails {
  /** The connection breaks before the request takes effect. */
  'reset-before': object;
  /** The request takes effect, then the connection breaks without an answer. */
  'reset-after': object;
  /** No effect and no answer, until the client gives up. */
  hang: object;
  /** No effect; DSM's login page instead of JSON. */
  html: object;
  /** No effect; half of something that is not JSON. */
  'not-json': object;
  /** No effect; an answer without a body. */
  empty: object;
  /** It takes effect; the answer breaks off in the middle. */
  'cut-off': object;
  /** No effect; valid JSON, far too long. Default 64 MiB. */
  oversized: { bytes?: number };
  /** No effect; to the https port, as DSM can be set to. `location` default: this path on port 5001. */
  redirect: { status?: number; location?: string };
  /** No effect; an error page of a web server. */
  'http-status': { status: number };
  /** It takes effect and is answered, but only after `ms` of real time. */
  delay: { ms: number };
  /** No effect; DSM refuses. */
  refuse: { code: number; errors?: Json };
}

type FaultName = keyof FaultDetails;
type FaultOf<K extends FaultName> = { [P in K]: Selection & { do: P } & FaultDetails[P] }[K];

interface Selection {
  /** Default: every request. */
  on?: { api?: string; method?: string };
  /** Default: for ever, until undone. */
  times?: number;
}

/** Something that goes wrong, and for which requests. */
export type Fault = FaultOf<FaultName>;

/** The request that met a fault, and the ways to deal with it. */
export interface Exchange {
  readonly response: ServerResponse;
  readonly url: string;
  /** Lets the request take effect. */
  readonly answer: () => Reply;
  /** Resolves after `ms`; never, once the NAS is closed. */
  readonly wait: (ms: number) => Promise<void>;
}

const OVERSIZED_BYTES = 64 * 1024 * 1024;
const CHUNK = 'x'.repeat(64 * 1024);

const breakOff = ({ response }: Exchange): void => {
  response.socket?.destroy();
};
const json = (body: string): Reply => ({ ...jsonReply({ success: true }, { plainText: false, cookie: null }), body });

const DEEDS: { [K in FaultName]: (fault: FaultOf<K>, exchange: Exchange) => void | Promise<void> } = {
  'reset-before': (_fault, exchange) => breakOff(exchange),
  'reset-after': (_fault, exchange) => {
    exchange.answer();
    breakOff(exchange);
  },
  hang: () => undefined,
  html: (_fault, { response }) => send(response, loginPage()),
  'not-json': (_fault, { response }) => send(response, json('{"success":true,"data":{"tasks":[')),
  empty: (_fault, { response }) => send(response, json('')),
  'cut-off': (_fault, exchange) => cutOff(exchange),
  oversized: (fault, exchange) => pourOut(fault.bytes ?? OVERSIZED_BYTES, exchange),
  redirect: (fault, { response, url }) => {
    const host = (response.req.headers.host ?? 'localhost').replace(/:\d+$/, '');
    const headers = { Location: fault.location ?? `https://${host}:5001${url}` };
    send(response, { status: fault.status ?? 302, headers, body: '' });
  },
  'http-status': (fault, { response }) => send(response, errorPage(fault.status)),
  delay: async (fault, exchange) => {
    await exchange.wait(fault.ms);
    send(exchange.response, exchange.answer());
  },
  refuse: (fault, { response }) => {
    send(response, jsonReply(failure(fault.code, fault.errors), { plainText: false, cookie: null }));
  },
};

function cutOff({ response, answer }: Exchange): void {
  const { status, headers, body } = answer();
  response.writeHead(status, { ...headers, 'Content-Length': Buffer.byteLength(body) });
  response.write(body.slice(0, Math.floor(body.length / 2)), () => response.socket?.destroy());
}

/** Writes as fast as the client reads, and stops when it has had enough. */
async function pourOut(bytes: number, { response }: Exchange): Promise<void> {
  response.writeHead(200, json('').headers);
  response.write('{"success":true,"data":"');
  for (let written = 0; written < bytes && !response.destroyed; written += CHUNK.length) {
    if (!response.write(CHUNK)) await drained(response);
  }
  response.end('"}');
}

function drained(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      response.off('drain', done).off('close', done);
      resolve();
    };
    response.on('drain', done).on('close', done);
  });
}

/** The faults that are set, oldest first. */
export class Faults {
  readonly #set = new Set<{ fault: Fault; left: number }>();

  /** Sets a fault; the call returned takes it back. */
  add(fault: Fault): () => void {
    const entry = { fault, left: fault.times ?? Infinity };
    this.#set.add(entry);
    return () => {
      this.#set.delete(entry);
    };
  }

  /** The fault this request meets, counted as used; null when it meets none. */
  meet(request: ReceivedRequest): Fault | null {
    for (const entry of this.#set) {
      const { api, method } = entry.fault.on ?? {};
      if ((api ?? request.api) !== request.api || (method ?? request.method) !== request.method) continue;
      entry.left -= 1;
      if (entry.left <= 0) this.#set.delete(entry);
      return entry.fault;
    }
    return null;
  }
}

/** Does to a request what its fault says. */
export function commit<K extends FaultName>(fault: FaultOf<K>, exchange: Exchange): void | Promise<void> {
  const deed: (fault: FaultOf<K>, exchange: Exchange) => void | Promise<void> = DEEDS[fault.do];
  return deed(fault, exchange);
}
