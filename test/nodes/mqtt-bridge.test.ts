import type { NodeStatus } from 'node-red';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { startMosquitto } from '../support/mosquitto';
import { retainedAt } from '../support/mqtt-client';
import { describeWith } from '../support/needs';
import { bridge, brokerConfig, key, NODES, openBroker, poll, subscriber, V4 } from './mqtt-bridge-support';
import { ACCOUNT, flowOf, helper, load, nasConfig, simulatedNas, type Flow } from './support';
import { until } from '../support/until';

const MISSING_PORT = 'mqtt://127.0.0.1:1';

const shows = (flow: Flow, status: NodeStatus): Promise<unknown> =>
  vi.waitFor(() => expect(flow.statuses).toContainEqual(expect.objectContaining(status)), { timeout: 25_000 });

describe('a bridge', () => {
  test('publishes its NAS, shows the number of tasks, and is offline after it is closed', async () => {
    const [nas, url] = [await simulatedNas(), await openBroker()];
    const client = await subscriber(url, 'active-backup/#');
    const flow = await load(NODES, flowOf(bridge(), [nasConfig(nas), brokerConfig(url)]));
    const root = `active-backup/${nas.state.serialNumber.toLowerCase()}`;
    await client.received(`${root}/task/5/state`);
    await until(() => flow.statuses.at(-1)?.text?.includes(key('tasks')));
    expect(flow.statuses.at(-1)).toMatchObject({ fill: 'green', shape: 'dot' });
    expect(flow.statuses[0]).toMatchObject({ fill: 'yellow', text: key('broker-connecting') });
    const from = performance.now();
    await helper.unload();
    expect(performance.now() - from).toBeLessThan(1500);
    await client.received(({ topic, payload }) => topic === `${root}/bridge` && payload === 'offline');
    expect(flow.caught).toEqual([]);
  });

  test('publishes everything again for a message, and clears everything for "purge"', async () => {
    const [nas, url] = [await simulatedNas(), await openBroker()];
    const client = await subscriber(url, '#');
    const flow = await load(NODES, flowOf(bridge(), [nasConfig(nas), brokerConfig(url)]));
    await until(() => flow.statuses.at(-1)?.text?.includes(key('tasks')));
    await client.caughtUp();
    client.forget();
    flow.send({ payload: 'anything' });
    await client.received(({ topic }) => topic.endsWith('/task/5/active'));
    await flow.ended(1);
    flow.send({ topic: 'purge' });
    await flow.ended(2);
    expect([...(await retainedAt(url, '#', V4)).keys()]).toEqual([]);
    expect(flow.caught).toEqual([]);
    expect(flow.statuses.at(-1)).toMatchObject({ fill: 'grey', shape: 'ring', text: key('bridge-purged') });
    flow.send({});
    await until(async () => (await retainedAt(url, '#', V4)).size > 10);
  });

  test('sends the outcome of each command', async () => {
    const [nas, url] = [await simulatedNas({ schedules: false }), await openBroker()];
    const client = await subscriber(url, 'active-backup/#');
    const flow = await load(NODES, flowOf(bridge({ commands: 'true' }), [nasConfig(nas), brokerConfig(url)]));
    const root = `active-backup/${nas.state.serialNumber.toLowerCase()}`;
    await client.received(`${root}/task/5/state`);
    await client.publish(`${root}/task/1/command`, '{"action":"backup","id":"x"}');
    await client.publish(`${root}/task/9/command`, 'backup');
    await until(() => flow.out[0]?.length === 2);
    const outcomes = [...(flow.out[0] ?? [])].sort((one, other) =>
      String(one.topic).localeCompare(String(other.topic)),
    );
    const nasOfCall = {
      id: nas.state.serialNumber.toLowerCase(),
      name: 'NAS',
      api: 'SYNO.ActiveBackup.Task',
      method: 'backup',
    };
    expect(outcomes).toMatchObject([
      {
        topic: `${root}/task/1/command`,
        taskId: 1,
        payload: { id: 'x', action: 'backup', status: 'done' },
        nas: nasOfCall,
      },
      {
        topic: `${root}/task/9/command`,
        taskId: 9,
        nas: nasOfCall,
        payload: { action: 'backup', status: 'rejected', reason: 'unknown_task' },
      },
    ]);
  });

  test('sends the id of the NAS as in its topics in msg.nas, without a method for a refresh', async () => {
    const [nas, url] = [await simulatedNas(), await openBroker()];
    const client = await subscriber(url, 'active-backup/#');
    const flow = await load(
      NODES,
      flowOf(bridge({ commands: true, nasId: 'cellar' }), [nasConfig(nas, { name: 'Cellar NAS' }), brokerConfig(url)]),
    );
    await client.received('active-backup/cellar/task/5/state');
    await client.publish('active-backup/cellar/command', 'refresh');
    await until(() => flow.out[0]?.length === 1);
    expect(flow.out[0]?.[0]).toMatchObject({ taskId: null, payload: { action: 'refresh', status: 'done' } });
    expect(flow.out[0]?.[0]?.nas).toEqual({ id: 'cellar', name: 'Cellar NAS', api: null, method: null });
  });

  test('publishes nothing until the identity of its NAS is known', async () => {
    const url = await openBroker();
    const client = await subscriber(url, '#');
    const flow = await load(NODES, flowOf(bridge(), [nasConfig({ host: '127.0.0.1', port: 1 }), brokerConfig(url)]));
    await shows(flow, { fill: 'red', shape: 'dot', text: key('unreachable') });
    flow.send({});
    await flow.ended(1);
    expect(flow.caught).toMatchObject([{ error: { code: 'EUNREACHABLE' } }]);
    await client.caughtUp();
    expect(client.messages).toEqual([]);
  });

  test('shows that its broker is unreachable; a purge is an error then', async () => {
    const nas = await simulatedNas();
    const flow = await load(NODES, flowOf(bridge(), [nasConfig(nas), brokerConfig(MISSING_PORT)]));
    await shows(flow, { fill: 'red', shape: 'dot', text: key('broker-unreachable') });
    flow.send({ topic: 'purge' });
    await flow.ended(1);
    expect(flow.caught).toMatchObject([{ error: { code: 'EUNREACHABLE', message: expect.stringMatching(/broker/) } }]);
    flow.send({});
    await flow.ended(2);
    expect(flow.completed).toHaveLength(1);
    // Still the broker, not the NAS.
    expect(flow.statuses.at(-1)).toMatchObject({ text: key('broker-unreachable') });
  });

  test('keeps its topics with a warning when its NAS returns with another serial number', async () => {
    const [nas, url] = [await simulatedNas(), await openBroker()];
    const client = await subscriber(url, '#');
    const config = [nasConfig(nas, { activePollInterval: 1, pollInterval: 5 }), brokerConfig(url)];
    const flow = await load(NODES, flowOf(bridge({ commands: true }), config));
    const warnings: string[] = [];
    const spied: NodeJS.EventEmitter = flow.node as never;
    spied.on('call:warn', (call: { firstArg: string }) => warnings.push(call.firstArg));
    const root = `active-backup/${nas.state.serialNumber.toLowerCase()}`;
    await client.received(`${root}/task/5/state`);
    const undo = nas.fail({ do: 'reset-before' });
    Object.assign(nas.state, { serialNumber: '9999SIM' });
    await client.publish(`${root}/command`, 'refresh'); // polls at once
    await shows(flow, { fill: 'red', shape: 'dot', text: key('unreachable') });
    undo();
    await until(() => warnings.length > 0);
    expect(warnings).toEqual([expect.stringMatching(/^The NAS has another serial number \(9999SIM\)/)]);
    await client.caughtUp();
    expect(client.messages.filter(({ topic }) => topic.includes('9999'))).toEqual([]);
  });

  test('reports once that its NAS refuses the login, however often something is published', async () => {
    const [nas, url] = [await simulatedNas(), await openBroker()];
    const client = await subscriber(url, '#');
    const config = [nasConfig(nas, { activePollInterval: 1, pollInterval: 5 }), brokerConfig(url)];
    const flow = await load(NODES, flowOf(bridge({ commands: true }), config));
    const root = `active-backup/${nas.state.serialNumber.toLowerCase()}`;
    await client.received(`${root}/task/5/state`);
    nas.fail({ do: 'refuse', code: 105 });
    await client.publish(`${root}/command`, 'refresh'); // polls at once
    await until(() => flow.caught.length === 1);
    client.forget();
    flow.send({});
    await client.received(`${root}/task/5/active`);
    await poll();
    await poll();
    expect(flow.caught).toHaveLength(1);
  }, 30_000);

  test.each([
    ['no NAS', { nas: '' }, /NAS/],
    ['no broker', { broker: '' }, /broker/i],
    ['a broker that was deleted', { broker: 'gone' }, /broker/i],
    ['a base topic with a wildcard', { baseTopic: 'a/#' }, /baseTopic/],
    ['an unknown detail', { detail: 'more' }, /detail/],
  ])('with %s reports an error and does nothing', async (_, properties, words) => {
    const [nas, url] = [await simulatedNas(), await openBroker()];
    const flow = await load(NODES, flowOf(bridge(properties), [nasConfig(nas), brokerConfig(url)]));
    await until(() => flow.caught.length === 1);
    expect(flow.caught[0]?.error).toMatchObject({ code: 'ECONFIG', message: expect.stringMatching(words) });
    flow.send({});
    await until(() => flow.caught.length === 2);
    expect(nas.requests).toEqual([]);
  });

  test('works if it is the first of two for one NAS; the second reports an error', async () => {
    const [nas, url] = [await simulatedNas(), await openBroker()];
    const second = { id: 'second', z: 'flow', name: '', nas: 'nas', wires: [[]], x: 0, y: 0, ...bridge() };
    const flow = flowOf(bridge(), [nasConfig(nas), brokerConfig(url), second]).map((node) =>
      ['catch', 'status'].includes(node.type) ? { ...node, scope: ['n', 'second'] } : node,
    );
    const loaded = await load(NODES, flow);
    await shows(loaded, { fill: 'red', shape: 'ring', text: key('bridge-twice') });
    await until(() => loaded.caught.length === 1);
    expect(loaded.caught[0]?.error).toMatchObject({
      code: 'ECONFIG',
      message: expect.stringMatching(/another bridge/i),
    });
    await until(() => loaded.statuses.some(({ text }) => text?.includes(key('tasks'))));
  });

  test('provides a dashboard of its entities for the editor', async () => {
    const [nas, url] = [await simulatedNas(), await openBroker()];
    const ask = (id: string): Promise<{ status: number; body: unknown }> =>
      helper.request().get(`/active-backup/bridge/${id}/dashboard`);
    const flow = await load(NODES, flowOf(bridge({ commands: true }), [nasConfig(nas), brokerConfig(url)]));
    await until(() => flow.statuses.at(-1)?.text?.includes(key('tasks')));
    const { body } = await ask('n');
    expect(body).toMatchObject({ ok: true, result: { yaml: expect.stringMatching(/^views:\n {2}- title:/) } });
    expect((body as { result: { yaml: string } }).result.yaml).toContain('entity: button.nas_reception_pc_start');
    expect(await ask('another')).toMatchObject({ status: 404, body: { ok: false, error: { code: 'ECONFIG' } } });
  });

  test('uses the configured id and base topic in topics', async () => {
    const [nas, url] = [await simulatedNas(), await openBroker()];
    const client = await subscriber(url, 'home/#');
    const properties = { nasId: 'cellar', baseTopic: 'home/backups', discovery: false };
    await load(NODES, flowOf(bridge(properties), [nasConfig(nas), brokerConfig(url)]));
    await client.received('home/backups/cellar/task/5/state');
  });
});

describeWith('mosquitto', 'a bridge whose broker', (path) => {
  test('refuses its password reports it as status and to the Catch node, without a secret', async () => {
    const mosquitto = await startMosquitto(path, { accounts: [{ name: 'bridge', password: 'right' }] });
    onTestFinished(() => mosquitto.close());
    const nas = await simulatedNas();
    const flow = await load(NODES, flowOf(bridge(), [nasConfig(nas), brokerConfig(mosquitto.url)]), {
      nas: ACCOUNT,
      broker: { username: 'bridge', password: 'planted-wrong' },
    });
    await shows(flow, { fill: 'red', shape: 'ring', text: key('broker-refuses-login') });
    await until(() => flow.caught.length === 1);
    expect(flow.caught[0]?.error).toMatchObject({ code: 'EAUTH' });
    expect(JSON.stringify([flow.caught[0]?.error, flow.statuses])).not.toContain('planted-wrong');
  });
});
