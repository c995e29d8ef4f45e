import { describe, expect, test } from 'vitest';
import { type MonitorState, InMemoryStateStore } from '../../src/monitor/monitor-state';
import type { NasSnapshot } from '../../src/monitor/snapshot';
import { schedule } from '../nas/index';
import { connect, createMonitor, run } from './support/connect';
import {
  allOnline,
  backupsOf,
  counts,
  nowOf,
  startObserved,
  recordSnapshots,
  taskOf,
  timeOf,
  versionReads,
} from './support/snapshots';

const HOUR = 3600;

/** The day before the weekly run of the test, so that its new schedule is due by hours alone. */
const saturdayNoon = (): number => Date.parse('2026-11-14T12:00:00Z');

const DAY = 24 * HOUR;

const ON_LOG = { api: 'SYNO.ActiveBackup.Log', method: 'list_result' };

describe('the first snapshot', () => {
  test('is complete', async () => {
    const { nas, snapshots, last } = await startObserved();
    expect(snapshots).toHaveLength(1);
    const { at, online, tasks, storages, devices } = last();
    expect({ at, online }).toEqual({ at: nowOf(nas), online: true });
    // The machine of the fourth task is late by the habit of its past: its task, which nothing starts, is overdue.
    expect(tasks?.map(({ task }) => [task.id, task.versionCount, task.overdue])).toEqual(
      nas.state.tasks.map(({ id }) => [id, nas.state.versions(id).length, id === 4]),
    );
    expect(storages?.map(({ id, low, volume }) => [id, low, typeof volume?.freeBytes])).toEqual(
      nas.state.storages.map(({ id }) => [id, false, 'number']),
    );
    expect(devices?.map(({ id, name }) => [id, name])).toEqual(
      nas.state.devices.map(({ id, hostName }) => [id, hostName]),
    );
  });

  test('contains the history of log and tasks, with failure reasons', async () => {
    const { nas, activeBackup } = await connect({ tasks: 6 });
    const fresh = nas.state.addTask({ name: 'Fresh' });
    const ids = {
      success: [run(nas, 1, 'failed'), run(nas, 1)],
      failed: [run(nas, 2), run(nas, 2, 'failed')],
      partial: [run(nas, 3), run(nas, 3, 'partial')],
    };
    const monitor = createMonitor(nas, activeBackup);
    const { last } = recordSnapshots(monitor);
    await monitor.poll();
    expect([1, 2, 3].map((id) => taskOf(last(), id).failing)).toEqual([false, true, false]);
    expect(backupsOf(last(), 1, 2)).toEqual([`${ids.success[1]} success`, `${ids.success[0]} failed, explained`]);
    expect(backupsOf(last(), 2, 2)).toEqual([`${ids.failed[1]} failed, explained`, `${ids.failed[0]} success`]);
    expect(backupsOf(last(), 3, 2)).toEqual([`${ids.partial[1]} partial, explained`, `${ids.partial[0]} success`]);
    expect(taskOf(last(), 2).task.lastSuccessAt).toBe(timeOf(nas.state.resultsOf(2).at(-2)!.endedAt!));
    expect(taskOf(last(), fresh.id)).toMatchObject({ failing: false, recent: [], task: { lastSuccessAt: null } });
  });

  test('requests the reasons of 20 tasks at most', async () => {
    const { nas, activeBackup } = await connect({ tasks: 30 });
    allOnline(nas);
    for (const { id } of nas.state.tasks) run(nas, id, 'failed');
    const monitor = createMonitor(nas, activeBackup);
    const { last } = recordSnapshots(monitor);
    await monitor.poll();
    expect(nas.received('list_result_detail')).toHaveLength(20);
    expect(last().tasks?.filter(({ recent }) => recent[0]?.reason !== null)).toHaveLength(20);
    await monitor.poll(HOUR);
    expect(nas.received('list_result_detail')).toHaveLength(20);
  });

  test('contains an older success from the versions when neither log nor task has one', async () => {
    const { nas, activeBackup } = await connect();
    run(nas, 1);
    const success = nas.state.versions(1).at(-1)!.endedAt;
    nas.clock.advance(10 * DAY);
    run(nas, 1, 'failed');
    const monitor = createMonitor(nas, activeBackup);
    const { last } = recordSnapshots(monitor);
    await monitor.poll();
    expect(taskOf(last(), 1)).toMatchObject({ failing: true, task: { lastSuccessAt: timeOf(success) } });
  });
});

