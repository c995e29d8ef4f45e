import { expect, test } from 'vitest';
import { updateOnlinePeriods, type OnlinePeriod } from '../../src/monitor/online-periods';

/** The periods after polls at these hours of 2026-03-01 and later, on line unless negative. */
const after = (hours: readonly number[], online: boolean | null = true): readonly OnlinePeriod[] =>
  hours.reduce<readonly OnlinePeriod[]>(
    (periods, hour) =>
      updateOnlinePeriods(periods, hour < 0 ? false : online, new Date(Date.UTC(2026, 2, 1, Math.abs(hour)))),
    [],
  );
const hour = (at: number): string => new Date(Date.UTC(2026, 2, 1, at)).toISOString();

test('a period ends with an absence of more than three hours', () => {
  expect(after([8, 9, -10, 12, -13, -15, 16])).toEqual([
    { from: hour(8), to: hour(12) },
    { from: hour(16), to: hour(16) },
  ]);
});

test('a device that was never on line has none, and one without an agent counts as on line', () => {
  expect(after([-8, -9])).toEqual([]);
  expect(after([8, 9], null)).toEqual([{ from: hour(8), to: hour(9) }]);
});

test('a clock that was set back changes nothing, and the latest sixteen are kept', () => {
  expect(after([20, 8])).toEqual([{ from: hour(20), to: hour(20) }]);
  const periods = after(Array.from({ length: 30 }, (_, day) => day * 24));
  expect(periods).toHaveLength(16);
  expect(periods.at(-1)).toEqual({ from: hour(29 * 24), to: hour(29 * 24) });
});

test('an outage in which nothing was polled does not end the period of a device that nobody switches off', () => {
  const before = [{ from: hour(0), to: hour(7) }];
  const at = new Date(hour(72));
  expect(updateOnlinePeriods(before, true, at, { lastPoll: Date.parse(hour(9)) })).toEqual([
    { from: hour(0), to: hour(72) },
  ]);
  expect(updateOnlinePeriods(before, false, at, { lastPoll: Date.parse(hour(9)) })).toBe(before);
  const offBefore = updateOnlinePeriods(before, true, at, { lastPoll: Date.parse(hour(20)) });
  expect(offBefore).toEqual([...before, { from: hour(72), to: hour(72) }]);
});
