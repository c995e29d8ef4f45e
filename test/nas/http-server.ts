import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { createServer as createTlsServer, Server as TlsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';

/** A simulated NAS cannot be reached from other machines. */
export const LOOPBACK = '127.0.0.1';
/** Idle time after which the web server of DSM closes a connection. */
const KEEP_ALIVE_MS = 65_000;

export type Handler = (request: IncomingMessage, response: ServerResponse, connection: number) => Promise<void>;

/** A listening server that can be stopped at once. */
export interface HttpServer {
  readonly port: number;
  /** Closes every connection, and each new one for `ms` of real time. */
  interrupt(ms: number): void;
  /** Closes every connection, and presents another certificate from now on. */
  present(tls: { key: string; cert: string }): void;
  close(): Promise<void>;
}

/**
 * Listens on the loopback interface.
 * @param port 0: any free port
 * @param tls key and certificate; null: plain HTTP
 * Rejects with Node's own error (`EADDRINUSE` …) when it cannot listen.
 */
export async function listen(
  port: number,
  tls: { key: string; cert: string } | null,
  handler: Handler,
): Promise<HttpServer> {
  const sockets = new Set<Socket>();
  let connections = 0;
  let interruptedUntilMs = 0;
  const onRequest = (request: IncomingMessage, response: ServerResponse): void => {
    const connection = connectionOf.get(request.socket) ?? 0;
    handler(request, response, connection).catch((error: unknown) => {
      // The client has disconnected, or the NAS was closed: there is no one to answer.
      if (request.socket.destroyed || response.headersSent) return;
      // A bug in the simulated NAS: shown to the client.
      response.writeHead(500, { 'Content-Type': 'text/plain' });
      response.end(error instanceof Error ? error.stack : String(error));
    });
  };
  const connectionOf = new WeakMap<Socket, number>();
  const server: Server = tls === null ? createServer(onRequest) : createTlsServer(tls, onRequest);
  server.keepAliveTimeout = KEEP_ALIVE_MS;
  const number = (socket: Socket): void => {
    connections += 1;
    connectionOf.set(socket, connections);
  };
  server.on(tls === null ? 'connection' : 'secureConnection', number);
  server.on('connection', (socket: Socket) => {
    if (Date.now() < interruptedUntilMs) socket.destroy();
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  const endConnections = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(port, LOOPBACK, () => {
      server.off('error', reject);
      resolve();
    });
  });
  let closing: Promise<void> | null = null;
  return {
    port: (server.address() as AddressInfo).port,
    interrupt: (ms) => {
      interruptedUntilMs = Date.now() + ms;
      endConnections();
    },
    present: (tls) => {
      if (server instanceof TlsServer) server.setSecureContext(tls);
      endConnections();
    },
    close: () => {
      closing ??= new Promise((resolve) => {
        server.close(() => resolve());
        endConnections();
      });
      return closing;
    },
  };
}
