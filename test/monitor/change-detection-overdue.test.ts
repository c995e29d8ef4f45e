import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../../src/dsm/json';
import { comparison, row, withLast, TASK, NOW, HOUR, DAY, type RawPoll } from './support/compare-polls';

describe('overdue', () => {
  const schedule = { schedule_setting_type: 1, repeat_type: 'Daily', run_hour: 3, run_min: 0, repeat_hour: 0 };
  const today = Date.parse('2026-03-01T03:00Z') / 1000;
  const daily = (last: JsonObject, next: number): JsonObject => ({
    ...TASK,
    sched_content: schedule,
    next_trigger_time: next,
    last_result: last,
  });

  test('is reported once, and the recovery with the success that causes it', () => {
    const { poll } = comparison();
    const good = row(1, today + HOUR);
    const bad = row(2, today + DAY + HOUR, { status: 4 });
    const day = (days: number): number => today + days * DAY;
    const polls: RawPoll[] = [
      { at: NOW, tasks: [daily(good, day(1))] },
      { at: day(1) + 2 * HOUR, tasks: [daily(bad, day(2))] },
      { at: day(1) + 12 * HOUR - 1, tasks: [daily(bad, day(2))] },
      { at: day(1) + 12 * HOUR, tasks: [daily(bad, day(2))] },
      { at: day(2), tasks: [{ ...daily(bad, day(2)), progress: { running_task_status: 0 } }] },
      { at: day(2), tasks: [{ ...daily(bad, day(3)), progress: { running_task_status: 1 } }] },
      { at: day(2) + HOUR, tasks: [daily(row(3, day(2) + HOUR), day(3))] },
    ];
    expect(polls.map(poll)).toEqual([
      [],
      ['backup_failed 2'],
      [],
      ['backup_overdue PC'],
      [],
      ['backup_started PC'],
      ['backup_succeeded 3', 'backup_recovered PC'],
    ]);
  });

  test('counts from the success in the log when the last result is a failure, from the first poll on', () => {
    const { poll } = comparison();
    const bad = row(2, today + HOUR, { status: 4 });
    poll({ at: NOW, tasks: [daily(bad, today + DAY)], log: [row(1, today - DAY + HOUR), bad] });
    // The run of the first of March had to succeed within half a day, which was over three hours after the first poll.
    expect(poll({ at: NOW + 3 * HOUR, tasks: [daily(bad, today + DAY)] })).toEqual(['backup_overdue PC']);
  });

  test('is contained in the task', () => {
    const { poll, events } = comparison();
    poll({ at: NOW, tasks: [daily(row(1, today + HOUR), today + DAY)], overdueHours: 12 });
    poll({ at: today + 14 * HOUR, tasks: [daily(row(1, today + HOUR), today + DAY)], overdueHours: 12 });
    expect(events()).toMatchObject([{ event: 'backup_overdue', task: { overdue: true }, late: false }]);
  });
});

