import { describe, expect, test } from 'vitest';
import taskBackupNode from '../../nodes/task-backup/task-backup';
import type { Task } from '../../src/active-backup/types';
import type { Message } from '../../src/node-red/types';
import type { Nas, NasOptions } from '../nas/index';
import { schedule } from '../nas/schedule';
import { until } from '../support/until';
import { flowOf, load, nasConfig, pollOften, pollOnce, simulatedNas, type Flow } from './support';

type Properties = Record<string, unknown>;

/** Task 5, a laptop, is off line at first. */
const LAPTOP = 5;
const FAST: NasOptions = { runSeconds: 30, speed: 60, schedules: false };
const WAITING = {
  fill: 'yellow',
  shape: 'ring',
  text: 'node-red-contrib-synology-active-backup/nas:status.waiting-device',
};

async function online(properties: Properties = {}, options: NasOptions = {}): Promise<Flow & { nas: Nas }> {
  const nas = await simulatedNas({ ...FAST, ...options });
  const config = nasConfig(nas, { activePollInterval: 1 });
  const node = { type: 'active-backup-task-backup', tasks: String(LAPTOP), startWhen: 'online', ...properties };
  return { ...(await load([taskBackupNode], flowOf(node, [config], 2))), nas };
}

const startedIds = (nas: Nas): number[] =>
  nas.received('backup').flatMap(({ parameters }) => JSON.parse(parameters['task_ids'] ?? '') as number[]);
const ids = (messages: readonly Message[] = []): unknown[] => messages.map(({ payload }) => (payload as Task).id);
const errors = ({ caught }: Flow): string[] => caught.map(({ error }) => error.message);

describe('a start as soon as a device is on line', () => {
  test('is sent once, when the device comes on line, and with wait followed to its end', async () => {
    const flow = await online({ wait: true });
    flow.send({ mine: 1 });
    await until(() => flow.statuses.some(({ text }) => text === WAITING.text));
    expect(flow.statuses.at(-1)).toMatchObject(WAITING);
    await pollOnce();
    expect(startedIds(flow.nas)).toEqual([]);
    flow.nas.state.setOnline(LAPTOP, true);
    pollOften();
    await flow.ended(1);
    expect(errors(flow)).toEqual([]);
    expect(startedIds(flow.nas)).toEqual([LAPTOP]);
    expect(flow.out[0]).toMatchObject([
      { mine: 1, payload: { id: LAPTOP }, result: { status: 'success' }, parts: { count: 1, index: 0 } },
    ]);
    expect(flow.out[0]?.[0]).not.toHaveProperty('resumed');
    expect(flow.out[1]?.length).toBeGreaterThan(0);
  });

  test('is sent at once for tasks that are on line or have no agent, each with a message of its own', async () => {
    const flow = await online({ tasks: '1, 3, 4' });
    flow.send({});
    await flow.ended(1);
    expect(errors(flow)).toEqual([]);
    expect(startedIds(flow.nas)).toEqual([1, 3, 4]);
    expect(flow.out[0]).toMatchObject(
      [1, 3, 4].map((id, index) => ({ payload: { id, state: 'idle' }, parts: { count: 3, index }, topic: 'backup' })),
    );
  });

  test('of several tasks does not hold back those on line', async () => {
    const flow = await online({ tasks: '1, 5' });
    flow.send({});
    await until(() => flow.out[0]?.length === 1);
    expect(startedIds(flow.nas)).toEqual([1]);
    expect(flow.completed).toEqual([]);
    flow.nas.state.setOnline(LAPTOP, true);
    await pollOnce();
    await flow.ended(1);
    expect(ids(flow.out[0])).toEqual([1, LAPTOP]);
    expect(startedIds(flow.nas)).toEqual([1, LAPTOP]);
  });

  test('is chosen by msg.startWhen, which the message sent on does not have', async () => {
    const flow = await online({ startWhen: 'now' });
    flow.send({ startWhen: 'online' });
    await until(() => flow.statuses.some(({ text }) => text === WAITING.text));
    flow.nas.state.setOnline(LAPTOP, true);
    await pollOnce();
    await flow.ended(1);
    expect(ids(flow.out[0])).toEqual([LAPTOP]);
    expect(flow.out[0]?.[0]).not.toHaveProperty('startWhen');
  });

  test('waits for one of the devices of a task', async () => {
    const flow = await online({}, { devices: 2 });
    const [first] = flow.nas.state.task(LAPTOP).deviceIds;
    flow.send({});
    await until(() => flow.statuses.some(({ text }) => text === WAITING.text));
    Object.assign(flow.nas.state.device(first ?? 0), { online: true, canBackup: true });
    await pollOnce();
    await flow.ended(1);
    expect(startedIds(flow.nas)).toEqual([LAPTOP]);
  });

  test('survives failed polls and a lost session', async () => {
    const flow = await online();
    flow.send({});
    await until(() => flow.statuses.some(({ text }) => text === WAITING.text));
    const undo = flow.nas.fail({ do: 'html' });
    await pollOnce();
    undo();
    flow.nas.dropSessions();
    flow.nas.state.setOnline(LAPTOP, true);
    pollOften();
    await flow.ended(1);
    expect(errors(flow)).toEqual([]);
    expect(startedIds(flow.nas)).toEqual([LAPTOP]);
  });
});

