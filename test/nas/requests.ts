import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';

/** Maximum size of a body. */
const MAX_BYTES = 10 * 1024 * 1024;

/** A request as received, recorded for tests. */
export interface ReceivedRequest {
  /** Epoch milliseconds, real time. */
  readonly at: number;
  readonly verb: string;
  /** Path and query as received. */
  readonly url: string;
  /** '' when the request named none, here and below. */
  readonly api: string;
  readonly method: string;
  /** Null when missing or not a number. */
  readonly version: number | null;
  /** Query and form together, as text: the form wins. */
  readonly parameters: Readonly<Record<string, string>>;
  /** From `_sid` or the cookie; null when neither came. */
  readonly sid: string | null;
  readonly headers: IncomingHttpHeaders;
  /** Number of its connection, from 1. */
  readonly connection: number;
}

/** Reads a request to its end; null when the body is too large. Rejects when the client disconnects. */
export async function readRequest(
  request: IncomingMessage,
  at: number,
  connection: number,
): Promise<ReceivedRequest | null> {
  const body = await readBody(request);
  if (body === null) return null;
  const url = request.url ?? '/';
  const isForm = (request.headers['content-type'] ?? '').startsWith('application/x-www-form-urlencoded');
  const parameters = {
    ...Object.fromEntries(new URLSearchParams(url.split('?')[1] ?? '')),
    ...(isForm ? Object.fromEntries(new URLSearchParams(body)) : {}),
  };
  const version = Number(parameters['version'] ?? NaN);
  return {
    at,
    verb: request.method ?? 'GET',
    url,
    api: parameters['api'] ?? '',
    method: parameters['method'] ?? '',
    version: Number.isFinite(version) ? version : null,
    parameters,
    sid: parameters['_sid'] ?? cookie(request.headers.cookie, 'id'),
    headers: request.headers,
    connection,
  };
}

async function readBody(request: IncomingMessage): Promise<string | null> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > MAX_BYTES) return null;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function cookie(header: string | undefined, name: string): string | null {
  const pair = (header ?? '').split(';').find((each) => each.trim().startsWith(`${name}=`));
  return pair === undefined ? null : decodeURIComponent(pair.trim().slice(name.length + 1));
}
