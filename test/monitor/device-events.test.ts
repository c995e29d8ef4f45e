import { expect, test } from 'vitest';
import { schedule, type Nas } from '../nas/index';
import { connect, createMonitor, run, startMonitored } from './support/connect';

const HOUR = 3600;
const ONE_TASK = { tasks: 1 };
const SETTINGS = { overdueHours: 24 };

/** Makes the task run by itself, so that it can be overdue. @returns its name, and that of its machine */
function scheduled({ state }: Nas): { name: string; device: string } {
  state.setSchedule(1, schedule({ run_weekday: [0, 1, 2, 3, 4, 5, 6], run_hour: 3 }));
  const { name, deviceIds } = state.task(1);
  return { name, device: state.device(deviceIds[0]!).hostName };
}

test('a machine that becomes late is reported once, its recovery once, also over restarts', async () => {
  const { nas, monitor } = await startMonitored(ONE_TASK, SETTINGS);
  const { name, device } = scheduled(nas);
  const first = run(nas, 1);
  expect(await monitor.poll()).toEqual([`backup_succeeded ${first}`]);
  expect(await monitor.poll(23 * HOUR)).toEqual([]);
  expect(await monitor.poll(2 * HOUR)).toEqual([`backup_overdue ${name}`, `device_overdue ${device}`]);
  expect(monitor.events[1]).toMatchObject({ protection: { protection: 'late', habit: { source: 'hours' } } });
  expect(await monitor.poll(HOUR)).toEqual([]);
  monitor.restart();
  expect(await monitor.poll(HOUR)).toEqual([]);
  const failed = run(nas, 1, 'failed');
  expect(await monitor.poll()).toEqual([`backup_failed ${failed}`]);
  const next = run(nas, 1);
  expect(await monitor.poll()).toEqual([
    `backup_succeeded ${next}`,
    `backup_recovered ${name}`,
    `device_recovered ${device}`,
  ]);
  expect(await monitor.poll()).toEqual([]);
  monitor.restart();
  expect(await monitor.poll()).toEqual([]);
});

test('a machine that is late already at the first start is not reported, its recovery is: as an overdue task', async () => {
  const { nas, activeBackup } = await connect(ONE_TASK);
  const { name, device } = scheduled(nas);
  run(nas, 1);
  nas.clock.advance(72 * HOUR);
  const monitor = createMonitor(nas, activeBackup, SETTINGS);
  expect(await monitor.poll()).toEqual([]);
  expect(await monitor.poll()).toEqual([]);
  const next = run(nas, 1);
  expect(await monitor.poll()).toEqual([
    `backup_succeeded ${next}`,
    `backup_recovered ${name}`,
    `device_recovered ${device}`,
  ]);
});

test('a machine that becomes late while Node-RED is down is reported late, with the time of the poll', async () => {
  const { nas, monitor } = await startMonitored(ONE_TASK, SETTINGS);
  const { device } = scheduled(nas);
  run(nas, 1);
  await monitor.poll();
  monitor.restart();
  expect(await monitor.poll(48 * HOUR)).toContain(`device_overdue ${device} late`);
  expect(await monitor.poll()).toEqual([]);
});
