import { expect, test } from 'vitest';
import { parseTasks } from '../../src/active-backup/model/task';
import type { Result, Task } from '../../src/active-backup/types';
import { initialState, detectChanges } from '../../src/monitor/change-detection';
import type { NasEvent } from '../../src/monitor/events';
import { type MonitorState, InMemoryStateStore } from '../../src/monitor/monitor-state';
import { ScriptedNas, Recorder, whenIdle } from './support/scripted-nas';

const HOUR = 3600;
const DAY = 24 * HOUR;
const BEGIN = Date.parse('2026-01-01T00:00:00Z') / 1000;
const TASKS = 6;

/** Tasks that each back up every hour; one device is replaced every day, and the first task may hang from the beginning. */
function tasksAt(at: number, isHanging: boolean): Task[] {
  const hour = Math.floor((at - BEGIN) / HOUR);
  const raw = Array.from({ length: TASKS }, (_, i) => ({
    ...{ task_id: i + 1, unikey: `u${i}`, task_name: `T${i}`, backup_type: 2 },
    sched_content: { schedule_setting_type: 0 },
    devices: [
      { device_id: i + 1 + (i === 5 ? Math.floor(hour / 24) * 1000 : 0), host_name: `pc${i}`, agent_status: 'online' },
    ],
    ...(isHanging && i === 0 ? { progress: { running_task_status: 2, percentage: 0.2 } } : {}),
    last_result: {
      ...{ result_id: isHanging && i === 0 ? 1 : 1000 + hour * TASKS + i, task_id: i + 1, job_action: 1, status: 2 },
      ...(isHanging && i === 0
        ? { time_start: BEGIN - 900, time_end: BEGIN - 300 }
        : { time_start: at - 1800, time_end: at - 900 }),
    },
  }));
  return parseTasks({ tasks: raw }, null);
}

/** The stored state after some days of hourly polls. */
function after(days: number, isHanging: boolean, step = HOUR): { stored: MonitorState; events: NasEvent[] } {
  let stored: MonitorState | null = null;
  const reported: NasEvent[] = [];
  for (let at = BEGIN; at <= BEGIN + days * DAY; at += step) {
    const tasks = tasksAt(at, isHanging);
    const results = tasks.map(({ lastResult }) => lastResult).filter((result): result is Result => result !== null);
    const poll = {
      at: new Date(at * 1000),
      tasks,
      laterJobs: new Map(),
      results,
      isComplete: true,
      late: false,
      overdueHours: 0,
    };
    if (stored === null) stored = initialState(poll, 'nas', new Date((BEGIN - 2 * DAY) * 1000).toISOString());
    else {
      const { events, after: next } = detectChanges(stored, poll);
      stored = next;
      reported.push(...events);
    }
  }
  return { stored: stored!, events: reported };
}

test.each([
  { isHanging: false, most: 2 * 24 * TASKS },
  { isHanging: true, most: 5 * 24 * TASKS },
])(
  'after 12 days of hourly backups the stored state is small; with a run that never ends: $isHanging',
  ({ isHanging, most }) => {
    const { stored, events } = after(12, isHanging);
    expect(events.filter(({ event }) => event === 'backup_succeeded')).toHaveLength(
      12 * 24 * (TASKS - (isHanging ? 1 : 0)),
    );
    expect(Object.keys(stored.ends).length).toBeLessThan(most);
    const readBack = (BEGIN + 12 * DAY) * 1000 - Date.parse(stored.endsSince);
    expect(readBack / (DAY * 1000)).toBeLessThan(isHanging ? 4.1 : 1.1);
    expect(JSON.stringify(stored).length).toBeLessThan(80_000);
  },
);

test('devices that come and go for years are not all stored', () => {
  const { stored } = after(400, false, DAY);
  expect(Object.keys(stored.devices).length).toBeLessThanOrEqual(TASKS + 200);
});

test('the end of a run of 60 days is reported, and its length causes one warning', async () => {
  const nas = new ScriptedNas(2);
  const warnings: string[] = [];
  const a = new Recorder('a');
  a.subscribe(nas.createMonitor(new InMemoryStateStore(), (message) => void warnings.push(message)));
  const poll = async (): Promise<void> => {
    nas.poll();
    await whenIdle();
  };
  await poll();
  nas.running.add(1);
  for (let day = 0; day < 60; day += 1) {
    nas.now += DAY;
    nas.end(2);
    await poll();
  }
  a.takeEvents();
  nas.running.delete(1);
  const id = nas.end(1);
  await poll();
  expect(a.takeEvents()).toEqual([`backup_succeeded ${id}`]);
  expect(warnings).toEqual([expect.stringMatching(/their end is taken from the task: "task 1" \(since 2026-/)]);
});

test(
  'of 21,000 finished backups in one poll the newest 20,000 are stored, and none is reported again',
  { timeout: 60_000 },
  async () => {
    const nas = new ScriptedNas(3);
    const store = new InMemoryStateStore();
    const a = new Recorder('a');
    a.subscribe(nas.createMonitor(store));
    nas.end(1);
    nas.poll();
    await whenIdle();
    for (let i = 0; i < 21_000; i += 1) nas.end(1 + (i % 3));
    for (let i = 0; i < 3; i += 1) {
      nas.poll();
      await whenIdle();
    }
    expect(a.takeEvents()).toHaveLength(21_000);
    expect(Object.keys(store.load()!.ends)).toHaveLength(20_000);
  },
);

test('a poll without a finished backup does not copy the stored ones', () => {
  const { stored } = after(2, false);
  const tasks = tasksAt(BEGIN + 2 * DAY, false);
  const results = tasks.map(({ lastResult }) => lastResult).filter((result): result is Result => result !== null);
  const poll = {
    at: new Date((BEGIN + 2 * DAY + 60) * 1000),
    tasks,
    laterJobs: new Map(),
    results,
    isComplete: true,
    late: false,
    overdueHours: 0,
  };
  expect(detectChanges(stored, poll).after.ends).toBe(stored.ends);
});
