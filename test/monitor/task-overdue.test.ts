import { describe, expect, test } from 'vitest';
import type { Task } from '../../src/active-backup/types';
import type { StoredDevices } from '../../src/monitor/device-history-state';
import { InMemoryStateStore } from '../../src/monitor/monitor-state';
import type { DeviceProtection } from '../../src/monitor/protection-types';
import type { NasSnapshot } from '../../src/monitor/snapshot';
import { overdueByHabit } from '../../src/monitor/task-overdue';
import { InMemoryStore } from '../../src/storage/json-file';
import { schedule, type Nas } from '../nas/index';
import { scheduledTask } from './support/builders';
import { connect, createMonitor, run, startMonitored, type ManualMonitor } from './support/connect';
import { device } from './support/protection-cases';

const HOUR = 3600;
const DAY = 24 * HOUR;
const KINDS = { event: 2, continuous: 4, manual: 0 } as const;
const OUTCOMES = { api: 'SYNO.ActiveBackup.Overview', method: 'list_device_transfer_size' } as const;

describe('a task without a fixed schedule, by its machines', () => {
  const NOW = Date.parse('2026-03-10T12:00Z');
  const habit = { source: 'learned' as const, typicalGapHours: 24, offDays: [] };
  type Known = Pick<DeviceProtection, 'protection' | 'expectedBy' | 'lastSuccessAt' | 'habit'>;
  const machine = (fields: Partial<Known> = {}): Known => ({
    ...{ protection: 'protected', habit, expectedBy: '2026-03-11T12:00:00.000Z' },
    lastSuccessAt: '2026-03-10T00:00:00.000Z',
    ...fields,
  });
  const inTime = machine();
  const late = machine({ protection: 'late', expectedBy: '2026-03-10T11:00:00.000Z' });
  const failing = machine({ protection: 'failing', expectedBy: '2026-03-10T11:00:00.000Z' });
  const failingInTime = machine({ protection: 'failing' });
  const unlearned = machine({ habit: null, expectedBy: null });
  const never = machine({ protection: 'never', habit: null, expectedBy: null, lastSuccessAt: null });
  const unknown = machine({ protection: 'unknown', habit: null, expectedBy: null, lastSuccessAt: null });

  test.each<[string, Task['schedule']['kind'], (Known | undefined)[], boolean | null]>([
    ['one is late', 'event', [inTime, late], true],
    ['one is late, and nothing is known of another', 'event', [unknown, late], true],
    ['one failed, and its time has passed', 'continuous', [inTime, failing], true],
    ['one failed before its time', 'continuous', [inTime, failingInTime], false],
    ['all are in time', 'event', [inTime, inTime], false],
    ['one has no habit yet', 'event', [inTime, unlearned], null],
    ['one was never backed up', 'continuous', [never], null],
    ['the outcomes of one are unknown', 'event', [inTime, unknown], null],
    ['one is not listed', 'event', [inTime, undefined], null],
    ['it has none', 'event', [], null],
    ['it is started by hand, and one is late by its habit', 'manual', [inTime, late], true],
    ['it is started by hand, and one has no habit', 'manual', [inTime, unlearned, never], false],
    ['it is started by hand, and the outcomes of one are unknown', 'manual', [unknown], null],
    ['it is started by hand and has none', 'manual', [], false],
  ])('when %s (%s)', (_name, kind, known, overdue) => {
    const devices = known.map((_, index) => device({ id: index }));
    const task = { ...scheduledTask({ kind }, null), devices };
    expect(overdueByHabit(task, ({ id }) => known[id ?? 0], NOW).overdue).toBe(overdue);
  });
});

/** A NAS with one task of a kind, whose backup has succeeded each day for ten days. */
async function daily(
  kind: keyof typeof KINDS,
): Promise<{ nas: Nas; monitor: ManualMonitor; last: () => NasSnapshot; name: string; machine: string }> {
  const { nas, monitor } = await startMonitored({ tasks: 1 });
  // After a change of its schedule only what follows is the habit.
  nas.state.setSchedule(1, schedule({ run_weekday: [0], run_hour: 3 }));
  await monitor.poll();
  nas.state.setSchedule(1, schedule({ schedule_setting_type: KINDS[kind] }));
  const snapshots: NasSnapshot[] = [];
  monitor.nasMonitor.onSnapshot((snapshot) => snapshots.push(snapshot), 10);
  const { name, deviceIds } = nas.state.task(1);
  for (let day = 0; day < 10; day += 1) {
    run(nas, 1);
    await monitor.poll(DAY - 60);
  }
  run(nas, 1);
  await monitor.poll();
  return { nas, monitor, last: () => snapshots.at(-1)!, name, machine: nas.state.device(deviceIds[0]!).hostName };
}

/** Polls every two hours, so that it is known that the machine is on line. @returns the events */
async function pollFor(monitor: ManualMonitor, seconds: number): Promise<string[]> {
  const events: string[] = [];
  for (let passed = 0; passed < seconds; passed += 2 * HOUR) events.push(...(await monitor.poll(2 * HOUR)));
  return events;
}

const overdueOf = (snapshot: NasSnapshot): boolean | null | undefined => snapshot.tasks?.[0]?.task.overdue;

