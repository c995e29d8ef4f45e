import { describe, expect, test } from 'vitest';
import { storageTrend, type StorageTrend } from '../../src/monitor/storage-trend';
import { createRandom } from '../nas/random';

const DAY_MS = 24 * 3600_000;
const GIB = 2 ** 30;
const NOW = new Date('2026-06-01T12:00Z');

/** The trend of samples every six hours for so many days, ending now. @param used GiB after so many days @param free GiB */
function trendOf(days: number, used: (day: number) => number, free: number | null = 1000): StorageTrend {
  const samples = Array.from({ length: days * 4 + 1 }, (_, index) => ({
    at: new Date(NOW.getTime() - (days - index / 4) * DAY_MS).toISOString(),
    usedBytes: used(index / 4) * GIB,
  }));
  return storageTrend(samples, free === null ? null : free * GIB, NOW);
}
const perDay = ({ growthBytesPerDay }: StorageTrend): number => (growthBytesPerDay ?? NaN) / GIB;
const NONE = { growthBytesPerDay: null, fullAt: null };

describe('a storage that grows', () => {
  test('by 10 GiB a day is full when the rest has been used', () => {
    const trend = trendOf(30, (day) => 500 + 10 * day);
    expect(perDay(trend)).toBeCloseTo(10);
    expect(trend.fullAt).toBe('2026-09-09T00:00:00.000Z');
  });

  test('is found after a week', () => {
    expect(perDay(trendOf(7, (day) => 500 + 10 * day))).toBeCloseTo(10);
  });

  test('while old versions are deleted every week', () => {
    expect(perDay(trendOf(56, (day) => 500 + 5 * day + 20 * (day % 7)))).toBeCloseTo(5, 0);
  });

  test('with noise, and a first full backup of 2 TiB', () => {
    const random = createRandom(7);
    const trend = trendOf(60, (day) => 500 + 4 * day + 10 * random.fraction() + (day > 25 ? 2048 : 0));
    expect(perDay(trend)).toBeGreaterThan(3);
    expect(perDay(trend)).toBeLessThan(6);
  });

  test('only on Sundays', () => {
    expect(perDay(trendOf(56, (day) => 500 + 14 * Math.floor(day / 7)))).toBeCloseTo(2, 0);
  });

  test('has no date when nothing is known about its size, or the date is in a distant future', () => {
    expect(trendOf(30, (day) => 500 + 10 * day, null)).toEqual({ growthBytesPerDay: 10 * GIB, fullAt: null });
    expect(trendOf(30, (day) => 500 + 0.01 * day, 10_000).fullAt).toBeNull();
  });

  test('is full today when nothing is free', () => {
    expect(trendOf(30, (day) => 500 + 10 * day, 0).fullAt).toBe('2026-06-01T00:00:00.000Z');
  });
});

describe('there is no trend', () => {
  test.each<[string, number, (day: number) => number]>([
    ['before a week has passed', 6, (day) => 500 + 10 * day],
    ['of a storage that stays the same', 30, () => 500],
    ['of one that shrinks', 30, (day) => 500 - day],
    ['of one that only goes up and down with the retention of a week', 30, (day) => 500 + 20 * (day % 7)],
    ['of one that only goes up and down with the retention of two weeks', 60, (day) => 500 + 20 * (day % 14)],
    ['of one with noise', 30, (day) => 500 + 50 * Math.abs(Math.sin(day * 37))],
    ['of one with a single large backup', 60, (day) => (day > 30 ? 2500 : 500)],
  ])('%s', (_name, days, used) => {
    expect(trendOf(days, used)).toEqual(NONE);
  });

  test('without samples, and from times of a wrong clock', () => {
    expect(storageTrend([], GIB, NOW)).toEqual(NONE);
    const samples = Array.from({ length: 20 }, (_, day) => ({
      at: new Date(Date.parse(day < 10 ? '2009-01-01' : '2037-01-01') + day * DAY_MS).toISOString(),
      usedBytes: day * GIB,
    }));
    expect(storageTrend(samples, GIB, NOW)).toEqual(NONE);
  });
});
