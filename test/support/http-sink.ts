import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';
import { LOOPBACK, listen } from '../../scripts/demo/listen';

/** A request that an {@link HttpSink} has received. */
export interface HttpSinkRequest {
  readonly method: string;
  /** With its query. */
  readonly path: string;
  readonly body: string;
}

/** A web service that accepts every request. */
export interface HttpSink {
  readonly url: string;
  /** In the order of their arrival. */
  readonly requests: readonly HttpSinkRequest[];
  close(): void;
}

/** Starts an HTTP server on a free port that answers every request with 200. */
export async function startHttpSink(): Promise<HttpSink> {
  const requests: HttpSinkRequest[] = [];
  const server = createServer((request, response) => {
    void text(request).then((body) => {
      requests.push({ method: request.method ?? '', path: request.url ?? '', body });
      response.end('{"ok":true}');
    });
  });
  const port = await listen(server, 'PORT', 0);
  const close = (): void => {
    server.close();
    server.closeAllConnections();
  };
  return { url: `http://${LOOPBACK}:${port}/`, requests, close };
}