describe('a start that is not sent', () => {
  test.each<[string, Properties, Properties, string]>([
    ['msg.startWhen', {}, { startWhen: 'later' }, 'EPARAM'],
    ['msg.startWhen of another type', {}, { startWhen: ['online'] }, 'EPARAM'],
    ['the property startWhen', { startWhen: 'later' }, {}, 'ECONFIG'],
    ['the property waitTimeout', { waitTimeout: 'long' }, {}, 'ECONFIG'],
  ])('with a bad value of %s is an error, and nothing is sent', async (_, properties, msg, code) => {
    const flow = await online(properties);
    flow.send(msg);
    await flow.ended(1);
    expect(flow.caught[0]?.error).toMatchObject({
      code,
      message: expect.stringMatching(/startWhen|waitTimeout/) as string,
    });
    expect(flow.nas.received('login')).toEqual([]);
  });

  test('within waitTimeout is an error that names the task', async () => {
    const flow = await online({ waitTimeout: 0.01 });
    flow.send({ mine: 1 });
    await flow.ended(1);
    expect(flow.caught).toMatchObject([{ mine: 1, error: { code: 'EABB' } }]);
    expect(errors(flow)[0]).toMatch(/^Anna’s laptop \(5\): none of its devices came online within 0\.01 minutes/);
    expect(flow.statuses.at(-1)).toMatchObject({ fill: 'red' });
    expect(startedIds(flow.nas)).toEqual([]);
  });

  test('because the task was removed is an error', async () => {
    const flow = await online();
    flow.send({});
    await until(() => flow.statuses.some(({ text }) => text === WAITING.text));
    flow.nas.state.removeTask(LAPTOP);
    pollOften();
    await flow.ended(1);
    expect(errors(flow)).toEqual(['Anna’s laptop (5): the task was removed before it could be started']);
  });

  test('because a backup of the task runs already is an error, and the other tasks are started', async () => {
    const flow = await online({ tasks: '1, 3' }, { runSeconds: 3600 });
    flow.nas.state.startRun(1);
    flow.send({});
    await flow.ended(1);
    expect(startedIds(flow.nas)).toEqual([3]);
    expect(ids(flow.out[0])).toEqual([3]);
    expect(errors(flow)).toEqual(['Reception PC (1): a backup of it is already running']);
  });

  test('because it waits already is an error: the task is started once', async () => {
    const flow = await online();
    flow.send({ mine: 'first' });
    await until(() => flow.statuses.some(({ text }) => text === WAITING.text));
    flow.send({ mine: 'second' });
    await flow.ended(1);
    expect(flow.caught).toMatchObject([{ mine: 'second', error: { code: 'EABB' } }]);
    expect(errors(flow)[0]).toMatch(/^Anna’s laptop \(5\): its start already waits/);
    flow.nas.state.setOnline(LAPTOP, true);
    await pollOnce();
    await flow.ended(2);
    expect(flow.completed).toMatchObject([{ mine: 'first' }]);
    expect(startedIds(flow.nas)).toEqual([LAPTOP]);
  });

  test('because the account may not, is an error with the code of the NAS', async () => {
    const flow = await online({ tasks: '1' });
    flow.nas.fail({ on: { method: 'backup' }, do: 'refuse', code: 1036 });
    flow.send({});
    await flow.ended(1);
    expect(flow.caught[0]?.error).toMatchObject({ code: 'EPERMISSION', cause: { code: 1036 } });
    expect(flow.nas.received('backup')).toHaveLength(1);
  });
});

