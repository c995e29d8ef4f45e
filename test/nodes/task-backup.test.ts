import { describe, expect, test } from 'vitest';
import eventsNode from '../../nodes/events/events';
import taskBackupNode from '../../nodes/task-backup/task-backup';
import type { Result, Task } from '../../src/active-backup/types';
import type { Message } from '../../src/node-red/types';
import type { Nas, NasOptions } from '../nas/index';
import {
  beside,
  connectionOf,
  flowOf,
  helper,
  load,
  nasConfig,
  pollOften,
  pollOnce,
  simulatedNas,
  type Flow,
} from './support';
import { until } from '../support/until';

type Properties = Record<string, unknown>;

/** A backup takes 30 seconds of the NAS, half a second of real time. */
const FAST: NasOptions = { runSeconds: 30, speed: 60, schedules: false };

async function taskBackup(
  properties: Properties = {},
  options: NasOptions = {},
  nas: Properties = {},
): Promise<Flow & { nas: Nas }> {
  const simulated = await simulatedNas({ ...FAST, ...options });
  const config = nasConfig(simulated, { activePollInterval: 1, ...nas });
  return {
    ...(await load([taskBackupNode], flowOf({ type: 'active-backup-task-backup', ...properties }, [config], 2))),
    nas: simulated,
  };
}

const startedIds = (nas: Nas): unknown[] =>
  nas.received('backup').map(({ parameters }) => JSON.parse(parameters['task_ids'] ?? '') as unknown);

describe('a start without waiting', () => {
  test('sends the tasks on output 1 as soon as the NAS has accepted the start', async () => {
    const flow = await taskBackup({ tasks: '1', tasksType: 'ids' });
    flow.send({ mine: 1 });
    await flow.ended(1);
    expect(startedIds(flow.nas)).toEqual([[1]]);
    expect(flow.out[0]).toHaveLength(1);
    expect(flow.out[0]?.[0]).toMatchObject({
      mine: 1,
      nas: { name: 'NAS', api: 'SYNO.ActiveBackup.Task', method: 'backup' },
      topic: 'backup',
      payload: [{ id: 1, name: 'Reception PC' }],
    });
    expect(flow.out[1]).toEqual([]);
  });
});

