import { expect, test } from 'vitest';
import { RetryTimer } from '../../src/monitor/throttle';

const PERIOD_MS = 15 * 60_000;

/** The waits (ms) until it is due again, after so many failures in a row. */
function waitsAfterFailures(count: number): number[] {
  const timer = new RetryTimer(PERIOD_MS);
  let now = 1_762_848_000_000;
  return Array.from({ length: count }, () => {
    timer.failed(now);
    const from = now;
    while (!timer.isDue(now)) now += 1000;
    return now - from;
  });
}

test('is due at once, then after its period', () => {
  const timer = new RetryTimer(PERIOD_MS);
  expect(timer.isDue(0)).toBe(true);
  timer.succeeded(0);
  expect([0, PERIOD_MS - 1, PERIOD_MS].map((now) => timer.isDue(now))).toEqual([false, false, true]);
});

test('is due again at the next poll after a failure, then later and later, at most after its period', () => {
  const minutes = waitsAfterFailures(9).map((ms) => ms / 60_000);
  expect(minutes).toEqual([0, 0.5, 1, 2, 4, 8, 15, 15, 15]);
});

test('uses the full period after a success', () => {
  const timer = new RetryTimer(PERIOD_MS);
  for (const now of [0, 1000, 2000]) timer.failed(now);
  timer.succeeded(3000);
  timer.failed(4000);
  expect(timer.isDue(4001)).toBe(true);
});

test('is not held up by a clock that is set back', () => {
  const timer = new RetryTimer(PERIOD_MS);
  timer.succeeded(1_762_848_000_000);
  expect(timer.isDue(0)).toBe(true);
});
