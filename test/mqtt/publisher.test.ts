import { expect, test } from 'vitest';
import { Publisher } from '../../src/mqtt/publisher';
import type { MqttSession } from '../../src/mqtt/types';
import type { MqttClient } from '../support/mqtt-client';
import { retainedAt } from '../support/mqtt-client';
import { describeWith } from '../support/needs';
import { aedes, connected, mosquitto, other, proxy, type ObservedConnection } from './brokers';

const topics = (count: number): string[] => Array.from({ length: count }, (_, index) => `state/${index}`);

/** A publisher; `attach` passes it the next session of the connection. */
function publishing(bridge: ObservedConnection): {
  publisher: Publisher;
  warnings: string[];
  attach: () => Promise<MqttSession>;
} {
  const warnings: string[] = [];
  const publisher = new Publisher();
  publisher.on('warning', (message) => warnings.push(message));
  return {
    publisher,
    warnings,
    attach: async () => {
      const session = await bridge.session();
      publisher.setSession(session);
      return session;
    },
  };
}

/** The messages that a client has received since the last call. */
async function receivedBy(client: MqttClient): Promise<string[]> {
  await client.caughtUp();
  const all = client.messages.map(({ topic, payload }) => `${topic} ${payload}`);
  client.forget();
  return all;
}

