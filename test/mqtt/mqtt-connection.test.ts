import { createConnection } from 'node:net';
import { expect, test } from 'vitest';
import { createCertificate } from '../nas/certificate';
import { freePort } from '../support/free-port';
import { retainedAt } from '../support/mqtt-client';
import { describeWith } from '../support/needs';
import { aedes, connected, fakeServer, mosquitto, other, proxy, WILL } from './brokers';

const ACCOUNT = { name: 'bridge', password: 'the-secret' };
const CLOSE_MESSAGE = { ...WILL, retain: true };
const timed = async (what: Promise<unknown>): Promise<number> => {
  const from = performance.now();
  await what;
  return performance.now() - from;
};

describeWith('mosquitto', 'a connection to a Mosquitto', (path) => {
  test.each([
    { protocolVersion: 'auto', version: 5 },
    { protocolVersion: 5, version: 5 },
    { protocolVersion: 4, version: 4 },
  ] as const)('configured for $protocolVersion, it uses version $version', async ({ protocolVersion, version }) => {
    const broker = await mosquitto(path, { config: ['max_packet_size 200000'] });
    const bridge = connected(broker.url, { protocolVersion });
    const session = await bridge.session();
    expect(session).toMatchObject({
      version,
      receiveMaximum: version === 5 ? 20 : 65_535,
      maximumPacketSize: version === 5 ? 200_000 : 268_435_460,
      retainAvailable: true,
    });
    await session.publish({ topic: 't', payload: 'ä', retain: true });
    expect(await retainedAt(broker.url)).toEqual(new Map([['t', 'ä']]));
    await bridge.close();
    expect(broker.log).toContain(version === 5 ? 'p5,' : 'p2,');
    expect(bridge.problems).toEqual([]);
  });

  test('an error in a listener is reported, and ends neither the connection nor the process', async () => {
    const broker = await mosquitto(path);
    const client = await other(broker.url);
    const faults: unknown[] = [];
    const fault = new TypeError('a fault of ours');
    const bridge = connected(broker.url, { logger: { debug: () => undefined, fault: (error) => faults.push(error) } });
    const session = await bridge.session();
    await session.subscribe(['a'], { onlyNew: true });
    bridge.onMessage = () => {
      bridge.onMessage = null;
      throw fault;
    };
    await client.publish('a', 'x');
    await client.publish('a', 'y');
    expect(await bridge.message()).toMatchObject({ payload: Buffer.from('y') });
    expect(faults).toEqual([fault]);
    expect(bridge.problems).toEqual([]);
  });

  test('it receives messages with the properties of MQTT 5, and none of its own', async () => {
    const broker = await mosquitto(path);
    const client = await other(broker.url);
    await client.publish('a/old', 'x', { retain: true });
    const bridge = connected(broker.url);
    const session = await bridge.session();
    await session.subscribe(['a/+'], { onlyNew: true });
    await session.publish({ topic: 'a/own', payload: 'x', retain: true });
    const correlationData = Buffer.from([0, 1, 255]);
    await client.publish('a/b', 'y', { properties: { responseTopic: 'back', correlationData } });
    await client.publish('a/c', '', { retain: true });
    expect(await bridge.message()).toEqual({
      topic: 'a/b',
      payload: Buffer.from('y'),
      retain: false,
      responseTopic: 'back',
      correlationData,
    });
    expect(await bridge.message()).toMatchObject({ topic: 'a/c', retain: true, responseTopic: null });

    await client.subscribe('back');
    await session.publish({ topic: 'back', payload: 'z', retain: false, correlationData });
    expect((await client.received('back')).properties.correlationData).toEqual(correlationData);

    await session.unsubscribe(['a/+']);
    await client.publish('a/b', 'y');
    await client.caughtUp();
    expect(bridge.messages).toHaveLength(2);
  });

  test.each([5, 4] as const)('version %s: retained messages are read, and do not go to onMessage', async (version) => {
    const broker = await mosquitto(path);
    const client = await other(broker.url);
    await client.publish('a/theirs', 'x', { retain: true });
    await client.publish('b', 'x', { retain: true });
    const before = connected(broker.url, { clientId: 'same', protocolVersion: version });
    await (await before.session()).publish({ topic: 'a/ours/now', payload: 'y', retain: true });
    await before.close();

    const bridge = connected(broker.url, { clientId: 'same', protocolVersion: version });
    const session = await bridge.session();
    expect(Object.fromEntries(await session.retained('a/#', 5000))).toEqual({ 'a/theirs': 'x', 'a/ours/now': 'y' });
    expect(await session.retained('nothing/+', 5000)).toEqual(new Map());
    await client.publish('a/theirs', 'z', { retain: true });
    await client.caughtUp();
    expect(bridge.messages).toEqual([]);

    await session.subscribe(['a/theirs'], { onlyNew: true });
    expect(await Promise.all([session.retained('a/theirs', 5000), session.retained('a/theirs', 5000)])).toEqual([
      new Map([['a/theirs', 'z']]),
      new Map([['a/theirs', 'z']]),
    ]);
    await client.publish('a/theirs', 'last');
    while ((await bridge.message()).payload.toString() !== 'last');
    expect(bridge.messages.filter(({ payload }) => payload.toString() === 'last')).toHaveLength(1);
  });

  test.each([5, 4] as const)(
    'version %s: a message that arrives while retained messages are read goes to onMessage once',
    async (protocolVersion) => {
      const broker = await mosquitto(path);
      const client = await other(broker.url);
      const bridge = connected(broker.url, { protocolVersion });
      const session = await bridge.session();
      await session.subscribe(['a/b', 'end'], { onlyNew: true });
      const retained = session.retained('a/#', 5000);
      await broker.logged(/Received SUBSCRIBE[^]*Received SUBSCRIBE/);
      await client.publish('a/b', 'x');
      await client.publish('end', 'x');
      while ((await bridge.message()).topic !== 'end');
      expect(bridge.messages.map(({ topic }) => topic)).toEqual(['a/b', 'end']);
      expect(await retained).toEqual(new Map());
    },
  );

  test.each([5, 4] as const)('version %s: thousands of retained messages are read', async (protocolVersion) => {
    const broker = await mosquitto(path);
    const client = await other(broker.url);
    for (let i = 0; i < 3000; i += 1) await client.publish(`a/${i}`, 'x', { retain: true });
    const session = await connected(broker.url, { protocolVersion }).session();
    expect((await session.retained('a/+', 5000)).size).toBe(3000);
  });

  test.each([
    { protocolVersion: 5, login: { username: 'bridge', password: 'not-the-secret' } },
    { protocolVersion: 4, login: { username: 'bridge', password: 'not-the-secret' } },
    { protocolVersion: 'auto', login: {} },
    { protocolVersion: 4, login: { password: 'the-secret' } },
  ] as const)(
    'a wrong login ($protocolVersion) is refused, and is not part of the message',
    async ({ protocolVersion, login }) => {
      const broker = await mosquitto(path, { accounts: [ACCOUNT] });
      const bridge = connected(broker.url.replace('//', '//bridge:the-secret@'), { protocolVersion, ...login });
      const problem = await bridge.problem();
      expect(problem).toEqual({
        kind: 'refused-login',
        message: `The MQTT broker 127.0.0.1:${broker.port} refused the login: check user name and password`,
      });
      expect(bridge.sessions).toEqual([]);
    },
  );

  test('a message that the ACL forbids is refused, and the session continues', async () => {
    const broker = await mosquitto(path, { accounts: [ACCOUNT], acl: ['user bridge', 'topic write base/#'] });
    const session = await connected(broker.url, { username: 'bridge', password: 'the-secret' }).session();
    await expect(session.publish({ topic: 'b', payload: 'x', retain: true })).rejects.toMatchObject({
      name: 'Refused',
      message: 'The MQTT broker does not allow this account to publish to b (not authorized)',
    });
    await expect(session.publish({ topic: 'base/+', payload: 'x', retain: true })).rejects.toThrow('it is no topic');
    await session.publish({ topic: 'base/a', payload: 'x', retain: true });
  });

  test('TLS: it connects with the certificate of the broker, and reports the problem without', async () => {
    const broker = await mosquitto(path, { tls: true });
    const wrong = (await createCertificate()).certificate.pem;
    await connected(broker.url, { tls: { ca: broker.certificate! } }).session();
    await connected(broker.url.replace('127.0.0.1', 'localhost'), { tls: { ca: broker.certificate! } }).session();
    await connected(broker.url, { tls: { rejectUnauthorized: false } }).session();
    expect(await connected(broker.url).problem()).toMatchObject({ kind: 'tls' });
    expect(await connected(broker.url, { tls: { ca: wrong } }).problem()).toEqual({
      kind: 'tls',
      message: `The MQTT broker 127.0.0.1:${broker.port} has a self-signed certificate: choose a TLS configuration that trusts it`,
    });
    expect(await connected(broker.url, { tls: { key: 'no key', cert: 'none' } }).problem()).toMatchObject({
      kind: 'tls',
      message: expect.stringContaining('check the TLS configuration'),
    });
    expect((await connected(broker.url.replace('mqtts', 'mqtt')).problem()).kind).toBe('refused');
    const plain = await mosquitto(path);
    expect((await connected(plain.url.replace('mqtt', 'mqtts')).problem()).kind).toBe('refused');
  });

  test.each(['kill', 'stop'] as const)('after a %s of the broker it reconnects', async (end) => {
    const broker = await mosquitto(path);
    const bridge = connected(broker.url);
    const first = await bridge.session();
    await broker[end]();
    expect(await bridge.problem()).toMatchObject({ kind: 'unreachable' });
    await expect(first.publish({ topic: 't', payload: 'x', retain: false })).rejects.toMatchObject({
      name: 'SessionLost',
    });
    await expect(first.subscribe(['t'])).rejects.toThrow('lost');
    await expect(first.unsubscribe(['t'])).rejects.toThrow('lost');
    await expect(first.retained('t', 1000)).rejects.toThrow('lost');
    await broker.start();
    const second = await bridge.session();
    await second.publish({ topic: 't', payload: 'x', retain: false });
    expect(second.version).toBe(5);
  });

  test('requests in flight are rejected when the connection is lost', async () => {
    const broker = await mosquitto(path);
    const wire = await proxy(broker);
    const bridge = connected(wire.url);
    const session = await bridge.session();
    wire.freeze();
    const lost = Promise.allSettled([
      session.publish({ topic: 't', payload: 'x', retain: false }),
      session.subscribe(['t']),
      session.retained('t/#', 60_000),
    ]);
    wire.drop();
    expect((await lost).map((result) => result.status === 'rejected' && String(result.reason))).toEqual([
      'SessionLost: The connection to the MQTT broker was lost',
      'SessionLost: The connection to the MQTT broker was lost',
      'SessionLost: The connection to the MQTT broker was lost',
    ]);
    expect(await bridge.problem()).toMatchObject({ kind: 'unreachable' });
  });

  test('a dead network connection is detected by the keep-alive, on both sides', async () => {
    const broker = await mosquitto(path);
    const watcher = await other(broker.url);
    await watcher.subscribe(WILL.topic);
    const wire = await proxy(broker);
    const bridge = connected(wire.url, { keepaliveSeconds: 1 });
    await bridge.session();
    wire.freeze();
    const from = performance.now();
    expect((await bridge.problem()).message).toContain('does not answer any more');
    expect(performance.now() - from).toBeLessThan(2000);
    expect(await watcher.received(WILL.topic)).toMatchObject({ payload: 'offline' });
  });

  test('the last will is published, retained, when the connection breaks, and not when it is closed', async () => {
    const broker = await mosquitto(path);
    const wire = await proxy(broker);
    const bridge = connected(wire.url);
    const watcher = await other(broker.url);
    await watcher.subscribe('#');
    await (await bridge.session()).publish({ topic: WILL.topic, payload: 'online', retain: true });
    wire.drop();
    await watcher.received(({ payload }) => payload === 'offline');
    expect(await retainedAt(broker.url, WILL.topic)).toEqual(new Map([[WILL.topic, 'offline']]));

    await bridge.session();
    watcher.forget();
    await bridge.close({ topic: 'bye', payload: '1', retain: true }, { topic: 'bye', payload: '2', retain: false });
    await watcher.caughtUp();
    expect(watcher.messages.map(({ topic, payload }) => `${topic} ${payload}`)).toEqual(['bye 1', 'bye 2']);
  });

  test('no more messages are in flight than the broker accepts', async () => {
    const broker = await mosquitto(path, { config: ['max_inflight_messages 3'] });
    const wire = await proxy(broker);
    const session = await connected(wire.url).session();
    const payloads = Array.from({ length: 50 }, (_, index) => String(index));
    const watcher = await other(broker.url);
    await watcher.subscribe('t');
    await Promise.all(payloads.map((payload) => session.publish({ topic: 't', payload, retain: false })));
    expect(wire.mostInFlight).toBe(3);
    await watcher.caughtUp();
    expect(watcher.on('t')).toEqual(payloads);
  });

  test('without an acknowledgement of the close message the last will is published, in time', async () => {
    const broker = await mosquitto(path);
    const wire = await proxy(broker);
    const bridge = connected(wire.url);
    const session = await bridge.session();
    const watcher = await other(broker.url);
    await watcher.subscribe(WILL.topic);
    wire.freeze();
    const pending = session.publish({ topic: 't', payload: 'x', retain: false });
    pending.catch(() => undefined);
    expect(await timed(bridge.close(CLOSE_MESSAGE))).toBeLessThan(800);
    await expect(pending).rejects.toThrow('lost');
    expect(await watcher.received(WILL.topic)).toMatchObject({ payload: 'offline' });
    expect(bridge.problems).toEqual([]);
  });

  test('a close message waits for the messages in flight, and nothing is sent after it', async () => {
    const broker = await mosquitto(path);
    const wire = await proxy(broker);
    const bridge = connected(wire.url);
    const session = await bridge.session();
    wire.holdAcknowledgements();
    const last = session.publish({ topic: 't', payload: 'x', retain: false });
    const closed = bridge.close(CLOSE_MESSAGE);
    await expect(session.publish({ topic: 't', payload: 'late', retain: false })).rejects.toThrow('lost');
    await (await other(broker.url)).caughtUp();
    expect(wire.published).toBe(1);
    wire.release();
    await Promise.all([last, closed]);
    expect(wire.published).toBe(2);
    expect(await retainedAt(broker.url)).toEqual(new Map([[WILL.topic, 'offline']]));
  });

  test('another client with the same id ends the connection', async () => {
    const broker = await mosquitto(path);
    const first = connected(broker.url, { clientId: 'same' });
    await first.session();
    const second = connected(broker.url, { clientId: 'same' });
    await second.session();
    // This broker gives no reason.
    expect((await first.problem()).message).toContain('another client has the same client id');
    expect(second.problems).toEqual([]);
  });

  test('opened and closed twenty times, it leaves no timer and no connection', async () => {
    const broker = await mosquitto(path);
    const resources = (): string[] => process.getActiveResourcesInfo().filter((name) => /Timeout|TCPSocket/.test(name));
    const before = resources();
    for (let round = 0; round < 20; round += 1) {
      const bridge = connected(broker.url);
      if (round % 2 === 0) await bridge.session();
      await Promise.all([bridge.close(CLOSE_MESSAGE), bridge.close()]);
      bridge.connection.open();
    }
    await new Promise((resolve) => setImmediate(resolve));
    expect(resources().length).toBeLessThanOrEqual(before.length);
    expect(broker.log.match(/Client test-\S+ (?:already connected|has exceeded)/g)).toBeNull();
  });
});