describe('nothing is due before the first run that a schedule could have made', () => {
  const at = (time: string): number => Date.parse(time) / 1000;
  const DAILY = { schedule_setting_type: 1, repeat_type: 'Daily', run_hour: 22, run_min: 0, repeat_hour: 0 };
  const SUNDAYS = { ...DAILY, repeat_type: 'Weekly', run_weekday: [0] };
  const success = row(7, at('2026-11-08T22:30Z')); // on a Sunday
  const planned = (sched: JsonObject, next: number, changed: number, fields: JsonObject = {}): JsonObject => ({
    ...TASK,
    sched_content: sched,
    next_trigger_time: next,
    sched_modify_time: changed,
    last_result: success,
    ...fields,
  });
  /** Polls every hour. @returns each event with the time of its poll */
  function pollHourly(from: string, to: string, ...polls: Omit<RawPoll, 'at'>[]): string[] {
    const { poll } = comparison();
    const reported: string[] = [];
    let time = at(from);
    for (const earlier of polls.slice(0, -1)) poll({ at: time - 60, ...earlier });
    for (; time <= at(to); time += HOUR) {
      const next = Math.ceil((time - at('2026-11-01T22:00Z')) / DAY) * DAY + at('2026-11-01T22:00Z');
      const last = polls.at(-1)!;
      const tasks = last.tasks?.map((raw) => ({ ...raw, next_trigger_time: next }));
      const events = poll({ at: time, ...last, ...(tasks && { tasks }) });
      reported.push(...events.map((event) => `${event} ${new Date(time * 1000).toISOString().slice(0, 16)}`));
    }
    return reported;
  }
  const CHANGED = '2026-11-11T20:00';
  const OVERDUE = ['backup_overdue PC 2026-11-12T10:00']; // half a day after the run of that evening

  test.each<[string, boolean]>([
    ['DSM reports the change', true],
    ['DSM does not report it', false],
  ])('when a weekly one becomes daily, and %s', (_name, isDated) => {
    const changed = isDated ? at(`${CHANGED}Z`) - 30 : 0;
    const before = { tasks: [planned(SUNDAYS, at('2026-11-15T22:00Z'), 0)] };
    expect(pollHourly(`${CHANGED}Z`, '2026-11-13T12:00Z', before, { tasks: [planned(DAILY, 0, changed)] })).toEqual(
      OVERDUE,
    );
  });

  test('when it is switched on again after three weeks', () => {
    const off = { tasks: [planned(DAILY, -1, 0)] };
    const on = { tasks: [planned(DAILY, 0, 0)] };
    const from = '2026-11-29T20:00Z';
    expect(pollHourly(from, '2026-12-01T12:00Z', off, on)).toEqual(['backup_overdue PC 2026-11-30T10:00']);
  });

  test.each([0, 48])('when a manual task gets its first schedule; overdueHours %i', (overdueHours) => {
    const manual = { tasks: [planned({ schedule_setting_type: 0 }, -1, 0)], overdueHours };
    const first = { tasks: [planned(DAILY, 0, at('2026-12-10T19:59Z'))], overdueHours };
    const reported = pollHourly('2026-12-10T20:00Z', '2026-12-12T12:00Z', manual, first);
    expect(reported).toEqual([`backup_overdue PC ${overdueHours === 0 ? '2026-12-11T10:00' : '2026-12-11T00:00'}`]);
  });

  test('also at the very first poll, and after a restart of Node-RED', () => {
    const { poll, restart, stored } = comparison();
    const changed = planned(DAILY, at('2026-11-11T22:00Z'), at('2026-11-11T19:59Z'));
    poll({ at: at('2026-11-11T20:00Z'), tasks: [changed] });
    expect(stored()?.tasks['1']?.overdue).toBe(false);
    restart();
    expect(poll({ at: at('2026-11-11T21:00Z'), tasks: [changed] })).toEqual([]);
    const later = { ...changed, next_trigger_time: at('2026-11-12T22:00Z') };
    expect(poll({ at: at('2026-11-12T09:59Z'), tasks: [later] })).toEqual([]);
    expect(poll({ at: at('2026-11-12T10:00Z'), tasks: [later] })).toEqual(['backup_overdue PC']);
  });

  test('a change that lies a year ahead, by a wrong clock, silences nothing', () => {
    const wrong = { tasks: [planned(DAILY, 0, at('2027-11-11T19:59Z'))] };
    expect(pollHourly('2026-11-08T23:00Z', '2026-11-11T20:00Z', wrong)).toEqual(['backup_overdue PC 2026-11-10T10:00']);
  });
});

