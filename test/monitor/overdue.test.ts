import { describe, expect, test } from 'vitest';
import type { Schedule, Task } from '../../src/active-backup/types';
import { overdueAt, withOverdue, type OverdueInput } from '../../src/monitor/overdue';
import { updateTiming } from '../../src/monitor/task-timing';
import { scheduledTask, task } from './support/builders';
import { runsIn } from './support/wall-clock';

const HOUR_MS = 3600_000;
const EVERY_DAY = [0, 1, 2, 3, 4, 5, 6];
const BY_SCHEDULE = 0;

/** Sunday 2026-03-01 03:00 UTC, when a run of every schedule below was due. */
const RUN = Date.parse('2026-03-01T03:00Z');
const at = (time: number | null): string | null =>
  time === null ? null : time === Infinity ? 'never' : new Date(time).toISOString();
const after = (hours: number): number => RUN + hours * HOUR_MS;

/** State of a task that is first polled just before its next run, or without one when its success has ended. */
function known(each: Task, since: string | null, more: Partial<OverdueInput> = {}): OverdueInput {
  const seenAt = each.nextRunAt === null ? Date.parse(since ?? '2026-03-01') : Date.parse(each.nextRunAt) - 1;
  const timing = updateTiming(each, null, since, new Date(seenAt));
  return { since, timing, recent: [], overdue: null, ...more };
}

/** When a task becomes overdue, by its own response alone. */
function due(each: Task, since: string | null, overdueHours: number): number | null {
  return overdueAt(each, known(each, since), overdueHours);
}

/** Runs at 03:00 by a NAS on UTC, every Sunday unless `fields` differ. */
function plan(particular: Partial<Schedule> = {}): Partial<Schedule> {
  return { kind: 'weekly', weekdays: [0], hour: 3, minute: 0, repeatHours: null, ...particular };
}

describe('by its schedule a task is overdue', () => {
  const workDays = plan({ weekdays: [1, 2, 3, 4, 5] });
  test.each<[string, Partial<Schedule>, { success: number; next: number; overdue: number }]>([
    ['daily: after a day and a half', plan({ weekdays: EVERY_DAY }), { success: 1, next: 24, overdue: 36 }],
    ['of kind daily too', plan({ kind: 'daily', weekdays: EVERY_DAY }), { success: 1, next: 24, overdue: 36 }],
    ['weekly: after ten and a half days', plan(), { success: 1, next: 168, overdue: 252 }],
    ['Monday to Friday: on Tuesday', workDays, { success: -47, next: 24, overdue: 36 }],
    ['Monday to Friday, over the weekend: on Tuesday', workDays, { success: -47, next: 48, overdue: 36 }],
    [
      'every eight hours: after twelve',
      plan({ weekdays: EVERY_DAY, repeatHours: 8 }),
      { success: 1, next: 8, overdue: 12 },
    ],
    [
      'hourly: two hours late, because a run takes long',
      plan({ weekdays: EVERY_DAY, hour: 0, repeatHours: 1 }),
      { success: 0.5, next: 1, overdue: 3 },
    ],
    [
      'on two days a week: also at half of the longer period',
      plan({ weekdays: [0, 3] }),
      { success: 73, next: 168, overdue: 168 + 36 },
    ],
    [
      'also when a user started the success in between',
      plan({ weekdays: EVERY_DAY }),
      { success: 12, next: 24, overdue: 36 },
    ],
    ['counted from when it was first seen, without a success', plan(), { success: 5, next: 168, overdue: 252 }],
    ['once: half a day after its run', plan({ kind: 'once' }), { success: 1, next: 24, overdue: 36 }],
  ])('%s', (_name, schedule, { success, next, overdue }) => {
    const since = at(after(success));
    expect(at(due(scheduledTask(schedule, after(next)), since, BY_SCHEDULE))).toBe(at(after(overdue)));
  });
});

test('a run that has passed by the clock of the NAS, twenty minutes ahead, is the one that is due', () => {
  const each = scheduledTask(plan({ weekdays: EVERY_DAY }), after(48));
  const since = at(after(1));
  const timing = updateTiming(each, null, since, new Date(after(24) - HOUR_MS / 3));
  expect(at(overdueAt(each, { since, timing, recent: [], overdue: null }, BY_SCHEDULE))).toBe(at(after(36)));
});

test('a next run of a clock that has fallen to 2009 does not replace the run that is due', () => {
  const each = scheduledTask(plan({ weekdays: EVERY_DAY }), after(24));
  const since = at(after(1));
  const first = updateTiming(each, null, since, new Date(after(2)));
  const fallen = { ...each, nextRunAt: at(after(24) - 6570 * 24 * HOUR_MS) };
  const timing = updateTiming(fallen, first, since, new Date(after(3)));
  expect(timing.next?.run).toBe(at(after(24)));
  expect(overdueAt(fallen, { since, timing, recent: [], overdue: false }, BY_SCHEDULE)).toBe(after(36));
});

describe('never overdue by its schedule is a task that', () => {
  test.each<[string, Task]>([
    ['a person starts', scheduledTask({ kind: 'manual' }, null)],
    ['runs on events', scheduledTask({ kind: 'event' }, null)],
    ['runs continuously', scheduledTask({ kind: 'continuous' }, null)],
    ['is switched off: it has no next run', scheduledTask(plan(), null)],
    ['was never seen before and had no success', scheduledTask(plan(), after(168))],
  ])('%s', (name, each) => {
    expect(due(each, name.startsWith('was never') ? null : at(RUN), BY_SCHEDULE)).toBeNull();
  });
});