describe.each(['event', 'continuous', 'manual'] as const)('a task of the kind %s', (kind) => {
  test('is overdue once its machine is late by its own habit, and recovers with it: each event once', async () => {
    const { nas, monitor, last, name, machine } = await daily(kind);
    expect(overdueOf(last())).toBe(false);
    expect(await pollFor(monitor, DAY)).toEqual([]);
    expect(await pollFor(monitor, DAY)).toEqual([`backup_overdue ${name}`, `device_overdue ${machine}`]);
    expect(overdueOf(last())).toBe(true);
    const at = new Date(nas.clock.now() * 1000);
    const [listed] = await monitor.nasMonitor.complete(at, [last().tasks![0]!.task]);
    expect(listed?.overdue).toBe(true);
    expect(monitor.nasMonitor.completeNow([last().tasks![0]!.task])[0]?.overdue).toBe(true);
    expect(await monitor.poll(HOUR)).toEqual([]);
    const id = run(nas, 1);
    expect(await monitor.poll()).toEqual([
      `backup_succeeded ${id}`,
      `backup_recovered ${name}`,
      `device_recovered ${machine}`,
    ]);
    expect(monitor.events.map(({ task }) => task?.overdue)).toEqual([false, false, undefined]);
    expect(overdueOf(last())).toBe(false);
    expect(await monitor.poll(HOUR)).toEqual([]);
  });
});

test('while the outcomes cannot be read it is unknown whether the task is overdue, and nothing is reported twice', async () => {
  const { nas, monitor, last, name, machine } = await daily('event');
  expect(await pollFor(monitor, 2 * DAY)).toEqual([`backup_overdue ${name}`, `device_overdue ${machine}`]);
  const heal = nas.fail({ on: OUTCOMES, do: 'refuse', code: 102 });
  await monitor.poll(HOUR);
  expect(await monitor.poll(HOUR)).toEqual([]);
  expect(overdueOf(last())).toBeNull();
  heal();
  expect(await monitor.poll(HOUR)).toEqual([]);
  expect(overdueOf(last())).toBe(true);
  const id = run(nas, 1);
  expect(await monitor.poll()).toContain(`backup_recovered ${name}`);
  expect(monitor.events[0]?.result?.id).toBe(id);
});

test('a task that was overdue before a restart is not reported again, and its recovery is', async () => {
  const { nas, activeBackup } = await connect({ tasks: 1, pastDays: 0 });
  const stores = { store: new InMemoryStateStore(), deviceStore: new InMemoryStore<StoredDevices>() };
  const monitor = createMonitor(nas, activeBackup, stores);
  await monitor.poll();
  nas.state.setSchedule(1, schedule({ schedule_setting_type: KINDS.event }));
  const { name } = nas.state.task(1);
  for (let day = 0; day < 10; day += 1) {
    run(nas, 1);
    await monitor.poll(DAY);
  }
  await pollFor(monitor, DAY);
  expect(stores.store.load()?.tasks['1']?.overdue).toBe(true);
  monitor.restart();
  expect(await monitor.poll(HOUR)).toEqual([]);
  run(nas, 1);
  expect(await monitor.poll()).toContain(`backup_recovered ${name}`);
});

test('two tasks of one machine are judged by their own backups: only the one that stopped is overdue', async () => {
  const { nas, monitor } = await startMonitored({ tasks: 2 });
  const [one, two] = nas.state.tasks;
  two!.deviceIds.splice(0, Infinity, one!.deviceIds[0]!);
  for (const { id } of nas.state.tasks)
    nas.state.setSchedule(id, schedule({ schedule_setting_type: KINDS.event, run_hour: id }));
  const snapshots: NasSnapshot[] = [];
  monitor.nasMonitor.onSnapshot((snapshot) => snapshots.push(snapshot), 10);
  for (let day = 0; day < 13; day += 1) {
    run(nas, 1);
    if (day < 10) run(nas, 2);
    await (day < 10 ? monitor.poll(DAY - 60) : pollFor(monitor, DAY));
  }
  run(nas, 1);
  await monitor.poll();
  expect(snapshots.at(-1)?.tasks?.map(({ task }) => task.overdue)).toEqual([false, true]);
  expect(snapshots.at(-1)?.protections?.map(({ protection }) => protection)).toContain('protected');
});

test('a list on a NAS that nobody polls says overdue only where it does not matter when the machine was on line', async () => {
  const { nas, activeBackup } = await connect({ tasks: 1, pastDays: 0 });
  nas.state.setSchedule(1, schedule({ schedule_setting_type: KINDS.event }));
  for (let day = 0; day < 40; day += 1) {
    run(nas, 1);
    nas.clock.advance(DAY);
  }
  const { nasMonitor } = createMonitor(nas, activeBackup);
  const client = activeBackup.createTaskListClient();
  const list = async (seconds: number): Promise<boolean | null | undefined> => {
    nas.clock.advance(seconds);
    const at = new Date(nas.clock.now() * 1000);
    const { tasks } = await client.listTasks({ now: at, samples: new Map() });
    return (await nasMonitor.complete(at, tasks))[0]?.overdue;
  };
  expect(await list(0)).toBe(false);
  expect(await list(DAY)).toBeNull();
  expect(await list(30 * DAY)).toBe(true);
});
