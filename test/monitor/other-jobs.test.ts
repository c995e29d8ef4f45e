import { describe, expect, test } from 'vitest';
import type { NasSnapshot } from '../../src/monitor/snapshot';
import { InMemoryStateStore, parseMonitorState } from '../../src/monitor/monitor-state';
import type { Nas } from '../nas/index';
import { connect, createMonitor, run, startMonitored } from './support/connect';

const HOUR = 3600;

/** Runs a job of a task to its end. @returns the id of the result */
function job(
  nas: Nas,
  kind: 'verify' | 'restoreFile' | 'restoreDevice' | 'restorePhysical',
  outcome: 'success' | 'partial' | 'failed' | 'cancelled' = 'success',
  taskId = 1,
): number {
  const { id } = nas.state.startJob(taskId, kind, {});
  nas.clock.advance(60);
  nas.state.endJob(id, outcome);
  return id;
}

describe('a verification or restore', () => {
  test.each([
    ['verify', 'success', 'verification_succeeded'],
    ['verify', 'partial', 'verification_failed'],
    ['verify', 'failed', 'verification_failed'],
    ['restoreFile', 'success', 'restore_succeeded'],
    ['restoreDevice', 'failed', 'restore_failed'],
    ['restorePhysical', 'partial', 'restore_failed'],
  ] as const)('%s that ends as %s is reported once as %s', async (kind, outcome, event) => {
    const { nas, monitor } = await startMonitored();
    const id = job(nas, kind, outcome);
    expect(await monitor.poll()).toEqual([`${event} ${id}`]);
    expect(monitor.events[0]).toMatchObject({ task: { id: 1 }, result: { id, taskId: 1, durationSeconds: 60 } });
    expect([await monitor.poll(), await monitor.poll(HOUR)]).toEqual([[], []]);
    monitor.restart();
    expect([await monitor.poll(), await monitor.poll()]).toEqual([[], []]);
  });

  test('that is cancelled has no event', async () => {
    const { nas, monitor } = await startMonitored();
    job(nas, 'verify', 'cancelled');
    expect([await monitor.poll(), await monitor.poll()]).toEqual([[], []]);
  });

  test('has no event while it runs', async () => {
    const { nas, monitor } = await startMonitored();
    const { id } = nas.state.startJob(1, 'verify', {});
    expect([await monitor.poll(), await monitor.poll()]).toEqual([[], []]);
    nas.state.endJob(id, 'success');
    expect(await monitor.poll()).toEqual([`verification_succeeded ${id}`]);
  });

  test('is not taken for a backup, and starts none', async () => {
    const { nas, monitor } = await startMonitored();
    run(nas, 1, 'failed');
    await monitor.poll();
    job(nas, 'restoreFile');
    await monitor.poll();
    expect(monitor.events).toMatchObject([{ task: { failuresInRow: 1, lastResult: { status: 'failed' } } }]);
  });

  test('hides no backup between two polls, and neither is reported twice', async () => {
    const { nas, monitor } = await startMonitored();
    const backup = run(nas, 1);
    const verification = job(nas, 'verify');
    nas.state.deleteVersions(1);
    expect(await monitor.poll()).toEqual([`backup_succeeded ${backup}`, `verification_succeeded ${verification}`]);
    expect(await monitor.poll(HOUR)).toEqual([]);
    const next = run(nas, 1);
    expect(await monitor.poll()).toEqual([`backup_succeeded ${next}`]);
  });

  test('that the task list does not show is reported when the log is read next', async () => {
    const { nas, monitor } = await startMonitored();
    const { id } = nas.state.startJob(1, 'restoreFile', { becomesLast: false });
    nas.clock.advance(60);
    nas.state.endJob(id);
    expect(await monitor.poll()).toEqual([]);
    const backup = run(nas, 2);
    expect(await monitor.poll()).toEqual([`restore_succeeded ${id}`, `backup_succeeded ${backup}`]);
  });

  test('that ended while Node-RED was not running is late, and one of before the first start is never reported', async () => {
    const { nas, activeBackup } = await connect();
    job(nas, 'verify', 'failed');
    const monitor = createMonitor(nas, activeBackup);
    expect([await monitor.poll(), await monitor.poll(HOUR)]).toEqual([[], []]);
    const id = job(nas, 'verify', 'failed');
    monitor.restart();
    expect(await monitor.poll()).toEqual([`verification_failed ${id} late`]);
  });

  test('costs one request of the log when it has ended, and none while it runs', async () => {
    const { nas, monitor } = await startMonitored();
    const { id } = nas.state.startJob(1, 'verify', {});
    await monitor.poll();
    const before = nas.received('list_result').length;
    await monitor.poll();
    expect(nas.received('list_result')).toHaveLength(before);
    nas.state.endJob(id);
    await monitor.poll();
    const after = nas.received('list_result').length;
    await monitor.poll();
    expect([after - before > 0, nas.received('list_result').length - after]).toEqual([true, 0]);
  });

  test('is in the snapshot: the last of each kind, also after a restart', async () => {
    const { nas, monitor } = await startMonitored();
    const snapshots: NasSnapshot[] = [];
    const observe = (): (() => void) => monitor.nasMonitor.onSnapshot((snapshot) => snapshots.push(snapshot), 10);
    observe();
    await monitor.poll();
    expect(snapshots.at(-1)).toMatchObject({ lastVerification: null, lastRestore: null });
    const id = job(nas, 'verify', 'failed');
    await monitor.poll();
    const last = snapshots.at(-1);
    const end = monitor.events[0]?.result?.endedAt;
    expect(monitor.events[0]?.result?.id).toBe(id);
    const { name } = nas.state.task(1);
    expect(last?.lastVerification).toEqual({ at: end, status: 'failed', taskId: 1, taskName: name });
    expect(last?.lastRestore).toBeNull();
    await monitor.poll();
    expect(snapshots.at(-1)?.lastVerification).toBe(last?.lastVerification);
    monitor.restart();
    observe();
    await monitor.poll();
    expect(snapshots.at(-1)?.lastVerification).toEqual(last?.lastVerification);
  });
});

describe('a state of an older release, which reported backups only', () => {
  test('counts the verifications found at the first comparison as reported; later ones are not lost', async () => {
    const store = new InMemoryStateStore();
    const { nas, activeBackup } = await connect();
    const monitor = createMonitor(nas, activeBackup, { store });
    expect(await monitor.poll()).toEqual([]);
    const backup = run(nas, 2);
    expect(await monitor.poll()).toEqual([`backup_succeeded ${backup}`]);
    const { otherJobs: _, undeliveredOther: __, ...old } = store.load()!;
    job(nas, 'verify');
    const ended = run(nas, 1);
    const read = parseMonitorState(JSON.stringify(old))!;
    expect(read.otherJobs).toBeNull();
    store.save(read);
    const after = createMonitor(nas, activeBackup, { store });
    expect(await after.poll()).toEqual([`backup_succeeded ${ended} late`]);
    const id = job(nas, 'verify');
    expect([await after.poll(), await after.poll()]).toEqual([[`verification_succeeded ${id}`], []]);
  });
});
