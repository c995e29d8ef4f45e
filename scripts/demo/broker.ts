import { createServer } from 'node:net';
import { Aedes } from 'aedes';
import { listen, LOOPBACK } from './listen';

/** Starts an MQTT 3.1.1 broker that only this machine can reach. */
export async function startBroker(port: number): Promise<{ url: string; close: () => Promise<void> }> {
  const broker = await Aedes.createBroker();
  const server = createServer((socket) => broker.handle(socket));
  const found = await listen(server, 'MQTT_PORT', port);
  return {
    url: `mqtt://${LOOPBACK}:${found}`,
    close: () =>
      new Promise((resolve) => {
        server.close();
        broker.close(() => resolve());
      }),
  };
}
