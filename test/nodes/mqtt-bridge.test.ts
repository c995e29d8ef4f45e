import { setTimeout as sleep } from 'node:timers/promises';
import type { NodeStatus } from 'node-red';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import bridgeNode from '../../nodes/mqtt-bridge/mqtt-bridge';
import brokerNode from '../../nodes/mqtt-broker/mqtt-broker';
import { startBroker } from '../../scripts/demo/broker';
import { startMosquitto } from '../support/mosquitto';
import { connectClient, retainedAt, type MqttClient } from '../support/mqtt-client';
import { describeWith } from '../support/needs';
import { ACCOUNT, flowOf, helper, load, nasConfig, simulatedNas, type Flow, type FlowNode } from './support';
import { until } from '../support/until';

const NODES = [brokerNode, bridgeNode] as const;
const V4 = { protocolVersion: 4 } as const;
const MISSING_PORT = 'mqtt://127.0.0.1:1';

const brokerConfig = (url: string, properties: Record<string, unknown> = {}): FlowNode => ({
  id: 'broker',
  type: 'active-backup-mqtt-broker',
  z: '',
  name: '',
  url,
  ...properties,
});
const bridge = (properties: Record<string, unknown> = {}): Record<string, unknown> & { type: string } => ({
  type: 'active-backup-mqtt-bridge',
  broker: 'broker',
  ...properties,
});
const key = (name: string): string => `node-red-contrib-synology-active-backup/nas:status.${name}`;

async function broker(): Promise<string> {
  const { url, close } = await startBroker(0);
  onTestFinished(close);
  return url;
}

async function listener(url: string, ...filters: string[]): Promise<MqttClient> {
  const client = await connectClient(url, V4);
  onTestFinished(() => client.close());
  await client.subscribe(...filters);
  return client;
}

/** As *Deploy* does: all nodes of all flows begin anew. */
async function redeploy(flow: readonly FlowNode[]): Promise<void> {
  // It rejects where the flows have started before it listens for that.
  await helper.setFlows(flow as never, 'full', { nas: ACCOUNT }).catch(() => undefined);
  await until(() => Boolean(helper.getNode('catch')));
}

const shows = (flow: Flow, status: NodeStatus): Promise<unknown> =>
  vi.waitFor(() => expect(flow.statuses).toContainEqual(expect.objectContaining(status)), { timeout: 25_000 });

