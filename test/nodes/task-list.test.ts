import { describe, expect, test, vi } from 'vitest';
import taskListNode from '../../nodes/task-list/task-list';
import type { Device, Result, Task } from '../../src/active-backup/types';
import { PLANTED_SECRETS } from '../nas/index';
import { ACCOUNT, flowOf, helper, load, nasConfig, sendTo, simulatedNas, type Flow } from './support';
import { until } from '../support/until';

type Properties = Record<string, unknown>;

async function taskList(
  properties: Properties = {},
  nas: Properties = {},
): Promise<Flow & { nas: Awaited<ReturnType<typeof simulatedNas>> }> {
  const simulated = await simulatedNas();
  const flow = flowOf({ type: 'active-backup-task-list', ...properties }, [nasConfig(simulated, nas)]);
  return { ...(await load([taskListNode], flow)), nas: simulated };
}

const tasksOf = (flow: Flow, index = 0): Task[] => flow.out[0]?.[index]?.payload as Task[];

describe('the message of the node', () => {
  test('contains the tasks and keeps its other properties', async () => {
    const flow = await taskList();
    flow.send({ payload: 'before', mine: { kept: true } });
    await flow.ended(1);
    const [msg] = flow.out[0] ?? [];
    expect(tasksOf(flow)).toHaveLength(5);
    expect(tasksOf(flow)[0]).toMatchObject({ id: 1, type: 'pc', state: 'idle', schedule: { kind: 'weekly' } });
    expect(msg).toMatchObject({ topic: 'list', mine: { kept: true }, response: { total: 5 } });
    expect(flow.completed).toHaveLength(1);
    expect(flow.caught).toEqual([]);
  });

  test.each([
    ['nightly', 'nightly'],
    ['', 'list'],
    [undefined, 'list'],
  ])('with the topic %j is sent with %j', async (topic, expected) => {
    const flow = await taskList();
    flow.send({ topic });
    await flow.ended(1);
    expect(flow.out[0]?.[0]?.topic).toBe(expected);
  });

  test('contains results and agent states, which DSM sends only on request', async () => {
    const flow = await taskList();
    flow.send({});
    await flow.ended(1);
    expect(flow.nas.received('list')[0]?.parameters).toMatchObject({
      load_status: 'true',
      load_result: 'true',
      load_devices: 'true',
    });
    expect(tasksOf(flow).map((task) => task.lastResult?.status)).toContain('failed');
    expect(tasksOf(flow)[0]?.devices[0]?.online).toBeTypeOf('boolean');
  });

  test('contains no secret, whatever the operation', async () => {
    const account = { name: 'planted-account', password: 'planted-password' };
    const nas = await simulatedNas({ accounts: [account] });
    const nodes = flowOf({ type: 'active-backup-task-list' }, [nasConfig(nas)]);
    const flow = await load([taskListNode], nodes, { nas: { username: account.name, password: account.password } });
    for (const operation of ['list', 'list_with_device']) flow.send({ operation });
    await flow.ended(2);
    const text = JSON.stringify([flow.out, flow.statuses, helper.log().args]);
    for (const secret of [...PLANTED_SECRETS, account.password]) expect(text).not.toContain(secret);
    expect(text).not.toMatch(/agent_token|login_password|_sid/);
  });
});

test('twenty messages at once on a new NAS node: one API.Info, one login, and waiting list requests share a response', async () => {
  const flow = await taskList();
  for (let i = 0; i < 20; i++) flow.send({ payload: i });
  await flow.ended(20);
  expect(flow.out[0]).toHaveLength(20);
  expect(['query', 'login'].map((method) => flow.nas.received(method).length)).toEqual([1, 1]);
  // Four at once, one for those in the queue, and the last success of the tasks whose last backup failed.
  expect(flow.nas.received('list').length).toBeLessThanOrEqual(10);
});

