import { expect, test } from 'vitest';
import { nextTrigger, schedule, windowAllows } from './schedule';

const at = (text: string): number => Date.parse(text) / 1000;

test.each([
  {
    when: 'captured: Sundays 03:00 at UTC-5',
    plan: schedule({ run_weekday: [0], run_hour: 3 }),
    after: '2025-11-20T12:00:00Z',
    utcOffsetSeconds: -18_000,
    next: 1_763_884_800,
  },
  {
    when: 'captured: weekdays 03:00 at UTC+1',
    plan: schedule({ run_weekday: [1, 2, 3, 4, 5], run_hour: 3 }),
    after: '2025-03-14T12:00:00Z',
    utcOffsetSeconds: 3600,
    next: 1_742_176_800,
  },
  {
    when: 'the moment itself does not count',
    plan: schedule({ run_weekday: [0], run_hour: 3 }),
    after: '2025-11-23T03:00:00Z',
    utcOffsetSeconds: 0,
    next: at('2025-11-30T03:00:00Z'),
  },
  {
    when: 'every six hours',
    plan: schedule({ run_weekday: [5], run_hour: 1, run_min: 30, repeat_hour: 6 }),
    after: '2025-11-21T13:30:00Z',
    utcOffsetSeconds: 0,
    next: at('2025-11-21T19:30:00Z'),
  },
  { when: 'manual', plan: schedule(), after: '2025-11-21T00:00:00Z', utcOffsetSeconds: 0, next: null },
  {
    when: 'no weekday at all',
    plan: schedule({ run_weekday: [], run_hour: 3 }),
    after: '2025-11-21T00:00:00Z',
    utcOffsetSeconds: 0,
    next: null,
  },
])('next start, $when', ({ plan, after, utcOffsetSeconds, next }) => {
  expect(nextTrigger(plan, at(after), utcOffsetSeconds)).toBe(next);
});

test('a disabled window allows all hours, an enabled one only its own', () => {
  const noHour = '0'.repeat(168);
  const sundayMidnight = `1${noHour.slice(1)}`;
  const on = schedule({ enable_backup_window: true, backup_window: sundayMidnight });
  expect(windowAllows(schedule({ backup_window: noHour }), 0, 0)).toBe(true);
  expect(windowAllows(on, at('2025-11-23T00:59:59Z'), 0)).toBe(true);
  expect(windowAllows(on, at('2025-11-23T01:00:00Z'), 0)).toBe(false);
  expect(windowAllows(on, at('2025-11-23T01:00:00Z'), -3600)).toBe(true);
});
