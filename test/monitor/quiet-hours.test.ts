import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { FileStateStore } from '../../src/monitor/monitor-state';
import { tempDir } from '../support/temp-dir';
import { schedule, type Nas } from '../nas/index';
import { run, startMonitored, type ManualMonitor } from './support/connect';

const HOUR = 3600;

/** The machines of other tasks that become late in two days by the hours of {@link startQuiet}; their tasks run at no time. */
const OTHERS = ['device_overdue SRV-LEDGER', 'device_overdue vm-projects'];

/** A monitored NAS whose quiet hours a test begins and ends. */
async function startQuiet(overdueHours = 0): Promise<{
  nas: Nas;
  monitor: ManualMonitor;
  quiet: { is: boolean };
}> {
  const quiet = { is: true };
  const { path, remove } = await tempDir('quiet');
  onTestFinished(remove);
  const store = new FileStateStore(join(path, 'state.json'), () => undefined);
  const { nas, monitor } = await startMonitored({}, { store, overdueHours, isQuiet: () => quiet.is });
  nas.state.setSchedule(1, schedule({ run_weekday: [0, 1, 2, 3, 4, 5, 6], run_hour: 3 }));
  return { nas, monitor, quiet };
}

describe('an outage in quiet hours', () => {
  test('that ends in them is never reported', async () => {
    const { nas, monitor } = await startQuiet();
    const undo = nas.fail({ do: 'reset-before' });
    expect([await monitor.poll(60), await monitor.poll(60), await monitor.poll(60)]).toEqual([[], [], []]);
    undo();
    expect([await monitor.poll(60), await monitor.poll(60)]).toEqual([[], []]);
  });

  test('that lasts longer is reported once when they end, dated at its beginning', async () => {
    const { nas, monitor, quiet } = await startQuiet();
    const undo = nas.fail({ do: 'reset-before' });
    await monitor.poll(60);
    const from = new Date(nas.clock.now() * 1000).toISOString();
    await monitor.poll(60);
    quiet.is = false;
    expect(await monitor.poll(60)).toEqual(['nas_offline']);
    expect(monitor.events[0]).toMatchObject({ at: from, late: false });
    expect(await monitor.poll(60)).toEqual([]);
    undo();
    expect(await monitor.poll(60)).toEqual(['nas_online']);
  });

  test('is shown in snapshots at once', async () => {
    const { nas, monitor } = await startQuiet();
    const online: boolean[] = [];
    monitor.nasMonitor.onSnapshot((snapshot) => online.push(snapshot.online), 10);
    await monitor.poll(60);
    nas.fail({ do: 'reset-before' });
    await monitor.poll(60);
    await monitor.poll(60);
    expect(online.at(-1)).toBe(false);
  });

  test('that was reported before they began ends with nas_online in them', async () => {
    const { nas, monitor, quiet } = await startQuiet();
    quiet.is = false;
    const undo = nas.fail({ do: 'reset-before' });
    expect([await monitor.poll(60), await monitor.poll(60)]).toEqual([[], ['nas_offline']]);
    quiet.is = true;
    monitor.restart();
    undo();
    expect(await monitor.poll(60)).toEqual(['nas_online']);
  });

  test('is reported when they end, also after a restart in them', async () => {
    const { nas, monitor, quiet } = await startQuiet();
    nas.fail({ do: 'reset-before' });
    expect([await monitor.poll(60), await monitor.poll(60)]).toEqual([[], []]);
    monitor.restart();
    expect([await monitor.poll(60), await monitor.poll(60)]).toEqual([[], []]);
    quiet.is = false;
    expect([await monitor.poll(60), await monitor.poll(60)]).toEqual([['nas_offline'], []]);
  });
});

describe('a task that becomes overdue in quiet hours', () => {
  test('and has a success in them is not reported at all', async () => {
    const { nas, monitor, quiet } = await startQuiet(24);
    const id = run(nas, 1);
    expect(await monitor.poll()).toEqual([`backup_succeeded ${id}`]);
    await monitor.poll(48 * HOUR);
    expect(monitor.events).toEqual([]);
    const next = run(nas, 1);
    expect(await monitor.poll()).toEqual([`backup_succeeded ${next}`]);
    quiet.is = false;
    expect(await monitor.poll()).toEqual(OTHERS);
  });

  test('and still is at their end is reported once then, also after a restart in them', async () => {
    const { nas, monitor, quiet } = await startQuiet(24);
    run(nas, 1);
    await monitor.poll();
    expect(await monitor.poll(48 * HOUR)).toEqual([]);
    monitor.restart();
    expect(await monitor.poll()).toEqual([]);
    quiet.is = false;
    const name = nas.state.tasks[0]?.name;
    const device = nas.state.device(nas.state.task(1).deviceIds[0]!).hostName;
    expect(await monitor.poll()).toEqual([`backup_overdue ${name}`, `device_overdue ${device}`, ...OTHERS]);
    expect(monitor.events[0]).toMatchObject({ task: { overdue: true }, late: false });
    expect(monitor.events[1]).toMatchObject({
      ...{ device: { name: device }, late: false },
      protection: { protection: 'late', habit: { source: 'hours', typicalGapHours: 24 } },
    });
    expect(await monitor.poll()).toEqual([]);
    quiet.is = true;
    const id = run(nas, 1);
    expect(await monitor.poll()).toEqual([
      `backup_succeeded ${id}`,
      `backup_recovered ${name}`,
      `device_recovered ${device}`,
    ]);
  });

  test('is overdue in lists and snapshots at once', async () => {
    const { nas, monitor } = await startQuiet(24);
    run(nas, 1);
    await monitor.poll();
    const overdue: unknown[] = [];
    monitor.nasMonitor.onSnapshot(({ tasks }) => overdue.push(tasks?.[0]?.task.overdue), 10);
    await monitor.poll(48 * HOUR);
    expect(monitor.events).toEqual([]);
    expect(overdue.at(-1)).toBe(true);
  });
});
