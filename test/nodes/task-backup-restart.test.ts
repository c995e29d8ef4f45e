import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { describe, expect, test } from 'vitest';
import { until } from '../support/until';
import { endOf, restartable, type Restartable } from './restart-support';
import { connectionOf, helper, nasConfig, pollOften, pollOnce, simulatedNas } from './support';

const LAPTOP = 5;

const phases = (node: Restartable): string[] =>
  node.stored().flatMap(({ tasks }) => tasks.map(({ id, phase }) => `${id} ${phase}`));
const isWaiting = ({ flow }: Restartable): boolean =>
  flow.statuses.some(({ text }) => text?.endsWith('waiting-device'));

describe.each<[string, (node: Restartable) => Promise<void>]>([
  ['deploy', (node) => node.restart()],
  [
    'kill',
    async (node) => {
      await node.kill();
      await node.restart();
    },
  ],
])('after a %s', (_, restart) => {
  test('a backup is followed to its end, which is sent once, with its message', async () => {
    const node = await restartable();
    node.flow.send({ mine: 'first', parts: { id: 'outer', index: 3 }, tasks: 1, params: {} });
    await until(() => phases(node).includes('1 accepted'));
    const id = node.stored()[0] as unknown as { id: string };
    await restart(node);
    node.nas.state.endRun(1, 'success');
    pollOften();
    await until(() => node.ends.length > 0);
    expect(node.ends).toMatchObject([
      {
        mine: 'first',
        resumed: true,
        topic: 'backup',
        nas: { name: 'NAS', api: 'SYNO.ActiveBackup.Task', method: 'backup' },
        payload: { id: 1, state: 'idle' },
        result: { taskId: 1, status: 'success' },
        parts: { id: id.id, index: 0, count: 1, parts: { id: 'outer', index: 3 } },
      },
    ]);
    for (const override of ['tasks', 'params']) expect(node.ends[0]).not.toHaveProperty(override);
    await until(() => node.stored().length === 0);
    await restart(node);
    await pollOnce();
    expect(node.ends).toHaveLength(1);
    expect(node.startedIds()).toEqual([1]);
    expect(node.done).toBe(0); // the message that came before is not completed afterwards
  });

  test('progress is sent again, and a failure has its reason', async () => {
    const node = await restartable({ tasks: '4' });
    node.flow.send({});
    await until(() => phases(node).includes('4 accepted'));
    await restart(node);
    pollOften();
    await until(() => node.flow.out[1]?.length);
    expect(node.flow.out[1]?.[0]).toMatchObject({ resumed: true, payload: { id: 4 } });
    node.nas.state.endRun(4, 'failed');
    await until(() => node.ends.length > 0);
    expect(node.ends[0]?.result).toMatchObject({
      status: 'failed',
      reason: expect.stringMatching(/no permission/) as string,
    });
    expect(node.errors).toEqual([]);
  });

  test('the places of the tasks in their sequence stay', async () => {
    const node = await restartable({ tasks: '1, 2, 3' });
    node.flow.send({});
    await until(() => phases(node).filter((phase) => phase.endsWith('accepted')).length === 3);
    node.nas.state.endRun(2, 'success');
    pollOften();
    await until(() => node.ends.length === 1 && phases(node).length === 2);
    await restart(node);
    for (const id of [3, 1]) node.nas.state.endRun(id, 'success');
    pollOften();
    await until(() => node.ends.length === 3);
    const parts = node.ends.map((msg) => msg.parts as { id: string; index: number; count: number });
    expect(new Set(parts.map(({ id, count }) => `${id} ${count}`)).size).toBe(1);
    expect(parts.map(({ index }) => index).sort()).toEqual([0, 1, 2]);
    expect(node.ends.map(endOf).sort()).toEqual(['1 success', '2 success', '3 success']);
    expect(node.ends.map(({ resumed }) => resumed)).toEqual([undefined, true, true]);
  });

  test('a start that waits for a device is sent once, when the device comes on line', async () => {
    const node = await restartable({ tasks: '5', startWhen: 'online' });
    node.flow.send({ mine: 'late' });
    await until(() => phases(node).includes(`${LAPTOP} waiting`));
    await restart(node);
    await until(() => isWaiting(node));
    expect(node.startedIds()).toEqual([]);
    node.nas.state.setOnline(LAPTOP, true);
    await pollOnce();
    await until(() => phases(node).includes(`${LAPTOP} accepted`));
    await restart(node);
    node.nas.state.endRun(LAPTOP, 'success');
    pollOften();
    await until(() => node.ends.length > 0);
    expect(node.ends.map(endOf)).toEqual([`${LAPTOP} success late`]);
    expect(node.startedIds()).toEqual([LAPTOP]);
  });

  test('a start whose response did not come is found in the list of tasks, and not sent again', async () => {
    const node = await restartable();
    node.nas.fail({ on: { method: 'backup' }, do: 'delay', ms: 60_000 });
    node.flow.send({ mine: 'unsure' });
    await until(() => node.nas.received('backup').length > 0);
    expect(phases(node)).toEqual(['1 sending']);
    node.nas.state.startRun(1); // the NAS has accepted it
    await restart(node);
    pollOften();
    await until(() => node.flow.out[1]?.length);
    node.nas.state.endRun(1, 'success');
    await until(() => node.ends.length > 0);
    expect(node.ends.map(endOf)).toEqual(['1 success unsure']);
    expect(node.nas.received('backup')).toHaveLength(1);
  });

  test('a start whose response did not come and that has no run is an error, and not sent again', async () => {
    const node = await restartable({ startWhen: 'online' });
    node.nas.fail({ on: { method: 'backup' }, do: 'hang' });
    node.flow.send({ mine: 'unsure' });
    await until(() => node.nas.received('backup').length > 0);
    expect(phases(node)).toEqual(['1 sending']);
    await restart(node);
    Object.assign(connectionOf(), { startTimeoutMs: 500 });
    pollOften();
    await until(() => node.errors.length > 0);
    expect(node.errors[0]).toMatch(/^Reception PC \(1\): .*unknown whether the NAS accepted.*not sent again/);
    expect(node.flow.caught).toMatchObject([{ mine: 'unsure', resumed: true, error: { code: 'EABB' } }]);
    expect(node.nas.received('backup')).toHaveLength(1);
    await until(() => node.stored().length === 0);
  });
});