describe('the backup window of a task', () => {
  /** The NAS is in UTC, and its clock is that of the test. */
  async function limited(hoursOpen: (hour: number) => boolean, properties: Properties): Promise<Flow & { nas: Nas }> {
    const flow = await online({ tasks: '1', ...properties }, { utcOffsetSeconds: 0, speed: 1, runSeconds: 1 });
    const now = new Date();
    const present = now.getUTCDay() * 24 + now.getUTCHours();
    const hours = Array.from({ length: 168 }, (_, hour) => (hoursOpen((hour - present + 168) % 168) ? '1' : '0'));
    flow.nas.state.setSchedule(1, schedule({ enable_backup_window: true, backup_window: hours.join('') }));
    return flow;
  }
  const openInThreeHours = (hour: number): boolean => hour === 3; // an hour may end during the test

  test('that is closed delays the start, which is not sent again at once', async () => {
    const flow = await limited(() => false, { wait: true });
    flow.nas.fail({ on: { method: 'backup' }, do: 'refuse', code: 1104, times: 1 });
    flow.send({});
    await until(() => flow.statuses.some(({ text }) => text?.endsWith('waiting-window')));
    expect(flow.nas.received('backup')).toHaveLength(1);
    await pollOnce();
    expect(flow.nas.received('backup')).toHaveLength(1); // it cannot be computed when the window opens: not before 15 minutes
    expect(flow.caught).toEqual([]);
  });

  test.each([1104, 1105])('that opens after waitTimeout (%i) is an error with the time', async (code) => {
    const flow = await limited(openInThreeHours, { waitTimeout: 60 });
    flow.nas.fail({ on: { method: 'backup' }, do: 'refuse', code });
    flow.send({});
    await flow.ended(1);
    expect(flow.caught[0]?.error).toMatchObject({ code: 'EABB', cause: { code } });
    expect(errors(flow)[0]).toMatch(/^Reception PC \(1\): not allowed before [A-Z]\w+day \d\d:00 \(time of the NAS\)/);
  });

  test('is named by the refusal of a start at once', async () => {
    const flow = await limited(openInThreeHours, { startWhen: 'now' });
    flow.send({});
    await flow.ended(1);
    expect(errors(flow)[0]).toMatch(/^Reception PC \(1\): not allowed before [A-Z]\w+day \d\d:00 \(time of the NAS\)/);
  });
});

test('a device that goes off line before the start delays it, and the start is not sent again at once', async () => {
  const flow = await online({ tasks: '1' });
  flow.nas.fail({ on: { method: 'backup' }, do: 'refuse', code: 5001, times: 1 });
  flow.send({});
  await until(() => flow.statuses.some(({ text }) => text === WAITING.text));
  await pollOnce();
  await pollOnce();
  expect(flow.nas.received('backup')).toHaveLength(1);
  expect(flow.caught).toEqual([]);
});
