import { expect, test } from 'vitest';
import type { NasSnapshot } from '../../src/monitor/snapshot';
import { InMemoryStateStore, parseMonitorState, type MonitorState } from '../../src/monitor/monitor-state';
import type { Nas } from '../nas/index';
import { connect, createMonitor, run, startMonitored, type ManualMonitor } from './support/connect';

const HOUR = 3600;

/** Runs a backup to its end. @returns what it transferred */
function transferredBy(nas: Nas, taskId: number, outcome?: Parameters<typeof run>[2]): number {
  run(nas, taskId, outcome);
  return nas.state.resultsOf(taskId).at(-1)!.transferredBytes;
}

/** What the last snapshot counts: of the NAS, then of its tasks. */
function counters(monitor: ManualMonitor): () => (number | null)[] {
  const snapshots: NasSnapshot[] = [];
  monitor.nasMonitor.onSnapshot((snapshot) => snapshots.push(snapshot), 10);
  return () => {
    const last = snapshots.at(-1);
    return [last?.transferredBytes ?? null, ...(last?.tasks ?? []).map(({ transferredBytes }) => transferredBytes)];
  };
}

test('the counters begin at 0 and grow by each backup that ends, once, however it ends', async () => {
  const { nas, monitor } = await startMonitored({ tasks: 2 });
  const counted = counters(monitor);
  await monitor.poll();
  expect(counted()).toEqual([0, 0, 0]);
  const first = transferredBy(nas, 1);
  await monitor.poll();
  expect(first).toBeGreaterThan(0);
  expect(counted()).toEqual([first, first, 0]);
  const failed = transferredBy(nas, 2, 'partial');
  await monitor.poll();
  for (const seconds of [5, HOUR, 30 * HOUR]) await monitor.poll(seconds);
  expect(counted()).toEqual([first + failed, first, failed]);
});

test('the counters of several backups between two polls are those of all of them', async () => {
  const { nas, monitor } = await startMonitored({ tasks: 1 });
  const counted = counters(monitor);
  const sum = transferredBy(nas, 1) + transferredBy(nas, 1, 'failed') + transferredBy(nas, 1);
  expect(await monitor.poll()).toHaveLength(3);
  expect(counted()).toEqual([sum, sum]);
});

test('the counters do not grow by a backup that runs, nor by a verification', async () => {
  const { nas, monitor } = await startMonitored({ tasks: 1 });
  const counted = counters(monitor);
  const { id } = nas.state.startJob(1, 'verify', {});
  nas.clock.advance(60);
  nas.state.endJob(id);
  nas.state.startRun(1);
  nas.clock.advance(60);
  await monitor.poll();
  expect(counted()).toEqual([0, 0]);
});

test('the counters go on after a restart, with the backups that ended meanwhile', async () => {
  const { nas, monitor } = await startMonitored({ tasks: 1 });
  const first = transferredBy(nas, 1);
  await monitor.poll();
  const second = transferredBy(nas, 1);
  monitor.restart();
  const counted = counters(monitor);
  await monitor.poll();
  expect(counted()).toEqual([first + second, first + second]);
});

test('the counter of the NAS does not fall when a task is deleted', async () => {
  const { nas, monitor } = await startMonitored({ tasks: 2 });
  const counted = counters(monitor);
  const bytes = transferredBy(nas, 2);
  await monitor.poll();
  nas.state.removeTask(2);
  for (let polls = 0; polls < 5; polls += 1) await monitor.poll();
  expect(counted()).toEqual([bytes, 0]);
});

test('a state of a release without counters begins to count at 0, and repeats no backup of before', async () => {
  const { nas, activeBackup } = await connect({ tasks: 1 });
  const store = new InMemoryStateStore();
  const before = createMonitor(nas, activeBackup, { store });
  await before.poll();
  run(nas, 1);
  await before.poll();
  const old = new InMemoryStateStore();
  old.save(withoutCounters(store.load()));
  const monitor = createMonitor(nas, activeBackup, { store: old });
  const counted = counters(monitor);
  await monitor.poll();
  expect(counted()).toEqual([0, 0]);
  const bytes = transferredBy(nas, 1);
  await monitor.poll();
  expect(counted()).toEqual([bytes, bytes]);
});

/** A state as it is read from the file of an older release. */
function withoutCounters(state: MonitorState | null): MonitorState {
  const { transferredBytes: _, tasks = {}, ...rest } = state ?? {};
  const old = Object.entries(tasks).map(([id, { transferredBytes: _, ...task }]) => [id, task] as const);
  const read = parseMonitorState(JSON.stringify({ ...rest, tasks: Object.fromEntries(old) }));
  if (read === null) throw new Error('The state cannot be read');
  return read;
}