test('auto falls back to MQTT 3.1.1 if the broker refuses 5, also after a lost connection', async () => {
  const broker = await aedes();
  const wire = await proxy(broker);
  const bridge = connected(wire.url);
  expect((await bridge.session()).version).toBe(4);
  wire.drop();
  expect((await bridge.problem()).kind).toBe('unreachable');
  expect((await bridge.session()).version).toBe(4);
  expect(bridge.problems).toHaveLength(1);
});

test('configured for 5 only, it reports that the broker does not support it', async () => {
  const { url, port } = await aedes();
  expect(await connected(url, { protocolVersion: 5 }).problem()).toEqual({
    kind: 'refused',
    message: `The MQTT broker 127.0.0.1:${port} does not speak this version of MQTT: choose another`,
  });
});

test('auto falls back if an MQTT 3.1.1 broker closes the connection on the first packet of MQTT 5', async () => {
  const { port } = await aedes();
  const versions: number[] = [];
  const { url } = await fakeServer((socket) => {
    socket.once('data', (packet: Buffer) => {
      // Fixed header of two or three bytes; `MQTT` with its length; the version.
      const version = packet[packet.indexOf('MQTT') + 4]!;
      versions.push(version);
      if (version === 5) {
        socket.end();
        return;
      }
      const broker = socket.pipe(createConnection(port, '127.0.0.1'));
      broker.write(packet);
      broker.pipe(socket);
    });
  });
  const bridge = connected(url);
  expect((await bridge.session()).version).toBe(4);
  expect(versions).toEqual([5, 4]);
});