describeWith('mosquitto', 'a publisher', (path) => {
  test('an unchanged payload is not sent again, also within one turn', async () => {
    const broker = await mosquitto(path);
    const watcher = await other(broker.url);
    await watcher.subscribe('#');
    const { publisher, attach } = publishing(connected(broker.url));
    await attach();
    publisher.retain('a', '1');
    publisher.retain('b', '1');
    publisher.retain('a', '2');
    publisher.retain('a', '1');
    publisher.retain('b', '1');
    await publisher.whenIdle();
    expect(await receivedBy(watcher)).toEqual(['a 1', 'b 1']);
    publisher.retain('a', '1');
    publisher.retain('b', '2');
    publisher.retain('b', '3');
    publisher.retain('b', '2');
    await publisher.whenIdle();
    // The first was in flight when the second was requested.
    expect(await receivedBy(watcher)).toEqual(['b 2']);
    publisher.republish((topic) => topic === 'a');
    await publisher.whenIdle();
    expect(await receivedBy(watcher)).toEqual(['a 1']);
    publisher.republish();
    await publisher.whenIdle();
    expect(await receivedBy(watcher)).toEqual(['a 1', 'b 2']);
  });

  test('a cleared topic stays cleared', async () => {
    const broker = await mosquitto(path);
    const { publisher, attach } = publishing(connected(broker.url));
    await attach();
    await (await other(broker.url)).publish('theirs', 'x', { retain: true });
    publisher.retain('a', '1');
    publisher.retain('b', '1');
    await publisher.whenIdle();
    publisher.clear('a');
    publisher.retain('b', '');
    publisher.clear('theirs');
    await publisher.whenIdle();
    expect(await retainedAt(broker.url)).toEqual(new Map());
    const watcher = await other(broker.url);
    await watcher.subscribe('#');
    publisher.republish();
    await publisher.whenIdle();
    expect(await receivedBy(watcher)).toEqual([]);
    publisher.retain('a', '1');
    publisher.clear('a');
    publisher.retain('a', '2');
    await publisher.whenIdle();
    expect(await retainedAt(broker.url)).toEqual(new Map([['a', '2']]));
  });

  test.each([
    { config: [], version: 5, most: 20 },
    { config: ['max_inflight_messages 5'], version: 5, most: 5 },
    { config: ['max_inflight_messages 1'], version: 5, most: 1 },
    { config: ['max_inflight_messages 0'], version: 5, most: 20 },
    { config: ['max_inflight_messages 5'], version: 4, most: 20 },
  ] as const)('$config, version $version: at most $most are in flight', async ({ config, version, most }) => {
    const broker = await mosquitto(path, { config });
    const wire = await proxy(broker);
    const { publisher, attach } = publishing(connected(wire.url, { protocolVersion: version }));
    await attach();
    wire.holdAcknowledgements();
    for (const round of ['1', '2', '3']) {
      for (const topic of topics(200)) publisher.retain(topic, round);
      publisher.publishEvent({ topic: 'event', payload: round, retain: false });
    }
    wire.release();
    await publisher.whenIdle();
    expect(wire.mostInFlight).toBe(most);
    expect(publisher.inFlightPeak).toBe(most);
    expect(await retainedAt(broker.url)).toEqual(new Map(topics(200).map((topic) => [topic, '3'])));
  });

  test('one of two hundred changes: one message', async () => {
    const broker = await mosquitto(path);
    const wire = await proxy(broker);
    const { publisher, attach } = publishing(connected(wire.url));
    await attach();
    for (const topic of topics(200)) publisher.retain(topic, '1');
    await publisher.whenIdle();
    expect(wire.published).toBe(200);
    for (const topic of topics(200)) publisher.retain(topic, topic === 'state/7' ? '2' : '1');
    await publisher.whenIdle();
    expect(wire.published).toBe(201);
  });

  test.each(['kill', 'drop'] as const)('after an outage (%s): the latest state once, events in order', async (how) => {
    const broker = await mosquitto(path);
    const wire = await proxy(broker);
    const bridge = connected(wire.url);
    const { publisher, attach } = publishing(bridge);
    await attach();
    for (const topic of topics(50)) publisher.retain(topic, 'before');
    publisher.retain('gone', 'before');
    await publisher.whenIdle();
    wire.holdAcknowledgements();
    publisher.publishEvent({ topic: 'event', payload: '0', retain: false });
    publisher.retain('state/0', 'in flight');
    if (how === 'kill') await broker.kill();
    wire.drop();
    await bridge.problem();
    publisher.clearSession();
    wire.release();
    await publisher.whenIdle(); // resolves without a session
    for (let round = 1; round <= 100; round += 1) {
      for (const topic of topics(50)) publisher.retain(topic, String(round));
      publisher.publishEvent({ topic: 'event', payload: String(round), retain: false });
    }
    publisher.clear('gone');
    if (how === 'kill') await broker.start();
    const watcher = await other(broker.url);
    await watcher.subscribe('state/#', 'event', 'gone');
    await watcher.caughtUp();
    watcher.forget();
    await attach();
    publisher.republish((topic) => topic.startsWith('state/'));
    await publisher.whenIdle();
    const events = Array.from({ length: 101 }, (_, index) => `event ${index}`);
    // The event in flight may have arrived before.
    expect((await receivedBy(watcher)).slice(0, 152)).toEqual([
      ...topics(50).map((t) => `${t} 100`),
      'gone ',
      ...events,
    ]);
    expect((await retainedAt(broker.url, 'gone')).size).toBe(0);
  });

  test('a new session gets queued events only', async () => {
    const broker = await mosquitto(path);
    const watcher = await other(broker.url);
    await watcher.subscribe('#');
    const { publisher, attach, warnings } = publishing(connected(broker.url));
    publisher.retain('a', '1');
    publisher.republish();
    publisher.publishEvent({ topic: 'event', payload: '1', retain: true });
    await attach();
    publisher.publishEvent({ topic: 'event', payload: '2', retain: false });
    publisher.retain('b', '1');
    await publisher.whenIdle();
    expect(await receivedBy(watcher)).toEqual(['b 1', 'event 1', 'event 2']);
    expect(warnings).toEqual([]);
  });

  test('queued events can be dropped, and retained topics stay', async () => {
    const broker = await mosquitto(path);
    const watcher = await other(broker.url);
    await watcher.subscribe('#');
    const { publisher, attach } = publishing(connected(broker.url));
    publisher.publishEvent({ topic: 'event', payload: 'published by another bridge', retain: false });
    publisher.dropEvents();
    publisher.retain('a', '1');
    await attach();
    publisher.republish();
    publisher.publishEvent({ topic: 'event', payload: 'new', retain: false });
    await publisher.whenIdle();
    expect(await receivedBy(watcher)).toEqual(['a 1', 'event new']);
  });

  test('of more than 1,000 queued events the oldest are dropped, with one warning', async () => {
    const broker = await mosquitto(path);
    const { publisher, attach, warnings } = publishing(connected(broker.url));
    for (let i = 0; i < 1500; i += 1)
      publisher.publishEvent({ topic: `event/${i % 50}`, payload: String(i), retain: false });
    expect(warnings).toEqual(['More events wait for the MQTT broker than are kept: the oldest are dropped']);
    const watcher = await other(broker.url);
    await watcher.subscribe('#');
    await attach();
    await publisher.whenIdle();
    await watcher.caughtUp();
    expect(watcher.messages.map(({ payload }) => Number(payload))).toEqual(
      Array.from({ length: 1000 }, (_, index) => 500 + index),
    );
  });

  test('refused and too large messages are left out with a warning, and the others are sent', async () => {
    const broker = await mosquitto(path, {
      accounts: [{ name: 'bridge', password: 'secret' }],
      acl: ['user bridge', 'topic readwrite state/#', 'topic readwrite test/marker/#'],
      config: ['max_packet_size 5000'],
    });
    const login = { username: 'bridge', password: 'secret' };
    const bridge = connected(broker.url, login);
    const { publisher, attach, warnings } = publishing(bridge);
    await attach();
    publisher.retain('forbidden/1', 'x');
    publisher.retain('forbidden/2', 'x');
    publisher.retain('state/large', 'ä'.repeat(2500));
    publisher.retain('state/fits', 'ä'.repeat(2400));
    publisher.clear('forbidden/3');
    publisher.publishEvent({ topic: 'forbidden/4', payload: 'x', retain: false });
    publisher.retain('state/last', 'x');
    await publisher.whenIdle();
    publisher.retain('forbidden/1', 'y');
    publisher.retain('state/large', 'o'.repeat(5000));
    await publisher.whenIdle();
    expect(warnings).toEqual([
      'The MQTT broker takes at most 5000 bytes: state/large has 5024 and is left out',
      'The MQTT broker does not allow this account to publish to forbidden/1 (not authorized)',
    ]);
    expect([...(await retainedAt(broker.url, '#', login)).keys()]).toEqual(['state/fits', 'state/last']);
    expect(bridge.problems).toEqual([]);
  });

  test('messages of a lost session are sent again in the next one', async () => {
    const broker = await mosquitto(path);
    const bridge = connected(broker.url);
    const { publisher, attach } = publishing(bridge);
    await attach();
    publisher.retain('a', '1');
    await publisher.whenIdle();
    await broker.kill();
    await bridge.problem();
    publisher.clearSession();
    publisher.retain('a', '1');
    await broker.start();
    await attach();
    publisher.retain('a', '1');
    await publisher.whenIdle();
    expect(await retainedAt(broker.url)).toEqual(new Map([['a', '1']]));
  });
});

test('it detects that its session is lost, and loses no event', async () => {
  const broker = await aedes();
  const wire = await proxy(broker);
  const bridge = connected(wire.url);
  const { publisher, attach } = publishing(bridge);
  const watcher = await other(broker.url, { protocolVersion: 4 });
  await watcher.subscribe('event/#');
  await attach();
  wire.freeze();
  for (let i = 0; i < 30; i += 1) publisher.publishEvent({ topic: `event/${i}`, payload: String(i), retain: false });
  const idle = publisher.whenIdle();
  wire.drop();
  await idle;
  wire.release();
  await attach();
  await publisher.whenIdle();
  await watcher.caughtUp();
  expect(watcher.messages.map(({ payload }) => Number(payload))).toEqual(Array.from({ length: 30 }, (_, i) => i));
});
