import { describe, expect, test } from 'vitest';
import type { Schedule } from '../../src/active-backup/types';
import { localTimesOf, offsetsLeft, nextRunAfter, trustedOffsets, type Timetable } from '../../src/monitor/schedule';
import { scheduledTask } from './support/builders';
import { offsetAt, runsIn } from './support/wall-clock';

const EVERY_DAY = [0, 1, 2, 3, 4, 5, 6];
const WORK_DAYS = [1, 2, 3, 4, 5];

/** A schedule of every Sunday at 03:00 unless `fields` differ. */
function plan(particular: Partial<Schedule> = {}): Schedule {
  const { schedule } = scheduledTask({}, null);
  return { ...schedule, kind: 'weekly', weekdays: [0], hour: 3, minute: 0, repeatHours: null, ...particular };
}

/** Inhabited time zones, from the easternmost to the westernmost. */
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
const PLANS = [
  { name: 'weekly', schedule: plan() },
  { name: 'on one weekday, late', schedule: plan({ weekdays: [6], hour: 23 }) },
  { name: 'daily', schedule: plan({ kind: 'daily', weekdays: EVERY_DAY, hour: 22 }) },
  { name: 'every eight hours', schedule: plan({ weekdays: EVERY_DAY, hour: 0, repeatHours: 8 }) },
  { name: 'every hour', schedule: plan({ weekdays: EVERY_DAY, hour: 0, repeatHours: 1 }) },
  { name: 'on Tuesday and Saturday', schedule: plan({ weekdays: [2, 6], hour: 12 }) },
  { name: 'Monday to Friday', schedule: plan({ weekdays: WORK_DAYS }) },
  { name: 'Monday to Friday, late', schedule: plan({ weekdays: WORK_DAYS, hour: 22 }) },
  { name: 'at 10, 16 and 22', schedule: plan({ weekdays: EVERY_DAY, hour: 10, repeatHours: 6 }) },
  { name: 'hourly in the evening', schedule: plan({ weekdays: WORK_DAYS, hour: 20, repeatHours: 1 }) },
];
const CASES = PLANS.flatMap(({ schedule, name }) => ZONES.map((zone) => ({ name, zone, schedule })));

/** No zone above changes its clocks in these days. */
const FROM = '2026-01-12';
const DAYS = 45;
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** The timetable after responses with these next runs, each a minute after the run before. */
function timetableAfter(schedule: Schedule, nexts: readonly number[]): Timetable {
  const times = localTimesOf(schedule)!;
  const offsets = nexts.reduce<readonly number[]>((left, next, index) => {
    const askedAt = index === 0 ? next - 1 : nexts[index - 1]! + MINUTE_MS;
    return offsetsLeft(times, next, left, askedAt);
  }, []);
  return { ...times, offsets };
}

/** So many runs from the one after `time` on. */
function runsFrom(timetable: Timetable, time: number, count: number): string[] {
  const runs = [nextRunAfter(timetable, time)];
  while (runs.length < count) runs.push(nextRunAfter(timetable, runs.at(-1)!));
  return runs.map(iso);
}

describe('the runs of a NAS by its schedule and next run', () => {
  test.each(CASES)('$name in $zone, when the machines report their time zone', ({ zone, schedule }) => {
    const runs = runsIn(zone, schedule, FROM, DAYS);
    const ofOneWeek = runs.filter((run) => run < runs[0]! + 8 * DAY_MS);
    for (const [index, next] of ofOneWeek.entries()) {
      const timetable = timetableAfter(schedule, [next]);
      const events = trustedOffsets(timetable, timetable.offsets, [offsetAt(zone, next)], []);
      const wanted = runs.slice(index, index + 30);
      expect(runsFrom({ ...timetable, offsets: events }, next - 1, wanted.length)).toEqual(wanted.map(iso));
    }
  });

  test.each(CASES)('$name in $zone, when it has named the next runs of a week', ({ zone, schedule }) => {
    const runs = runsIn(zone, schedule, FROM, DAYS);
    const ofOneWeek = runs.filter((run) => run < runs[0]! + 9 * DAY_MS);
    const timetable = timetableAfter(schedule, ofOneWeek);
    const wanted = runs.slice(0, 30);
    expect(runsFrom(timetable, runs[0]! - 1, wanted.length)).toEqual(wanted.map(iso));
  });

  test.each(CASES)(
    '$name in $zone: one answer is never enough to take a run for one that is not',
    ({ zone, schedule }) => {
      const runs = runsIn(zone, schedule, FROM, DAYS);
      for (const [index, next] of runs.slice(0, 60).entries()) {
        const timetable = timetableAfter(schedule, [next]);
        expect(timetable.offsets).toContain(offsetAt(zone, next));
        expect(nextRunAfter(timetable, next)).toBeGreaterThanOrEqual(runs[index + 1] ?? 0);
      }
    },
  );

  test('a schedule of a week begins again the week after, at the very moment of a run too', () => {
    const [first = 0, second = 0] = runsIn('Asia/Tokyo', plan(), FROM, 15);
    const timetable = timetableAfter(plan(), [first]);
    expect([first - 1, first, second - 1].map((time) => iso(nextRunAfter(timetable, time)))).toEqual(
      [first, second, second].map(iso),
    );
  });

  test('a week without days is every day', () => {
    const timetable = timetableAfter({ ...plan(), weekdays: [] }, [Date.parse('2026-01-12T03:00Z')]);
    expect(iso(nextRunAfter(timetable, Date.parse('2026-01-14T04:00Z')))).toBe('2026-01-15T03:00:00.000Z');
  });
});

