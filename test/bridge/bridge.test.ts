import { describe, expect, onTestFinished, test } from 'vitest';
import { startBroker } from '../../scripts/demo/broker';
import type { NasOptions } from '../nas/index';
import { startMosquitto } from '../support/mosquitto';
import { connectClient, retainedAt, type MqttClient } from '../support/mqtt-client';
import { startMqttProxy } from '../support/mqtt-proxy';
import { describeWith } from '../support/needs';
import { setUpWith, simulatedNas, startBridge, type Setup, type StartBroker, type TestBridge } from './support';
import { until } from '../support/until';

const objectIdOf = ({ nasId }: TestBridge): string => `active_backup_${nasId}`;
const configOf = (objectId: string): string => `homeassistant/device/${objectId}/config`;
const json = (payload: string | undefined): Record<string, unknown> =>
  JSON.parse(payload ?? 'null') as Record<string, unknown>;
const last = (client: MqttClient, topic: string): string | undefined => client.on(topic).at(-1);

/**
 * The cases in which the protocol version matters: MQTT 3.1.1 returns the bridge's own messages and removes the retain flag
 * of live ones.
 */
function protocolCases(start: StartBroker, version: 4 | 5): void {
  const setUp = (nasOptions?: NasOptions): Promise<Setup> => setUpWith(start, version, nasOptions);

  test('the state is published after the discovery', async () => {
    const { nas, url, client } = await setUp();
    const bridged = await startBridge(nas, url);
    await bridged.settled();
    await client.caughtUp();
    const { root } = bridged;
    const retained = await retainedAt(url, '#', { protocolVersion: version });
    expect(retained.get(`${root}/bridge`)).toBe('online');
    expect(retained.get(`${root}/connection`)).toBe('online');
    expect(json(retained.get(`${root}/task/1/state`))).toMatchObject({
      status: 'idle',
      last_result: 'success',
      problem: 'OFF',
    });
    expect(json(retained.get(`${root}/task/1/attributes`))).toMatchObject({ task_id: 1 });
    expect(retained.get(`${root}/task/1/active`)).toBe('offline');
    expect(json(retained.get(`${root}/state`))).toMatchObject({ tasks_total: 5 });
    expect(json(retained.get(configOf(objectIdOf(bridged))))).toMatchObject({
      device: { serial_number: nas.state.serialNumber },
    });
    expect(json(retained.get(configOf(`${objectIdOf(bridged)}_task_5`)))).toMatchObject({
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

  test('a backup publishes the state of its task and of the NAS, and its events', async () => {
    const { nas, url, client } = await setUp({ speed: 120, runSeconds: 120 }); // a second: polls must not miss it
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

  test('topics left by an earlier run are cleared, and no others', async () => {
    const { nas, url, client } = await setUp();
    const first = await startBridge(nas, url);
    await first.settled();
    await first.close();
    nas.state.removeTask(4);
    const otherTopics = [
      configOf(`${objectIdOf(first)}_task_4x`),
      configOf('other'),
      `${first.root}/task/4/command`,
      `${first.root}/notes`,
    ];
    for (const topic of otherTopics) await client.publish(topic, '{"mine":true}', { retain: true });
    const second = await startBridge(nas, url); // without the state file of the first
    await second.settled();
    await until(() => last(client, configOf(`${objectIdOf(first)}_task_4`)) === '');
    await second.bridge.close();
    const retained = await retainedAt(url, '#', { protocolVersion: version });
    expect([...retained.keys()]).toEqual(
      expect.arrayContaining([configOf('other'), `${first.root}/notes`, otherTopics[0]]),
    );
    expect([...retained.keys()].filter((topic) => /task\/4\/(state|attributes|active)$/.test(topic))).toEqual([]);
  });

  test('a device that the user deleted in Home Assistant stays deleted until a message requests it', async () => {
    const { nas, url, client } = await setUp();
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

  test('a closed bridge is offline', async () => {
    const { nas, url } = await setUp();
    const bridged = await startBridge(nas, url);
    await bridged.settled();
    const from = performance.now();
    await bridged.bridge.close();
    expect(performance.now() - from).toBeLessThan(1000);
    expect((await retainedAt(url, '#', { protocolVersion: version })).get(`${bridged.root}/bridge`)).toBe('offline');
  });

  test('a purge clears all published topics and no others; a message publishes them again', async () => {
    const { nas, url, client } = await setUp();
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
}

/** The cases that do not depend on the protocol version: they run with one broker. */
function commonCases(start: StartBroker, version: 4 | 5): void {
  const setUp = (nasOptions?: NasOptions): Promise<Setup> => setUpWith(start, version, nasOptions);

  test('three polls without changes publish nothing', async () => {
    const { nas, url, client } = await setUp();
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

  test('a renamed task keeps its ids and gets its new name', async () => {
    const { nas, url, client } = await setUp();
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

  test('a task missing from three polls is cleared, and no other', async () => {
    const { nas, url, client } = await setUp();
    const bridged = await startBridge(nas, url);
    await bridged.settled();
    await client.caughtUp();
    client.forget();
    nas.state.removeTask(3);
    const { root } = bridged;
    const cleared = [
      configOf(`${objectIdOf(bridged)}_task_3`),
      ...['state', 'attributes', 'active'].map((part) => `${root}/task/3/${part}`),
    ];
    await until(() => cleared.every((topic) => last(client, topic) === ''));
    await client.caughtUp();
    expect(
      client.messages
        .filter(({ payload }) => payload === '')
        .map(({ topic }) => topic)
        .sort(),
    ).toEqual(cleared.sort());
    const retained = await retainedAt(url, '#', { protocolVersion: version });
    expect([...retained.keys()].filter((topic) => topic.includes('task_3') || topic.includes('task/3'))).toEqual([]);
    expect(retained.has(configOf(`${objectIdOf(bridged)}_task_2`))).toBe(true);
  });

  test('topics of an earlier run are cleared only if their item is missing from three polls', async () => {
    const { nas, url, client } = await setUp();
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

  test("Home Assistant's birth message republishes discovery, then every state, once for several births", async () => {
    const { nas, url, client } = await setUp();
    // Long enough for five messages on a busy machine.
    const bridged = await startBridge(nas, url, { timings: { birthMs: [1500, 1500] } });
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

  test('a NAS without a response is offline until it responds again; the bridge stays online', async () => {
    const { nas, url, client } = await setUp();
    const bridged = await startBridge(nas, url);
    await bridged.settled();
    client.forget();
    const undo = nas.fail({ do: 'reset-before' });
    await until(() => last(client, `${bridged.root}/connection`) === 'offline');
    await client.received(`${bridged.root}/event`);
    expect(client.on(`${bridged.root}/event`).map((payload) => json(payload)['event_type'])).toEqual(['nas_offline']);
    undo();
    await until(() => last(client, `${bridged.root}/connection`) === 'online');
    expect(client.on(`${bridged.root}/bridge`)).toEqual([]);
    expect(client.messages.filter(({ payload }) => payload === '')).toEqual([]);
  });

  test('a message during a purge publishes everything again after it', async () => {
    const { nas, url, client } = await setUp();
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

  test('disabled buttons are removed, and then left out', async () => {
    const { nas, url, client } = await setUp();
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
    await until(() => buttons().at(-1) === undefined && buttons().length > 1);
    expect(buttons()).toEqual([{ platform: 'button' }, undefined]);
  });

  test('topics below an earlier base topic are cleared', async () => {
    const { nas, url } = await setUp();
    const first = await startBridge(nas, url, { def: { baseTopic: 'old/base' } });
    await first.settled();
    await first.close();
    const second = await startBridge(nas, url, { published: first.published() });
    await second.settled();
    await until(async () => (await retainedAt(url, 'old/#', { protocolVersion: version })).size === 0);
  });

  test('without discovery nothing is published for Home Assistant', async () => {
    const { nas, url } = await setUp();
    const bridged = await startBridge(nas, url, {
      def: { discovery: false, baseTopic: 'home/backups', nasId: 'cellar' },
    });
    await bridged.settled();
    await until(async () =>
      (await retainedAt(url, '#', { protocolVersion: version })).has('home/backups/cellar/task/5/active'),
    );
    const retained = await retainedAt(url, '#', { protocolVersion: version });
    expect([...retained.keys()].filter((topic) => !topic.startsWith('home/backups/cellar/'))).toEqual([]);
  });

  test('a bridge for the same NAS with another base topic causes a warning', async () => {
    const { nas, url } = await setUp();
    const first = await startBridge(nas, url, { def: { baseTopic: 'first' } });
    await first.settled();
    // A bridge of another process, which shares nothing with the first: a process has only one for a NAS and broker.
    const second = await startBridge(nas, url, { def: { baseTopic: 'second' }, broker: { username: 'second' } });
    await until(() => second.warnings.length > 0);
    expect(second.warnings).toEqual([
      expect.stringMatching(/^Another bridge .*\(first\/\w+\/bridge\): switch discovery off/),
    ]);
  });

  test('a removal in Home Assistant reaches its bridge through the session of another one, which another one takes over', async () => {
    const { nas, url, client } = await setUp();
    const others = [await simulatedNas({ seed: 2 }), await simulatedNas({ seed: 3 })];
    const bridges: TestBridge[] = [];
    for (const each of [nas, ...others]) {
      bridges.push(await startBridge(each, url));
      await bridges.at(-1)?.settled();
    }
    const [first, second, third] = bridges as [TestBridge, TestBridge, TestBridge];
    const removed = async (bridged: TestBridge, task: number): Promise<void> => {
      const topic = configOf(`${objectIdOf(bridged)}_task_${task}`);
      await client.publish(topic, '', { retain: true });
      await until(() => bridged.published().removed.includes(topic));
    };
    for (const each of bridges) await removed(each, 1);
    await first.bridge.close();
    for (const each of [second, third]) await removed(each, 2);
    // What a bridge clears itself was not removed by the user.
    others[0]?.state.removeTask(3);
    await until(async () => {
      const retained = await retainedAt(url, 'homeassistant/#', { protocolVersion: version });
      return !retained.has(configOf(`${objectIdOf(second)}_task_3`));
    });
    await client.caughtUp();
    expect(second.published().removed).toHaveLength(2);
    expect(third.published().removed).toHaveLength(2);
  });

  test('two bridges for two NAS are independent', async () => {
    const { nas, url } = await setUp();
    const other = await simulatedNas({ seed: 2 });
    const bridges = [await startBridge(nas, url), await startBridge(other, url)];
    for (const each of bridges) await each.settled();
    const retained = await retainedAt(url, '#', { protocolVersion: version });
    for (const { root } of bridges) expect(retained.get(`${root}/bridge`)).toBe('online');
    expect(bridges[0]?.root).not.toBe(bridges[1]?.root);
    await bridges[0]?.bridge.purge();
    const left = await retainedAt(url, '#', { protocolVersion: version });
    expect(left.get(`${bridges[1]?.root ?? ''}/bridge`)).toBe('online');
    expect([...left.keys()].some((topic) => topic.startsWith(`${bridges[0]?.root ?? '?'}/`))).toBe(false);
  });

  test('no topic and no payload contains a password, session or token', async () => {
    const { nas, url, client } = await setUp({ speed: 600, runSeconds: 60 });
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
    const published = client.messages.map(({ topic, payload }) => `${topic} ${payload}`).join('\n');
    expect(published).not.toMatch(/passwd|password|_sid|token/i);
    expect(published).not.toContain('"synology"');
    for (const sid of new Set(sids)) expect(published).not.toContain(String(sid));
  });
}

describeWith('mosquitto', 'with Mosquitto (MQTT 5)', (path) => {
  protocolCases(() => startMosquitto(path), 5);
  commonCases(() => startMosquitto(path), 5);

  test.each(['while it reads', 'while it clears'])('a purge whose connection is lost %s is an error', async (when) => {
    const mosquitto = await startMosquitto(path);
    onTestFinished(() => mosquitto.close());
    const proxy = await startMqttProxy(mosquitto.port);
    onTestFinished(() => proxy.close());
    const bridged = await startBridge(await simulatedNas(), proxy.url);
    await bridged.settled();
    const { published } = proxy;
    proxy.holdAcknowledgements();
    const purged = bridged.bridge.purge();
    purged.catch(() => undefined);
    if (when === 'while it clears') await until(() => proxy.published > published);
    proxy.drop();
    await expect(purged).rejects.toMatchObject({ code: 'EUNREACHABLE', message: expect.stringMatching(/broker/) });
  });

  test('200 tasks are published 20 messages at a time, and a changed one alone', async () => {
    const mosquitto = await startMosquitto(path);
    onTestFinished(() => mosquitto.close());
    const proxy = await startMqttProxy(mosquitto.port);
    onTestFinished(() => proxy.close());
    const nas = await simulatedNas({ tasks: 200 });
    const client = await connectClient(mosquitto.url, { protocolVersion: 5 });
    onTestFinished(() => client.close());
    await client.subscribe('#');
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
  });
});

describe('with the broker of npm start (MQTT 3.1.1)', () => {
  protocolCases(() => startBroker(0), 4);
});
