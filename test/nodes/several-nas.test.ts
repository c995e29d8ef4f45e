import { expect, test } from 'vitest';
import eventsNode from '../../nodes/events/events';
import taskBackupNode from '../../nodes/task-backup/task-backup';
import taskListNode from '../../nodes/task-list/task-list';
import type { NasEvent } from '../../src/monitor/events';
import { until } from '../support/until';
import { ACCOUNT, flowOf, helper, load, nasConfig, simulatedNas, type Flow, type FlowNode } from './support';

const NODES = [eventsNode, taskBackupNode, taskListNode];
const EVENTS = { id: 'events', type: 'active-backup-events', z: 'flow', name: '', x: 0, y: 0, nas: 'nas' };

/** A flow with a node, an events node, and this number of NAS nodes. */
async function open(nasNodes: number, node: { type: string } & Record<string, unknown>): Promise<Flow> {
  const nas = await simulatedNas({ schedules: false, speed: 0 });
  const others = Array.from({ length: nasNodes - 1 }, (_, index): FlowNode => ({
    ...nasConfig(nas, { name: 'Another NAS' }),
    id: `another ${index}`,
  }));
  const config = [nasConfig(nas, { name: 'Office NAS', pollInterval: 86_400 }), ...others];
  const flow = flowOf(node, config, 2).map((each) => (each.type === 'status' ? { ...each, scope: null } : each));
  return load(NODES, [...flow, { ...EVENTS, wires: [['out1']] }], { nas: ACCOUNT });
}

/** The error of a refused start, and text and statuses of its event. */
async function refusedStart(nasNodes: number): Promise<{ error: string; text: string; statuses: Flow['statuses'] }> {
  const flow = await open(nasNodes, { type: 'active-backup-task-backup', tasks: '5' });
  flow.send({}); // its device is offline
  await flow.ended(1);
  await until(() => flow.out[1]?.length === 1);
  const payload = flow.out[1]?.[0]?.payload as NasEvent & { text: string };
  return {
    error: flow.caught[0]?.error.message ?? '',
    text: payload.text,
    statuses: flow.statuses,
  };
}

test('with one NAS node no text names the NAS', async () => {
  const { error, text } = await refusedStart(1);
  expect(error).toMatch(/^Anna’s laptop \(5\): /);
  expect(text).not.toContain('Office NAS');
});

test('with a second NAS node errors, texts of events and statuses name their NAS', async () => {
  const { error, text, statuses } = await refusedStart(2);
  expect(error).toMatch(/^Office NAS: Anna’s laptop \(5\): /);
  expect(text).toMatch(/^Office NAS: /);
  await until(() => statuses.some((status) => status.text?.endsWith('Office NAS · Anna’s laptop')));
});

test('after the second NAS node is removed no text names the NAS', async () => {
  await refusedStart(2);
  await helper.unload();
  expect((await refusedStart(1)).error).toMatch(/^Anna’s laptop \(5\): /);
});

test('an error of a node without a NAS names no NAS', async () => {
  const flow = await open(2, { type: 'active-backup-task-list', nas: '' });
  flow.send({});
  await flow.ended(1);
  expect(flow.caught[0]?.error).toMatchObject({
    code: 'ECONFIG',
    message: expect.stringMatching(/^No NAS is chosen/) as string,
  });
});

test('an error of a NAS whose settings are wrong names that NAS', async () => {
  const nas = await simulatedNas();
  const config = [nasConfig(nas), { ...nasConfig(nas, { name: 'Cellar', host: '' }), id: 'cellar' }];
  const flow = await load(NODES, flowOf({ type: 'active-backup-task-list', nas: 'cellar' }, config));
  flow.send({});
  await flow.ended(1);
  expect(flow.caught[0]?.error).toMatchObject({
    code: 'ECONFIG',
    message: expect.stringMatching(/^Cellar: /) as string,
  });
});
