import { expect, test } from 'vitest';
import { parseRetention } from '../../../src/active-backup/model/task';
import { parseSchedule } from '../../../src/active-backup/model/schedule';

const WEEKLY = {
  schedule_setting_type: 1,
  repeat_type: 'Weekly',
  run_weekday: [0],
  run_hour: 3,
  run_min: 0,
  repeat_hour: 0,
};

test.each([
  { raw: {}, kind: 'weekly', text: 'weekly, Sunday 03:00' },
  { raw: { run_weekday: [1, 2, 3, 4, 5] }, kind: 'weekly', text: 'weekly, weekdays 03:00' },
  { raw: { run_weekday: [6, 0] }, kind: 'weekly', text: 'weekly, weekends 03:00' },
  { raw: { run_weekday: [0, 1, 2, 3, 4, 5, 6] }, kind: 'weekly', text: 'weekly, every day 03:00' },
  { raw: { run_weekday: [3, 1, 1] }, kind: 'weekly', text: 'weekly, Monday, Wednesday 03:00' },
  { raw: { run_weekday: ['2', 9, null] }, kind: 'weekly', text: 'weekly, Tuesday 03:00' },
  { raw: { run_weekday: null }, kind: 'weekly', text: 'weekly, 03:00' },
  { raw: { run_weekday: null, run_hour: null }, kind: 'weekly', text: 'weekly' },
  { raw: { run_hour: '22', run_min: '5' }, kind: 'weekly', text: 'weekly, Sunday 22:05' },
  { raw: { run_hour: 24 }, kind: 'weekly', text: 'weekly, Sunday' },
  { raw: { run_min: 60 }, kind: 'weekly', text: 'weekly, Sunday 03:00' },
  { raw: { repeat_hour: 4 }, kind: 'weekly', text: 'weekly, Sunday 03:00, every 4 hours' },
  { raw: { repeat_hour: 1 }, kind: 'weekly', text: 'weekly, Sunday 03:00, every 1 hour' },
  { raw: { enable_backup_window: true }, kind: 'weekly', text: 'weekly, Sunday 03:00, within the backup window' },
  { raw: { repeat_type: 'Daily' }, kind: 'daily', text: 'daily 03:00' },
  { raw: { repeat_type: 'daily', run_hour: null }, kind: 'daily', text: 'daily' },
  {
    raw: { repeat_type: 'Once', start_year: 2026, start_month: 3, start_day: 1 },
    kind: 'once',
    text: 'once, 2026-03-01 03:00',
  },
  { raw: { repeat_type: 'Once', start_year: 0, start_month: 0, start_day: 0 }, kind: 'once', text: 'once, 03:00' },
  { raw: { repeat_type: 'Monthly' }, kind: 'unknown', text: null },
  { raw: { repeat_type: null }, kind: 'unknown', text: null },
  { raw: { schedule_setting_type: null }, kind: 'weekly', text: 'weekly, Sunday 03:00' },
  { raw: { schedule_setting_type: 0 }, kind: 'manual', text: 'manual' },
  { raw: { schedule_setting_type: 2 }, kind: 'event', text: 'on events' },
  {
    raw: { schedule_setting_type: 2, startup: true, screen_lock: true, log_off: false },
    kind: 'event',
    text: 'on startup, screen lock',
  },
  { raw: { schedule_setting_type: 3, log_off: true }, kind: 'weekly', text: 'weekly, Sunday 03:00, on log off' },
  { raw: { schedule_setting_type: 4 }, kind: 'continuous', text: 'continuous' },
  { raw: { schedule_setting_type: 4, is_continuous_paused: true }, kind: 'continuous', text: 'continuous, paused' },
  { raw: { schedule_setting_type: 8 }, kind: 'unknown', text: null },
  { raw: { schedule_setting_type: -1 }, kind: 'unknown', text: null },
])('$raw is $kind: $text', ({ raw, kind, text }) => {
  expect(parseSchedule({ ...WEEKLY, ...raw })).toMatchObject({ kind, text });
});

test('a schedule without times omits old times', () => {
  const schedule = parseSchedule({
    ...WEEKLY,
    schedule_setting_type: 0,
    start_year: 2026,
    start_month: 1,
    start_day: 1,
  });
  expect(schedule).toMatchObject({ weekdays: [], hour: null, minute: null, repeatHours: null, startDate: null });
});

test('events are included only if the schedule uses events', () => {
  expect(parseSchedule({ ...WEEKLY, startup: true }).events).toEqual([]);
  expect(parseSchedule({ ...WEEKLY, schedule_setting_type: 2, startup: 'true' }).events).toEqual(['startup']);
});

test('a daily schedule includes every weekday', () => {
  expect(parseSchedule({ ...WEEKLY, repeat_type: 'Daily' }).weekdays).toEqual([0, 1, 2, 3, 4, 5, 6]);
});

test.each([undefined, null, 'x', 5, [], {}])('the schedule %j is unknown', (raw) => {
  expect(parseSchedule(raw)).toStrictEqual({
    kind: 'unknown',
    kindCode: null,
    text: null,
    weekdays: [],
    hour: null,
    minute: null,
    repeatHours: null,
    startDate: null,
    events: [],
    backupWindowEnabled: null,
    backupWindow: null,
    paused: null,
    changedAt: null,
    utcOffsets: [],
  });
});

test.each([
  [{ keep_all: true, keep_versions: 7 }, 'all versions'],
  [{ keep_all: false, keep_versions: '1' }, 'the latest 1 version'],
  [{ keep_all: false, keep_days: 30 }, 'all versions for 30 days'],
  [{ gfs_days: 1, gfs_weeks: '1', gfs_months: '0', gfs_years: '' }, 'daily for 1 day, weekly for 1 week'],
  [{ keep_versions: -1, keep_days: 'abc' }, null],
  [{}, null],
  [null, null],
  ['7', null],
])('%j keeps: %s', (raw, text) => {
  expect(parseRetention(raw).text).toBe(text);
});
