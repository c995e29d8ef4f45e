import { describe, expect, test } from 'vitest';
import { windowOpening } from '../../src/active-backup/backup-window';
import { parseSchedule } from '../../src/active-backup/model/schedule';
import { refusalMessage, temporaryRefusal, withTaskLabels } from '../../src/active-backup/errors';
import type { Schedule } from '../../src/active-backup/types';
import { DsmError } from '../../src/dsm/errors';
import { task } from '../monitor/support/builders';

const HOUR = 3600;

/** A backup window that is open in these hours of the week: 0 is Sunday 00:00. */
function scheduleWith(hours: readonly number[], utcOffsets: number[]): Schedule {
  const backupWindow = Array.from({ length: 168 }, (_, hour) => (hours.includes(hour) ? '1' : '0')).join('');
  return { ...parseSchedule({}), backupWindowEnabled: true, backupWindow, utcOffsets };
}

/** Monday 07:00 and the hour after, every week. */
const MONDAY_SEVEN = [24 + 7, 24 + 8];
/** A Sunday, 21:30 in UTC. */
const SUNDAY = new Date('2026-11-29T21:30:00Z');

describe('the next opening of a backup window', () => {
  test.each([
    ['UTC', 0, '2026-11-30T07:00:00.000Z', 'Monday 07:00'],
    ['Berlin', HOUR, '2026-11-30T06:00:00.000Z', 'Monday 07:00'],
    ['New York', -5 * HOUR, '2026-11-30T12:00:00.000Z', 'Monday 07:00'],
    ['Nepal', 5.75 * HOUR, '2026-11-30T01:15:00.000Z', 'Monday 07:00'],
  ])('is computed for a NAS in %s', (_, offset, at, local) => {
    const opening = windowOpening(scheduleWith(MONDAY_SEVEN, [offset]), SUNDAY);
    expect(opening).toEqual({ at: new Date(at), local });
  });

  test('is in the next week when the last hour of this week is over', () => {
    expect(windowOpening(scheduleWith([3], [0]), SUNDAY)?.at.toISOString()).toBe('2026-12-06T03:00:00.000Z');
  });

  test.each([
    ['no window', { ...scheduleWith([1], [0]), backupWindow: null }],
    ['a window of another length', { ...scheduleWith([1], [0]), backupWindow: '01' }],
    ['a window of other characters', { ...scheduleWith([1], [0]), backupWindow: 'x'.repeat(168) }],
    ['a window that never opens', scheduleWith([], [0])],
    ['a window that is open now', scheduleWith([21], [0])],
    ['no time zone', scheduleWith([1], [])],
    ['two time zones with different times', scheduleWith(MONDAY_SEVEN, [0, HOUR])],
    ['two time zones, one of which has it open', scheduleWith([22], [0, HOUR])],
  ])('is unknown with %s', (_, schedule) => {
    expect(windowOpening(schedule, SUNDAY)).toBeNull();
  });
});

describe('a refusal because of the backup window', () => {
  const refusal = (code: number): DsmError =>
    new DsmError('EABB', '', { api: '', method: 'backup', version: 1, code, errors: null });
  const limited = { ...task(null, null), schedule: scheduleWith(MONDAY_SEVEN, [0]) };
  const free = task(null, null, 2);

  test.each([1104, 1105])('%i says when a start is allowed', (code) => {
    expect(refusalMessage(refusal(code), [limited], SUNDAY)).toMatch(
      /^not allowed before Monday 07:00 \(time of the NAS\)/,
    );
    expect(withTaskLabels(refusal(code), [limited], SUNDAY)).toMatchObject({
      message: expect.stringMatching(/^task 1 \(1\): not allowed before Monday 07:00/) as string,
      cause: { code },
    });
    expect(temporaryRefusal(refusal(code))).toBe('window');
  });

  test('names no time for several tasks, because DSM does not name the refused one', () => {
    expect(refusalMessage(refusal(1104), [limited, free], SUNDAY)).toMatch(/^its backup window does not allow/);
  });

  test('names no time if it cannot be computed', () => {
    expect(refusalMessage(refusal(1105), [free], SUNDAY)).toMatch(/^its backup window does not allow/);
  });

  test('is the only one that may end by itself, beside that of an offline device', () => {
    expect([5001, 1010, 4005, 1036].map((code) => temporaryRefusal(refusal(code)))).toEqual([
      'offline',
      null,
      null,
      null,
    ]);
    expect(temporaryRefusal(new Error('5001'))).toBeNull();
  });
});
