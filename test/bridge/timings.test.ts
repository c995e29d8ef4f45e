import { afterEach, expect, test, vi } from 'vitest';
import { NamedTimers } from '../../src/bridge/timings';

afterEach(() => {
  vi.useRealTimers();
});

test('a callback that throws is reported, and the other timers fire', () => {
  vi.useFakeTimers();
  const faults: unknown[] = [];
  const fired: string[] = [];
  const fault = new TypeError('a fault of ours');
  const timers = new NamedTimers((error) => faults.push(error));
  timers.set('bad', 10, () => {
    throw fault;
  });
  timers.set('good', 20, () => fired.push('good'));
  vi.advanceTimersByTime(30);
  expect(faults).toEqual([fault]);
  expect(fired).toEqual(['good']);
});
