import type { NodeInitializer } from 'node-red';
import { describe, expect, test } from 'vitest';
import aemInfoNode from '../../nodes/aem-info/aem-info';
import apiRequestNode from '../../nodes/api-request/api-request';
import eventsNode from '../../nodes/events/events';
import shareStorageNode from '../../nodes/share-storage/share-storage';
import taskBackupNode from '../../nodes/task-backup/task-backup';
import taskListNode from '../../nodes/task-list/task-list';
import type { Message } from '../../src/node-red/types';
import type { Nas, NasOptions } from '../nas/index';
import {
  beside,
  flowOf,
  helper,
  inputsOf,
  load,
  nasConfig,
  sendTo,
  simulatedNas,
  type Flow,
  type FlowNode,
} from './support';
import { until } from '../support/until';

type Properties = Record<string, unknown>;

const NODES: readonly NodeInitializer[] = [
  aemInfoNode,
  apiRequestNode,
  eventsNode,
  shareStorageNode,
  taskBackupNode,
  taskListNode,
];

async function open(
  node: Partial<FlowNode> & { type: string },
  { options = {}, nas = {}, nodes = [] }: { options?: NasOptions; nas?: Properties; nodes?: readonly FlowNode[] } = {},
): Promise<Flow & { nas: Nas }> {
  const simulated = await simulatedNas({ schedules: false, speed: 0, ...options });
  const flow = flowOf(node, [nasConfig(simulated, { access: 'delete', name: 'Office NAS', ...nas })], 2);
  return { ...(await load(NODES, [...flow, ...nodes])), nas: simulated };
}

describe('msg.nas', () => {
  test.each<[string, Properties, Properties, string, string]>([
    ['task-list', {}, {}, 'SYNO.ActiveBackup.Task', 'list'],
    ['task-list', { output: 'messages' }, {}, 'SYNO.ActiveBackup.Task', 'list'],
    ['task-backup', { tasks: '1' }, {}, 'SYNO.ActiveBackup.Task', 'backup'],
    ['task-backup', { operation: 'cancel_waiting_backup' }, {}, 'SYNO.ActiveBackup.Task', 'cancel_waiting_backup'],
    ['share-storage', {}, {}, 'SYNO.ActiveBackup.Share', 'overview'],
    ['aem-info', {}, {}, 'SYNO.ActiveBackup.AEM', 'get_info'],
    [
      'api-request',
      {},
      { api: 'SYNO.ActiveBackup.Log', operation: 'list_result' },
      'SYNO.ActiveBackup.Log',
      'list_result',
    ],
  ])('of %s %j contains the NAS and the call', async (name, properties, msg, api, method) => {
    const flow = await open({ type: `active-backup-${name}`, ...properties });
    const serial = flow.nas.state.serialNumber.toLowerCase();
    flow.send(msg);
    await flow.ended(1);
    for (const { nas } of flow.out[0] ?? []) expect(nas).toEqual({ id: serial, name: 'Office NAS', api, method });
    expect(flow.out[0]?.length).toBeGreaterThan(0);
  });

  test('takes one request for any number of messages', async () => {
    const flow = await open({ type: 'active-backup-task-list' });
    for (let count = 1; count <= 5; count += 1) {
      flow.send({});
      await flow.ended(count);
    }
    expect(flow.nas.requests.filter(({ api }) => api === 'SYNO.ActiveBackup.Activation')).toHaveLength(1);
  });

  test('has the host as its id where the NAS refuses its serial number', async () => {
    const flow = await open({ type: 'active-backup-task-list' });
    flow.nas.fail({ on: { api: 'SYNO.ActiveBackup.Activation' }, do: 'refuse', code: 1001 });
    flow.nas.fail({ on: { api: 'SYNO.DSM.Info' }, do: 'refuse', code: 103 });
    flow.send({});
    await flow.ended(1);
    expect(flow.out[0]?.[0]?.nas).toMatchObject({ id: '127_0_0_1', method: 'list' });
  });
});