test.each(['1', '1, 2'])(
  'of tasks %s, the end that is sent in the turn in which Node-RED ends is sent again after the restart, once',
  async (tasks) => {
    const node = await restartable({ tasks });
    node.flow.send({ mine: 'first' });
    await until(() => phases(node).includes('1 accepted'));
    const restarts: Promise<void>[] = [];
    const send = node.flow.node.send.bind(node.flow.node);
    node.flow.node.send = (msg) => {
      send(msg);
      const isEnd = Array.isArray(msg) && msg[0] !== null;
      // After all that follows a message, and before Node-RED passes it on.
      if (isEnd && restarts.length === 0) restarts.push(Promise.resolve().then(() => node.restart()));
    };
    node.nas.state.endRun(1, 'success');
    pollOften();
    await until(() => restarts.length > 0);
    await Promise.all(restarts);
    for (const { taskId } of node.nas.state.runs) node.nas.state.endRun(taskId, 'success');
    await until(() => node.stored().length === 0);
    expect(node.ends.map((msg) => `${endOf(msg)} ${String(msg.resumed)}`).sort()).toEqual(
      tasks.split(', ').map((id) => `${id} success first true`),
    );
    expect(node.startedIds().sort()).toEqual(tasks.split(', ').map(Number));
    await node.restart();
    await pollOnce();
    expect(node.ends).toHaveLength(tasks.split(', ').length);
  },
);

test('the end of twenty backups that are followed at a kill is sent once each, with its message, and no start is repeated', async () => {
  const node = await restartable({ tasks: 'payload', tasksType: 'msg' }, { tasks: 20 });
  const ids = node.nas.state.tasks.map(({ id }) => id);
  for (const id of ids) node.nas.state.setOnline(id, true);
  for (const id of ids) node.flow.send({ payload: id, mine: `of ${id}` });
  await until(() => phases(node).filter((phase) => phase.endsWith('accepted')).length === 20);
  await node.kill();
  for (const id of ids.slice(0, 10)) node.nas.state.endRun(id, 'success'); // while Node-RED is down
  await node.restart();
  for (const id of ids.slice(10)) node.nas.state.endRun(id, 'success');
  pollOften();
  await until(() => node.ends.length >= 20);
  await until(() => node.stored().length === 0);
  expect(node.ends.map(endOf).sort()).toEqual(ids.map((id) => `${id} success of ${id}`).sort());
  expect(node.errors).toEqual([]);
  expect(node.startedIds().sort((one, other) => one - other)).toEqual(ids);
});