describe('a task that is active', () => {
  const schedule = { schedule_setting_type: 1, repeat_type: 'Daily', run_hour: 22, run_min: 0, repeat_hour: 0 };
  const run = Date.parse('2026-11-10T22:00Z') / 1000;
  const doing = (status: number | null, at: number, last: JsonObject | null = row(7, run + HOUR)): JsonObject => ({
    ...TASK,
    sched_content: schedule,
    next_trigger_time: run + Math.ceil((at - run) / DAY) * DAY,
    ...(last && { last_result: last }),
    ...(status !== null && { progress: { running_task_status: status, percentage: 0.3 } }),
  });
  /** Idle until its run of the next evening, then so for ten days; polls every hour. */
  function tenDays(status: number, overdueHours: number, last?: JsonObject | null): string[] {
    const { poll } = comparison();
    const reported: string[] = [];
    for (let hour = 2; hour < 240; hour++) {
      const at = run + hour * HOUR;
      const events = poll({ at, tasks: [doing(hour < 24 ? null : status, at, last)], overdueHours });
      reported.push(
        ...events.filter((event) => !event.startsWith('backup_started')).map((event) => `${event} ${hour}`),
      );
    }
    return reported;
  }

  test.each([
    ['waits for its machine', 0, 0, 36],
    ['waits for its machine, by hours of one’s own', 0, 48, 49],
    ['is paused', 2, 0, 36],
    ['is paused, by hours of one’s own', 2, 48, 49],
    ['is being cancelled and never ends', 4, 48, 49],
    ['runs and never ends: three times the usual hour after its start, when it is due longer already', 1, 25, 27],
    ['runs and never ends: a day after its start by its schedule, though an hour is usual', 1, 0, 48],
  ])('does not put overdue off when it %s', (_name, status, overdueHours, expected) => {
    expect(tenDays(status, overdueHours)).toEqual([`backup_overdue PC ${expected}`]);
  });

  test('a run of which no length is known may take three days', () => {
    expect(tenDays(1, 25, null)).toEqual(['backup_overdue PC 96']);
  });

  test('a run under way puts it off; a task that is overdue stays so while it runs, until it succeeds', () => {
    const { poll } = comparison();
    const long = row(7, run + HOUR, { time_start: run - 9 * HOUR });
    const after = (hours: number): number => run + hours * HOUR;
    poll({ at: after(2), tasks: [doing(null, after(2), long)] });
    poll({ at: after(30), tasks: [doing(1, after(30), long)] });
    expect(poll({ at: after(37), tasks: [doing(1, after(37), long)] })).toEqual([]);
    expect(poll({ at: after(38), tasks: [doing(null, after(38), long)] })).toEqual(['backup_overdue PC']);
    expect(poll({ at: after(39), tasks: [doing(1, after(39), long)] })).toEqual(['backup_started PC']);
    const good = row(8, after(40));
    expect(poll({ at: after(40), tasks: [doing(null, after(40), good)] })).toEqual([
      'backup_succeeded 8',
      'backup_recovered PC',
    ]);
  });
});

describe('a task or NAS in an unusual state: overdue is right, for a daily task that', () => {
  const run = Date.parse('2026-11-10T22:00Z') / 1000;
  const after = (hours: number): number => run + hours * HOUR;
  const schedule = { schedule_setting_type: 1, repeat_type: 'Daily', run_hour: 22, run_min: 0, repeat_hour: 0 };
  const daily = (at: number, fields: JsonObject = {}): JsonObject => ({
    ...TASK,
    sched_content: schedule,
    next_trigger_time: run + Math.ceil((at - run + 1) / DAY) * DAY,
    last_result: row(7, after(1)),
    ...fields,
  });
  const active = (status: number): JsonObject => ({ progress: { running_task_status: status, percentage: 0.3 } });
  const OFF = { next_trigger_time: -1 };
  const MISSING = { next_trigger_time: undefined } as unknown as JsonObject;
  /** Polls at so many hours after its run. @returns what is reported of being overdue, with the hour */
  function hours(...polls: [hour: number, fields?: JsonObject][]): {
    reported: string[];
    overdue: boolean | null | undefined;
  } {
    const { poll, stored } = comparison();
    const reported = polls.flatMap(([hour, fields]) =>
      poll({ at: after(hour), tasks: [daily(after(hour), fields)] }).map((event) => `${event} ${hour}`),
    );
    const events = reported.filter((event) => /overdue|recovered/.test(event));
    return { reported: events, overdue: stored()?.tasks['1']?.overdue };
  }

  test('takes fourteen hours once after a reinstallation, where an hour is usual', () => {
    const done = { last_result: row(8, after(38), { time_start: after(24) }) };
    const polls = [25, 30, 36, 37].map((hour): [number, JsonObject] => [hour, active(1)]);
    expect(hours([2], [23], ...polls, [38.1, done])).toEqual({ reported: [], overdue: false });
  });

  test('goes on after a pause of a night', () => {
    const done = { last_result: row(8, after(50), { time_start: after(24) }) };
    const reported = hours([2], [24.1, active(2)], [35, active(1)], [37, active(1)], [49, active(1)], [50.1, done]);
    expect(reported).toEqual({ reported: [], overdue: false });
  });

  test('is switched off while it is overdue: overdue no more, and not recovered', () => {
    const reported = hours([2], [36], [36.1, OFF], [36.2, OFF], [36.3, OFF]);
    expect(reported).toEqual({ reported: ['backup_overdue PC 36'], overdue: false });
  });

  test('becomes weekly while it is overdue: overdue no more, and not recovered', () => {
    const weekly = { sched_content: { ...schedule, repeat_type: 'Weekly', run_weekday: [0] } };
    const next = { next_trigger_time: Date.parse('2026-11-15T22:00Z') / 1000 };
    const reported = hours([2], [36], [36.1, { ...weekly, ...next }]);
    expect(reported).toEqual({ reported: ['backup_overdue PC 36'], overdue: false });
  });

  test.each<[string, JsonObject]>([
    ['its next run', MISSING],
    ['its schedule', { sched_content: {} }],
  ])('lacks %s in one answer, or two: neither off and on again, nor overdue once more', (_name, lacking) => {
    const overdueAfter36Hours = ['backup_overdue PC 36'];
    expect(hours([2], [30, lacking], [30.1, lacking], [31], [35.9], [36]).reported).toEqual(overdueAfter36Hours);
    expect(hours([2], [36], [37, lacking], [38], [39, lacking], [40])).toEqual({
      reported: overdueAfter36Hours,
      overdue: true,
    });
  });

  test('succeeds in an answer that lacks its next run', () => {
    const good = { last_result: row(8, after(37)) };
    const reported = hours([2], [36], [37.1, { ...good, ...MISSING }], [37.2, good]).reported;
    expect(reported).toEqual(['backup_overdue PC 36', 'backup_recovered PC 37.1']);
  });

  test('is on a NAS whose clock is three hours ahead: overdue is not a period late', () => {
    const ahead = (hour: number): [number, JsonObject] => [
      hour,
      { next_trigger_time: run + Math.ceil((hour + 3) / 24) * DAY },
    ];
    expect(hours(...[2, 20.9, 21.1, 30, 35.9, 36].map(ahead)).reported).toEqual(['backup_overdue PC 36']);
  });
});

