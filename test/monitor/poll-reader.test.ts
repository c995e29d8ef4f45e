import { describe, expect, test } from 'vitest';
import { InMemoryStateStore } from '../../src/monitor/monitor-state';
import { Recorder, ScriptedNas, whenIdle } from './support/scripted-nas';

const DAY = 24 * 3600;

/** A monitor of a NAS whose log has no success of task 1, after its first poll. */
async function monitored(successAgoSeconds: number) {
  const nas = new ScriptedNas(2);
  nas.overdueHours = 24;
  nas.versionSuccesses.set(1, new Date((nas.now - successAgoSeconds) * 1000).toISOString());
  const monitor = nas.createMonitor(new InMemoryStateStore());
  const recorder = new Recorder('a');
  recorder.subscribe(monitor);
  const poll = async (): Promise<void> => {
    nas.poll();
    await whenIdle();
  };
  await poll();
  nas.end(1, 4);
  await poll();
  return { nas, recorder, monitor, poll };
}

/** A NAS whose task 1 was only partial lately, before its first poll. */
function started(hasSnapshotListener: boolean) {
  const nas = new ScriptedNas(2);
  nas.overdueHours = 24;
  nas.end(1, 3);
  nas.versionSuccesses.set(1, new Date((nas.now - 5 * DAY) * 1000).toISOString());
  const monitor = nas.createMonitor(new InMemoryStateStore());
  const recorder = new Recorder('a');
  recorder.subscribe(monitor);
  if (hasSnapshotListener) monitor.onSnapshot(() => undefined, 10);
  const poll = async (): Promise<void> => {
    nas.poll();
    await whenIdle();
  };
  const isOverdue = (): boolean | null | undefined =>
    monitor.completeNow(nas.tasks).find(({ id }) => id === 1)?.overdue;
  return { nas, recorder, isOverdue, poll };
}

test('a task whose last success is known from its versions alone is overdue as soon as that is read', async () => {
  const { recorder, poll } = await monitored(5 * DAY);
  expect(recorder.events.map(({ event, task }) => [event, task?.id, task?.overdue])).toEqual([
    ['backup_failed', 1, true],
    ['backup_overdue', 1, true],
  ]);
  recorder.events.length = 0;
  await poll();
  expect(recorder.takeEvents()).toEqual([]);
});

describe('at the first start, which emits no past, such a task', () => {
  test.each([
    ['events', false],
    ['snapshots, too', true],
  ])('is overdue with a listener for %s', async (_, hasSnapshotListener) => {
    const { recorder, isOverdue, poll } = started(hasSnapshotListener);
    await poll();
    expect(isOverdue()).toBe(true);
    expect(recorder.takeEvents()).toEqual([]);
  });

  test.each([
    ['events', false],
    ['snapshots, too', true],
  ])(
    'becomes overdue when the versions are read after they could not, with a listener for %s',
    async (_, hasSnapshotListener) => {
      const { nas, recorder, isOverdue, poll } = started(hasSnapshotListener);
      nas.canReadVersions = () => false;
      await poll();
      expect(isOverdue()).toBe(false);
      nas.canReadVersions = () => true;
      nas.now += 16 * 60;
      await poll();
      expect(isOverdue()).toBe(true);
      expect(recorder.events.map(({ event, task }) => [event, task?.id])).toEqual([['backup_overdue', 1]]);
    },
  );
});

test('the versions of one task, read after its backup, do not count as those of all tasks', async () => {
  const { nas, isOverdue, poll } = started(true);
  nas.canReadVersions = () => false;
  // All are requested again at the next poll, then after a while.
  for (let failures = 0; failures < 3; failures += 1) {
    await poll();
    nas.end(2);
  }
  await poll();
  nas.canReadVersions = (id) => id === 2;
  nas.versionSuccesses.set(2, new Date(nas.now * 1000).toISOString());
  nas.end(2);
  await poll();
  expect(isOverdue()).toBe(false);
  nas.canReadVersions = (id) => id !== undefined;
  nas.now += 16 * 60;
  await poll();
  expect(isOverdue()).toBe(true);
});

test('a success in the versions that is recent enough makes no task overdue', async () => {
  const { recorder } = await monitored(3600);
  expect(recorder.events.map(({ event, task }) => [event, task?.overdue])).toEqual([['backup_failed', false]]);
});

test('a task is overdue at the next poll after a list has read its last success from the versions', async () => {
  const { nas, recorder, monitor, poll } = await monitored(3600);
  nas.end(2, 4);
  nas.versionSuccesses.delete(1);
  await poll();
  recorder.events.length = 0;
  nas.now += 3600; // a version is requested for one task once in a while only
  nas.versionSuccesses.set(2, new Date((nas.now - 5 * DAY) * 1000).toISOString());
  const at = new Date(nas.now * 1000);
  const listed = await monitor.complete(at, nas.tasks);
  expect(listed.find(({ id }) => id === 2)?.overdue).toBe(true);
  await poll();
  expect(recorder.takeEvents()).toEqual(['backup_overdue task 2']);
});

test('after a pause versions that cannot be read are unknown, not those of before, and are read later', async () => {
  const nas = new ScriptedNas(2);
  nas.overdueHours = 24;
  nas.end(1, 3);
  const monitor = nas.createMonitor(new InMemoryStateStore());
  const seen: (number | null | undefined)[] = [];
  const subscribe = (): (() => void) =>
    monitor.onSnapshot(({ tasks }) => seen.push(tasks?.find(({ task }) => task.id === 1)?.task.versionCount), 10);
  const poll = async (): Promise<void> => {
    nas.poll();
    await whenIdle();
  };
  const isOverdue = (): boolean | null | undefined =>
    monitor.completeNow(nas.tasks).find(({ id }) => id === 1)?.overdue;
  const leave = subscribe();
  nas.versionSuccesses.set(2, new Date(nas.now * 1000).toISOString());
  await poll();
  leave();
  nas.now += DAY / 2;
  nas.versionSuccesses.set(1, new Date((nas.now - 3 * DAY) * 1000).toISOString());
  nas.canReadVersions = () => false;
  subscribe();
  await poll();
  expect(isOverdue()).toBe(false);
  nas.canReadVersions = () => true;
  nas.now += 16 * 60;
  await poll();
  expect(isOverdue()).toBe(true);
  expect(seen.at(-1)).toBe(1);
});
