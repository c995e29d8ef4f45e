import { describe, expect, test } from 'vitest';
import { isQuiet, parseQuietHours } from '../../src/settings/quiet-hours';
import { Problem } from '../../src/settings/rules';

/** A time of an ordinary day in the time zone of this process, which is that of Node-RED. */
function at(hours: number, minutes = 0): Date {
  return new Date(2026, 2, 10, hours, minutes);
}

/** Whether each of these times is quiet. */
function quietAt(text: string, ...times: Date[]): boolean[] {
  const periods = parseQuietHours(text);
  if (periods instanceof Problem) throw new Error(periods.reason);
  return times.map((time) => isQuiet(periods, time));
}

describe('quiet hours', () => {
  test.each(['', '  ', undefined, null])('there are none in %j', (value) => {
    expect(parseQuietHours(value)).toEqual([]);
  });

  test('begin with their first minute and end before their last', () => {
    expect(quietAt('12:00-13:00', at(11, 59), at(12), at(12, 59), at(13))).toEqual([false, true, true, false]);
  });

  test('last over midnight', () => {
    expect(quietAt('23:00-06:30', at(22, 59), at(23), at(0), at(6, 29), at(6, 30))).toEqual([
      false,
      true,
      true,
      true,
      false,
    ]);
  });

  test('may be several, with blanks, one digit for the hour, or a dash', () => {
    expect(quietAt(' 23:00 - 6:30 , 12:00–13:00 ', at(5), at(9), at(12, 30), at(23, 30))).toEqual([
      true,
      false,
      true,
      true,
    ]);
  });

  test('may last the whole day', () => {
    expect(quietAt('00:00-24:00', at(0), at(12), at(23, 59))).toEqual([true, true, true]);
  });

  test.each([
    '23:00',
    '23:00-',
    '23:00-06:30,',
    '23:00-23:00',
    '24:00-06:00',
    '23:60-06:00',
    '25:00-06:00',
    '23-6',
    '23:00-06:30;12:00-13:00',
    'night',
    2300,
    true,
  ])('are rejected: %j', (value) => {
    expect(parseQuietHours(value)).toBeInstanceOf(Problem);
  });
});
