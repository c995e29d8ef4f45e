import type { ServerResponse } from 'node:http';
import type { Envelope } from './dispatch';

/** A response before it is written. */
export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

const HTML = { 'Content-Type': 'text/html; charset="UTF-8"' } as const;

/** DSM answers every call with HTTP 200; some of its scripts send JSON as plain text (docs/facts/dsm.md §4.8). */
export function jsonReply(envelope: Envelope, options: { plainText: boolean; cookie: string | null }): Reply {
  const type = options.plainText ? 'text/plain' : 'application/json';
  return {
    status: 200,
    headers: {
      'Content-Type': `${type}; charset="UTF-8"`,
      'Cache-Control': 'no-store',
      ...(options.cookie === null ? {} : { 'Set-Cookie': `id=${options.cookie}; path=/; HttpOnly; Max-Age=604800` }),
    },
    body: JSON.stringify(envelope),
  };
}

/** The login page of DSM, which misconfigured proxies send for every address. */
export function loginPage(): Reply {
  return {
    status: 200,
    headers: HTML,
    body: '<!DOCTYPE html><html><head><title>Synology DiskStation</title></head><body><div id="sds-login"></div></body></html>\n',
  };
}

/** An error page of the web server: 404, 502 and the like. */
export function errorPage(status: number): Reply {
  const title = `${status} - simulated NAS`;
  return {
    status,
    headers: HTML,
    body: `<!DOCTYPE html><html><head><title>${title}</title></head><body><h1>${title}</h1></body></html>\n`,
  };
}

export function send(response: ServerResponse, reply: Reply): void {
  response.writeHead(reply.status, { ...reply.headers, 'Content-Length': Buffer.byteLength(reply.body) });
  response.end(reply.body);
}