describe('tasks are selected', () => {
  test.each<[string, Properties, Properties, number[]]>([
    ['by ids', { tasks: '3, 1', tasksType: 'ids' }, {}, [1, 3]],
    ['by a list of ids', { tasks: [2], tasksType: 'ids' }, {}, [2]],
    ['by name', { tasks: 'Reception PC', tasksType: 'names' }, {}, [1]],
    ['by name in another case', { tasks: 'reception pc', tasksType: 'names' }, {}, [1]],
    ['by glob', { tasks: '*server*', tasksType: 'names' }, {}, [2]],
    ['by several names', { tasks: 'Reception PC, *machines', tasksType: 'names' }, {}, [1, 3]],
    ['all', { tasksType: 'all' }, {}, [1, 2, 3, 4]],
    ['by a property of the message', { tasks: 'mine', tasksType: 'msg' }, { mine: [1, 'Accounting server'] }, [1, 2]],
    ['by JSONata', { tasks: '1 + 1', tasksType: 'jsonata' }, {}, [2]],
    ['by msg.tasks with a number', { tasks: '1' }, { tasks: 3 }, [3]],
    ['by msg.tasks with a name', { tasks: '1' }, { tasks: 'Virtual machines' }, [3]],
    ['by msg.tasks with both', { tasks: '1' }, { tasks: [4, 'Virtual machines'] }, [3, 4]],
    [
      'by task_ids, which wins',
      { tasks: '1', params: { task_ids: { value: '[2]', type: 'json' } } },
      { tasks: 3 },
      [2],
    ],
    ['by task_ids of the message', { tasks: '1' }, { params: { task_ids: 4 } }, [4]],
  ])('%s', async (_, properties, msg, ids) => {
    const flow = await taskBackup(properties, { tasks: 4 });
    flow.send(msg);
    await flow.ended(1);
    expect(flow.caught.map(({ error }) => error.message)).toEqual([]);
    expect(startedIds(flow.nas)).toEqual([ids]);
  });

  test.each<[string, Properties, Properties, RegExp]>([
    ['no task', {}, {}, /No task is chosen/],
    ['an unknown id', { tasks: '99' }, {}, /no backup task with the id 99/],
    ['an unknown name', { tasks: 'Unknown', tasksType: 'names' }, {}, /called "Unknown"/],
    ['a glob without a match', { tasks: 'x*', tasksType: 'names' }, {}, /matches "x\*"/],
    ['a text that holds no ids', { tasks: '1, two' }, {}, /"tasks" must hold task ids such as 1, 2, 3, not a text$/],
    ['an object', {}, { tasks: { id: 1 } }, /msg\.tasks/],
    ['an empty list', {}, { tasks: [] }, /names no task/],
  ])('%s is EPARAM, and nothing is started', async (_, properties, msg, words) => {
    const flow = await taskBackup(properties);
    flow.send(msg);
    await flow.ended(1);
    expect(flow.caught[0]?.error).toMatchObject({ code: 'EPARAM', message: expect.stringMatching(words) as string });
    expect(flow.nas.received('backup')).toEqual([]);
  });

  test('a name of two tasks is EPARAM with both ids', async () => {
    const flow = await taskBackup({ tasks: 'Reception PC', tasksType: 'names' });
    const [, second] = flow.nas.state.tasks;
    second!.name = 'Reception PC';
    flow.send({});
    await flow.ended(1);
    expect(flow.caught[0]?.error).toMatchObject({
      code: 'EPARAM',
      message: expect.stringMatching(/ambiguous.*1, 2/) as string,
    });
  });
});