describe('by hours of one’s own', () => {
  test.each<[string, Task, number | null]>([
    ['a daily task', scheduledTask(plan({ weekdays: EVERY_DAY }), after(24)), 50],
    ['a task that runs on events', scheduledTask({ kind: 'event' }, null), 50],
    ['a task that runs continuously', scheduledTask({ kind: 'continuous' }, null), 50],
    ['a task of an unknown schedule', scheduledTask({ kind: 'unknown' }, null), 50],
    ['a task that runs once and still will', scheduledTask({ kind: 'once' }, after(24)), 50],
    ['a task that has run its once', scheduledTask({ kind: 'once' }, null), null],
    ['a manual task', scheduledTask({ kind: 'manual' }, null), null],
    ['a task that is switched off', scheduledTask(plan(), null), null],
    ['a task that runs since an unknown time', { ...scheduledTask(plan(), after(24)), state: 'running' }, Infinity],
    ['a task that waits', { ...scheduledTask(plan(), after(24)), state: 'queued' }, 50],
    ['a task that is paused', { ...scheduledTask(plan(), after(24)), state: 'pausing' }, 50],
  ])('%s', (_name, each, hours) => {
    expect(at(due(each, at(RUN), 50))).toBe(at(hours === null ? null : after(hours)));
  });
});

describe('through both changes of summer time: never overdue while every run succeeds, and soon when one is missed', () => {
  const ZONES = [
    'Europe/Berlin',
    'America/New_York',
    'America/St_Johns',
    'Australia/Lord_Howe',
    'Pacific/Auckland',
    'Asia/Tokyo',
  ];
  const SCHEDULES = [
    plan(),
    plan({ hour: 2, minute: 30 }),
    plan({ weekdays: EVERY_DAY }),
    plan({ weekdays: [1, 2, 3, 4, 5], hour: 1 }),
    plan({ weekdays: [2, 6], hour: 23 }),
    plan({ weekdays: EVERY_DAY, hour: 0, repeatHours: 6 }),
    plan({ weekdays: EVERY_DAY, hour: 0, repeatHours: 2 }),
  ];
  const CASES = ZONES.flatMap((zone) => SCHEDULES.map((schedule) => ({ zone, schedule, name: nameOf(schedule) })));
  const DURATIONS_MS = [2, 50, 20 * 60].map((minutes) => minutes * 60_000);

  test.each(CASES)('$name in $zone', ({ zone, schedule }) => {
    const { weekdays = [], hour = null, minute = null, repeatHours = null } = schedule;
    const runs = runsIn(zone, { weekdays, hour, minute, repeatHours }, '2026-01-05', 330);
    const idle = scheduledTask(schedule, 0);
    const dueBy = (since: number, next: number): number =>
      due({ ...idle, nextRunAt: at(next) }, at(since), BY_SCHEDULE) ?? NaN;
    const wrong: string[] = [];
    for (const [index, run] of runs.slice(0, -2).entries()) {
      const [next = 0, third = 0] = runs.slice(index + 1, index + 3);
      for (const end of DURATIONS_MS.map((ms) => run + ms).filter((time) => time < next)) {
        const late = Math.max(third, next + 5 * HOUR_MS);
        if (!(dueBy(end, next) > next + HOUR_MS / 2)) wrong.push(`too early after ${at(end)}, next ${at(next)}`);
        if (!(dueBy(end, third) <= late)) wrong.push(`too late after ${at(end)}, missed ${at(next)}`);
      }
    }
    expect(wrong).toEqual([]);
  });
});

test('a list contains overdue, not overdue, or unknown', () => {
  // Without a fixed schedule the habit of the machines decides, of which a response says nothing.
  const daily = scheduledTask(plan({ weekdays: EVERY_DAY }), after(24));
  const tasks = [
    { ...daily, lastSuccessAt: at(RUN) },
    { ...daily, lastSuccessAt: at(after(-24)) },
    { ...daily, lastSuccessAt: null },
    { ...daily, lastSuccessAt: at(after(-24)), state: 'running' as const },
    { ...daily, lastSuccessAt: at(after(-24)), state: 'queued' as const },
    scheduledTask({ kind: 'manual' }, null),
    scheduledTask(plan(), null),
    { ...scheduledTask({ kind: 'event' }, null), lastSuccessAt: at(RUN) },
    { ...scheduledTask({ kind: 'continuous' }, null), lastSuccessAt: at(RUN) },
    { ...task(null, null), lastSuccessAt: at(RUN) },
  ];
  const events = withOverdue(tasks, new Date(after(13)), BY_SCHEDULE).map(({ overdue }) => overdue);
  expect(events).toEqual([false, true, null, false, true, null, false, null, null, null]);
  const byHours = withOverdue(tasks, new Date(after(13)), 12).map(({ overdue }) => overdue);
  expect(byHours).toEqual([true, true, null, false, true, false, false, true, true, true]);
  expect(tasks.every(({ overdue }) => overdue === null)).toBe(true);
});

function nameOf({ weekdays = [], hour, minute, repeatHours }: Partial<Schedule>): string {
  const time = `${hour}:${String(minute).padStart(2, '0')}`;
  return `weekdays ${weekdays.join()} at ${time}${repeatHours ? `, every ${repeatHours} h` : ''}`;
}
