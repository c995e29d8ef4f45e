import { expect, test } from 'vitest';
import { describeWith } from '../support/needs';
import { flatRows, growthRows } from './growth';
import { isMet, type Row } from './row';
import { runBench } from './run';
import { SECTIONS } from './sections';
import { tableOf, tableOfRuns } from './table';

/** Sections that need no built package. For all of them, which BENCH_SECTIONS=all runs, the whole suite has no time. */
const FROM_SOURCE = Object.keys(SECTIONS).filter((name) => SECTIONS[name]?.needsBuild !== true);
const TRIED =
  process.env['BENCH_SECTIONS'] === 'all' ? FROM_SOURCE : FROM_SOURCE.filter((name) => /^(poll|command)$/.test(name));

const ROW: Row = { what: 'poll', size: '10 tasks', unit: 'ms', floor: 2, ours: 3, goal: { max: 1.5 }, note: '' };

test.each([
  { growth: 'none', cost: () => 3, exponent: 0, met: true },
  { growth: 'proportional', cost: (size: number) => 2 * size, exponent: 1, met: true },
  { growth: 'with the square', cost: (size: number) => size ** 2, exponent: 2, met: false },
])('the exponent of a cost that grows $growth', ({ cost, exponent, met }) => {
  const [row, ...more] = growthRows([1000, 10, 100].map((size) => ({ of: 'x', size, cost: cost(size) })));
  expect(more).toEqual([]);
  expect(row?.ours).toBeCloseTo(exponent);
  expect(row && isMet(row)).toBe(met);
});

test('growth needs two sizes', () => {
  expect(growthRows([{ of: 'x', size: 10, cost: 1 }])).toEqual([]);
});

test('the larger sizes are compared with the smallest', () => {
  const samples = [10, 1000].map((size) => ({ of: 'x', size, cost: size / 5 }));
  expect(flatRows(samples, 'x', 1.5)).toMatchObject([{ size: '1,000 tasks', floor: 2, ours: 200 }]);
});

test.each<{ row: Partial<Row>; met: boolean | null }>([
  { row: {}, met: true },
  { row: { ours: 3.02 }, met: false },
  { row: { goal: { min: 1.6, max: 2 } }, met: false },
  { row: { floor: null, ours: 1.4 }, met: true },
  { row: { goal: null }, met: null },
])('a row with $row meets its goal: $met', ({ row, met }) => {
  expect(isMet({ ...ROW, ...row })).toBe(met);
});

test('the table', () => {
  expect(tableOf([ROW]).split('\n')).toEqual([
    '| what | size     | floor   | ours    | ratio  | goal    | met | note |',
    '| ---- | -------- | ------- | ------- | ------ | ------- | --- | ---- |',
    '| poll | 10 tasks | 2.00 ms | 3.00 ms | 1.50 × | ≤ 1.5 × | yes |      |',
  ]);
});

test('the table says why a row has no figure', () => {
  const [, , row] = tableOf([{ ...ROW, ours: null, note: 'the time was over' }]).split('\n');
  expect(row).toMatch(/\| not measured \| –  +\| ≤ 1\.5 × \| +\| the time was over \|$/);
});

test('the table of several runs has medians, all ratios, and whether every run meets the goal', () => {
  const runs = [3, 2.8, 4].map((ours) => [
    { ...ROW, ours },
    { ...ROW, size: '20 tasks' },
  ]);
  expect(tableOfRuns(runs).split('\n').slice(2)).toEqual([
    '| poll | 10 tasks | 2.00 ms | 3.00 ms | 1.50 × | 1.50, 1.40, 2.00 | ≤ 1.5 × | **no** (2 of 3) |      |',
    '| poll | 20 tasks | 2.00 ms | 3.00 ms | 1.50 × | 1.50, 1.50, 1.50 | ≤ 1.5 × | yes             |      |',
  ]);
});

test('the table of several runs says when a run has no figure', () => {
  const runs = [ROW, { ...ROW, ours: null, floor: null, note: 'the time was over' }].map((row) => [row]);
  expect(tableOfRuns(runs)).toMatch(/ 1\.50 × \| 1\.50 \| ≤ 1\.5 × \| \*\*no\*\* \(1 of 2\) \|/);
});

describeWith('mosquitto', 'a bench of the smallest size', () => {
  test.each(TRIED)('%s', { timeout: 240_000 }, async (section) => {
    const rows = await runBench({
      ...{ scale: { rounds: 1, tiny: true }, sections: [section], sizes: [10], profile: null, limitSeconds: 240 },
      progress: () => undefined,
    });
    expect(rows.filter(({ ours }) => ours === null)).toEqual([]);
    expect(rows.every(({ ours, floor }) => Number.isFinite(ours) && Number.isFinite(floor ?? 0))).toBe(true);
  });
});