describe('output "messages"', () => {
  test('sends one message per task, as a sequence that Join puts together', async () => {
    const flow = await taskList({ output: 'messages' });
    flow.send({ mine: 1, parts: { id: 'outer', index: 0, count: 1 } });
    await flow.ended(1);
    const messages = flow.out[0] ?? [];
    expect(messages.map((msg) => (msg.payload as Task).id)).toEqual([1, 2, 3, 4, 5]);
    const [first] = messages;
    const id = (first?.parts as { id: string }).id;
    expect(messages.map((msg) => msg.parts)).toEqual(
      [0, 1, 2, 3, 4].map((index) => ({
        id,
        type: 'array',
        len: 1,
        count: 5,
        index,
        parts: { id: 'outer', index: 0, count: 1 },
      })),
    );
    expect(first).toMatchObject({ mine: 1, response: { task_id: 1 } });
  });

  test('sends nothing for an empty list, and completes', async () => {
    const flow = await taskList({ output: 'messages', filterName: 'no such task' });
    flow.send({});
    await flow.ended(1);
    expect(flow.out[0]).toEqual([]);
    expect(flow.completed).toHaveLength(1);
  });
});

/* The fields of `docs/interface.md §4`; the types check that none is missing. */
const TASK_FIELDS = {
  ...{ id: 1, uuid: 1, name: 1, type: 1, typeCode: 1, state: 1, stateCode: 1, progress: 1, lastResult: 1 },
  ...{ lastSuccessAt: 1, nextRunAt: 1, overdue: 1, manualAllowed: 1, schedule: 1, retention: 1, storageId: 1 },
  ...{ shareName: 1, targetDir: 1, versionCount: 1, managed: 1, devices: 1 },
  ...{ failuresInRow: 1, devicesFailed: 1, expectedEndAt: 1 },
} as const satisfies Record<keyof Task, 1>;
const RESULT_FIELDS = {
  ...{ id: 1, taskId: 1, taskName: 1, action: 1, actionCode: 1, status: 1, statusCode: 1, startedAt: 1, endedAt: 1 },
  ...{ durationSeconds: 1, transferredBytes: 1, successCount: 1, warningCount: 1, errorCount: 1, reason: 1 },
  devices: 1,
} as const satisfies Record<keyof Result, 1>;
const DEVICE_FIELDS = {
  ...{ id: 1, uuid: 1, name: 1, type: 1, typeCode: 1, platform: 1, platformCode: 1, os: 1, address: 1, online: 1 },
  ...{ agentCanBackup: 1, loginUser: 1, createdAt: 1, lastLoginAt: 1 },
} as const satisfies Record<keyof Device, 1>;

describe('a task whose last backup is hidden behind a deletion of versions', () => {
  const keysOf = (value: object | null | undefined): string[] => Object.keys(value ?? {}).sort();

  async function withHidden(properties: Properties): Promise<Flow & { nas: Awaited<ReturnType<typeof simulatedNas>> }> {
    const flow = await taskList(properties);
    flow.nas.state.deleteVersions(1);
    return flow;
  }

  test.each([
    { operation: 'list', fields: TASK_FIELDS },
    { operation: 'list_with_device', fields: { ...TASK_FIELDS, device: 1 } },
  ])('has exactly the fields of every task ($operation)', async ({ operation, fields }) => {
    const flow = await withHidden({ operation });
    flow.send({});
    await flow.ended(1);
    const tasks = tasksOf(flow);
    expect(tasks).toHaveLength(5);
    for (const task of tasks) {
      expect(keysOf(task)).toEqual(keysOf(fields));
      expect(keysOf(task.lastResult)).toEqual(keysOf(RESULT_FIELDS));
      for (const device of task.devices) expect(keysOf(device)).toEqual(keysOf(DEVICE_FIELDS));
    }
  });

  test('passes the filter as unknown, not as none, if the log cannot be read', async () => {
    const flow = await withHidden({ output: 'messages', filterResult: ['unknown'] });
    flow.nas.fail({ on: { method: 'list_result' }, do: 'refuse', code: 105 });
    flow.send({});
    flow.send({ filter: { result: 'none' } });
    await flow.ended(2);
    const messages = flow.out[0] ?? [];
    expect(messages.map(({ payload }) => payload)).toMatchObject([{ id: 1, lastResult: null }]);
    expect(messages.map(({ payload }) => keysOf(payload as Task))).toEqual([keysOf(TASK_FIELDS)]);
  });
});