describe('a bridge', () => {
  test('publishes its NAS, shows how many tasks, and says goodbye when it is closed', async () => {
    const [nas, url] = [await simulatedNas(), await broker()];
    const client = await listener(url, 'active-backup/#');
    const flow = await load(NODES, flowOf(bridge(), [nasConfig(nas), brokerConfig(url)]));
    const root = `active-backup/${nas.state.serialNumber.toLowerCase()}`;
    await client.received(`${root}/task/5/state`);
    await until(() => flow.statuses.at(-1)?.text?.endsWith('· 5'));
    expect(flow.statuses.at(-1)).toMatchObject({ fill: 'green', shape: 'dot' });
    expect(flow.statuses[0]).toMatchObject({ fill: 'yellow', text: key('broker-connecting') });
    const from = performance.now();
    await helper.unload();
    expect(performance.now() - from).toBeLessThan(1500);
    await client.received(({ topic, payload }) => topic === `${root}/bridge` && payload === 'offline');
    expect(flow.caught).toEqual([]);
  });

  test('is restarted by a full deploy without anybody noticing; removed, it says goodbye at once', async () => {
    const [nas, url] = [await simulatedNas({ schedules: false }), await broker()];
    const client = await listener(url, '#');
    const nodes = flowOf(bridge({ commands: true }), [nasConfig(nas), brokerConfig(url)]);
    const flow = await load(NODES, nodes);
    const root = `active-backup/${nas.state.serialNumber.toLowerCase()}`;
    await until(() => flow.statuses.at(-1)?.text?.endsWith('· 5'));
    await sleep(3000); // what an earlier bridge has left is looked for
    await client.caughtUp();
    client.forget();
    for (let deploy = 1; deploy <= 3; deploy += 1) {
      await redeploy(nodes);
      // Until the new bridge has seen the NAS it is not ready.
      await until(
        async () => {
          await client.publish(`${root}/task/9/command`, JSON.stringify({ action: 'backup', id: `${Math.random()}` }));
          await client.caughtUp();
          return client.on(`${root}/task/9/response`).some((payload) => payload.includes('unknown_task'));
        },
        { interval: 100 },
      );
      await sleep(300);
      const isTalk = (topic: string): boolean => /\/(command|response)$/.test(topic);
      expect(client.messages.filter(({ topic }) => !isTalk(topic))).toEqual([]);
      client.forget();
    }
    await redeploy(nodes.filter(({ id }) => id !== 'n'));
    await client.received(({ topic, payload }) => topic === `${root}/bridge` && payload === 'offline');
  }, 30_000);

  test('with another base topic after a deploy it says goodbye under the old one, and takes itself for no rival', async () => {
    const [nas, url] = [await simulatedNas({ schedules: false }), await broker()];
    const client = await listener(url, '+/+/bridge');
    const nodes = flowOf(bridge(), [nasConfig(nas), brokerConfig(url)]);
    const flow = await load(NODES, nodes);
    const serial = nas.state.serialNumber.toLowerCase();
    await until(() => flow.statuses.at(-1)?.text?.endsWith('· 5'));
    await redeploy(nodes.map((node) => (node.id === 'n' ? { ...node, baseTopic: 'elsewhere' } : node)));
    const warn = vi.spyOn(helper.getNode('n'), 'warn');
    await client.received(({ topic, payload }) => topic === `elsewhere/${serial}/bridge` && payload === 'online');
    expect(client.on(`active-backup/${serial}/bridge`)).toEqual(['online', 'offline']);
    await sleep(4000);
    expect(warn).not.toHaveBeenCalled();
  }, 20_000);

  test('publishes everything again for a message, and removes everything for "purge"', async () => {
    const [nas, url] = [await simulatedNas(), await broker()];
    const client = await listener(url, '#');
    const flow = await load(NODES, flowOf(bridge(), [nasConfig(nas), brokerConfig(url)]));
    await until(() => flow.statuses.at(-1)?.text?.endsWith('· 5'), { timeout: 25_000 });
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
    await until(async () => (await retainedAt(url, '#', V4)).size > 10, { timeout: 5000 });
  });

  test('sends on what became of each command', async () => {
    const [nas, url] = [await simulatedNas(), await broker()];
    const client = await listener(url, 'active-backup/#');
    const flow = await load(NODES, flowOf(bridge({ commands: 'true' }), [nasConfig(nas), brokerConfig(url)]));
    const root = `active-backup/${nas.state.serialNumber.toLowerCase()}`;
    await client.received(`${root}/task/5/state`);
    await client.publish(`${root}/task/1/command`, '{"action":"backup","id":"x"}');
    await client.publish(`${root}/task/9/command`, 'backup');
    await until(() => flow.out[0]?.length === 2, { timeout: 5000 });
    const bySender = [...(flow.out[0] ?? [])].sort((one, other) =>
      String(one.topic).localeCompare(String(other.topic)),
    );
    const asked = {
      id: nas.state.serialNumber.toLowerCase(),
      name: 'NAS',
      api: 'SYNO.ActiveBackup.Task',
      method: 'backup',
    };
    expect(bySender).toMatchObject([
      {
        topic: `${root}/task/1/command`,
        taskId: 1,
        payload: { id: 'x', action: 'backup', status: 'done' },
        nas: asked,
      },
      {
        topic: `${root}/task/9/command`,
        taskId: 9,
        nas: asked,
        payload: { action: 'backup', status: 'rejected', reason: 'unknown_task' },
      },
    ]);
  });

  test('says in msg.nas which NAS a command was for, by the id in its topics, and that a refresh asks for no method', async () => {
    const [nas, url] = [await simulatedNas(), await broker()];
    const client = await listener(url, 'active-backup/#');
    const flow = await load(
      NODES,
      flowOf(bridge({ commands: true, nasId: 'cellar' }), [nasConfig(nas, { name: 'Cellar NAS' }), brokerConfig(url)]),
    );
    await client.received('active-backup/cellar/task/5/state');
    await client.publish('active-backup/cellar/command', 'refresh');
    await until(() => flow.out[0]?.length === 1, { timeout: 5000 });
    expect(flow.out[0]?.[0]).toMatchObject({ taskId: null, payload: { action: 'refresh', status: 'done' } });
    expect(flow.out[0]?.[0]?.nas).toEqual({ id: 'cellar', name: 'Cellar NAS', api: null, method: null });
  });

  test('waits for a NAS that is away, publishes nothing until it has said who it is', async () => {
    const url = await broker();
    const client = await listener(url, '#');
    const flow = await load(NODES, flowOf(bridge(), [nasConfig({ host: '127.0.0.1', port: 1 }), brokerConfig(url)]));
    await shows(flow, { fill: 'red', shape: 'dot', text: key('unreachable') });
    flow.send({});
    await flow.ended(1);
    expect(flow.caught).toMatchObject([{ error: { code: 'EUNREACHABLE' } }]);
    await client.caughtUp();
    expect(client.messages).toEqual([]);
  });

  test('says that its broker is away, and purging then is an error', async () => {
    const nas = await simulatedNas();
    const flow = await load(NODES, flowOf(bridge(), [nasConfig(nas), brokerConfig(MISSING_PORT)]));
    await shows(flow, { fill: 'red', shape: 'dot', text: key('broker-unreachable') });
    flow.send({ topic: 'purge' });
    await flow.ended(1);
    expect(flow.caught).toMatchObject([{ error: { code: 'EUNREACHABLE', message: expect.stringMatching(/broker/) } }]);
    flow.send({});
    await flow.ended(2);
    expect(flow.completed).toHaveLength(1);
    // Not the NAS: the broker is still what is wrong.
    expect(flow.statuses.at(-1)).toMatchObject({ text: key('broker-unreachable') });
  });

  test('keeps its topics when its NAS comes back with another serial number, and says so', async () => {
    const [nas, url] = [await simulatedNas(), await broker()];
    const client = await listener(url, '#');
    const config = [nasConfig(nas, { activePollInterval: 1, pollInterval: 5 }), brokerConfig(url)];
    const flow = await load(NODES, flowOf(bridge({ commands: true }), config));
    const warnings: string[] = [];
    const spied: NodeJS.EventEmitter = flow.node as never;
    spied.on('call:warn', (call: { firstArg: string }) => warnings.push(call.firstArg));
    const root = `active-backup/${nas.state.serialNumber.toLowerCase()}`;
    await client.received(`${root}/task/5/state`);
    const undo = nas.fail({ do: 'reset-before' });
    Object.assign(nas.state, { serialNumber: '9999SIM' });
    await client.publish(`${root}/command`, 'refresh'); // looks at once
    await shows(flow, { fill: 'red', shape: 'dot', text: key('unreachable') });
    undo();
    await until(() => warnings.length > 0, { timeout: 25_000 });
    expect(warnings).toEqual([expect.stringMatching(/^The NAS has another serial number \(9999SIM\)/)]);
    await client.caughtUp();
    expect(client.messages.filter(({ topic }) => topic.includes('9999'))).toEqual([]);
  }, 20_000);

  test('tells once that its NAS refuses the login, however often something is published', async () => {
    const [nas, url] = [await simulatedNas(), await broker()];
    const client = await listener(url, '#');
    const config = [nasConfig(nas, { activePollInterval: 1, pollInterval: 5 }), brokerConfig(url)];
    const flow = await load(NODES, flowOf(bridge({ commands: true }), config));
    const root = `active-backup/${nas.state.serialNumber.toLowerCase()}`;
    await client.received(`${root}/task/5/state`);
    nas.fail({ do: 'refuse', code: 105 });
    await client.publish(`${root}/command`, 'refresh'); // looks at once
    await until(() => flow.caught.length === 1, { timeout: 25_000 });
    client.forget();
    flow.send({});
    await client.received(`${root}/task/5/active`);
    await sleep(3000); // looks that fail without a request cannot be counted: one or two of them
    expect(flow.caught).toHaveLength(1);
  }, 30_000);

  test.each([
    ['no NAS', { nas: '' }, /NAS/],
    ['no broker', { broker: '' }, /broker/i],
    ['a broker that was deleted', { broker: 'gone' }, /broker/i],
    ['a base topic with a wildcard', { baseTopic: 'a/#' }, /baseTopic/],
    ['a detail nobody knows', { detail: 'more' }, /detail/],
  ])('with %s is an error that says so, and does nothing', async (_, properties, words) => {
    const [nas, url] = [await simulatedNas(), await broker()];
    const flow = await load(NODES, flowOf(bridge(properties), [nasConfig(nas), brokerConfig(url)]));
    await until(() => flow.caught.length === 1);
    expect(flow.caught[0]?.error).toMatchObject({ code: 'ECONFIG', message: expect.stringMatching(words) });
    flow.send({});
    await until(() => flow.caught.length === 2);
    expect(nas.requests).toEqual([]);
  });

  test('of which two are there for one NAS: the first works, the second says it', async () => {
    const [nas, url] = [await simulatedNas(), await broker()];
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
    await until(() => loaded.statuses.some(({ text }) => text?.endsWith('· 5')), { timeout: 25_000 });
  });

  test('gives the editor a dashboard of what it announces', async () => {
    const [nas, url] = [await simulatedNas(), await broker()];
    const ask = (id: string): Promise<{ status: number; body: unknown }> =>
      helper.request().get(`/active-backup/bridge/${id}/dashboard`);
    const flow = await load(NODES, flowOf(bridge({ commands: true }), [nasConfig(nas), brokerConfig(url)]));
    await until(() => flow.statuses.at(-1)?.text?.endsWith('· 5'), { timeout: 25_000 });
    const { body } = await ask('n');
    expect(body).toMatchObject({ ok: true, result: { yaml: expect.stringMatching(/^views:\n {2}- title:/) } });
    expect((body as { result: { yaml: string } }).result.yaml).toContain('entity: button.nas_reception_pc_start');
    expect(await ask('another')).toMatchObject({ status: 404, body: { ok: false, error: { code: 'ECONFIG' } } });
  });

  test('calls the NAS in topics as it is told to', async () => {
    const [nas, url] = [await simulatedNas(), await broker()];
    const client = await listener(url, 'home/#');
    const properties = { nasId: 'cellar', baseTopic: 'home/backups', discovery: false };
    await load(NODES, flowOf(bridge(properties), [nasConfig(nas), brokerConfig(url)]));
    await client.received('home/backups/cellar/task/5/state');
  });

  test('is opened and closed twenty times and leaves nothing behind', async () => {
    const [nas, url] = [await simulatedNas(), await broker()];
    const flow = flowOf(bridge(), [nasConfig(nas), brokerConfig(url)]);
    const client = await listener(url, 'active-backup/+/bridge');
    for (let times = 0; times < 20; times += 1) {
      const online = client.on(client.messages[0]?.topic ?? '').filter((payload) => payload === 'online').length;
      await load(NODES, flow);
      await until(
        () => client.on(client.messages[0]?.topic ?? '').filter((payload) => payload === 'online').length > online,
        { timeout: 5000, interval: 5 },
      );
      const from = performance.now();
      await helper.unload();
      expect(performance.now() - from).toBeLessThan(1500);
    }
    await until(() => nas.sessions === 0);
    // The last one says its goodbye after Node-RED has stopped.
    await until(() => openHandles().sockets < 10);
  }, 60_000);
});

/** What would keep the process alive. */
function openHandles(): { sockets: number } {
  const resources = process.getActiveResourcesInfo();
  return { sockets: resources.filter((resource) => resource === 'TCPSocketWrap').length };
}

describeWith('mosquitto', 'a bridge whose broker', (path) => {
  test('refuses its password says so under the node and to the Catch node, and names no secret', async () => {
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
