import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, onTestFinished, test } from 'vitest';
import { startBroker } from '../../scripts/demo/broker';
import { SessionLostError, type MqttSession } from '../../src/mqtt/types';
import { topicsOf } from '../../src/home-assistant/topics';
import { DuplicateBridgeCheck } from '../../src/bridge/duplicate-check';
import type { NasOptions } from '../nas/index';
import { startMosquitto } from '../support/mosquitto';
import type { Received } from '../support/mqtt-client';
import { startMqttProxy } from '../support/mqtt-proxy';
import { describeWith } from '../support/needs';
import { setUpWith, simulatedNas, startBridge, type Setup, type StartBroker } from './support';
import { until } from '../support/until';

const DISCONNECT = 0xe0;
const topics = topicsOf('active-backup', 'x');

test('a bridge that is closed while it goes on standby does not connect again', async () => {
  const broker = await startBroker(0);
  onTestFinished(() => broker.close());
  const nas = await simulatedNas();
  const first = await startBridge(nas, broker.url);
  await first.settled();
  const wire = await withoutDisconnect(Number(new URL(broker.url).port));
  const second = await startBridge(nas, wire.url, { timings: { standbyRetryMs: 50 } });
  await until(() => wire.disconnects === 1, { timeout: 5000, interval: 1 });
  const connections = wire.connections;
  const from = performance.now();
  await second.close();
  expect(performance.now() - from).toBeLessThan(1000);
  await sleep(150); // longer than the standby interval
  expect(wire.connections).toBe(connections);
  expect(second.statuses.map(({ is }) => is)).not.toContain('standby');
});

test('a ping that ends with its lost session does not end the ping of the next session', async () => {
  const check = new DuplicateBridgeCheck(topics, { retainedMs: 10, pingTimeoutMs: 500 });
  let lose = (): void => undefined;
  const isLost = new Promise<void>((_, reject) => {
    lose = () => {
      reject(new SessionLostError());
    };
  });
  const first = check.doesOtherAnswer(session({ publish: () => isLost }));
  let ping = '';
  const publish: MqttSession['publish'] = ({ payload }) => {
    ping = payload;
    return Promise.resolve();
  };
  const second = check.doesOtherAnswer(session({ publish }));
  await until(() => ping !== '');
  lose();
  await expect(first).rejects.toThrow(SessionLostError);
  check.handleResponse({ topic: topics.response, payload: Buffer.from(ping) });
  expect(await second).toBe(true);
});

test('a cancelled ping ends at once without an answer', async () => {
  const check = new DuplicateBridgeCheck(topics, { retainedMs: 10, pingTimeoutMs: 60_000 });
  const isAnswered = check.doesOtherAnswer(session({}));
  check.cancel();
  expect(await isAnswered).toBe(false);
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

/** A proxy that does not pass on DISCONNECT packets, so the broker does not close the connection. */
async function withoutDisconnect(port: number) {
  const sockets = new Set<Socket>();
  const seen = { connections: 0, disconnects: 0 };
  // A client that ends its side waits for the other side.
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
      if (chunk[0] === DISCONNECT) seen.disconnects += 1;
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
    get disconnects() {
      return seen.disconnects;
    },
  };
}

/** @param version MQTT 3.1.1 returns the bridge's own messages, also its pings */
function standbyCases(start: StartBroker, version: 4 | 5): void {
  const setUp = (nasOptions?: NasOptions): Promise<Setup> => setUpWith(start, version, nasOptions);

  test('a second bridge for the same NAS is on standby until the first one is closed', async () => {
    const { nas, url, client } = await setUp();
    const first = await startBridge(nas, url);
    await first.settled();
    await first.polls(2);
    await client.caughtUp();
    client.forget();
    const second = await startBridge(nas, url);
    await until(() => second.statuses.at(-1)?.is === 'standby');
    await client.caughtUp();
    const published = client.messages.filter(({ topic }) => !/\/(command|response)$/.test(topic));
    expect(published).toEqual([]);
    expect(first.statuses.at(-1)).toMatchObject({ is: 'published' });
    await first.close();
    await until(() => second.statuses.at(-1)?.is === 'published');
  });

  test('events during standby are published by the active bridge alone', async () => {
    const { nas, url, client } = await setUp({ speed: 600, runSeconds: 60 });
    const first = await startBridge(nas, url);
    await first.settled();
    const second = await startBridge(nas, url);
    await until(() => second.statuses.at(-1)?.is === 'standby');
    expect(first.outcomes).toEqual([]); // a ping is not a command
    nas.state.startRun(1);
    await client.received(
      ({ topic, payload }) => topic === `${first.root}/event` && payload.includes('backup_succeeded'),
    );
    await second.polls(3);
    await first.close();
    await client.caughtUp();
    client.forget();
    await until(() => second.statuses.at(-1)?.is === 'published');
    await client.caughtUp();
    expect(client.messages.filter(({ topic }) => topic.endsWith('/event'))).toEqual([]);
  });
}

describeWith('mosquitto', 'with Mosquitto (MQTT 5)', (path) => {
  standbyCases(() => startMosquitto(path), 5);

  test('a finished backup that the lost active bridge could not publish is published once', async () => {
    const { nas, url, client } = await setUpWith(() => startMosquitto(path), 5, { speed: 0 });
    const wire = await startMqttProxy(Number(new URL(url).port));
    onTestFinished(() => wire.close());
    const first = await startBridge(nas, wire.url);
    await first.settled();
    const second = await startBridge(nas, url);
    await until(() => second.statuses.at(-1)?.is === 'standby');
    await second.pollNow();
    wire.freeze();
    nas.state.startRun(1);
    nas.clock.advance(60);
    nas.state.endRun(1, 'success');
    await second.pollNow();
    const closed = first.close();
    wire.drop();
    await closed;
    const isFinished = ({ topic, payload }: Received): boolean =>
      topic === `${second.root}/event` && payload.includes('backup_succeeded');
    await until(() => client.messages.some(isFinished));
    await until(() => second.statuses.at(-1)?.is === 'published');
    await second.pollNow();
    await client.caughtUp();
    expect(client.messages.filter(isFinished)).toHaveLength(1);
  }, 30_000);
});

describe('with the broker of npm start (MQTT 3.1.1)', () => {
  standbyCases(() => startBroker(0), 4);
});
