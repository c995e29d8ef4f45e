import { expect, test } from 'vitest';
import { Publisher } from '../../src/mqtt/publisher';
import { retainedAt } from '../support/mqtt-client';
import { byPacket } from '../support/mqtt-proxy';
import { describeWith } from '../support/needs';
import { until } from '../support/until';
import { aedes, connected, fakeServer, mosquitto, other, proxy, type ObservedConnection } from './brokers';

/** A publisher that receives each session of the connection, and the end of each one. */
function publishing(bridge: ObservedConnection, acknowledgeTimeoutMs?: number) {
  const warnings: string[] = [];
  const publisher = new Publisher(acknowledgeTimeoutMs === undefined ? {} : { acknowledgeTimeoutMs });
  publisher.on('warning', (message) => warnings.push(message));
  let sessions = 0;
  const follow = async (): Promise<void> => {
    for (;;) {
      const session = await bridge.session();
      if (publisher.setSession(session)) publisher.republish();
      sessions += 1;
      publisher.clearSession((await bridge.problem()).cause);
    }
  };
  void follow();
  return { publisher, warnings, sessions: () => sessions };
}

describeWith('mosquitto', 'a broker that refuses messages', (path) => {
  test('after a missing acknowledgement it reconnects, sends unacknowledged messages only, and fewer at a time', async () => {
    const broker = await mosquitto(path);
    const watcher = await other(broker.url);
    await watcher.subscribe('#');
    const wire = await proxy(broker);
    const { publisher, warnings, sessions } = publishing(connected(wire.url), 400);
    await until(() => sessions() === 1);
    for (let i = 0; i < 10; i += 1) publisher.retain(`early/${i}`, 'x');
    await publisher.whenIdle();
    wire.holdAcknowledgements();
    for (let i = 0; i < 30; i += 1) publisher.retain(`state/${i}`, 'x');
    publisher.publishEvent({ topic: 'event', payload: '1', retain: false });
    await until(() => sessions() === 2);
    // The second connection gets no acknowledgement either: few messages are sent.
    await until(() => wire.published === 10 + 20 + 4);
    wire.release();
    await until(async () => (await retainedAt(broker.url, 'state/#')).size === 30);
    await publisher.whenIdle();
    await watcher.caughtUp();
    expect(watcher.on('event')).toEqual(['1']);
    for (let i = 0; i < 10; i += 1) expect(watcher.on(`early/${i}`)).toEqual(['x']);
    expect(warnings[0]).toMatch(/has not acknowledged state\/0 for 0 s: the bridge reconnects/);
    expect(publisher.refused.size).toBe(0);
  });

  test.each([
    { version: 4, config: ['max_packet_size 2048'] },
    { version: 5, config: ['max_packet_size 2048'] },
    { version: 5, config: ['message_size_limit 2048'] },
  ] as const)(
    'a size limit ($config, version $version): topic and size are named, the other messages arrive',
    async ({ version, config }) => {
      const broker = await mosquitto(path, { config });
      const { publisher, warnings, sessions } = publishing(connected(broker.url, { protocolVersion: version }));
      publisher.retain('nas/config', 'x'.repeat(6000));
      for (let i = 0; i < 30; i += 1) publisher.retain(`state/${i}`, 'x'.repeat(i === 20 ? 9000 : 100));
      publisher.publishEvent({ topic: 'event', payload: '1', retain: false });
      await until(async () => (await retainedAt(broker.url, 'state/#')).size === 29, {
        timeout: 25_000,
        interval: 200,
      });
      await until(() => publisher.refused.size === 2);
      expect([...publisher.refused.keys()].sort()).toEqual(['nas/config', 'state/20']);
      expect(
        warnings.some((text) => /nas\/config|state\/20/.test(text) && /\d{4} bytes|has \d{4}|6\d{3}|9\d{3}/.test(text)),
      ).toBe(true);
      const before = sessions();
      publisher.retain('state/1', 'new');
      await publisher.whenIdle();
      expect(sessions()).toBe(before);
      expect((await retainedAt(broker.url, 'state/1')).get('state/1')).toBe('new');
    },
    40_000,
  );
});

