import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { startBroker } from '../../scripts/demo/broker';
import type { Nas } from '../nas/index';
import { startMosquitto } from '../support/mosquitto';
import type { MqttClient } from '../support/mqtt-client';
import { describeWith } from '../support/needs';
import { tempDir } from '../support/temp-dir';
import { until } from '../support/until';
import { brokerConfig, NODES, openBroker, poll, subscriber } from './mqtt-bridge-support';
import { flowOf, helper, load, nasConfig, simulatedNas, type Flow, type FlowNode } from './support';

/** The number of tasks in a status, which the test helper of Node-RED does not translate. */
const TASKS = 'node-red-contrib-synology-active-backup/nas:status.tasks';

const bridge = (id: string): FlowNode => ({
  ...{ id, type: 'active-backup-mqtt-bridge', z: 'flow', name: '', nas: 'nas', broker: 'broker' },
  ...{ wires: [[]], x: 0, y: 0 },
});

/** A user directory of Node-RED for one test. */
async function userDir(): Promise<string> {
  const { path, remove } = await tempDir('deletion');
  onTestFinished(remove);
  helper.settings({ userDir: path });
  return path;
}

/** Runs a backup of task 1. @returns the id of its result */
function runBackup(nas: Nas): number {
  nas.state.startRun(1);
  nas.clock.advance(60);
  nas.state.endRun(1, 'success');
  return nas.state.resultsOf(1).at(-1)!.id;
}

const finishedAt = (client: MqttClient, root: string): unknown[] =>
  client
    .on(`${root}/event`)
    .map((payload) => JSON.parse(payload) as Record<string, unknown>)
    .filter(({ event_type: event }) => event === 'backup_succeeded')
    .map(({ result_id: id }) => id);

const isPublished = (flow: Flow): Promise<unknown> =>
  until(() => flow.statuses.some(({ text }) => text?.includes(TASKS)));

test('a bridge that waits for another one publishes the events that the other one does not, and none twice', async () => {
  await userDir();
  const url = await openBroker();
  const nas = await simulatedNas({ speed: 0, schedules: false });
  const client = await subscriber(url, '#');
  const nodes = [
    ...flowOf(bridge('n'), [nasConfig(nas, { pollInterval: 86_400, activePollInterval: 3600 }), brokerConfig(url)]),
    bridge('second'),
  ];
  const flow = await load(NODES, nodes);
  const root = `active-backup/${nas.state.serialNumber.toLowerCase()}`;
  await isPublished(flow);
  await poll(); // the first poll of the waiting bridge
  const first = runBackup(nas);
  await poll();
  await until(() => finishedAt(client, root).includes(first));
  await client.caughtUp();
  const left = nodes.filter(({ id }) => id !== 'n');
  await helper.setFlows(left, 'nodes');
  const second = runBackup(nas); // no bridge is active now
  await poll();
  await until(() => finishedAt(client, root).includes(second));
  const third = runBackup(nas);
  await poll();
  await until(() => finishedAt(client, root).includes(third));
  await client.caughtUp();
  expect(finishedAt(client, root)).toEqual([first, second, third]);
}, 40_000);

test('a deleted bridge leaves neither undelivered events nor a listener in the state of the NAS', async () => {
  const path = await userDir();
  const broker = await startBroker(0);
  const nas = await simulatedNas({ speed: 0, schedules: false });
  const events = join(path, 'active-backup', 'n.events.jsonl');
  const stateOfNas = (): string => readFileSync(join(path, 'active-backup', 'nas.json'), 'utf8');
  const nodes = flowOf(bridge('n'), [
    nasConfig(nas, { pollInterval: 86_400, activePollInterval: 3600 }),
    brokerConfig(broker.url),
  ]);
  const flow = await load(NODES, nodes);
  await isPublished(flow);
  await broker.close();
  runBackup(nas);
  await poll();
  await until(() => existsSync(events) && stateOfNas().includes('"n"'));
  // A disabled node may be enabled again.
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
  await until(() => !stateOfNas().includes('"n"'));
}, 40_000);

describeWith('mosquitto', 'a bridge whose broker', (path) => {
  test('refuses one topic shows a yellow dot that names it', async () => {
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
      text: expect.stringMatching(new RegExp(`${TASKS} · \\d\\d:\\d\\d · ⚠ ${topic}$`)),
    });
  });
});