describe('a backup is no longer followed', () => {
  async function followed(): Promise<Restartable> {
    const node = await restartable();
    node.flow.send({ mine: 'first' });
    await until(() => phases(node).includes('1 accepted'));
    return node;
  }

  test('when its node is deleted: its file is deleted too', async () => {
    const node = await followed();
    await helper.setFlows([{ id: 'flow', type: 'tab', label: 'flow' }] as never, 'nodes');
    await until(() => !existsSync(node.file));
    expect(node.nas.received('cancel')).toEqual([]);
  });

  test.each([
    ['is deleted', (): [] => [], /NAS node was deleted or disabled/],
    ['is another NAS now', (port: number) => [{ port }], /address of another NAS/],
  ])('when its NAS node %s: an error says so', async (_, change, words) => {
    const node = await followed();
    const other = await simulatedNas({ seed: 2 });
    other.state.serialNumber = '99XYZ0000001';
    const config = change(other.port).map((properties) =>
      nasConfig(node.nas, { activePollInterval: 1, ...properties }),
    );
    await node.restart([...node.nodes.filter(({ id }) => id !== 'nas'), ...config]);
    await until(() => node.errors.length > 0);
    expect(node.errors[0]).toMatch(/^Reception PC \(1\): no longer followed/);
    expect(node.errors[0]).toMatch(words);
    expect(node.flow.caught).toMatchObject([{ mine: 'first', resumed: true, error: { code: 'ECONFIG' } }]);
    await until(() => node.stored().length === 0);
    expect(other.received('backup')).toEqual([]);
  });

  test('when its time was over while Node-RED did not run: a start that waited is not sent', async () => {
    const node = await restartable({ tasks: '5', startWhen: 'online' });
    node.flow.send({});
    await until(() => phases(node).includes('5 waiting'));
    await node.kill();
    const text = readFileSync(node.file, 'utf8').replace(/"until":\d+/, '"until":1000');
    writeFileSync(node.file, text);
    node.nas.state.setOnline(LAPTOP, true);
    await node.restart();
    await until(() => node.errors.length > 0);
    expect(node.errors[0]).toMatch(/^Anna’s laptop \(5\): not started, because Node-RED did not run/);
    expect(node.startedIds()).toEqual([]);
  });

  test('when its file is damaged: it is set aside with a warning, and new messages are followed', async () => {
    const node = await followed();
    await node.kill();
    writeFileSync(node.file, '{"version":1,"requests":[{"id":1}]}');
    await node.restart();
    expect(existsSync(`${node.file}.damaged`)).toBe(true);
    node.nas.state.endRun(1, 'success');
    node.flow.send({ mine: 'second' });
    await until(() => phases(node).includes('1 accepted'));
    expect(node.errors).toEqual([]);
  });
});

describe('while the disk cannot be written', () => {
  /** A file in the place of the folder, which also the superuser cannot write to. */
  const block = ({ file }: Restartable): void => {
    rmSync(dirname(file), { recursive: true });
    writeFileSync(dirname(file), '');
  };
  const unblock = ({ file }: Restartable): void => {
    rmSync(dirname(file));
    mkdirSync(dirname(file));
  };

  test('a backup is started and followed all the same', async () => {
    const node = await restartable();
    await pollOnce();
    mkdirSync(dirname(node.file), { recursive: true });
    block(node);
    node.flow.send({ mine: 'first' });
    await until(() => node.nas.state.runs.length === 1);
    node.nas.state.endRun(1, 'success');
    pollOften();
    await node.flow.ended(1);
    expect(node.ends.map(endOf)).toEqual(['1 success first']);
    expect(node.errors).toEqual([]);
    unblock(node);
  });

  test('a start that is stored as waiting is not sent: it could be sent twice', async () => {
    const node = await restartable({ tasks: '5', startWhen: 'online' });
    node.flow.send({});
    await until(() => phases(node).includes('5 waiting'));
    block(node);
    node.nas.state.setOnline(LAPTOP, true);
    await pollOnce();
    await until(() => node.flow.statuses.some(({ text }) => text?.endsWith('waiting-disk')));
    expect(node.startedIds()).toEqual([]);
    unblock(node);
  });
});

test('a message with content that JSON cannot hold is followed, and resumed without it', async () => {
  const node = await restartable();
  const cyclic: Record<string, unknown> = { kept: 1 };
  cyclic['self'] = cyclic;
  node.flow.send({
    cyclic,
    big: 1n,
    run: () => 1,
    buffer: Buffer.from('x'),
    topic: 'mine',
    payload: 'p'.repeat(300_000),
  });
  await until(() => phases(node).includes('1 accepted'));
  expect(readFileSync(node.file, 'utf8').length).toBeLessThan(300_000);
  await node.restart();
  node.nas.state.endRun(1, 'success');
  pollOften();
  await until(() => node.ends.length > 0);
  expect(node.ends[0]).toMatchObject({ topic: 'mine', cyclic: { kept: 1 }, resumed: true });
  for (const name of ['big', 'run', 'buffer']) expect(node.ends[0]).not.toHaveProperty(name);
  expect(node.errors).toEqual([]);
});