test.each([4, 5] as const)('a login refused by an MQTT 3.1.1 broker (configured for %s)', async () => {
  const { url } = await aedes({ authenticate: (_client, _name, _password, done) => done(null, false) });
  expect((await connected(url, { username: 'x', password: 'y' }).problem()).kind).toBe('refused-login');
});

test('a subscription refused by an MQTT 3.1.1 broker is named, and the others are made', async () => {
  const { url } = await aedes({
    authorizeSubscribe: (_client, subscription, done) => done(null, subscription.topic === 'no' ? null : subscription),
  });
  const bridge = connected(url);
  const session = await bridge.session();
  await expect(session.subscribe(['yes', 'no'])).rejects.toMatchObject({
    name: 'Refused',
    topics: ['no'],
    message: 'The MQTT broker does not allow this account to subscribe to no (reason 128)',
  });
  await expect(session.retained('no', 1000)).rejects.toThrow('subscribe to no');
  await (await other(url, { protocolVersion: 4 })).publish('yes', 'x');
  expect(await bridge.message()).toMatchObject({ topic: 'yes', retain: false, correlationData: null });
});

test('without a broker it reports that, and tries again', async () => {
  const port = await freePort();
  const bridge = connected(`mqtt://127.0.0.1:${port}`);
  expect(await bridge.problem()).toEqual({
    kind: 'unreachable',
    message: `The MQTT broker 127.0.0.1:${port} refused the connection: is it running, and is the port right?`,
  });
  expect((await bridge.problem()).kind).toBe('unreachable');
});