describe('a backup', () => {
  test('that fails, and succeeds again', async () => {
    const { nas, monitor, last } = await startObserved();
    const failed = run(nas, 1, 'failed');
    await monitor.poll();
    expect(taskOf(last(), 1).failing).toBe(true);
    expect(backupsOf(last(), 1, 1)).toEqual([`${failed} failed, explained`]);
    const cancelled = run(nas, 1, 'cancelled');
    await monitor.poll();
    expect(taskOf(last(), 1).failing).toBe(true);
    expect(backupsOf(last(), 1, 2)).toEqual([`${cancelled} cancelled`, `${failed} failed, explained`]);
    const success = run(nas, 1);
    await monitor.poll();
    expect(taskOf(last(), 1).failing).toBe(false);
    expect(backupsOf(last(), 1, 3)).toEqual([
      `${success} success`,
      `${cancelled} cancelled`,
      `${failed} failed, explained`,
    ]);
    expect(taskOf(last(), 1).recent[0]?.transferredBytes).toBe(nas.state.task(1).plan.totalBytes);
    expect(taskOf(last(), 1).task.lastSuccessAt).toBe(timeOf(nas.state.resultsOf(1).at(-1)!.endedAt!));
  });

  test('with nothing to back up is the last one, although it has no event', async () => {
    const { nas, monitor, last } = await startObserved();
    const id = run(nas, 1, 'no_backup');
    expect(await monitor.poll()).toEqual([]);
    expect(taskOf(last(), 1).recent[0]).toMatchObject({ id, status: 'no_backup' });
  });

  test('has its version counted when it finishes, by a request for its task alone', async () => {
    const { nas, monitor, last } = await startObserved();
    expect(versionReads(nas)).toEqual({ all: 1, single: 0 });
    const count = taskOf(last(), 1).task.versionCount!;
    run(nas, 1);
    await monitor.poll();
    expect(taskOf(last(), 1).task.versionCount).toBe(count + 1);
    expect(versionReads(nas)).toEqual({ all: 1, single: 1 });
    await monitor.poll();
    expect(versionReads(nas)).toEqual({ all: 1, single: 1 });
  });

  test('is one of many that finish at once: one request for all', async () => {
    const { nas, monitor, last } = await startObserved({ tasks: 12 });
    allOnline(nas);
    for (const { id } of nas.state.tasks) run(nas, id);
    await monitor.poll();
    expect(versionReads(nas)).toEqual({ all: 2, single: 0 });
    expect(last().tasks?.map(({ task }) => task.versionCount)).toEqual(
      nas.state.tasks.map(({ id }) => nas.state.versions(id).length),
    );
  });

  test('of a NAS that restarts has failed, and the history is kept', async () => {
    const { nas, monitor, last } = await startObserved({ runSeconds: HOUR });
    const before = run(nas, 1);
    await monitor.poll();
    nas.state.startRun(1);
    await monitor.poll(60);
    nas.restart();
    for (let i = 0; i < 3; i += 1) await monitor.poll();
    const broken = nas.state.resultsOf(1).at(-1)!.id;
    expect(taskOf(last(), 1).failing).toBe(true);
    expect(backupsOf(last(), 1, 2)).toEqual([`${broken} failed, explained`, `${before} success`]);
  });
});

describe('over a restart of Node-RED', () => {
  test('the history is kept, with backups finished meanwhile', async () => {
    const { nas, monitor } = await startObserved();
    const failed = run(nas, 1, 'failed');
    await monitor.poll();
    const missed = run(nas, 2, 'partial');
    monitor.restart();
    const { last } = recordSnapshots(monitor);
    await monitor.poll(3 * DAY);
    expect(taskOf(last(), 1).failing).toBe(true);
    expect(backupsOf(last(), 1, 1)).toEqual([`${failed} failed, explained`]);
    expect(backupsOf(last(), 2, 1)).toEqual([`${missed} partial, explained`]);
  });

  test('a state of an older release is completed', async () => {
    const store = new InMemoryStateStore();
    const { nas, monitor } = await startObserved({}, { store });
    const ids = [run(nas, 1), run(nas, 1, 'failed')];
    await monitor.poll();
    monitor.nasMonitor.onEvent({ id: 'a', storageLowPercent: 10, onEvent: () => undefined })();
    const { tasks, ...rest } = store.load()!;
    const forgotten = { lastSuccessAt: null, recent: [], failing: null, failuresInRow: null };
    const poor = Object.entries(tasks).map(([id, task]) => [id, { ...task, ...forgotten }] as const);
    const state: MonitorState = { ...rest, tasks: Object.fromEntries(poor) };
    store.save(state);
    monitor.restart();
    store.save(state);
    monitor.restart();
    const { last } = recordSnapshots(monitor);
    expect(await monitor.poll()).toEqual([]);
    expect(taskOf(last(), 1).failing).toBe(true);
    expect(backupsOf(last(), 1, 2)).toEqual([`${ids[1]} failed, explained`, `${ids[0]} success`]);
    expect(taskOf(last(), 1).task.lastSuccessAt).toBe(timeOf(nas.state.resultsOf(1).at(-2)!.endedAt!));
  });

  test('a state of another NAS is not used', async () => {
    const store = new InMemoryStateStore();
    const { nas, monitor } = await startObserved({}, { store });
    allOnline(nas);
    for (const { id } of nas.state.tasks) run(nas, id, 'failed');
    await monitor.poll();
    const other = await connect({ seed: 2 });
    const id = run(other.nas, 1);
    const monitorOfOther = createMonitor(other.nas, other.activeBackup, { store });
    const { last } = recordSnapshots(monitorOfOther);
    await monitorOfOther.poll();
    expect(taskOf(last(), 1)).toMatchObject({ failing: false });
    expect(taskOf(last(), 1).recent[0]?.id).toBe(id);
  });

  test('a task removed and added again under the same id has no history', async () => {
    const { nas, monitor, last } = await startObserved();
    run(nas, 1, 'failed');
    await monitor.poll();
    expect(taskOf(last(), 1).failing).toBe(true);
    const task = nas.state.task(1);
    Object.assign(task, { uuid: 'another', lastResultId: null });
    expect(await monitor.poll()).toEqual([`task_added ${task.name}`, `task_removed ${task.name}`]);
    expect(taskOf(last(), 1)).toMatchObject({ failing: false, recent: [] });
    const id = run(nas, 1, 'cancelled');
    await monitor.poll();
    monitor.restart();
    const { last: lastOfNext } = recordSnapshots(monitor);
    await monitor.poll();
    for (const emitted of [last, lastOfNext]) {
      expect(backupsOf(emitted(), 1, 9)).toEqual([`${id} cancelled`]);
      expect(taskOf(emitted(), 1).failing).toBe(false);
    }
  });
});