describe('overrides', () => {
  test.each<[string, Properties, Properties]>([
    ['task-list', {}, { operation: 'list', params: { limit: 2 }, filter: { type: ['pc'] } }],
    ['task-list', { output: 'messages' }, { operation: 'list', params: {}, filter: {} }],
    ['task-backup', {}, { operation: 'backup', params: {}, tasks: 1, startWhen: 'now' }],
    ['share-storage', {}, { operation: 'list', params: {} }],
    ['aem-info', {}, { operation: 'get_info', params: {} }],
    ['api-request', {}, { api: 'SYNO.ActiveBackup.Log', operation: 'list_result', params: { limit: 1 } }],
  ])('of a message are removed by the node that reads them: %s %j', async (name, properties, msg) => {
    const flow = await open({ type: `active-backup-${name}`, ...properties });
    flow.send({ ...msg, mine: { kept: true } });
    await flow.ended(1);
    expect(flow.caught).toEqual([]);
    expect(flow.out[0]?.length).toBeGreaterThan(0);
    for (const out of flow.out[0] ?? []) {
      expect(out).toMatchObject({ mine: { kept: true } });
      for (const override of Object.keys(msg)) expect(out).not.toHaveProperty(override);
    }
  });

  test('stay in the message of the Catch node, so that a flow can try again', async () => {
    const flow = await open({ type: 'active-backup-task-backup' });
    flow.nas.fail({ on: { method: 'backup' }, do: 'refuse', code: 5001 });
    flow.send({ tasks: 1, operation: 'backup' });
    await flow.ended(1);
    expect(flow.caught[0]).toMatchObject({ tasks: 1, operation: 'backup' });
  });

  test('set by a flow between two nodes apply, also when they equal those of the first node', async () => {
    const flow = await open(
      { type: 'active-backup-task-backup', operation: 'remove', tasks: '2' },
      {
        nodes: [
          beside('first', 'active-backup-task-backup', { operation: 'cancel_waiting_backup', wires: [['set'], []] }),
          beside('set', 'helper'),
        ],
      },
    );
    helper.getNode('set').on('input', (msg: unknown) => {
      sendTo('n', { ...(msg as Message), operation: 'cancel' });
    });
    sendTo('first', {});
    await flow.ended(1);
    expect(flow.nas.received('remove')).toEqual([]);
    expect(flow.nas.received('cancel')).toHaveLength(1);
  });
});

test.each(['', ' ', [], [''], null, {}])(
  'msg.tasks = %j with "all tasks" and "remove" is EPARAM and removes nothing',
  async (tasks) => {
    const flow = await open({ type: 'active-backup-task-backup', operation: 'remove', tasksType: 'all' });
    flow.send({ tasks });
    flow.send({ params: { task_ids: tasks } });
    await flow.ended(2);
    expect(flow.caught.map(({ error }) => error.code)).toEqual(['EPARAM', 'EPARAM']);
    expect(flow.nas.received('remove')).toEqual([]);
    expect(flow.nas.state.tasks).toHaveLength(5);
  },
);