describe('filters', () => {
  test.each<[string, Properties, Properties, number[]]>([
    ['none', {}, {}, [1, 2, 3, 4, 5]],
    ['by type', { filterType: ['vm', 'file_server'] }, {}, [3, 4]],
    ['by result', { filterResult: ['failed', 'partial'] }, {}, [2, 4]],
    ['by state', { filterState: ['running'] }, {}, []],
    ['by name, a glob without regard to case', { filterName: '*SERVER*' }, {}, [2]],
    ['by all parts together', { filterType: ['pc'], filterResult: ['failed'] }, {}, []],
    ['by the message', {}, { type: ['pc'] }, [1, 5]],
    [
      'by the message, which replaces parts of the filter',
      { filterType: ['vm'], filterResult: ['failed'] },
      { type: ['file_server'] },
      [4],
    ],
    ['by the message with a single word', {}, { result: 'failed' }, [4]],
    ['removed by the message', { filterType: ['vm'] }, { type: [] }, [1, 2, 3, 4, 5]],
  ])('%s', async (_, properties, filter, ids) => {
    const flow = await taskList(properties);
    flow.send({ filter });
    await flow.ended(1);
    expect(tasksOf(flow).map(({ id }) => id)).toEqual(ids);
  });

  test('apply to rows per device', async () => {
    const flow = await taskList({ operation: 'list_with_device', filterType: ['pc'] });
    flow.send({});
    await flow.ended(1);
    expect(tasksOf(flow)).toHaveLength(2);
    expect(tasksOf(flow)[0]).toHaveProperty('device.name');
  });
});

