import { describe, expect, test } from 'vitest';
import taskBackupNode from '../../nodes/task-backup/task-backup';
import { NODE_OPERATIONS } from '../../src/settings/operations';
import type { Result, Task } from '../../src/active-backup/types';
import type { Fault, Nas, NasOptions } from '../nas/index';
import { flowOf, load, nasConfig, simulatedNas, type Flow } from './support';

type Properties = Record<string, unknown>;

/** The shortest timeout of a NAS node; shorter than the delay of a late response. */
const TIMEOUT_SECONDS = 1;

async function taskBackup(
  properties: Properties,
  options: NasOptions,
  nas: Properties = {},
): Promise<Flow & { nas: Nas }> {
  const simulated = await simulatedNas({ schedules: false, ...options });
  const config = nasConfig(simulated, { access: 'delete', activePollInterval: 1, ...nas });
  const flow = flowOf({ type: 'active-backup-task-backup', ...properties }, [config], 2);
  return { ...(await load([taskBackupNode], flow)), nas: simulated };
}

/** The required parameters of the operations of this node. */
const PARAMETERS: Readonly<Record<string, Properties>> = {
  backup: { task_ids: [1] },
  cancel: { task_ids: [2] },
  set: { task_ids: [3], max_concurrent_devices: 2 },
  remove: { task_ids: [4] },
};
const CHANGES = NODE_OPERATIONS['task-backup'].methods.map(({ method }) => method);

/** Each way in which a request or its response can be lost, with the error that the flow receives. */
const FAULTS: readonly { what: string; fault: Fault; code: string; takesEffect: boolean }[] = [
  {
    what: 'a reset before the NAS has received it',
    fault: { do: 'reset-before' },
    code: 'EUNREACHABLE',
    takesEffect: false,
  },
  { what: 'a reset after the NAS has done it', fault: { do: 'reset-after' }, code: 'EUNREACHABLE', takesEffect: true },
  { what: 'no response within the timeout', fault: { do: 'hang' }, code: 'EUNREACHABLE', takesEffect: false },
  { what: 'a response after the timeout', fault: { do: 'delay', ms: 1300 }, code: 'EUNREACHABLE', takesEffect: true },
  { what: 'a response that breaks off', fault: { do: 'cut-off' }, code: 'ERESPONSE', takesEffect: true },
  { what: 'HTTP 502', fault: { do: 'http-status', status: 502 }, code: 'ERESPONSE', takesEffect: false },
  { what: 'HTTP 503', fault: { do: 'http-status', status: 503 }, code: 'ERESPONSE', takesEffect: false },
  { what: 'a redirect', fault: { do: 'redirect' }, code: 'ERESPONSE', takesEffect: false },
  { what: 'a login page', fault: { do: 'html' }, code: 'ERESPONSE', takesEffect: false },
  { what: 'half a response', fault: { do: 'not-json' }, code: 'ERESPONSE', takesEffect: false },
  { what: 'an empty response', fault: { do: 'empty' }, code: 'ERESPONSE', takesEffect: false },
  { what: 'a session that is lost (119)', fault: { do: 'refuse', code: 119 }, code: 'ESESSION', takesEffect: false },
  { what: 'a session that timed out (106)', fault: { do: 'refuse', code: 106 }, code: 'ESESSION', takesEffect: false },
  { what: 'a refusal (105)', fault: { do: 'refuse', code: 105 }, code: 'EPERMISSION', takesEffect: false },
  { what: 'a busy NAS (117)', fault: { do: 'refuse', code: 117 }, code: 'EBUSY', takesEffect: false },
  { what: 'a busy package (1006)', fault: { do: 'refuse', code: 1006 }, code: 'EBUSY', takesEffect: false },
];