describe('waiting for the result', () => {
  const waiting = { tasks: '1', wait: true };

  test('sends progress on output 2 and then the result on output 1', async () => {
    const flow = await taskBackup(waiting, { runSeconds: 60 });
    pollOften();
    flow.send({ mine: 1 });
    await flow.ended(1);
    const [end] = flow.out[0] ?? [];
    expect(flow.out[0]).toHaveLength(1);
    expect(end).toMatchObject({
      mine: 1,
      nas: { name: 'NAS', method: 'backup' },
      payload: { id: 1, state: 'idle' },
      parts: { index: 0, count: 1, type: 'array' },
    });
    expect(end?.result).toMatchObject({ taskId: 1, status: 'success', id: (end?.payload as Task).lastResult?.id });
    const progress = (flow.out[1] ?? []).map(({ payload }) => (payload as Task).progress);
    expect(progress.length).toBeGreaterThan(0);
    const percents = progress.map((each) => each?.percent ?? -1);
    expect(percents).toEqual([...percents].sort((one, other) => one - other));
    expect(flow.completed).toHaveLength(1);
  });

  test('of several tasks sends one message each, as a sequence, with one list request per poll', async () => {
    const flow = await taskBackup({ tasksType: 'all', wait: true }, { tasks: 3, runSeconds: 60 });
    flow.send({});
    await flow.ended(1);
    const messages = flow.out[0] ?? [];
    const parts = messages.map((msg) => msg.parts as { id: string; index: number; count: number });
    expect(parts.map(({ index }) => index).sort()).toEqual([0, 1, 2]);
    expect(new Set(parts.map(({ id, count }) => `${id} ${count}`)).size).toBe(1);
    expect(flow.nas.received('list').length).toBeLessThanOrEqual(6);
  });

  test('contains the reason of a failure', async () => {
    const flow = await taskBackup({ tasks: '4', wait: true });
    pollOften();
    flow.nas.state.tasks[3]!.plan.outcome = 'failed';
    flow.send({});
    await flow.ended(1);
    const result = flow.out[0]?.[0]?.result as Result;
    expect(result.status).toBe('failed');
    expect(result.reason).toMatch(/no permission/);
    expect(flow.caught).toEqual([]);
  });

  test('says how each device fared', async () => {
    const flow = await taskBackup({ tasks: '1', wait: true }, { tasks: 1, devices: 3 });
    pollOften();
    flow.nas.state.setDeviceOutcome(1, 2, 'failed');
    flow.send({});
    await flow.ended(1);
    const [end] = flow.out[0] ?? [];
    const fared = (end?.result as Result).devices?.map(({ name, status }) => [name, status]);
    const names = (end?.payload as Task).devices.map(({ name }) => name);
    expect(fared?.sort()).toEqual(names.map((name, index) => [name, index === 1 ? 'failed' : 'success']).sort());
    expect((end?.payload as Task).devicesFailed).toEqual([names[1]]);
  });

  test('says how each device fared, also if the monitor is still reading it from a slow NAS', async () => {
    const nas = await simulatedNas({ ...FAST, tasks: 1, devices: 2 });
    const flow = flowOf({ type: 'active-backup-task-backup', tasks: '1', wait: true }, [nasConfig(nas)], 2);
    const events = beside('events', 'active-backup-events');
    const { out, ...loaded } = await load([taskBackupNode, eventsNode], [...flow, events]);
    await pollOnce();
    await connectionOf().monitor.processed();
    nas.fail({ on: { method: 'list_device_transfer_size' }, do: 'delay', ms: 400 });
    pollOften();
    loaded.send({});
    await loaded.ended(1);
    expect((out[0]?.[0]?.result as Result).devices?.map(({ status }) => status)).toEqual(['success', 'success']);
  });

  test('survives a lost session and failed polls', async () => {
    const flow = await taskBackup(waiting, { runSeconds: 60 });
    pollOften();
    flow.send({});
    await until(() => flow.out[1]!.length > 0);
    flow.nas.dropSessions();
    flow.nas.fail({ on: { method: 'list' }, times: 2, do: 'html' });
    await flow.ended(1);
    expect(flow.out[0]?.[0]?.result).toMatchObject({ status: 'success' });
    expect(flow.nas.received('backup')).toHaveLength(1);
  });

  test('ends with an error after waitTimeout, while the backup goes on', async () => {
    const flow = await taskBackup({ ...waiting, waitTimeout: 0.02 }, { runSeconds: 3600 });
    flow.send({});
    await flow.ended(1);
    expect(flow.caught[0]?.error).toMatchObject({
      code: 'EABB',
      message: expect.stringMatching(/not ended after/) as string,
    });
    expect(flow.nas.received('cancel')).toEqual([]);
  });

  test('is ended by a deploy, while the backup goes on', async () => {
    const flow = await taskBackup(waiting, { runSeconds: 3600 });
    const { poller } = connectionOf();
    flow.send({});
    await until(() => flow.out[1]!.length > 0);
    const start = performance.now();
    await helper.unload();
    expect(performance.now() - start).toBeLessThan(1000);
    const lists = flow.nas.received('list').length;
    expect(flow.nas.received('cancel')).toEqual([]);
    expect(flow.nas.sessions).toBe(0);
    poller.pollNow(); // polls at once if it has a subscriber left
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(flow.nas.received('list')).toHaveLength(lists);
  });

  test('sends a cancelled backup as a result', async () => {
    const flow = await taskBackup(waiting, { runSeconds: 3600 });
    pollOften();
    flow.send({});
    const isRunning = ({ payload }: Message): boolean => (payload as Task).state === 'running';
    await until(() => flow.out[1]?.some(isRunning));
    flow.send({ operation: 'cancel', mine: 'cancel' });
    await flow.ended(2);
    const results = (flow.out[0] ?? []).map(({ result }) => (result as Result | undefined)?.status);
    expect(results).toEqual(['cancelled', 'cancelled']);
  });
});