test('a topic over which an MQTT 3.1.1 broker ends the connection is named and left out, the others are sent', async () => {
  const broker = await aedes({
    authorizePublish: (_client, { topic }, done) => {
      done(topic.startsWith('forbidden') ? new Error('no') : null);
    },
  });
  const bridge = connected(broker.url);
  const { publisher, warnings } = publishing(bridge);
  for (let i = 0; i < 30; i += 1) publisher.retain(i === 7 ? 'forbidden/7' : `state/${i}`, 'x');
  const accepted: boolean[] = [];
  publisher.publishEvent({ topic: 'event', payload: '1', retain: false }, (isAccepted) => accepted.push(isAccepted));
  await until(() => publisher.refused.size === 1);
  await publisher.whenIdle();
  expect([...publisher.refused.keys()]).toEqual(['forbidden/7']);
  expect(warnings).toEqual([expect.stringContaining('forbidden/7')]);
  expect(bridge.problems.every(({ message }) => !/password|client id/.test(message))).toBe(true);
  await until(async () => (await retainedAt(broker.url, 'state/#', { protocolVersion: 4 })).size === 29);
  publisher.forgetRefusals();
}, 30_000);

/** An MQTT 5 broker that ends the connection over a message with a reason code. @param isRefused by topic and bytes of a message */
async function refusingBroker(code: number, isRefused: (topic: string, bytes: number) => boolean): Promise<string> {
  const { url } = await fakeServer((socket) => {
    const handle = (type: number, packet: Buffer): void => {
      if (type === 1) socket.write(Buffer.from([0x20, 3, 0, 0, 0]));
      if (type === 8) socket.write(Buffer.from([0x90, 4, packet[2]!, packet[3]!, 0, 1]));
      if (type !== 3) return;
      const at = packet.findIndex((byte, index) => index > 0 && byte < 128) + 1; // after the length
      const end = at + 2 + packet.readUInt16BE(at);
      if (isRefused(packet.toString('utf8', at + 2, end), packet.length)) socket.end(Buffer.from([0xe0, 2, code, 0]));
      else socket.write(Buffer.from([0x40, 2, packet[end]!, packet[end + 1]!]));
    };
    socket.on('data', byPacket(handle));
  });
  return url;
}

test.each([
  {
    reason: 'this account may not use a topic (0x87)',
    code: 0x87,
    isRefused: (topic: string) => topic === 'state/7',
    words: /because this account may not use a topic: check its access rules \(.*state\/7/,
    warning: /^The MQTT broker ends the connection over state\/7 \(\d+ bytes\)/,
  },
  {
    reason: 'it accepts no message of that size (0x95)',
    code: 0x95,
    isRefused: (_: string, bytes: number) => bytes > 2000,
    words: /because it takes no message of that size \(.*state\/7/,
    warning: /^The MQTT broker ends the connection over a message of \d{4} bytes \(state\/7\)/,
  },
])(
  'an MQTT 5 broker ends the connection because $reason: the message is left out, the others are sent',
  async (row) => {
    const bridge = connected(await refusingBroker(row.code, row.isRefused), { protocolVersion: 5 });
    const { publisher, warnings } = publishing(bridge);
    for (let i = 0; i < 30; i += 1) publisher.retain(`state/${i}`, 'x'.repeat(i === 7 ? 3000 : 100));
    const accepted: boolean[] = [];
    publisher.publishEvent({ topic: 'event', payload: '1', retain: false }, (isAccepted) => accepted.push(isAccepted));
    await until(() => publisher.refused.size === 1);
    await publisher.whenIdle();
    expect([...publisher.refused.keys()]).toEqual(['state/7']);
    expect(warnings[0]).toMatch(row.warning);
    expect(warnings.every((warning) => warning.includes('state/7'))).toBe(true);
    for (const { message, cause } of bridge.problems) {
      expect(message).toMatch(row.words);
      expect(cause).toBe(row.code === 0x87 ? 'topic' : 'size');
    }
    publisher.publishEvent({ topic: 'event', payload: '2', retain: false }, (isAccepted) => accepted.push(isAccepted));
    await until(() => accepted.at(-1) === true);
  },
  30_000,
);
