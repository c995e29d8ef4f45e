import { describe, expect, test } from 'vitest';
import { nextPollDelayMs } from '../../src/monitor/poller';

const PAUSES = { idleMs: 60_000, activeMs: 5000 };
const FIVE_MINUTES_MS = 5 * 60_000;

test.each([
  { active: false, pause: PAUSES.idleMs },
  { active: true, pause: PAUSES.activeMs },
])('after a successful poll the delay is exactly as set (active: $active)', ({ active, pause }) => {
  for (const random of [0, 0.5, 1]) expect(nextPollDelayMs(PAUSES, { active, failures: 0 }, random)).toBe(pause);
});

describe('after failures in a row', () => {
  const after = (failures: number, random: number): number =>
    nextPollDelayMs(PAUSES, { active: false, failures }, random);

  test('each delay is double the one before, at most five minutes', () => {
    const pauses = [1, 2, 3, 4, 5, 6].map((failures) => after(failures, 0.5));
    expect(pauses).toEqual([5000, 10_000, 20_000, 40_000, 80_000, 160_000]);
    for (const failures of [7, 8, 50, 5000]) {
      for (const random of [0, 0.5, 1]) {
        expect(after(failures, random)).toBeLessThanOrEqual(FIVE_MINUTES_MS);
        expect(after(failures, random)).toBeGreaterThanOrEqual(FIVE_MINUTES_MS / 2);
      }
    }
  });

  test.each([1, 3, 100])(
    'chance spreads them by a fifth each way, those of the longest pause too (%i failures)',
    (failures) => {
      const middle = after(failures, 0.5);
      expect(after(failures, 0) / middle).toBeCloseTo(0.8, 3);
      expect(after(failures, 1) / middle).toBeCloseTo(1.2, 3);
    },
  );

  test('the delay does not depend on what ran before the NAS went offline', () => {
    expect(nextPollDelayMs(PAUSES, { active: true, failures: 1 }, 0.5)).toBe(after(1, 0.5));
  });

  test('it is not longer than five minutes even where the usual one is', () => {
    const slow = { idleMs: 86_400_000, activeMs: 3600_000 };
    expect(nextPollDelayMs(slow, { active: true, failures: 1 }, 1)).toBeLessThanOrEqual(FIVE_MINUTES_MS);
  });
});