describe('a start without a backup', () => {
  test('an accepted start that never runs is an error', async () => {
    const flow = await taskBackup({ tasks: '1', wait: true });
    Object.assign(connectionOf(), { startTimeoutMs: 500 });
    pollOften();
    flow.nas.state.tasks[0]!.plan.outcome = 'never_runs';
    flow.send({});
    await flow.ended(1);
    expect(flow.caught[0]?.error).toMatchObject({
      code: 'EABB',
      message: expect.stringMatching(/never ran/) as string,
    });
  });

  test('a cancel that the NAS accepts although nothing runs is an error that says so', async () => {
    const flow = await taskBackup({ tasks: '1', operation: 'cancel', wait: true });
    Object.assign(connectionOf(), { startTimeoutMs: 500 });
    pollOften();
    flow.nas.fail({ on: { method: 'cancel' }, do: 'accept' });
    flow.send({});
    await flow.ended(1);
    expect(flow.caught[0]?.error).toMatchObject({
      code: 'EABB',
      message: 'Reception PC (1): it has no run that could be cancelled: it may just have ended',
    });
  });

  test('of a running task is refused with the code of the NAS', async () => {
    const flow = await taskBackup({ tasks: '1' }, { runSeconds: 3600 });
    flow.send({});
    await flow.ended(1);
    flow.send({});
    await flow.ended(2);
    expect(flow.caught[0]?.error.code).toBe('EABB');
    expect([4005, 4007]).toContain(flow.caught[0]?.error.cause?.code);
  });

  test.each([false, true])('of a running task is an error on a NAS that accepts it, too (wait: %s)', async (wait) => {
    const flow = await taskBackup({ tasks: '1', wait }, { runSeconds: 3600 });
    flow.nas.state.startRun(1);
    flow.nas.clock.advance(60);
    flow.nas.fail({ on: { method: 'backup' }, do: 'accept' });
    flow.send({});
    await flow.ended(1);
    expect(flow.caught[0]?.error).toMatchObject({
      code: 'EABB',
      message: 'Reception PC (1): a backup of it is already running',
    });
    expect(flow.out.flat()).toEqual([]);
  });

  test('of several tasks names the running ones in the error and starts the others', async () => {
    const flow = await taskBackup({ tasks: '1, 3' }, { runSeconds: 3600 });
    flow.send({ tasks: 1 });
    await flow.ended(1);
    flow.send({});
    await flow.ended(2);
    expect(startedIds(flow.nas)).toEqual([[1], [3]]);
    expect(flow.caught[0]?.error).toMatchObject({
      code: 'EABB',
      message: expect.stringMatching(/^Reception PC \(1\): a backup of it is already running$/) as string,
    });
  });

  test.each([5001, 1104, 1036])('is refused by the NAS with code %i, which the error contains', async (code) => {
    const flow = await taskBackup({ tasks: '1' });
    flow.nas.fail({ on: { method: 'backup' }, do: 'refuse', code });
    flow.send({});
    await flow.ended(1);
    expect(flow.caught[0]?.error).toMatchObject({ cause: { method: 'backup', code } });
    expect(flow.nas.received('backup')).toHaveLength(1);
  });
});

describe('access levels', () => {
  test.each([
    ['read', 'backup', false],
    ['operate', 'backup', true],
    ['operate', 'cancel_waiting_backup', true],
    ['operate', 'set', false],
    ['manage', 'set', true],
    ['manage', 'remove', false],
    ['delete', 'remove', true],
  ])('level %s, operation %s: allowed %s', async (access, operation, allowed) => {
    const flow = await taskBackup({ operation, tasks: '5' }, {}, { access });
    flow.send({});
    await flow.ended(1);
    if (allowed) expect(flow.nas.received(operation)).toHaveLength(1);
    else {
      expect(flow.caught[0]?.error.code).toBe('EACCESS');
      expect(flow.nas.requests).toEqual([]);
    }
  });
});