describe('the time zone of the NAS', () => {
  const times = localTimesOf(plan({ weekdays: EVERY_DAY, hour: 10, repeatHours: 6 }))!; // at 10, 16 and 22
  const hours = (offsets: readonly number[]): number[] =>
    offsets.map((offset) => offset / HOUR_MS).sort((a, b) => a - b);
  const left = (next: string, askedAt: string, known: readonly number[] = []): number[] =>
    hours(
      offsetsLeft(
        times,
        Date.parse(next),
        known.map((hour) => hour * HOUR_MS),
        Date.parse(askedAt),
      ),
    );

  test('several fit one next run', () => {
    expect(left('2026-01-12T16:00Z', '2026-01-12T15:55Z')).toEqual([-6, 0, 6]);
  });

  test('another run between now and the next run rules one out', () => {
    expect(left('2026-01-13T10:00Z', '2026-01-12T22:05Z')).toEqual([0]);
  });

  test('later answers rule out more, and what is ruled out stays so', () => {
    expect(left('2026-01-12T22:00Z', '2026-01-12T16:05Z', [0, 6])).toEqual([0]);
    expect(left('2026-01-12T16:00Z', '2026-01-12T15:55Z', [0])).toEqual([0]);
  });

  test.each([
    ['an hour on', '2026-04-12T15:00Z', [0], [1]],
    ['an hour back', '2026-11-12T16:00Z', [1], [0]],
    ['half an hour on', '2026-10-12T05:30Z', [10.5], [10.5]],
    ['half an hour back', '2026-04-12T06:00Z', [10.5], [10]],
  ])('moves with the clocks: %s', (_name, next, before, expected) => {
    expect(left(next, new Date(Date.parse(next) - 1).toISOString(), before)).toEqual(expected);
  });

  test('are found again when none of the known ones fits: the NAS has moved', () => {
    expect(left('2026-01-12T16:00Z', '2026-01-12T15:55Z', [3])).toEqual([-6, 0, 6]);
  });

  test('is any when the next run is on none of the local times', () => {
    const sundays = localTimesOf(plan())!;
    const monday = Date.parse('2026-01-12T15:00Z'); // Monday everywhere west of +9, Tuesday east of it
    expect(hours(offsetsLeft(sundays, monday, [], monday - 1))).toHaveLength(27);
  });

  test('is not learned from a NAS whose clock is a year ahead', () => {
    expect(left('2027-01-12T16:00Z', '2026-01-12T15:55Z', [0])).toEqual([0]);
  });

  test.each([
    ['where one of a machine fits, is that', [6], [], [6]],
    ['is not the one of a machine far away', [5], [], [-6, 0, 6]],
    ['nor of one whose time a run has contradicted', [6], ['2026-01-12T22:02Z'], [-6, 0, 6]],
    ['but a person may start one at any time', [6], ['2026-01-12T12:34Z'], [6]],
    ['with machines in several, is every one that fits', [6, 0, 1], [], [0, 6]],
  ])('%s', (_name, machines, starts, expected) => {
    const offsets = [-6, 0, 6].map((hour) => hour * HOUR_MS);
    const events = machines.map((hour) => hour * HOUR_MS);
    const trusted = trustedOffsets(
      times,
      offsets,
      events,
      starts.map((start) => Date.parse(start)),
    );
    expect(hours(trusted)).toEqual(expected);
  });
});

test.each<[string, Partial<Schedule>]>([
  ['is manual', { kind: 'manual' }],
  ['runs on events', { kind: 'event' }],
  ['runs continuously', { kind: 'continuous' }],
  ['runs once', { kind: 'once' }],
  ['is of an unknown kind', { kind: 'unknown' }],
  ['is paused', { paused: true }],
  ['has no hour', { hour: null }],
])('there is no timetable for a schedule that %s', (_name, odd) => {
  expect(localTimesOf({ ...plan(), ...odd })).toBeNull();
});

function iso(time: number): string {
  return new Date(time).toISOString();
}
