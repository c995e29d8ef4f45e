import { describe, expect, onTestFinished, test } from 'vitest';
import { startBroker } from '../../scripts/demo/broker';
import type { Nas } from '../nas';
import { startMosquitto } from '../support/mosquitto';
import { connectClient, retainedAt, type MqttClient, type Received } from '../support/mqtt-client';
import { startMqttProxy } from '../support/mqtt-proxy';
import { describeWith } from '../support/needs';
import { simulatedNas, startBridge, type TestBridge } from './support';
import { until } from '../support/until';

/** Somebody who sees everything that is published, from before the bridge opens. */
async function witness(url: string, protocolVersion: 4 | 5): Promise<MqttClient> {
  const client = await connectClient(url, { protocolVersion });
  onTestFinished(() => client.close());
  await client.subscribe('#');
  return client;
}

const objectIdOf = ({ nasId }: TestBridge): string => `active_backup_${nasId}`;
const configOf = (objectId: string): string => `homeassistant/device/${objectId}/config`;
const json = (payload: string | undefined): Record<string, unknown> =>
  JSON.parse(payload ?? 'null') as Record<string, unknown>;
const last = (client: MqttClient, topic: string): string | undefined => client.on(topic).at(-1);

/** Tests that hold for every broker. */
function suite(start: () => Promise<{ url: string; close: () => Promise<void> }>, version: 4 | 5): void {
  const begin = async (nasOptions = {}): Promise<{ nas: Nas; url: string; client: MqttClient }> => {
    const broker = await start();
    onTestFinished(() => broker.close());
    return { nas: await simulatedNas(nasOptions), url: broker.url, client: await witness(broker.url, version) };
  };

  test('it publishes what is, and Home Assistant is told of it before', async () => {
    const { nas, url, client } = await begin();
    const bridged = await startBridge(nas, url);
    await bridged.settled();
    await client.caughtUp();
    const { root } = bridged;
    const held = await retainedAt(url, '#', { protocolVersion: version });
    expect(held.get(`${root}/bridge`)).toBe('online');
    expect(held.get(`${root}/connection`)).toBe('online');
    expect(json(held.get(`${root}/task/1/state`))).toMatchObject({
      status: 'idle',
      last_result: 'success',
      problem: 'OFF',
    });
    expect(json(held.get(`${root}/task/1/attributes`))).toMatchObject({ task_id: 1 });
    expect(held.get(`${root}/task/1/active`)).toBe('offline');
    expect(json(held.get(`${root}/state`))).toMatchObject({ tasks_total: 5 });
    expect(json(held.get(configOf(objectIdOf(bridged))))).toMatchObject({
      device: { serial_number: nas.state.serialNumber },
    });
    expect(json(held.get(configOf(`${objectIdOf(bridged)}_task_5`)))).toMatchObject({
      device: { via_device: objectIdOf(bridged) },
    });
    const topics = client.messages.map(({ topic }) => topic);
    expect(topics.indexOf(configOf(objectIdOf(bridged)))).toBeLessThan(
      topics.indexOf(configOf(`${objectIdOf(bridged)}_task_1`)),
    );
    expect(topics.indexOf(configOf(`${objectIdOf(bridged)}_task_1`))).toBeLessThan(
      topics.indexOf(`${root}/task/1/state`),
    );
  });

  test('three looks without news publish nothing', async () => {
    const { nas, url, client } = await begin();
    const bridged = await startBridge(nas, url);
    await bridged.settled();
    await bridged.polls(2);
    await until(async () => {
      const before = client.messages.length;
      await bridged.polls(3);
      await client.caughtUp();
      return client.messages.length === before;
    });
    client.forget();
    await bridged.polls(3);
    await client.caughtUp();
    expect(client.messages).toEqual([]);
  });

  test('a backup publishes its own task and the NAS as a whole, and tells its events', async () => {
    const { nas, url, client } = await begin({ speed: 120, runSeconds: 120 }); // a second: looks must not miss it
    const bridged = await startBridge(nas, url);
    const { root } = bridged;
    await bridged.settled();
    await bridged.polls(3);
    await client.caughtUp();
    client.forget();
    nas.state.startRun(1);
    await client.received(
      ({ topic, payload }) => topic === `${root}/task/1/event` && payload.includes('backup_succeeded'),
    );
    await until(() => last(client, `${root}/task/1/active`) === 'offline');
    await client.caughtUp();
    const own = new RegExp(`^${root}/(task/1/(state|attributes|active|event)|state|event|storage/1/state)$`);
    expect(client.messages.map(({ topic }) => topic).filter((topic) => !own.test(topic))).toEqual([]);
    expect(client.on(`${root}/task/1/active`)).toEqual(['online', 'offline']);
    expect(client.on(`${root}/task/1/event`).map((payload) => json(payload)['event_type'])).toEqual([
      'backup_started',
      'backup_succeeded',
    ]);
    expect(client.messages.filter(({ topic, retain }) => topic.endsWith('/event') && retain)).toEqual([]);
    const running = client.on(`${root}/task/1/state`).map(json);
    expect(running).toContainEqual(expect.objectContaining({ running: 'ON', last_result: 'success' }));
    expect(running.at(-1)).toMatchObject({ running: 'OFF', status: 'idle', progress: null });
  });

  test('a renamed task keeps its ids and gets its new name', async () => {
    const { nas, url, client } = await begin();
    const bridged = await startBridge(nas, url);
    await bridged.settled();
    client.forget();
    Object.assign(nas.state.task(2), { name: 'Renamed "+/#" 🎉' });
    const topic = configOf(`${objectIdOf(bridged)}_task_2`);
    const { payload } = await client.received(topic);
    expect(json(payload)).toMatchObject({
      device: { name: 'Renamed "+/#" 🎉', identifiers: [`${objectIdOf(bridged)}_task_2`] },
    });
    await client.caughtUp();
    expect(client.messages.map((message) => message.topic).filter((other) => other.endsWith('/config'))).toEqual([
      topic,
    ]);
  });

  test('a task that is gone for three looks is cleared, and no other', async () => {
    const { nas, url, client } = await begin();
    const bridged = await startBridge(nas, url);
    await bridged.settled();
    await client.caughtUp();
    client.forget();
    nas.state.removeTask(3);
    const { root } = bridged;
    const gone = [
      configOf(`${objectIdOf(bridged)}_task_3`),
      ...['state', 'attributes', 'active'].map((part) => `${root}/task/3/${part}`),
    ];
    await until(() => gone.every((topic) => last(client, topic) === ''));
    await client.caughtUp();
    expect(
      client.messages
        .filter(({ payload }) => payload === '')
        .map(({ topic }) => topic)
        .sort(),
    ).toEqual(gone.sort());
    const held = await retainedAt(url, '#', { protocolVersion: version });
    expect([...held.keys()].filter((topic) => topic.includes('task_3') || topic.includes('task/3'))).toEqual([]);
    expect(held.has(configOf(`${objectIdOf(bridged)}_task_2`))).toBe(true);
  });

  test('what an earlier life left on the broker is cleared, and nothing of anybody else', async () => {
    const { nas, url, client } = await begin();
    const first = await startBridge(nas, url);
    await first.settled();
    await first.close();
    nas.state.removeTask(4);
    const foreign = [
      configOf(`${objectIdOf(first)}_task_4x`),
      configOf('other'),
      `${first.root}/task/4/command`,
      `${first.root}/notes`,
    ];
    for (const topic of foreign) await client.publish(topic, '{"mine":true}', { retain: true });
    const second = await startBridge(nas, url); // without what the first has noted on disk
    await second.settled();
    await until(() => last(client, configOf(`${objectIdOf(first)}_task_4`)) === '');
    await second.bridge.close();
    const held = await retainedAt(url, '#', { protocolVersion: version });
    expect([...held.keys()]).toEqual(expect.arrayContaining([configOf('other'), `${first.root}/notes`, foreign[0]]));
    expect([...held.keys()].filter((topic) => /task\/4\/(state|attributes|active)$/.test(topic))).toEqual([]);
  });

  test('what the first answers of a NAS leave out is cleared only when three of them do', async () => {
    const { nas, url, client } = await begin();
    const first = await startBridge(nas, url);
    await first.settled();
    await first.close();
    await client.caughtUp();
    client.forget();
    nas.state.removeTask(4);
    const second = await startBridge(nas, url, { published: first.published(), idleMs: 3600_000 });
    await second.settled();
    await second.pollNow();
    await client.caughtUp();
    expect(client.messages.filter(({ payload }) => payload === '')).toEqual([]);
    await second.pollNow();
    await until(() => last(client, configOf(`${objectIdOf(first)}_task_4`)) === '');
  });

  test('a device that a person deleted in Home Assistant stays deleted until a message asks for it', async () => {
    const { nas, url, client } = await begin();
    const bridged = await startBridge(nas, url);
    await bridged.settled();
    const topic = configOf(`${objectIdOf(bridged)}_task_1`);
    await client.publish(topic, '', { retain: true });
    await until(() => bridged.published().removed.includes(topic));
    client.forget();
    await client.publish('homeassistant/status', 'online');
    await client.received(configOf(`${objectIdOf(bridged)}_task_2`));
    await client.received(`${bridged.root}/task/1/state`);
    await client.caughtUp();
    expect(client.on(topic).filter((payload) => payload !== '')).toEqual([]);
    bridged.bridge.publishAll();
    await client.received((message) => message.topic === topic && message.payload !== '');
  });

  test("Home Assistant's birth brings discovery, and then every state, once for several births", async () => {
    const { nas, url, client } = await begin();
    const bridged = await startBridge(nas, url);
    await bridged.settled();
    await bridged.polls(2);
    await client.caughtUp();
    client.forget();
    for (let births = 0; births < 5; births += 1) await client.publish('homeassistant/status', 'online');
    await client.received(`${bridged.root}/task/5/active`);
    await client.caughtUp();
    for (const topic of [
      configOf(objectIdOf(bridged)),
      `${bridged.root}/task/1/state`,
      `${bridged.root}/bridge`,
      `${bridged.root}/connection`,
    ]) {
      expect(client.on(topic), topic).toHaveLength(1);
    }
    const topics = client.messages.map(({ topic }) => topic);
    expect(topics.findLastIndex((topic) => topic.endsWith('/config'))).toBeLessThan(
      topics.indexOf(`${bridged.root}/state`),
    );
  });

  test('after it has closed everything is off line', async () => {
    const { nas, url } = await begin();
    const bridged = await startBridge(nas, url);
    await bridged.settled();
    const from = performance.now();
    await bridged.bridge.close();
    expect(performance.now() - from).toBeLessThan(1000);
    expect((await retainedAt(url, '#', { protocolVersion: version })).get(`${bridged.root}/bridge`)).toBe('offline');
  });

  test('a NAS that does not answer is off line, and back when it answers again; the bridge stays', async () => {
    const { nas, url, client } = await begin();
    const bridged = await startBridge(nas, url);
    await bridged.settled();
    client.forget();
    const undo = nas.fail({ do: 'reset-before' });
    await until(() => last(client, `${bridged.root}/connection`) === 'offline', { timeout: 9000 });
    await client.received(`${bridged.root}/event`);
    expect(client.on(`${bridged.root}/event`).map((payload) => json(payload)['event_type'])).toEqual(['nas_offline']);
    undo();
    await until(() => last(client, `${bridged.root}/connection`) === 'online', { timeout: 9000 });
    expect(client.on(`${bridged.root}/bridge`)).toEqual([]);
    expect(client.messages.filter(({ payload }) => payload === '')).toEqual([]);
  }, 20_000);

  test('a purge removes all that it has published, and nothing else; a message brings it back', async () => {
    const { nas, url, client } = await begin();
    await client.publish('homeassistant/device/other/config', '{}', { retain: true });
    const bridged = await startBridge(nas, url, { def: { commands: true, devices: 'all', detail: 'full' } });
    await bridged.settled();
    await bridged.bridge.purge();
    expect([...(await retainedAt(url, '#', { protocolVersion: version })).keys()]).toEqual([
      'homeassistant/device/other/config',
    ]);
    expect(bridged.statuses.at(-1)).toEqual({ is: 'purged' });
    client.forget();
    await bridged.polls(3);
    nas.state.startRun(1);
    await bridged.polls(3);
    await client.caughtUp();
    expect(client.messages).toEqual([]);
    bridged.bridge.publishAll();
    await client.received(configOf(objectIdOf(bridged)));
    await client.received(`${bridged.root}/task/5/state`);
  });

  test('a message that comes while it purges brings everything back when that is done', async () => {
    const { nas, url, client } = await begin();
    const bridged = await startBridge(nas, url);
    await bridged.settled();
    const purged = bridged.bridge.purge();
    bridged.bridge.publishAll();
    await purged;
    client.forget();
    await client.received(`${bridged.root}/task/5/active`);
    expect((await retainedAt(url, '#', { protocolVersion: version })).get(`${bridged.root}/bridge`)).toBe('online');
    await bridged.close();
    await client.received(({ topic, payload }) => topic === `${bridged.root}/bridge` && payload === 'offline');
    expect(bridged.statuses.filter(({ is }) => is === 'connecting')).toHaveLength(2);
  });

  test('buttons that are switched off are taken back, and then left out', async () => {
    const { nas, url, client } = await begin();
    const first = await startBridge(nas, url, { def: { commands: true } });
    await first.settled();
    await first.close();
    await client.caughtUp();
    client.forget();
    const second = await startBridge(nas, url, { published: first.published() });
    await second.settled();
    const topic = configOf(`${objectIdOf(second)}_task_1`);
    const buttons = (): unknown[] =>
      client.on(topic).map((payload) => (json(payload)['components'] as Record<string, unknown>)['start']);
    await until(() => buttons().at(-1) === undefined && buttons().length > 1, { timeout: 5000 });
    expect(buttons()).toEqual([{ platform: 'button' }, undefined]);
  });

  test('what it published under another base topic is cleared', async () => {
    const { nas, url } = await begin();
    const first = await startBridge(nas, url, { def: { baseTopic: 'old/base' } });
    await first.settled();
    await first.close();
    const second = await startBridge(nas, url, { published: first.published() });
    await second.settled();
    await until(async () => (await retainedAt(url, 'old/#', { protocolVersion: version })).size === 0);
  });

  test('without discovery Home Assistant is told nothing', async () => {
    const { nas, url } = await begin();
    const bridged = await startBridge(nas, url, {
      def: { discovery: false, baseTopic: 'home/backups', nasId: 'cellar' },
    });
    await bridged.settled();
    await until(async () =>
      (await retainedAt(url, '#', { protocolVersion: version })).has('home/backups/cellar/task/5/active'),
    );
    const held = await retainedAt(url, '#', { protocolVersion: version });
    expect([...held.keys()].filter((topic) => !topic.startsWith('home/backups/cellar/'))).toEqual([]);
  });

  test('a second bridge for the same NAS is noticed and stands aside until the first one has gone', async () => {
    const { nas, url, client } = await begin();
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
    await until(() => second.statuses.at(-1)?.is === 'published', { timeout: 25_000 });
  }, 20_000);

  test('what happens while it stands aside is told by the other one, and not again when it takes over', async () => {
    const { nas, url, client } = await begin({ speed: 600, runSeconds: 60 });
    const first = await startBridge(nas, url);
    await first.settled();
    const second = await startBridge(nas, url);
    await until(() => second.statuses.at(-1)?.is === 'standby', { timeout: 5000 });
    expect(first.outcomes).toEqual([]); // that it is asked whether it is there is no command
    nas.state.startRun(1);
    await client.received(
      ({ topic, payload }) => topic === `${first.root}/event` && payload.includes('backup_succeeded'),
    );
    await second.polls(3);
    await first.close();
    await client.caughtUp();
    client.forget();
    await until(() => second.statuses.at(-1)?.is === 'published', { timeout: 25_000 });
    await client.caughtUp();
    expect(client.messages.filter(({ topic }) => topic.endsWith('/event'))).toEqual([]);
  }, 20_000);

  test('an end that the other one could not publish any more is published when it takes over, once', async () => {
    const { nas, url, client } = await begin({ speed: 0 });
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
    const gone = first.close();
    wire.drop();
    await gone;
    const isEnd = ({ topic, payload }: Received): boolean =>
      topic === `${second.root}/event` && payload.includes('backup_succeeded');
    await until(() => client.messages.some(isEnd));
    await until(() => second.statuses.at(-1)?.is === 'published');
    await second.pollNow();
    await client.caughtUp();
    expect(client.messages.filter(isEnd)).toHaveLength(1);
  }, 30_000);

  test('another one that announces the same NAS under another base topic is noticed', async () => {
    const { nas, url } = await begin();
    const first = await startBridge(nas, url, { def: { baseTopic: 'first' } });
    await first.settled();
    const second = await startBridge(nas, url, { def: { baseTopic: 'second' } });
    await until(() => second.warnings.length > 0, { timeout: 5000 });
    expect(second.warnings).toEqual([
      expect.stringMatching(/^Another bridge .*\(first\/\w+\/bridge\): switch discovery off/),
    ]);
  });

  test('two bridges for two NASes do not see each other', async () => {
    const { nas, url } = await begin();
    const other = await simulatedNas({ seed: 2 });
    const bridges = [await startBridge(nas, url), await startBridge(other, url)];
    for (const each of bridges) await each.settled();
    const held = await retainedAt(url, '#', { protocolVersion: version });
    for (const { root } of bridges) expect(held.get(`${root}/bridge`)).toBe('online');
    expect(bridges[0]?.root).not.toBe(bridges[1]?.root);
    await bridges[0]?.bridge.purge();
    const left = await retainedAt(url, '#', { protocolVersion: version });
    expect(left.get(`${bridges[1]?.root ?? ''}/bridge`)).toBe('online');
    expect([...left.keys()].some((topic) => topic.startsWith(`${bridges[0]?.root ?? '?'}/`))).toBe(false);
  });

  test('a password, a session or a token is in no topic and no payload', async () => {
    const { nas, url, client } = await begin({ speed: 600, runSeconds: 60 });
    const bridged = await startBridge(nas, url, { def: { commands: true, detail: 'full', devices: 'all' } });
    await bridged.settled();
    nas.state.setOutcome(1, 'failed');
    await client.publish(`${bridged.root}/task/1/command`, 'backup');
    await client.received(
      ({ topic, payload }) => topic === `${bridged.root}/task/1/event` && payload.includes('backup_failed'),
    );
    await client.caughtUp();
    const sids = nas.requests.map(({ sid }) => sid).filter((sid) => sid !== null && sid !== '');
    expect(sids.length).toBeGreaterThan(0);
    const said = client.messages.map(({ topic, payload }) => `${topic} ${payload}`).join('\n');
    expect(said).not.toMatch(/passwd|password|_sid|token/i);
    expect(said).not.toContain('"synology"');
    for (const sid of new Set(sids)) expect(said).not.toContain(String(sid));
  });
}