describe('operation and parameters', () => {
  test('overrides of a message apply to that message alone', async () => {
    const flow = await taskList({ operation: 'list', params: { limit: { value: '2', type: 'num' } } });
    flow.send({ operation: 'list_with_device', params: {} });
    await flow.ended(1);
    flow.send({ params: { limit: 1 } });
    await flow.ended(2);
    flow.send({});
    await flow.ended(3);
    expect(flow.nas.received('list_with_device')).toHaveLength(1);
    expect(flow.nas.received('list').map(({ parameters }) => parameters['limit'])).toEqual(
      expect.arrayContaining(['1', '2']),
    );
  });

  test.each([
    ['str', '3', 3],
    ['num', '3', 3],
    ['msg', 'wanted', 3],
    ['flow', 'wanted', 3],
    ['global', 'wanted', 3],
    ['env', 'TEST_LIMIT', 3],
    ['jsonata', 'wanted - 0', 3],
    ['json', '3', 3],
  ])('a parameter of type %s is evaluated for the message', async (type, value, limit) => {
    vi.stubEnv('TEST_LIMIT', '3');
    const flow = await taskList({ params: { limit: { value, type } } });
    flow.node.context().flow.set('wanted', 3);
    flow.node.context().global.set('wanted', 3);
    flow.send({ wanted: 3 });
    await flow.ended(1);
    vi.unstubAllEnvs();
    expect(flow.caught).toEqual([]);
    expect(tasksOf(flow)).toHaveLength(limit);
  });

  test('an operation for one node is not passed to the next node', async () => {
    const simulated = await simulatedNas();
    const [tab, ...rest] = flowOf({ type: 'active-backup-task-list', operation: 'list' }, [nasConfig(simulated)]);
    const first = { ...rest.find(({ id }) => id === 'n')!, id: 'first', operation: 'list_with_device', wires: [['n']] };
    const flow = await load([taskListNode], [tab!, ...rest, first]);
    sendTo('first', { operation: 'list' });
    await flow.ended(1);
    expect(flow.out[0]?.[0]?.nas).toMatchObject({ method: 'list' });
    expect(flow.out[0]?.[0]).not.toHaveProperty('operation');
  });

  test('list_vm_check and create_vm_check contain the response of DSM', async () => {
    const flow = await taskList({ operation: 'list_vm_check' });
    flow.send({});
    flow.send({ operation: 'create_vm_check' });
    await flow.ended(2);
    expect(flow.out[0]?.map(({ payload }) => payload)).toEqual([[], { aem_check_list: [], check_list: [] }]);
  });

  test.each<[string, Properties, Properties, RegExp]>([
    ['an unknown operation', {}, { operation: 'backup' }, /no operation "backup"/],
    ['an operation that is no string', {}, { operation: 7 }, /msg\.operation/],
    ['params that are not an object', {}, { params: [1] }, /msg\.params/],
    ['a missing parameter', { operation: 'get_default_task_name' }, {}, /backup_type/],
    ['a parameter of the wrong type', {}, { params: { limit: 'many' } }, /limit/],
    ['bad JSON', { params: { filter: { value: '{', type: 'json' } } }, {}, /filter/],
    ['bad JSONata', { params: { limit: { value: '(', type: 'jsonata' } } }, {}, /limit/],
    ['a damaged parameter', { params: { limit: null } }, {}, /limit/],
    ['an unknown filter word', {}, { filter: { type: ['toaster'] } }, /toaster/],
    ['a filter that is not an object', {}, { filter: 'pc' }, /msg\.filter/],
  ])('%s is EPARAM', async (_, properties, msg, words) => {
    const flow = await taskList(properties);
    flow.send(msg);
    await flow.ended(1);
    expect(flow.caught[0]?.error).toMatchObject({ code: 'EPARAM', message: expect.stringMatching(words) as string });
    expect(flow.completed).toEqual([]);
    expect(flow.out[0]).toEqual([]);
  });
});

describe('errors', () => {
  test('reach the Catch node with code and cause, and the status', async () => {
    const flow = await taskList();
    flow.nas.fail({ on: { method: 'list' }, do: 'refuse', code: 103 });
    flow.send({ payload: 'kept' });
    await flow.ended(1);
    expect(flow.caught[0]).toMatchObject({
      payload: 'kept',
      error: { code: 'EUNSUPPORTED', cause: { api: 'SYNO.ActiveBackup.Task', method: 'list', version: 1, code: 103 } },
    });
    expect(flow.statuses.at(-1)).toMatchObject({
      fill: 'red',
      shape: 'ring',
      text: expect.stringMatching(/not-supported$/) as string,
    });
  });

  test('a wrong password: one login, then EAUTH at once for each message until the password is changed', async () => {
    const nas = await simulatedNas();
    const nodes = flowOf({ type: 'active-backup-task-list' }, [nasConfig(nas)]);
    const flow = await load([taskListNode], nodes, { nas: { ...ACCOUNT, password: 'wrong' } });
    flow.send({});
    await flow.ended(1);
    for (let i = 0; i < 10; i++) flow.send({});
    await flow.ended(11);
    expect(new Set(flow.caught.map(({ error }) => error.code))).toEqual(new Set(['EAUTH']));
    expect(nas.received('login')).toHaveLength(1);
    await helper.unload();
    const again = await load([taskListNode], nodes);
    again.send({});
    await again.ended(1);
    expect(again.out[0]).toHaveLength(1);
  });

  test.each<[string, Properties, Properties, Record<string, string>, RegExp]>([
    ['no NAS is chosen', { nas: '' }, {}, ACCOUNT, /No NAS is chosen/],
    ['the NAS was deleted', { nas: 'gone' }, {}, ACCOUNT, /does not exist/],
    ['the NAS is disabled', {}, { d: true }, ACCOUNT, /does not exist/],
    ['the host is empty', {}, { host: '' }, ACCOUNT, /host/],
    ['the host is invalid', {}, { host: 'a b' }, ACCOUNT, /host of the NAS node is not a host name/],
    ['the port is out of range', {}, { port: 70000 }, ACCOUNT, /"port"/],
    ['a variable is not set', {}, { host: '${NOT_SET_ANYWHERE}' }, ACCOUNT, /NOT_SET_ANYWHERE/],
    ['the password is missing', {}, {}, { username: 'admin' }, /password/],
    ['the user name is missing', {}, {}, { password: 'x' }, /username/],
    ['the TLS configuration was deleted', {}, { tls: 'gone' }, ACCOUNT, /TLS configuration/],
  ])('%s: ECONFIG, and nothing is sent', async (_, properties, config, credentials, words) => {
    const nas = await simulatedNas();
    const nodes = flowOf({ type: 'active-backup-task-list', ...properties }, [nasConfig(nas, config)]);
    const flow = await load([taskListNode], nodes, { nas: credentials });
    flow.send({});
    await flow.ended(1);
    expect(flow.caught[0]?.error).toMatchObject({ code: 'ECONFIG', message: expect.stringMatching(words) as string });
    expect(nas.requests).toEqual([]);
  });
});