describe('overdue', () => {
  test('changes by time alone', async () => {
    const { nas, monitor, snapshots, last } = await startObserved({ now: saturdayNoon }, { overdueHours: 24 });
    nas.state.setSchedule(1, schedule({ run_weekday: [0], run_hour: 3 }));
    run(nas, 1);
    await monitor.poll();
    const before = last();
    await monitor.poll(23 * HOUR);
    expect(last().tasks).toBe(before.tasks);
    await monitor.poll(HOUR);
    expect(taskOf(last(), 1).task.overdue).toBe(true);
    expect(taskOf(last(), 2)).toBe(taskOf(before, 2));
    expect(snapshots).toHaveLength(4);
  });
});

describe('the NAS', () => {
  test('is offline after two polls, and the rest keeps its last values', async () => {
    const { nas, monitor, snapshots, last } = await startObserved();
    const undo = nas.fail({ do: 'reset-before' });
    for (let i = 0; i < 3; i += 1) await monitor.poll(60);
    expect(snapshots.map(({ online }) => online)).toEqual([true, true, false, false]);
    const [{ tasks, storages, devices, protections }] = snapshots as [NasSnapshot];
    expect(last()).toEqual({
      at: nowOf(nas),
      online: false,
      tasks,
      protections,
      storages,
      storageWasLow: false,
      devices,
      lastVerification: null,
      transferredBytes: 0,
      lastRestore: null,
    });
    expect(last().tasks).toBe(tasks);
    undo();
    await monitor.poll(60);
    expect(last()).toMatchObject({ online: true });
    expect(last().tasks).toBe(tasks);
  });

  test('that is offline from the beginning has a snapshot once that is known, and a complete one when it is online', async () => {
    const { nas, activeBackup } = await connect();
    const undo = nas.fail({ do: 'reset-before' });
    const monitor = createMonitor(nas, activeBackup);
    const { snapshots, last } = recordSnapshots(monitor);
    await monitor.poll();
    expect(snapshots).toEqual([]);
    await monitor.poll();
    expect(snapshots.map(counts)).toEqual([{ online: false, tasks: null, storages: null, devices: null }]);
    undo();
    await monitor.poll();
    expect(counts(last())).toEqual({ online: true, tasks: 5, storages: 1, devices: 5 });
  });

  test('stays offline over a restart of Node-RED', async () => {
    const { nas, monitor } = await startObserved();
    nas.fail({ do: 'reset-before' });
    await monitor.poll();
    await monitor.poll();
    monitor.restart();
    const { snapshots } = recordSnapshots(monitor);
    await monitor.poll();
    expect(snapshots).toMatchObject([{ online: false }]);
  });
});

describe('with a log that does not answer', () => {
  test('a backup is in the snapshot when it is reported', async () => {
    const { nas, monitor, snapshots, last } = await startObserved();
    const undo = nas.fail({ on: ON_LOG, do: 'html' });
    const id = run(nas, 1, 'failed');
    await monitor.poll();
    expect(last().tasks).toBe(snapshots[0]?.tasks);
    undo();
    expect(await monitor.poll()).toEqual([`backup_failed ${id}`]);
    expect(taskOf(last(), 1).failing).toBe(true);
    expect(backupsOf(last(), 1, 1)).toEqual([`${id} failed, explained`]);
  });

  test('from the beginning, the tasks are shown after a while from their own response', async () => {
    const { nas, activeBackup } = await connect();
    nas.fail({ on: ON_LOG, do: 'html' });
    const id = run(nas, 1, 'failed');
    const monitor = createMonitor(nas, activeBackup);
    const { snapshots, last } = recordSnapshots(monitor);
    for (let i = 0; i < 5; i += 1) await monitor.poll();
    expect(snapshots.slice(0, 2).map(({ tasks }) => tasks)).toEqual([null, null]);
    expect(taskOf(last(), 1).failing).toBe(true);
    expect(backupsOf(last(), 1, 1)).toEqual([`${id} failed`]);
    expect(new Set(snapshots.slice(2).map(({ tasks }) => tasks)).size).toBe(1);
  });
});
