import { expect, test } from 'vitest';
import { createRandom } from '../nas/random';
import { scheduledTask } from './support/builders';
import { casesIn, shortCase, ZONES } from './support/task-cases';
import { resultOf, simulateYear, TaskMonitor, type Count } from './support/task-year';
import { runsIn } from './support/wall-clock';

/*
 * A year of a NAS, in every time zone, with every kind of schedule: a task whose every run succeeds is never reported overdue,
 * and one whose runs stop succeeding is reported in time. In steps from one thing that happens to the next, so that many years
 * fit in a second. OVERDUE_GAPS=full runs every year from its first to its last day.
 */

const IS_FULL = process.env['OVERDUE_GAPS'] === 'full';
const SEED = Number(process.env['OVERDUE_SEED'] ?? 20_261_128);
/** In a short run. */
const TASKS = 44;

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

test.each(IS_FULL ? ZONES.map((zone) => [zone]) : [[`${TASKS} tasks in all ${ZONES.length} zones`]])(
  'never overdue while every run succeeds, and reported within a period and its grace when they do not: %s',
  (zone) => {
    const random = createRandom(SEED + ZONES.indexOf(zone));
    const cases = IS_FULL
      ? casesIn(zone, random)
      : Array.from({ length: TASKS }, (_, index) => shortCase(index, random));
    const count: Count = { gaps: 0, missed: 0, polls: 0, wrong: [] };
    for (const each of cases) simulateYear(each, random, count);
    const { gaps, missed, polls, wrong } = count;
    console.log(`seed ${SEED}: ${zone}: ${gaps} gaps, ${missed} missed, ${polls} polls, ${wrong.length} wrong`);
    expect(wrong).toEqual([]);
    expect(missed).toBeGreaterThan(0);
  },
  IS_FULL ? 600_000 : 120_000,
);

test('never overdue before a schedule of one day has run, and half a day after when it has not succeeded', () => {
  const wrong: string[] = [];
  for (const zone of ZONES) {
    for (const isMissed of [false, true]) {
      const [run = 0] = runsIn(
        zone,
        { weekdays: [0, 1, 2, 3, 4, 5, 6], hour: 22, minute: 30, repeatHours: null },
        '2026-03-28',
        1,
      );
      const once = { ...scheduledTask({ kind: 'once', hour: 22, minute: 30, startDate: '2026-03-28' }, run), id: 1 };
      const before = { ...once, lastResult: resultOf(1, run - 9 * DAY, run - 9 * DAY + HOUR, 'success') };
      const over = { ...before, nextRunAt: null };
      const succeeded = { ...over, lastResult: resultOf(2, run, run + HOUR, 'success') };
      const monitor = new TaskMonitor();
      const reported = [
        ...monitor.poll(run - DAY, before),
        ...monitor.poll(run + MINUTE, { ...over, state: 'running' }),
        ...monitor.poll(run + 2 * HOUR, isMissed ? over : succeeded),
        ...monitor.poll(run + 11 * HOUR, isMissed ? over : succeeded),
      ];
      const later = monitor.poll(run + 13 * HOUR, isMissed ? over : succeeded);
      if (reported.length > 0 || later.includes('backup_overdue') !== isMissed) wrong.push(`${zone} ${isMissed}`);
    }
  }
  expect(wrong).toEqual([]);
});
