import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { startBroker } from '../../scripts/demo/broker';
import { SessionLostError, type MqttSession } from '../../src/mqtt/types';
import { topicsOf } from '../../src/home-assistant/topics';
import { DuplicateBridgeCheck } from '../../src/bridge/duplicate-check';
import { simulatedNas, startBridge } from './support';
import { until } from '../support/until';

const DISCONNECT = 0xe0;
const topics = topicsOf('active-backup', 'x');

test('a bridge that is closed while it is about to stand aside does not come back', async () => {
  const broker = await startBroker(0);
  onTestFinished(() => broker.close());
  const nas = await simulatedNas();
  const first = await startBridge(nas, broker.url);
  await first.settled();
  const wire = await slowGoodbyes(Number(new URL(broker.url).port));
  const second = await startBridge(nas, wire.url, { timings: { standbyRetryMs: 50 } });
  await until(() => wire.goodbyes === 1, { timeout: 5000, interval: 1 });
  const connections = wire.connections;
  const from = performance.now();
  await second.close();
  expect(performance.now() - from).toBeLessThan(1000);
  await sleep(1000); // longer than a goodbye, and the wait until it would look again
  expect(wire.connections).toBe(connections);
  expect(second.statuses.map(({ is }) => is)).not.toContain('standby');
});

test('a question that ends with its lost session does not take the one of the next session with it', async () => {
  const presence = new DuplicateBridgeCheck(topics, { retainedMs: 10, pingTimeoutMs: 500 });
  let lose = (): void => undefined;
  const isLost = new Promise<void>((_, reject) => {
    lose = () => {
      reject(new SessionLostError());
    };
  });
  const first = presence.doesOtherAnswer(session({ publish: () => isLost }));
  let question = '';
  const publish: MqttSession['publish'] = ({ payload }) => {
    question = payload;
    return Promise.resolve();
  };
  const second = presence.doesOtherAnswer(session({ publish }));
  await until(() => question !== '');
  lose();
  await expect(first).rejects.toThrow(SessionLostError);
  presence.handleResponse({ topic: topics.response, payload: Buffer.from(question) });
  expect(await second).toBe(true);
});

test('nobody waits for an answer that cannot come any more', async () => {
  const presence = new DuplicateBridgeCheck(topics, { retainedMs: 10, pingTimeoutMs: 60_000 });
  const asked = presence.doesOtherAnswer(session({}));
  presence.cancel();
  expect(await asked).toBe(false);
});

function session(parts: Partial<MqttSession>): MqttSession {
  return {
    version: 5,
    receiveMaximum: 10,
    maximumPacketSize: 1000,
    retainAvailable: true,
    publish: () => Promise.resolve(),
    subscribe: () => Promise.resolve(),
    unsubscribe: () => Promise.resolve(),
    retained: () => Promise.resolve(new Map()),
    abandon: () => undefined,
    ...parts,
  };
}

/** A wire to a broker that is slow to pass on goodbyes. */
async function slowGoodbyes(port: number) {
  const sockets = new Set<Socket>();
  const seen = { connections: 0, goodbyes: 0 };
  // Half open: whoever ends its side waits for the other one.
  const server = createServer({ allowHalfOpen: true }, (client) => {
    seen.connections += 1;
    const onward = connect(port, '127.0.0.1');
    for (const [socket, other] of [
      [client, onward],
      [onward, client],
    ] as const) {
      socket.on('error', () => undefined);
      socket.on('close', () => {
        sockets.delete(client);
        other.destroy();
      });
    }
    sockets.add(client);
    onward.pipe(client);
    client.on('data', (chunk) => {
      if (chunk[0] === DISCONNECT) seen.goodbyes += 1;
      else onward.write(chunk);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(async () => {
    for (const socket of sockets) socket.destroy();
    server.close();
    await once(server, 'close');
  });
  return {
    url: `mqtt://127.0.0.1:${(server.address() as AddressInfo).port}`,
    get connections() {
      return seen.connections;
    },
    get goodbyes() {
      return seen.goodbyes;
    },
  };
}