describe('the status of the node', () => {
  test('is connecting and then done, with the number of tasks and the time', async () => {
    const flow = await taskList();
    flow.send({});
    await flow.ended(1);
    await until(() => flow.statuses.at(-1)?.fill === 'green');
    expect(flow.statuses.map(({ fill, shape }) => `${fill} ${shape}`).slice(-2)).toEqual(['yellow ring', 'green dot']);
    expect(flow.statuses.at(-1)?.text).toMatch(/:status\.tasks · \d\d:\d\d$/);
  });

  test('is a red dot when the NAS cannot be reached', async () => {
    const flow = await taskList({}, { port: 1 });
    flow.send({});
    await flow.ended(1);
    expect(flow.statuses.at(-1)).toMatchObject({ fill: 'red', shape: 'dot' });
  });
});

test.each<[string, Record<string, string>, RegExp]>([
  ['the password', { username: 'admin' }, /missing-password$/],
  ['the user name', { password: 'x' }, /missing-username$/],
])('an imported flow without %s shows it in the status at once', async (_, credentials, text) => {
  const nas = await simulatedNas();
  const flow = await load([taskListNode], flowOf({ type: 'active-backup-task-list' }, [nasConfig(nas)]), {
    nas: credentials,
  });
  const { status } = flow.node as unknown as { status: { lastCall: { args: { text: string }[] } } };
  expect(status.lastCall.args[0]?.text).toMatch(text);
});

describe('a deploy', () => {
  test('repeated twenty times leaves one session, and none after the last close', async () => {
    const nas = await simulatedNas();
    const nodes = flowOf({ type: 'active-backup-task-list' }, [nasConfig(nas)]);
    for (let i = 0; i < 20; i++) {
      await helper.unload();
      const flow = await load([taskListNode], nodes);
      flow.send({});
      await flow.ended(1);
      expect(nas.sessions).toBe(1);
    }
    await helper.unload();
    expect(nas.sessions).toBe(0);
    expect(nas.received('login')).toHaveLength(20);
    expect(process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length).toBeLessThan(5);
  });

  test('during a request without a response takes less than a second and reports no error', async () => {
    const flow = await taskList();
    flow.nas.fail({ on: { method: 'list' }, do: 'hang' });
    flow.send({});
    await until(() => flow.nas.received('list').length > 0);
    const start = performance.now();
    await helper.unload();
    expect(performance.now() - start).toBeLessThan(1000);
    expect(flow.caught).toEqual([]);
  });
});

test('a NAS node lists its users, so that its errors reach their Catch and Status nodes', async () => {
  await taskList();
  const nas = helper.getNode('nas') as unknown as { users: Record<string, unknown> };
  expect(Object.keys(nas.users)).toEqual(['n']);
});