describe.each(FAULTS)('$what', ({ fault, code, takesEffect }) => {
  test('makes no operation be sent a second time', async () => {
    const flow = await taskBackup({}, { speed: 0 }, { timeout: TIMEOUT_SECONDS });
    for (const method of CHANGES) flow.nas.fail({ ...fault, on: { method } });
    for (const operation of CHANGES) flow.send({ operation, params: PARAMETERS[operation] });
    await flow.ended(CHANGES.length);
    expect(flow.caught.map(({ error }) => error.code)).toEqual(CHANGES.map(() => code));
    expect(flow.caught.map(({ error }) => error.cause?.method).sort()).toEqual([...CHANGES].sort());
    expect(CHANGES.map((method) => flow.nas.received(method).length)).toEqual(CHANGES.map(() => 1));
  });

  test('does not affect the next message, which is sent once', async () => {
    const flow = await taskBackup({ tasks: '1' }, { speed: 0 }, { timeout: TIMEOUT_SECONDS });
    flow.nas.fail({ ...fault, on: { method: 'backup' }, times: 1 });
    flow.send({ message: 'lost' });
    await flow.ended(1);
    await expect.poll(() => flow.nas.state.runs.length).toBe(takesEffect ? 1 : 0); // with a late response, later than the error
    flow.send({ message: 'next', tasks: 3 });
    await flow.ended(2);
    expect(flow.completed).toMatchObject([{ message: 'next' }]);
    expect(flow.nas.state.runs.map(({ taskId }) => taskId)).toEqual(takesEffect ? [1, 3] : [3]);
    expect(flow.nas.received('backup')).toHaveLength(2);
  });
});

test.each([
  { what: 'the session ends', cause: (nas: Nas) => nas.dropSessions(), code: 'ESESSION' },
  { what: 'the NAS restarts', cause: (nas: Nas) => nas.restart(), code: 'EUNREACHABLE' },
])('$what during a start: the start is sent once, and the next message logs in again', async ({ cause, code }) => {
  const onRequest: NasOptions['onRequest'] = ({ method }) => {
    if (method === 'backup' && flow.nas.received('backup').length === 1) cause(flow.nas);
  };
  const flow = await taskBackup({ tasks: '1' }, { speed: 0, onRequest });
  flow.send({});
  await flow.ended(1);
  expect(flow.caught.map(({ error }) => error.code)).toEqual([code]);
  expect(flow.nas.received('backup')).toHaveLength(1);
  expect(flow.nas.state.runs).toEqual([]);
  flow.send({});
  await flow.ended(2);
  expect(flow.completed).toHaveLength(1);
  expect(flow.nas.received('backup')).toHaveLength(2);
  expect(flow.nas.received('login')).toHaveLength(2);
});

describe('waiting for fifty backups', () => {
  /** Each backup takes a second of real time, and all run at once. */
  async function fifty(properties: Properties): Promise<Flow & { nas: Nas }> {
    const nas = { tasks: 50, maxConcurrentDevices: 50, runSeconds: 60, speed: 60 };
    const flow = await taskBackup({ wait: true, ...properties }, nas);
    for (const { id } of flow.nas.state.tasks) {
      flow.nas.state.setOnline(id, true);
      flow.nas.state.setOutcome(id, 'success');
    }
    return flow;
  }

  const ends = (flow: Flow): Result[] => (flow.out[0] ?? []).map(({ result }) => result as Result);
  const lists = ({ nas }: { nas: Nas }): number => nas.received('list').length;

  test('of one message sends one list request to find the tasks and one per poll', async () => {
    const flow = await fifty({ tasksType: 'all' });
    const start = performance.now();
    flow.send({});
    await flow.ended(1);
    const seconds = (performance.now() - start) / 1000;
    expect(flow.caught).toEqual([]);
    expect(ends(flow).map(({ status }) => status)).toEqual(Array.from({ length: 50 }, () => 'success'));
    expect(new Set(ends(flow).map(({ taskId }) => taskId)).size).toBe(50);
    expect(lists(flow)).toBeLessThanOrEqual(1 + 1 + Math.ceil(seconds)); // one poll per second
    expect(flow.nas.received('backup')).toHaveLength(1);
    expect(flow.nas.received('login')).toHaveLength(1);
  });

  test('of one message each sends one list request per message to find the task, and shares the polls', async () => {
    const flow = await fifty({ tasks: 'payload', tasksType: 'msg' });
    for (const { id } of flow.nas.state.tasks) flow.send({ payload: id });
    await flow.ended(50);
    expect(flow.caught).toEqual([]);
    expect(ends(flow).map(({ status }) => status)).toEqual(Array.from({ length: 50 }, () => 'success'));
    for (const { payload, result } of flow.out[0] ?? []) expect((payload as Task).id).toBe((result as Result).taskId);
    expect(lists(flow)).toBeLessThan(2 * 50); // polls of its own for each message would be several times as many
    expect(flow.nas.received('backup')).toHaveLength(50);
    expect(flow.nas.received('login')).toHaveLength(1);
  });
});