describe('of a task without a fixed schedule', () => {
  const task = (kind: number): JsonObject => ({
    ...withLast(7, NOW - HOUR),
    sched_content: { schedule_setting_type: kind },
  });

  test.each([2, 4])('overdue is unknown unless overdueHours is set: setting %i', (kind) => {
    const { poll, stored } = comparison();
    poll({ at: NOW, tasks: [task(kind)] });
    expect(poll({ at: NOW + 90 * DAY, tasks: [task(kind)] })).toEqual([]);
    expect(stored()?.tasks['1']?.overdue).toBeNull();
    const hours = { tasks: [task(kind)], overdueHours: 48 };
    expect(poll({ at: NOW + 90 * DAY + 60, ...hours })).toEqual(['backup_overdue PC']);
  });

  test('a schedule that is changed to events is no recovery', () => {
    const { poll, stored } = comparison();
    const hours = { tasks: [task(2)], overdueHours: 48 };
    poll({ at: NOW, ...hours });
    poll({ at: NOW + 3 * DAY, ...hours });
    expect(poll({ at: NOW + 3 * DAY + 60, tasks: [task(2)] })).toEqual([]);
    expect(stored()?.tasks['1']?.overdue).toBeNull();
  });
});

test('a task that runs once and did not is overdue half a day later; one that was switched off before is not', () => {
  const once = (next: number): JsonObject => ({
    ...withLast(7, NOW - DAY),
    sched_content: { schedule_setting_type: 1, repeat_type: 'Once', run_hour: 22, run_min: 0 },
    next_trigger_time: next,
  });
  const run = NOW + 10 * HOUR;
  const missed = comparison();
  missed.poll({ at: NOW, tasks: [once(run)] });
  expect(missed.poll({ at: run + 60, tasks: [once(-1)] })).toEqual([]);
  expect(missed.poll({ at: run + 12 * HOUR, tasks: [once(-1)] })).toEqual(['backup_overdue PC']);
  const off = comparison();
  off.poll({ at: NOW, tasks: [once(run)] });
  off.poll({ at: NOW + HOUR, tasks: [once(-1)] });
  expect(off.poll({ at: run + 12 * HOUR, tasks: [once(-1)] })).toEqual([]);
});
