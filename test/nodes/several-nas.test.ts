import { expect, test } from 'vitest';
import eventsNode from '../../nodes/events/events';
import taskBackupNode from '../../nodes/task-backup/task-backup';
import taskListNode from '../../nodes/task-list/task-list';
import type { NasEvent } from '../../src/monitor/events';
import { until } from '../support/until';
import {
  ACCOUNT,
  connectionOf,
  flowOf,
  helper,
  load,
  nasConfig,
  simulatedNas,
  type Flow,
  type FlowNode,
} from './support';

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
  await until(() => statuses.some((status) => status.text?.startsWith('Office NAS · Anna’s laptop · ')));
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

const IDS = { id: 'another 0', name: 'Another NAS' };

test.each([
  [
    'its id and name, as an output of another node has them',
    (id: string) => ({ id, name: 'x', api: null, method: null }),
  ],
  ['its name', () => 'Another NAS'],
  ['the id of its node', () => IDS.id],
])('a task backup node without a NAS acts on the NAS that msg.nas names by %s', async (_, named) => {
  const [office, other] = [
    await simulatedNas({ schedules: false, speed: 0 }),
    await simulatedNas({ schedules: false, speed: 0 }),
  ];
  const config = [nasConfig(office, { name: 'Office NAS' }), { ...nasConfig(other, { name: IDS.name }), id: IDS.id }];
  const node = { type: 'active-backup-task-backup', nas: '', tasks: '1' };
  const flow = await load(NODES, flowOf(node, config, 2), { nas: ACCOUNT, [IDS.id]: ACCOUNT });
  await connectionOf(IDS.id).identity.resolve();
  flow.send({ nas: named(connectionOf(IDS.id).identity.id) });
  await flow.ended(1);
  expect(flow.caught).toEqual([]);
  expect(flow.out[0]?.[0]?.nas).toMatchObject({ name: IDS.name, method: 'backup' });
  expect([office.received('backup').length, other.received('backup').length]).toEqual([0, 1]);
});

test('msg.nas does not change the NAS of a node that is set to one', async () => {
  const flow = await open(2, { type: 'active-backup-task-backup', tasks: '1' });
  flow.send({ nas: IDS.name });
  await flow.ended(1);
  expect(flow.out[0]?.[0]?.nas).toMatchObject({ name: 'Office NAS' });
});

test.each([
  [undefined, 'ECONFIG', /^No NAS is chosen/],
  ['Cellar', 'EPARAM', /^msg\.nas names no deployed NAS: "Cellar"/],
  [IDS.name, 'EPARAM', /^msg\.nas names several NAS nodes: Another NAS$/],
])('without a NAS, msg.nas %o is %s and starts nothing', async (nas, code, message) => {
  const flow = await open(3, { type: 'active-backup-task-backup', nas: '', tasks: '1' });
  flow.send({ nas });
  await flow.ended(1);
  expect(flow.caught[0]?.error).toMatchObject({ code, message: expect.stringMatching(message) as string });
});