describeWith('mosquitto', 'with Mosquitto (MQTT 5)', (path) => {
  suite(() => startMosquitto(path), 5);

  test.each([
    ['while it looks at what is there', 0],
    ['while it removes', 1500],
  ])('a purge whose connection is lost %s is an error', async (_, afterMs) => {
    const mosquitto = await startMosquitto(path);
    onTestFinished(() => mosquitto.close());
    const proxy = await startMqttProxy(mosquitto.port);
    onTestFinished(() => proxy.close());
    const bridged = await startBridge(await simulatedNas(), proxy.url);
    await bridged.settled();
    proxy.holdAcknowledgements();
    const purged = bridged.bridge.purge();
    setTimeout(() => {
      proxy.drop();
    }, afterMs);
    await expect(purged).rejects.toMatchObject({ code: 'EUNREACHABLE', message: expect.stringMatching(/broker/) });
  });

  test('200 tasks are published 20 messages at a time, and of one that changes only its own topics', async () => {
    const mosquitto = await startMosquitto(path);
    onTestFinished(() => mosquitto.close());
    const proxy = await startMqttProxy(mosquitto.port);
    onTestFinished(() => proxy.close());
    const nas = await simulatedNas({ tasks: 200 });
    const client = await witness(mosquitto.url, 5);
    const bridged = await startBridge(nas, proxy.url, { idleMs: 300 });
    await bridged.settled();
    await client.received(`${bridged.root}/task/200/active`);
    await bridged.polls(2);
    await client.caughtUp();
    expect(proxy.mostInFlight).toBe(20);
    expect(client.messages.filter(({ topic }) => topic.endsWith('/config')).length).toBeGreaterThan(200);
    client.forget();
    Object.assign(nas.state.task(77), { name: 'Another name' });
    const own = [
      `${bridged.root}/task/77/attributes`,
      `${bridged.root}/task/77/state`,
      configOf(`${objectIdOf(bridged)}_task_77`),
    ];
    await until(() => own.every((topic) => last(client, topic) !== undefined));
    await bridged.polls(2);
    await client.caughtUp();
    expect([...new Set(client.messages.map(({ topic }) => topic))].sort()).toEqual(own.sort());
  }, 20_000);
});

describe('with the broker of npm start (MQTT 3.1.1)', () => {
  suite(() => startBroker(0), 4);
});
