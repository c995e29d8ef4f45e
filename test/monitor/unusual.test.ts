import { describe, expect, test } from 'vitest';
import type { DeviceResult } from '../../src/active-backup/types';
import { unusualBackup } from '../../src/monitor/unusual';
import { createRandom, type Random } from '../nas/random';
import { deviceResult } from './support/device-results';

const GIB = 2 ** 30;
const MIB = 2 ** 20;

/** Successes with these sizes (bytes), ids from 1 on, which take ten minutes. */
const runs = (sizes: readonly number[], durationSeconds = 600): DeviceResult[] =>
  sizes.map((transferredBytes, index) => deviceResult({ resultId: index + 1, transferredBytes, durationSeconds }));
/** The backup after all others. */
const next = (fields: Partial<DeviceResult>): DeviceResult =>
  deviceResult({ resultId: 1000, transferredBytes: GIB, durationSeconds: 600, ...fields });
const USUAL = [2, 3, 2.5, 2, 3.5, 2, 2.2, 3, 2.4, 2.8].map((size) => size * GIB);

describe('a backup is unusual', () => {
  test('that is seven times as large as usual', () => {
    const hint = unusualBackup(next({ transferredBytes: 17.15 * GIB }), runs(USUAL));
    expect(hint).toEqual({ kind: 'larger', factor: 7, value: 17.15 * GIB, usual: expect.closeTo(2.45 * GIB) });
  });

  test('that has a tenth of the usual size', () => {
    expect(unusualBackup(next({ transferredBytes: 0.245 * GIB }), runs(USUAL))).toMatchObject({
      kind: 'smaller',
      factor: 0.1,
    });
  });

  test('that has nothing', () => {
    expect(unusualBackup(next({ transferredBytes: 0 }), runs(USUAL))).toMatchObject({ kind: 'smaller', factor: 0 });
  });

  test('that takes twelve times as long as usual', () => {
    expect(unusualBackup(next({ transferredBytes: 2 * GIB, durationSeconds: 7200 }), runs(USUAL))).toMatchObject({
      ...{ kind: 'longer', factor: 12, value: 7200, usual: 600 },
    });
  });

  test('after backups that had all the same size', () => {
    expect(unusualBackup(next({ transferredBytes: 10 * GIB }), runs(Array<number>(8).fill(GIB)))?.factor).toBe(10);
  });

  test('although the first backup was a full one', () => {
    expect(unusualBackup(next({ transferredBytes: 30 * GIB }), runs([300 * GIB, ...USUAL]))?.kind).toBe('larger');
  });
});

describe('a backup is usual', () => {
  test.each<[string, Partial<DeviceResult>, readonly number[]]>([
    ['after fewer than eight', { transferredBytes: 100 * GIB }, USUAL.slice(0, 7)],
    ['that is three times as large', { transferredBytes: 7.3 * GIB }, USUAL],
    ['that differs by some megabytes', { transferredBytes: 900 * MIB }, USUAL.map(() => 20 * MIB)],
    [
      'that is no larger than another one of the last weeks',
      { transferredBytes: 20 * GIB },
      [19 * GIB, 21 * GIB, ...USUAL],
    ],
    ['that failed', { status: 'failed', transferredBytes: 100 * GIB }, USUAL],
    ['of unknown size and duration', { transferredBytes: null, durationSeconds: null }, USUAL],
  ])('%s', (_name, fields, sizes) => {
    expect(unusualBackup(next(fields), runs(sizes))).toBeNull();
  });

  test('whatever came after it, and whatever failed', () => {
    const later = runs(USUAL).map((run) => ({ ...run, resultId: 2000 }));
    const failed = runs(USUAL).map((run): DeviceResult => ({ ...run, status: 'failed' }));
    expect(unusualBackup(next({ transferredBytes: 100 * GIB }), [...later, ...failed])).toBeNull();
  });
});

/** Sizes of a year: usual days, a larger update each month, and a full backup first. */
function sizesOfYear(random: Random, typical: number, spread: number): number[] {
  return Array.from({ length: 365 }, (_, day) => {
    const normal = Math.sqrt(-2 * Math.log(1 - random.fraction())) * Math.cos(2 * Math.PI * random.fraction());
    const factor = day === 0 ? 100 : day % 30 === 11 ? 3 + 3 * random.fraction() : 1;
    return typical * factor * Math.exp(spread * normal);
  });
}

test('in a year of devices with varying sizes and monthly updates there are few hints, and a hundred times the usual is mostly found', () => {
  const [devices, step] = [40, 5];
  let hints = 0;
  let found = 0;
  for (let device = 0; device < devices; device++) {
    const random = createRandom(device);
    const all = runs(sizesOfYear(random, random.pick([50 * MIB, GIB, 5 * GIB]), random.pick([0.2, 0.5, 0.8])));
    for (let index = device % step; index < all.length; index += step)
      if (unusualBackup(all[index]!, all.slice(Math.max(index - 90, 0), index)) !== null) hints++;
    const before = all.slice(210, 300);
    const usual = before.map(({ transferredBytes }) => transferredBytes ?? 0).sort((a, b) => a - b)[45]!;
    if (unusualBackup({ ...all[300]!, transferredBytes: 100 * usual + 4 * GIB }, before)?.kind === 'larger') found++;
  }
  expect((hints * step) / devices).toBeLessThan(0.5);
  expect(found).toBeGreaterThan(0.8 * devices);
});
