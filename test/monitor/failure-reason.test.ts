import { expect, test } from 'vitest';
import type { DeviceResult, NamedDeviceResult, Result } from '../../src/active-backup/types';
import { reasonOf } from '../../src/monitor/failure-reason';
import { rawResult } from './support/builders';
import { deviceResult } from './support/device-results';
import { at, iso } from './support/protection-cases';

/** A failure of a device, as part of run 7, which went from 12:00 to 13:00 on Monday. */
function failure(fields: Partial<DeviceResult> = {}): DeviceResult {
  return deviceResult({ resultId: 7, status: 'failed', startedAt: iso(at(0, 12)), endedAt: iso(at(0, 13)), ...fields });
}

/** Run 7 with a reason, that ended on a day at 13:00. */
function run(day: number, fields: Partial<Result> = {}): Result {
  const times = { time_start: at(day, 12) / 1000, time_end: at(day, 13) / 1000 };
  return { ...rawResult({ result_id: 7, status: 4, ...times }), reason: 'The disk is full', ...fields };
}

function reason(
  result: DeviceResult | null,
  runs: readonly Result[],
  others: readonly DeviceResult[] = [],
): string | null {
  const all = [...(result === null ? [] : [result]), ...others];
  const named = all.map((each): NamedDeviceResult => ({ ...each, name: 'PC' }));
  const of = (id: number | null): NamedDeviceResult[] => named.filter(({ resultId }) => resultId === id);
  return reasonOf(result, [undefined, { recent: runs }], { of });
}

test('the reason of a run is that of the only device that failed', () => {
  expect(reason(failure(), [run(0)])).toBe('The disk is full');
  expect(reason(failure({ status: 'partial' }), [run(0, { status: 'partial' })])).toBe('The disk is full');
  expect(reason(failure(), [run(0)], [failure({ status: 'success' })])).toBe('The disk is full');
});

test('no reason is given when several devices of the run failed', () => {
  expect(reason(failure(), [run(0)], [failure({ status: 'partial' })])).toBeNull();
});

test('the reason of an earlier failure is not given: of a run with the same id before a reinstallation, or of another run', () => {
  expect(reason(failure(), [run(-30)])).toBeNull();
  expect(reason(failure(), [run(-30), run(0, { reason: 'No answer' })])).toBe('No answer');
  expect(reason(failure({ resultId: 8 }), [run(0)])).toBeNull();
  expect(reason(failure(), [run(0, { status: 'success' })])).toBeNull();
});

test('no reason is given when nobody knows when the failure was', () => {
  expect(reason(failure({ startedAt: null, endedAt: null }), [run(0)])).toBeNull();
});

test('a success, and a device without a result, have no reason', () => {
  expect(reason(failure({ status: 'success' }), [run(0)])).toBeNull();
  expect(reason(null, [run(0)])).toBeNull();
});
