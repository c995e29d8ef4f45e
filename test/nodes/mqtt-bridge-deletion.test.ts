import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import bridgeNode from '../../nodes/mqtt-bridge/mqtt-bridge';
import brokerNode from '../../nodes/mqtt-broker/mqtt-broker';
import { startBroker } from '../../scripts/demo/broker';
import { getNas } from '../../src/node-red/nas-registry';
import type { Nas } from '../nas';
import { startMosquitto } from '../support/mosquitto';
import { connectClient, type MqttClient } from '../support/mqtt-client';
import { describeWith } from '../support/needs';
import { tempDir } from '../support/temp-dir';
import { until } from '../support/until';
import { flowOf, helper, load, nasConfig, simulatedNas, type Flow, type FlowNode } from './support';

const NODES = [brokerNode, bridgeNode] as const;
const V4 = { protocolVersion: 4 } as const;

const brokerConfig = (url: string): FlowNode => ({
  id: 'broker',
  type: 'active-backup-mqtt-broker',
  z: '',
  name: '',
  url,
});
const bridge = (id: string): FlowNode => ({
  ...{ id, type: 'active-backup-mqtt-bridge', z: 'flow', name: '', nas: 'nas', broker: 'broker' },
  ...{ wires: [[]], x: 0, y: 0 },
});

/** Node-RED's own folder, for the life of a test. */
async function userDir(): Promise<string> {
  const { path, remove } = await tempDir('deletion');
  onTestFinished(remove);
  helper.settings({ userDir: path });
  return path;
}

/** What a broker holds and what comes, but for the bridges. */
async function listener(url: string): Promise<MqttClient> {
  const client = await connectClient(url, V4);
  onTestFinished(() => client.close());
  await client.subscribe('#');
  return client;
}

/** A backup that has ended; polled when the bridges listen. */
function run(nas: Nas): number {
  nas.state.startRun(1);
  nas.clock.advance(60);
  nas.state.endRun(1, 'success');
  return nas.state.resultsOf(1).at(-1)!.id;
}

/** Polls the NAS once, until that has been worked on. */
async function poll(): Promise<void> {
  const { poller: watch } = getNas({ nodes: helper }, 'nas');
  await new Promise<void>((resolve) => {
    let isNext = false;
    const undo = watch.subscribe(() => {
      if (!isNext) return;
      undo();
      resolve();
    });
    isNext = true;
    watch.pollNow();
  });
}

const endsAt = (client: MqttClient, root: string): unknown[] =>
  client
    .on(`${root}/event`)
    .map((payload) => JSON.parse(payload) as Record<string, unknown>)
    .filter(({ event_type: event }) => event === 'backup_succeeded')
    .map(({ result_id: id }) => id);

const isPublished = (flow: Flow): Promise<unknown> =>
  until(() => flow.statuses.some(({ text }) => text?.endsWith('· 5')));

test('a bridge that waits for the place of another one publishes what that does not any more, and nothing twice', async () => {
  await userDir();
  const { url, close } = await startBroker(0);
  onTestFinished(close);
  const nas = await simulatedNas({ speed: 0, schedules: false });
  const client = await listener(url);
  const nodes = [
    ...flowOf(bridge('n'), [nasConfig(nas, { pollInterval: 86_400, activePollInterval: 3600 }), brokerConfig(url)]),
    bridge('second'),
  ];
  const flow = await load(NODES, nodes);
  const root = `active-backup/${nas.state.serialNumber.toLowerCase()}`;
  await isPublished(flow);
  await poll(); // the waiting one has had its first poll, too
  const first = run(nas);
  await poll();
  await until(() => endsAt(client, root).includes(first));
  await client.caughtUp();
  const left = nodes.filter(({ id }) => id !== 'n');
  await helper.setFlows(left, 'nodes');
  const second = run(nas); // nobody has the place now
  await poll();
  await until(() => endsAt(client, root).includes(second));
  const third = run(nas);
  await poll();
  await until(() => endsAt(client, root).includes(third));
  await client.caughtUp();
  expect(endsAt(client, root)).toEqual([first, second, third]);
}, 40_000);

test('of a bridge that is deleted nothing is kept: no event that waits for its broker, no place in the feed', async () => {
  const path = await userDir();
  const broker = await startBroker(0);
  const nas = await simulatedNas({ speed: 0, schedules: false });
  const events = join(path, 'active-backup', 'n.events.jsonl');
  const known = (): string => readFileSync(join(path, 'active-backup', 'nas.json'), 'utf8');
  const nodes = flowOf(bridge('n'), [
    nasConfig(nas, { pollInterval: 86_400, activePollInterval: 3600 }),
    brokerConfig(broker.url),
  ]);
  const flow = await load(NODES, nodes);
  await isPublished(flow);
  await broker.close();
  run(nas);
  await poll();
  await until(() => existsSync(events) && known().includes('"n"'));
  // A disabled node may come back.
  await helper.setFlows(
    nodes.map((node) => (node.id === 'n' ? { ...node, d: true } : node)),
    'nodes',
  );
  expect(existsSync(events)).toBe(true);
  await helper.setFlows(nodes, 'nodes');
  await until(() => Boolean(helper.getNode('n')));
  await helper.setFlows(
    nodes.filter(({ id }) => id !== 'n'),
    'nodes',
  );
  await until(() => !existsSync(events));
  await until(() => !known().includes('"n"'));
}, 40_000);

describeWith('mosquitto', 'a bridge whose broker', (path) => {
  test('does not take one topic shows a yellow dot that names it', async () => {
    const nas = await simulatedNas();
    const topic = `homeassistant/device/active_backup_${nas.state.serialNumber.toLowerCase()}_task_1/config`;
    const mosquitto = await startMosquitto(path, {
      accounts: [{ name: 'bridge', password: 'right' }],
      acl: ['user bridge', 'topic readwrite #', `topic deny ${topic}`],
    });
    onTestFinished(() => mosquitto.close());
    const flow = await load(NODES, flowOf(bridge('n'), [nasConfig(nas), brokerConfig(mosquitto.url)]), {
      nas: { username: 'admin', password: 'synology' },
      broker: { username: 'bridge', password: 'right' },
    });
    await until(() => flow.statuses.at(-1)?.text?.includes('⚠'));
    expect(flow.statuses.at(-1)).toMatchObject({
      ...{ fill: 'yellow', shape: 'dot' },
      text: expect.stringMatching(new RegExp(`· 5 · ⚠ ${topic}$`)),
    });
  });
});
