import { describe, expect, test } from 'vitest';
import type { NasSnapshot } from '../../src/monitor/snapshot';
import { connect, createMonitor, run, setUsedSpace } from './support/connect';
import { counts, startObserved, recordSnapshots, taskOf } from './support/snapshots';

const ON_DEVICES = { api: 'SYNO.ActiveBackup.Device' };

describe('storages', () => {
  const lows = ({ storages }: NasSnapshot): boolean[] => [...new Set(storages!.map(({ low }) => low))];

  test('are low by the limit of each listener, and recover two percent above', async () => {
    const { nas, monitor, last } = await startObserved();
    const other = recordSnapshots(monitor, 20);
    const emitted = async (usedPercent: number): Promise<unknown> => {
      setUsedSpace(nas, usedPercent);
      await monitor.poll(900);
      return [...lows(last()), ...lows(other.last())];
    };
    expect(await emitted(75)).toEqual([false, false]);
    expect(await emitted(81)).toEqual([false, true]);
    expect(await emitted(91)).toEqual([true, true]);
    expect(await emitted(89)).toEqual([true, true]);
    expect(await emitted(87)).toEqual([false, true]);
    expect(await emitted(79)).toEqual([false, true]);
    expect(await emitted(70)).toEqual([false, false]);
  });

  test('that are low stay low after a restart, within the two percent', async () => {
    const { nas, monitor } = await startObserved();
    setUsedSpace(nas, 91);
    await monitor.poll(900);
    setUsedSpace(nas, 89);
    monitor.restart();
    const { last } = recordSnapshots(monitor);
    await monitor.poll(900);
    expect(lows(last())).toEqual([true]);
  });

  test('that change are new, the others are not', async () => {
    const { nas, monitor, snapshots } = await startObserved();
    nas.state.storages.push({ ...nas.state.storages[0]!, id: 2 });
    await monitor.poll(900);
    snapshots.shift();
    nas.state.storages[0]!.dedupBytes += 1000;
    await monitor.poll(900);
    const [one, other] = snapshots.map(({ storages }) => storages!);
    expect(other).not.toBe(one);
    expect(other!.map((storage, index) => storage === one![index])).toEqual([false, true]);
  });
});

describe('devices', () => {
  test('without a task are included, those with one come from their tasks', async () => {
    const { nas, activeBackup } = await connect();
    const idle = nas.state.addDevice({ hostName: 'IDLE-PC' });
    const monitor = createMonitor(nas, activeBackup);
    const { last } = recordSnapshots(monitor);
    await monitor.poll();
    const { deviceIds } = nas.state.task(1);
    nas.state.setOnline(1, false);
    await monitor.poll();
    const found = new Map(last().devices?.map((device) => [device.id, device]));
    expect(found.get(idle.id)).toMatchObject({ name: 'IDLE-PC', online: null });
    expect(found.get(deviceIds[0]!)).toMatchObject({ online: false, platformCode: expect.any(Number) as number });
    nas.state.setOnline(1, true);
    const before = last();
    await monitor.poll();
    expect(last().devices?.find(({ id }) => id === deviceIds[0])?.online).toBe(true);
    expect(last().devices?.find(({ id }) => id === idle.id)).toBe(before.devices?.find(({ id }) => id === idle.id));
  });

  test('of a new task are there with it', async () => {
    const { nas, monitor, last } = await startObserved();
    const device = nas.state.addDevice({ hostName: 'NEW-PC' });
    const { id } = nas.state.addTask({ name: 'New', deviceIds: [device.id] });
    await monitor.poll();
    expect(last().devices?.some(({ name }) => name === 'NEW-PC')).toBe(true);
    expect(taskOf(last(), id).task.versionCount).toBe(0);
  });
});

describe('a NAS that denies access', () => {
  const ON_VERSIONS = { api: 'SYNO.ActiveBackup.Task', method: 'list' };

  test.each([
    { what: 'storages', on: { method: 'list_volume' } },
    { what: 'devices', on: ON_DEVICES },
  ] as const)('$what are null, and the rest is there', async ({ what, on }) => {
    const { nas, activeBackup } = await connect();
    nas.fail({ on, do: 'refuse', code: 105 });
    const monitor = createMonitor(nas, activeBackup);
    const { last } = recordSnapshots(monitor);
    await monitor.poll();
    expect(counts(last())).toEqual({ online: true, tasks: 5, storages: 1, devices: 5, [what]: null });
    const requests = nas.requests.length;
    for (let i = 0; i < 10; i += 1) await monitor.poll(60);
    expect(nas.requests.length - requests).toBe(10);
  });

  test.each([
    { what: 'storages', on: { method: 'list_volume' } },
    { what: 'devices', on: ON_DEVICES },
  ] as const)(
    '$what stay when they only fail at the moment, and are null when they are refused later',
    async ({ what, on }) => {
      const { nas, monitor, snapshots, last } = await startObserved();
      const undo = nas.fail({ on, do: 'html' });
      await monitor.poll(900);
      expect(last()[what]).toBe(snapshots[0]![what]);
      undo();
      nas.fail({ on, do: 'refuse', code: 105 });
      await monitor.poll(900);
      expect(last()[what]).toBeNull();
    },
  );

  test('versions are not counted then', async () => {
    const { nas, activeBackup } = await connect();
    const monitor = createMonitor(nas, activeBackup);
    await monitor.poll();
    const { last } = recordSnapshots(monitor);
    const undo = nas.fail({ on: ON_VERSIONS, do: 'refuse', code: 105 });
    await monitor.whenIdle();
    undo();
    expect(last().tasks?.map(({ task }) => task.versionCount)).toEqual([null, null, null, null, null]);
    run(nas, 1);
    await monitor.poll();
    expect(taskOf(last(), 1).task.versionCount).toBe(nas.state.versions(1).length);
  });
});