test('closed while it waits for CONNACK, it ends at once', async () => {
  const { url } = await fakeServer(() => undefined);
  const bridge = connected(url);
  expect(await timed(bridge.close(CLOSE_MESSAGE))).toBeLessThan(100);
  expect(bridge.problems).toEqual([]);
});

test.each([
  { name: 'a web server', response: 'HTTP/1.1 400 Bad Request\r\n\r\n', kind: 'protocol' },
  { name: 'a server that closes the connection', response: '', kind: 'refused' },
])('$name is reported as $kind', async ({ response, kind }) => {
  const { url } = await fakeServer((socket) => socket.end(response));
  expect((await connected(url).problem()).kind).toBe(kind);
});

/** The packet with which an MQTT 5 broker accepts a client. */
const CONNACK = [0x20, 3, 0, 0, 0];

test('a subscription refused by an MQTT 5 broker is named, with the reason', async () => {
  const { url } = await fakeServer((socket) => {
    socket.on('data', (packet: Buffer) => {
      if (packet[0] === 0x10) socket.write(Buffer.from(CONNACK));
      // The packet id comes after the fixed header; then a reason code for each filter.
      else if (packet[0] === 0x82) socket.write(Buffer.from([0x90, 5, packet[2]!, packet[3]!, 0, 1, 135]));
    });
  });
  const session = await connected(url).session();
  await expect(session.subscribe(['yes', 'no'])).rejects.toMatchObject({
    topics: ['no'],
    message: 'The MQTT broker does not allow this account to subscribe to no (not authorized)',
  });
});

test('an invalid packet of the broker ends the session, and nothing else', async () => {
  const { url } = await fakeServer((socket) =>
    socket.once('data', () => socket.write(Buffer.from([...CONNACK, 0, 0]))),
  );
  const bridge = connected(url);
  await bridge.session();
  expect((await bridge.problem()).kind).toBe('protocol');
  await bridge.session();
});

test('a reason of the broker is reported: another client with the same id', async () => {
  const DISCONNECT = [0xe0, 2, 142, 0];
  const { url, port } = await fakeServer((socket) => {
    socket.once('data', () => socket.end(Buffer.from([...CONNACK, ...DISCONNECT])));
  });
  expect(await connected(url).problem()).toEqual({
    kind: 'taken-over',
    message: `The MQTT broker 127.0.0.1:${port} gave the connection to another client with the same client id: let each have its own`,
  });
});
