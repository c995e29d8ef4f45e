import { expect, test } from 'vitest';
import {
  afterWorkingTime,
  DAY_MS,
  isOffDay,
  localDayOf,
  weekdayOfDay,
  workingTime,
} from '../../src/monitor/local-days';
import { createRandom } from '../nas/random';

const HOUR_MS = 3600_000;

test('day 0 was a Thursday, also seen from the years before', () => {
  expect([0, 3, 4, -1, -11].map(weekdayOfDay)).toEqual([4, 0, 1, 3, 0]);
});

test('working time is the sum of the hours that are on no day off, and the way back leads to the same time', () => {
  const random = createRandom(3);
  for (let round = 0; round < 300; round++) {
    const offDays = [0, 1, 2, 3, 4, 5, 6].filter(() => random.fraction() < 0.4).slice(0, 6);
    const calendar = { offset: random.integer(-12, 14) * HOUR_MS, offDays };
    const from = random.integer(-50, 20_000) * DAY_MS + random.integer(0, 23) * HOUR_MS;
    const hours = random.integer(0, 24 * 30);
    let expected = 0;
    for (let hour = 0; hour < hours; hour++)
      if (!isOffDay(localDayOf(from + hour * HOUR_MS, calendar.offset), calendar)) expected += HOUR_MS;
    const to = from + hours * HOUR_MS;
    expect(workingTime(from, to, calendar)).toBe(expected);
    const after = afterWorkingTime(from, expected, calendar);
    expect(workingTime(from, after, calendar)).toBe(expected);
    expect(after).toBeLessThanOrEqual(Math.max(to, from + DAY_MS * 6));
  }
});
