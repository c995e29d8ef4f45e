import { describe, expect, test } from 'vitest';
import type { Schedule } from '../../src/active-backup/types';
import { runAfter, timetableOf } from '../../src/monitor/schedule';
import { scheduledTask } from './support';
import { runsIn } from './wall-clock';

const EVERY_DAY = [0, 1, 2, 3, 4, 5, 6];
const WORK_DAYS = [1, 2, 3, 4, 5];

/** A schedule of every Sunday at 03:00, as far as nothing else is said. */
function plan(particular: Partial<Schedule> = {}): Schedule {
  const { schedule } = scheduledTask({}, null);
  return { ...schedule, kind: 'weekly', weekdays: [0], hour: 3, minute: 0, repeatHours: null, ...particular };
}

/** Where people live, from the first place to see a day to the last. */
const ZONES = [
  'Pacific/Kiritimati', // +14
  'Pacific/Chatham', // +13:45 in January
  'Pacific/Auckland', // +13 in January
  'Pacific/Fiji', // +12
  'Asia/Tokyo',
  'Asia/Kathmandu', // +5:45
  'Asia/Kolkata', // +5:30
  'Europe/Berlin',
  'UTC',
  'America/St_Johns', // -3:30
  'America/New_York',
  'America/Los_Angeles',
  'Pacific/Honolulu', // -10
  'Pacific/Pago_Pago', // -11
  'Etc/GMT+12', // -12
];
/** Of these one cannot be told from another a day away (+14 from -10, -11 from +13): the more people win. */
const MISTAKEN = new Set(['Pacific/Kiritimati', 'Pacific/Pago_Pago', 'Etc/GMT+12']);
const TOLD_APART = ZONES.filter((zone) => !MISTAKEN.has(zone));

const PLANS = [
  { name: 'weekly', schedule: plan() },
  { name: 'on one weekday, late', schedule: plan({ weekdays: [6], hour: 23 }) },
  { name: 'daily', schedule: plan({ kind: 'daily', weekdays: EVERY_DAY, hour: 22 }) },
  { name: 'every eight hours', schedule: plan({ weekdays: EVERY_DAY, hour: 0, repeatHours: 8 }) },
  { name: 'every hour', schedule: plan({ weekdays: EVERY_DAY, hour: 0, repeatHours: 1 }) },
  { name: 'on Tuesday and Saturday', schedule: plan({ weekdays: [2, 6], hour: 12 }) },
  { name: 'Monday to Friday', schedule: plan({ weekdays: WORK_DAYS }), zones: TOLD_APART },
  { name: 'Monday to Friday, late', schedule: plan({ weekdays: WORK_DAYS, hour: 22 }), zones: TOLD_APART },
];
const CASES = PLANS.flatMap(({ schedule, name, zones = ZONES }) => zones.map((zone) => ({ name, zone, schedule })));

/** No zone above changes its clocks in these days. */
const FROM = '2026-01-12';
const DAYS = 45;
const DAY_MS = 24 * 3600_000;

describe('the runs of a NAS, told from its schedule and its next run', () => {
  test.each(CASES)('$name in $zone', ({ zone, schedule }) => {
    const runs = runsIn(zone, schedule, FROM, DAYS);
    const ofOneWeek = runs.filter((run) => run < runs[0]! + 8 * DAY_MS);
    for (const [index, next] of ofOneWeek.entries()) {
      const timetable = timetableOf(schedule, new Date(next).toISOString())!;
      const wanted = runs.slice(index, index + 30);
      const told: number[] = [];
      for (let time = next - 1; told.length < wanted.length; time = told.at(-1)!) told.push(runAfter(timetable, time));
      expect(told.map(iso)).toEqual(wanted.map(iso));
    }
  });

  test('a schedule of a week begins again the week after, at the very moment of a run too', () => {
    const [first = 0, second = 0] = runsIn('Asia/Tokyo', plan(), FROM, 15);
    const timetable = timetableOf(plan(), iso(first))!;
    expect([first - 1, first, second - 1].map((time) => iso(runAfter(timetable, time)))).toEqual(
      [first, second, second].map(iso),
    );
  });

  test('a week without days is every day', () => {
    const timetable = timetableOf({ ...plan(), weekdays: [] }, '2026-01-12T03:00:00.000Z')!;
    expect(iso(runAfter(timetable, Date.parse('2026-01-14T04:00Z')))).toBe('2026-01-15T03:00:00.000Z');
  });
});

const NEXT = '2026-01-12T03:00:00.000Z';

test.each<[string, Partial<Schedule>, string | null]>([
  ['is manual', { kind: 'manual' }, NEXT],
  ['runs on events', { kind: 'event' }, NEXT],
  ['runs continuously', { kind: 'continuous' }, NEXT],
  ['runs once', { kind: 'once' }, NEXT],
  ['is of an unknown kind', { kind: 'unknown' }, NEXT],
  ['is switched off: it has no next run', {}, null],
  ['is paused', { paused: true }, NEXT],
  ['does not tell its hour', { hour: null }, NEXT],
])('there is no timetable for a schedule that %s', (_name, odd, nextRunAt) => {
  expect(timetableOf({ ...plan(), ...odd }, nextRunAt)).toBeNull();
});

function iso(time: number): string {
  return new Date(time).toISOString();
}
