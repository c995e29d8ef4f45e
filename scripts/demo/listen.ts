import { once } from 'node:events';
import type { AddressInfo, Server } from 'node:net';
import { portError, type PortVariable } from './environment';

export const LOOPBACK = '127.0.0.1';

/**
 * Listens on loopback.
 * @returns the port; for 0 the free one that was chosen
 * @throws DemoError when the port is in use
 */
export async function listen(server: Server, variable: PortVariable, port: number): Promise<number> {
  server.listen(port, LOOPBACK);
  try {
    await once(server, 'listening');
  } catch (error) {
    throw portError(error, variable, port);
  }
  return (server.address() as AddressInfo).port;
}
