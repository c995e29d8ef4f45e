import { expect, onTestFinished, test } from 'vitest';
import { startMosquitto, type MosquittoOptions } from '../support/mosquitto';
import { connectClient, retainedAt } from '../support/mqtt-client';
import { describeWith } from '../support/needs';

describeWith('mosquitto', 'a real Mosquitto for tests', (path) => {
  const broker = async (options: MosquittoOptions = {}) => {
    const mosquitto = await startMosquitto(path, options);
    onTestFinished(() => mosquitto.close());
    return mosquitto;
  };

  test.each([
    { persistence: true, kept: ['t'] },
    { persistence: false, kept: [] },
  ])('after a restart with persistence $persistence it retains $kept', async ({ persistence, kept }) => {
    const mosquitto = await broker({ persistence });
    const client = await connectClient(mosquitto.url);
    await client.publish('t', 'x', { retain: true });
    if (persistence) await mosquitto.logged(/Saving in-memory database/);
    await mosquitto.stop();
    await mosquitto.start();
    expect([...(await retainedAt(mosquitto.url)).keys()]).toEqual(kept);
  });

  test('with accounts and an ACL other clients are refused', async () => {
    const mosquitto = await broker({
      accounts: [{ name: 'bridge', password: 'secret' }],
      acl: ['user bridge', 'topic readwrite test/marker/#', 'topic write a/#'],
    });
    await expect(connectClient(mosquitto.url)).rejects.toThrow('Not authorized');
    const login = { username: 'bridge', password: 'secret' };
    const client = await connectClient(mosquitto.url, login);
    await client.publish('a/b', 'x');
    await expect(client.publish('b', 'x')).rejects.toThrow('Not authorized');
    expect(await retainedAt(mosquitto.url, '#', login)).toEqual(new Map());
  });

  test('it supports TLS', async () => {
    const mosquitto = await broker({ tls: true });
    const client = await connectClient(mosquitto.url, { ca: mosquitto.certificate! });
    await client.subscribe('t');
    await client.publish('t', 'x');
    expect((await client.received('t')).payload).toBe('x');
    await client.close();
  });

  test.each([5, 4] as const)(
    'a new subscriber (%s) receives thousands of retained messages',
    async (protocolVersion) => {
      const mosquitto = await broker({ config: ['max_queued_messages 5000'] });
      const client = await connectClient(mosquitto.url, { protocolVersion });
      for (let i = 0; i < 3000; i += 1) await client.publish(`t/${i}`, 'x', { retain: true });
      expect((await retainedAt(mosquitto.url, '#', { protocolVersion })).size).toBe(3000);
    },
  );
});
