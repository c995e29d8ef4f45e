import { expect, test } from 'vitest';
import { ActiveBackup } from '../../src/active-backup/active-backup';
import type { CallResult } from '../../src/active-backup/method-call';
import { connect } from '../dsm/support';
import type { Nas } from '../nas/index';

async function connected(): Promise<{ nas: Nas; call: (method: string) => Promise<CallResult> }> {
  const { nas, station } = await connect({ tasks: 5, speed: 0, schedules: false });
  const activeBackup = new ActiveBackup(station, 'read');
  return { nas, call: (method) => activeBackup.call({ api: 'SYNO.ActiveBackup.Task', method }) };
}

test('an unchanged list has the same tasks, but a response of its own for each caller', async () => {
  const { call } = await connected();
  const [first, second] = [await call('list'), await call('list')];
  expect(second.data).toEqual(first.data);
  expect(second.data).not.toBe(first.data);
  expect(second.tasks).toHaveLength(5);
  second.tasks?.forEach((task, index) => {
    expect(task).toBe(first.tasks?.[index]);
  });
});

test('whatever a caller does to its response, the next list is that of the NAS', async () => {
  const { call } = await connected();
  const first = await call('list');
  const before = structuredClone(first.tasks);
  Object.assign(first.data as object, { tasks: [] });
  expect((await call('list')).tasks).toEqual(before);
});

test('a changed list, and the list of another method, are parsed', async () => {
  const { nas, call } = await connected();
  await call('list');
  const rows = await call('list_with_device');
  expect(rows.tasks?.every((task) => 'device' in task)).toBe(true);
  expect((await call('list')).tasks?.some((task) => 'device' in task)).toBe(false);
  nas.state.task(1).name = 'renamed';
  const { tasks } = await call('list');
  expect(tasks?.find(({ id }) => id === 1)?.name).toBe('renamed');
});