describe('a value that is not plain data', () => {
  const cyclic: Properties = { id: 1 };
  cyclic['self'] = cyclic;
  const thrower = Object.defineProperty({}, 'id', {
    enumerable: true,
    get: () => {
      throw new TypeError('a getter throws');
    },
  });
  const deep = JSON.parse(`${'['.repeat(5000)}1${']'.repeat(5000)}`) as unknown;
  const VALUES: readonly (readonly [string, unknown])[] = [
    ['cyclic', cyclic],
    ['a cyclic list', [cyclic]],
    ['a BigInt', 1n],
    ['a list with a BigInt', [1, 2n]],
    ['a function', () => 1],
    ['a symbol', Symbol('task')],
    ['an object with a getter that throws', thrower],
    ['deeply nested', deep],
    ['a huge list', Array.from({ length: 200_000 }, () => 'no such task')],
    ['a huge text', 'x'.repeat(1_000_000)],
    ['a proxy that throws', new Proxy([], { get: (_, name) => (name === 'length' ? fail() : undefined) })],
  ];
  const PLACES: readonly (readonly [string, string, (value: unknown) => Properties])[] = [
    ['msg.tasks', 'task-backup', (tasks) => ({ tasks })],
    ['task_ids', 'task-backup', (ids) => ({ params: { task_ids: ids } })],
    [
      'another parameter',
      'task-backup',
      (value) => ({ tasks: 1, params: { other: typeof value === 'string' ? 1n : value } }),
    ],
    ['msg.params', 'task-list', (params) => ({ params: typeof params === 'string' ? { limit: params } : params })],
    ['msg.operation', 'task-list', (operation) => ({ operation })],
    ['msg.filter', 'task-list', (filter) => ({ filter: filter === cyclic ? [filter] : filter })],
    ['a part of msg.filter', 'task-list', (name) => ({ filter: { name } })],
    ['a word of msg.filter', 'task-list', (type) => ({ filter: { type } })],
    ['msg.api', 'api-request', (api) => ({ api, operation: 'list' })],
  ];

  test.each(PLACES)('in %s of %s is EPARAM with a short message, and nothing is sent', async (_, name, msgOf) => {
    const flow = await open({ type: `active-backup-${name}`, operation: name === 'task-backup' ? 'remove' : 'list' });
    for (const [, value] of VALUES) {
      const before = flow.caught.length;
      flow.send(msgOf(value));
      await flow.ended(before + 1);
    }
    for (const [index, { error }] of flow.caught.entries()) {
      expect(error, VALUES[index]?.[0]).toMatchObject({ code: 'EPARAM' });
      expect(error.message.length, error.message.slice(0, 200)).toBeLessThan(400);
    }
    expect(flow.caught).toHaveLength(VALUES.length);
    expect(flow.nas.requests.filter(({ method }) => method === 'remove' || name !== 'task-backup')).toEqual([]);
  });

  function fail(): never {
    throw new TypeError('a proxy throws');
  }
});

describe('a start or cancel that is refused', () => {
  test.each<[string, number, string]>([
    ['backup', 5001, 'Reception PC (1): its device is offline'],
    ['backup', 1104, 'Reception PC (1): its backup window does not allow a backup now'],
    ['backup', 1105, 'Reception PC (1): its backup window does not allow a backup now'],
    ['backup', 4005, 'Reception PC (1): a backup of it is already running'],
    ['backup', 4007, 'Reception PC (1): a backup of it is already running or waiting'],
    ['backup', 1010, 'Reception PC (1): the task does not exist any more'],
    ['backup', 1202, 'Reception PC (1): another job of it is in progress'],
    ['backup', 1204, 'Reception PC (1): a backup holds what this job needs'],
    ['backup', 1036, 'Reception PC (1): the account has no delegation'],
    ['backup', 9999, 'Reception PC (1): Active Backup refuses it'],
    ['cancel', 1201, 'Reception PC (1): it has no run that could be cancelled'],
  ])(
    '(%s, code %i) names the task and its id in the error, and is an event with the reason',
    async (operation, code, words) => {
      const flow = await open(
        { type: 'active-backup-task-backup', operation, tasks: '1' },
        {
          nodes: [
            beside('events', 'active-backup-events', { events: ['backup_refused'], wires: [['received']] }),
            beside('received', 'helper'),
          ],
        },
      );
      const events = inputsOf('received');
      flow.nas.fail({ on: { method: operation }, do: 'refuse', code });
      flow.send({});
      await flow.ended(1);
      const [caught] = flow.caught;
      expect(caught?.error.message.slice(0, words.length)).toBe(words);
      expect(caught?.error.message).not.toMatch(/SYNO|\.backup|code/);
      expect(caught?.error.cause).toMatchObject({ api: 'SYNO.ActiveBackup.Task', method: operation, code });
      await until(() => events.length > 0);
      expect(events).toMatchObject([
        {
          topic: 'backup_refused',
          payload: {
            event: 'backup_refused',
            task: { id: 1, name: 'Reception PC' },
            error: { message: caught?.error.message.slice('Reception PC (1): '.length) },
            late: false,
          },
        },
      ]);
    },
  );

  test('of several tasks names all tasks of the request', async () => {
    const flow = await open({ type: 'active-backup-task-backup', tasks: '1, 2' });
    flow.nas.fail({ on: { method: 'backup' }, do: 'refuse', code: 5001 });
    flow.send({});
    await flow.ended(1);
    expect(flow.caught[0]?.error.message).toMatch(
      /^At least one of Reception PC \(1\), .+ \(2\): its device is offline/,
    );
  });
});
