import type { ServerResponse } from 'node:http';
import type { Json } from '../../src/dsm/json';
import { failure } from './dispatch';
import { errorPage, jsonReply, loginPage, send } from './reply';
import type { Reply } from './reply';
import type { Change } from './odd-answers';
import type { ReceivedRequest } from './requests';

/** The options of each kind of fault. */
interface FaultDetails {
  /** The connection breaks before the request takes effect. */
  'reset-before': object;
  /** The request takes effect, then the connection breaks without an answer. */
  'reset-after': object;
  /** No effect and no answer. */
  hang: object;
  /** No effect; DSM's login page instead of JSON. */
  html: object;
  /** No effect; truncated JSON. */
  'not-json': object;
  /** No effect; an answer without a body. */
  empty: object;
  /** It takes effect; the connection breaks in the middle of the answer. */
  'cut-off': object;
  /** No effect; valid JSON of `bytes`, default 64 MiB. */
  oversized: { bytes?: number };
  /** No effect; a redirect, by default to the same path on port 5001, as DSM can be configured to do. */
  redirect: { status?: number; location?: string };
  /** No effect; an error page of a web server. */
  'http-status': { status: number };
  /** It takes effect and is answered after `ms` of real time. */
  delay: { ms: number };
  /** It takes effect; the answer comes a byte at a time, one each `ms` of real time. */
  trickle: { ms: number };
  /** No effect; the answer of a method that succeeds without data. */
  accept: object;
  /** No effect; an error of DSM. */
  refuse: { code: number; errors?: Json };
  /** It takes effect; the data of the answer is changed, also by one of `odd-answers.ts`. */
  change: { with: Change };
}

type FaultName = keyof FaultDetails;
type FaultOf<K extends FaultName> = { [P in K]: Selection & { do: P } & FaultDetails[P] }[K];

interface Selection {
  /** Default: every request. */
  on?: { api?: string; method?: string };
  /** Default: until removed. */
  times?: number;
}

/** A fault, and the requests that it applies to. */
export type Fault = FaultOf<FaultName>;

/** The request that a fault applies to, and ways to answer it. */
export interface FaultContext {
  readonly response: ServerResponse;
  readonly url: string;
  /** Lets the request take effect. */
  readonly answer: () => Reply;
  /** Resolves after `ms`; rejects when the NAS is closed. */
  readonly wait: (ms: number) => Promise<void>;
}

const OVERSIZED_BYTES = 64 * 1024 * 1024;
const CHUNK = 'x'.repeat(64 * 1024);

const breakConnection = ({ response }: FaultContext): void => {
  response.socket?.destroy();
};
const json = (body: string): Reply => ({ ...jsonReply({ success: true }, { plainText: false, cookie: null }), body });

const FAULT_HANDLERS: { [K in FaultName]: (fault: FaultOf<K>, context: FaultContext) => void | Promise<void> } = {
  'reset-before': (_fault, context) => breakConnection(context),
  'reset-after': (_fault, context) => {
    context.answer();
    breakConnection(context);
  },
  hang: () => undefined,
  html: (_fault, { response }) => send(response, loginPage()),
  'not-json': (_fault, { response }) => send(response, json('{"success":true,"data":{"tasks":[')),
  empty: (_fault, { response }) => send(response, json('')),
  'cut-off': (_fault, context) => cutOff(context),
  oversized: (fault, context) => sendOversized(fault.bytes ?? OVERSIZED_BYTES, context),
  redirect: (fault, { response, url }) => {
    const host = (response.req.headers.host ?? 'localhost').replace(/:\d+$/, '');
    const headers = { Location: fault.location ?? `https://${host}:5001${url}` };
    send(response, { status: fault.status ?? 302, headers, body: '' });
  },
  accept: (_fault, { response }) => send(response, json('{"success":true}')),
  'http-status': (fault, { response }) => send(response, errorPage(fault.status)),
  delay: async (fault, context) => {
    await context.wait(fault.ms);
    send(context.response, context.answer());
  },
  trickle: (fault, context) => trickle(fault.ms, context),
  refuse: (fault, { response }) => {
    send(response, jsonReply(failure(fault.code, fault.errors), { plainText: false, cookie: null }));
  },
  change: (fault, { response, answer }) => {
    const reply = answer();
    const envelope = JSON.parse(reply.body) as { data?: Json };
    const changed = envelope.data === undefined ? envelope : { ...envelope, data: fault.with(envelope.data) };
    send(response, { ...reply, body: JSON.stringify(changed) });
  },
};

function cutOff({ response, answer }: FaultContext): void {
  const { status, headers, body } = answer();
  response.writeHead(status, { ...headers, 'Content-Length': Buffer.byteLength(body) });
  response.write(body.slice(0, Math.floor(body.length / 2)), () => response.socket?.destroy());
}

async function trickle(ms: number, { response, answer, wait }: FaultContext): Promise<void> {
  const { status, headers, body } = answer();
  const bytes = Buffer.from(body);
  response.writeHead(status, { ...headers, 'Content-Length': bytes.length });
  for (let at = 0; at < bytes.length && !response.destroyed; at += 1) {
    response.write(bytes.subarray(at, at + 1));
    await wait(ms);
  }
  response.end();
}

/** Writes as fast as the client reads, and stops when the client disconnects. */
async function sendOversized(bytes: number, { response }: FaultContext): Promise<void> {
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

/** The active faults, oldest first. */
export class Faults {
  readonly #set = new Set<{ fault: Fault; left: number }>();

  /** Adds a fault. @returns a function that removes it */
  add(fault: Fault): () => void {
    const entry = { fault, left: fault.times ?? Infinity };
    this.#set.add(entry);
    return () => {
      this.#set.delete(entry);
    };
  }

  /** The fault that applies to a request, counted as used; null when there is none. */
  match(request: ReceivedRequest): Fault | null {
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

/** Answers a request as its fault demands. */
export function applyFault<K extends FaultName>(fault: FaultOf<K>, context: FaultContext): void | Promise<void> {
  const handler: (fault: FaultOf<K>, context: FaultContext) => void | Promise<void> = FAULT_HANDLERS[fault.do];
  return handler(fault, context);
}
