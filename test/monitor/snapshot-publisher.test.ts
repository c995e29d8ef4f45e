import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { createMonitorClient } from '../../src/monitor/monitor-client';
import { NasMonitor } from '../../src/monitor/nas-monitor';
import type { NasSnapshot } from '../../src/monitor/snapshot';
import { InMemoryStateStore } from '../../src/monitor/monitor-state';
import { connect, createMonitor, createPoller, describeEvent, run } from './support/connect';
import { counts, nowOf, startObserved, recordSnapshots, taskOf, versionReads } from './support/snapshots';
import { until } from '../support/until';

const HOUR = 3600;

const ON_DEVICES = { api: 'SYNO.ActiveBackup.Device' };

describe('snapshot listeners', () => {
  test('get the snapshot before event listeners get the events', async () => {
    const { nas, activeBackup } = await connect();
    const monitor = createMonitor(nas, activeBackup);
    const order: string[] = [];
    monitor.nasMonitor.onEvent({
      id: 'a',
      storageLowPercent: 10,
      onEvent: (event) => order.push(describeEvent(event)),
    });
    monitor.nasMonitor.onSnapshot((snapshot) => order.push(`snapshot, ${snapshot.online ? 'online' : 'offline'}`), 10);
    await monitor.poll();
    const id = run(nas, 1);
    await monitor.poll();
    for (const volume of nas.state.volumes) volume.usedBytes = volume.totalBytes;
    await monitor.poll(900);
    const undo = nas.fail({ do: 'reset-before' });
    await monitor.poll();
    await monitor.poll();
    undo();
    await monitor.poll();
    const low = nas.state.storages.map(({ shareName }) => `storage_low ${shareName}`);
    expect(order).toEqual([
      'snapshot, online',
      'snapshot, online',
      `backup_succeeded ${id}`,
      'snapshot, online',
      ...low,
      'snapshot, online',
      'snapshot, offline',
      'nas_offline',
      'snapshot, online',
      'nas_online',
    ]);
  });

  test('that join later get a complete snapshot of the last poll, without waiting for the next', async () => {
    const { nas, activeBackup } = await connect();
    const monitor = createMonitor(nas, activeBackup);
    await monitor.poll();
    expect(nas.received('list', ON_DEVICES.api)).toHaveLength(0);
    // Of the only task whose results contain no success, to decide whether it is overdue.
    expect(versionReads(nas)).toEqual({ all: 0, single: 1 });
    const at = nowOf(nas);
    const { snapshots, last } = recordSnapshots(monitor);
    expect(snapshots).toEqual([]);
    await monitor.whenIdle();
    expect(snapshots).toHaveLength(1);
    expect(last().at).toBe(at);
    expect(counts(last())).toEqual({ online: true, tasks: 5, storages: 1, devices: 5 });
    expect(last().tasks?.map(({ task }) => typeof task.versionCount)).toEqual(Array(5).fill('number'));
    const other = recordSnapshots(monitor);
    await monitor.whenIdle();
    expect(other.last().tasks).toBe(last().tasks);
    expect(other.last().storages).toEqual(last().storages);
  });

  test('that join while a poll is processed wait for a complete snapshot', async () => {
    const { nas, activeBackup } = await connect();
    nas.fail({ on: { method: 'list_volume' }, do: 'delay', ms: 50 });
    const monitor = createMonitor(nas, activeBackup);
    await monitor.sendPoll();
    await until(() => nas.received('list_volume').length > 0, { interval: 1 });
    const { snapshots } = recordSnapshots(monitor);
    await monitor.whenIdle();
    expect(snapshots.map(counts)).toEqual([{ online: true, tasks: 5, storages: 1, devices: 5 }]);
  });

  test('that join while the NAS is offline get an offline snapshot', async () => {
    const { nas, monitor } = await startObserved();
    nas.fail({ do: 'reset-before' });
    await monitor.poll();
    await monitor.poll();
    const { snapshots } = recordSnapshots(monitor);
    await monitor.whenIdle();
    expect(snapshots.map(counts)).toEqual([{ online: false, tasks: 5, storages: 1, devices: 5 }]);
  });

  test('that have left get nothing, and nothing is read for them any more', async () => {
    const { nas, activeBackup } = await connect();
    const monitor = createMonitor(nas, activeBackup);
    const { snapshots, stop } = recordSnapshots(monitor);
    await monitor.poll();
    stop();
    const reads = nas.received('list', ON_DEVICES.api).length;
    run(nas, 1);
    for (let i = 0; i < 4; i += 1) await monitor.poll(HOUR);
    expect(snapshots).toHaveLength(1);
    expect(nas.received('list', ON_DEVICES.api)).toHaveLength(reads);
    expect(versionReads(nas)).toEqual({ all: 1, single: 0 });
  });

  test('alone keep a monitor running, and stop it when the last one leaves', async () => {
    const { nas, activeBackup } = await connect();
    const poller = createPoller(activeBackup, 5, 5, () => new Date(nas.clock.now() * 1000));
    const store = new InMemoryStateStore();
    const monitor = new NasMonitor({
      poller,
      client: createMonitorClient(activeBackup),
      store,
      overdueHours: 0,
      nas: nas.url,
    });
    const emitted: NasSnapshot[][] = [[], []];
    const stops = emitted.map((snapshots) => monitor.onSnapshot((snapshot) => snapshots.push(snapshot), 10));
    onTestFinished(() => {
      for (const stop of stops) stop();
    });
    await until(() => emitted.every(({ length }) => length > 3), { interval: 2 });
    const id = run(nas, 1, 'failed');
    await until(() => taskOf(emitted[1]!.at(-1)!, 1).recent[0]?.id === id, { interval: 2 });
    expect(emitted[0]!.at(-1)!.tasks).toBe(emitted[1]!.at(-1)!.tasks);
    stops[0]!();
    stops[1]!();
    expect(store.load()?.tasks['1']?.failing).toBe(true);
    const requests = nas.requests.length;
    const { length } = emitted[1]!;
    await vi.waitFor(() => {
      expect(nas.requests.length - requests).toBeLessThanOrEqual(1);
    });
    expect(emitted[1]).toHaveLength(length);
  });
});
