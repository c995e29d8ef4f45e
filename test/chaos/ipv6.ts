import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const LOOPBACK = '::1';

/** A name that is both: `::1` and `127.0.0.1`, in this order. */
export const DUAL_STACK_NAME = 'nas.chaos';

/** Forwards the same ports from `::1` to `127.0.0.1`: simulated NASes listen on the latter alone. */
export interface Ipv6 {
  /** From now on nothing listens on `::1`, and its connections are cut. */
  remove(): void;
  restore(): Promise<void>;
}

/** @returns null where this machine has no IPv6 */
export async function startIpv6(ports: readonly number[]): Promise<Ipv6 | null> {
  const sockets = new Set<Socket>();
  let servers: Server[] = [];
  const remove = (): void => {
    for (const server of servers) server.close();
    for (const socket of sockets) socket.destroy();
    servers = [];
  };
  const restore = async (): Promise<void> => {
    servers = ports.map((port) => forward(port, sockets));
    await Promise.all(servers.map((server) => once(server, 'listening')));
  };
  try {
    await restore();
  } catch {
    remove();
    return null;
  }
  return { remove, restore };
}

function forward(port: number, sockets: Set<Socket>): Server {
  const server = createServer((client) => {
    const nas = connect(port, '127.0.0.1');
    for (const [socket, other] of [
      [client, nas],
      [nas, client],
    ] as const) {
      sockets.add(socket);
      socket
        .on('error', () => undefined)
        .on('close', () => {
          sockets.delete(socket);
          other.destroy();
        });
      socket.pipe(other);
    }
  });
  return server.listen(port, LOOPBACK);
}

/** Script to be loaded first: `dns.lookup` knows {@link DUAL_STACK_NAME}, as if it stood twice in `/etc/hosts`. */
const PRELOAD = (addresses: readonly string[]): string => `'use strict';
const dns = require('node:dns');
const lookup = dns.lookup;
const all = ${JSON.stringify(addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })))};
dns.lookup = (name, options, callback) => {
  if (name !== '${DUAL_STACK_NAME}') return lookup(name, options, callback);
  const found = all.filter(({ family }) => !options.family || options.family === family);
  if (options.all) process.nextTick(callback, null, found);
  else process.nextTick(callback, null, found[0].address, found[0].family);
};
`;

/** Writes the script into a folder. @returns its path */
export async function dualStackScript(folder: string, hasIpv6: boolean): Promise<string> {
  const script = join(folder, 'dual-stack.cjs');
  await writeFile(script, PRELOAD(hasIpv6 ? [LOOPBACK, '127.0.0.1'] : ['127.0.0.1']));
  return script;
}
