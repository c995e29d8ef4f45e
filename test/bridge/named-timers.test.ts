import { afterEach, expect, test, vi } from 'vitest';
import { NamedTimers } from '../../src/bridge/named-timers';

afterEach(() => {
  vi.useRealTimers();
});

test('an alarm that throws is reported, and the others ring', () => {
  vi.useFakeTimers();
  const faults: unknown[] = [];
  const rung: string[] = [];
  const fault = new TypeError('a fault of ours');
  const alarms = new NamedTimers((error) => faults.push(error));
  alarms.set('bad', 10, () => {
    throw fault;
  });
  alarms.set('good', 20, () => rung.push('good'));
  vi.advanceTimersByTime(30);
  expect(faults).toEqual([fault]);
  expect(rung).toEqual(['good']);
});
