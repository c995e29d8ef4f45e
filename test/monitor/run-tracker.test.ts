import { describe, expect, test } from 'vitest';
import { trackStarted, checkRun, type TrackedRun, type RunStatus } from '../../src/monitor/run-tracker';
import type { Result, Task } from '../../src/active-backup/types';
import { result, task } from './support/builders';

const PATIENCE_MS = 30_000;

/** Shows a run one look after the other; the log is read when a look is unclear, as `follow` does. */
function story(before: Task, looks: { atMs: number; tasks: Task[]; log?: Result[] }[]): RunStatus {
  let run: TrackedRun = trackStarted(before, new Map());
  let sight: RunStatus = { is: 'awaited', run };
  for (const { atMs, tasks, log } of looks) {
    const listing = { tasks, laterJobs: new Map() };
    sight = checkRun(run, listing, null, atMs, PATIENCE_MS);
    if (sight.is === 'unclear') sight = checkRun(run, listing, log ?? [], atMs, PATIENCE_MS);
    if (sight.is === 'under-way' || sight.is === 'awaited') run = sight.run;
  }
  return sight;
}

const before = task(null, result(10));

describe('a started run', () => {
  test('is under way while it waits and runs, and ends with the first new result', () => {
    const looks = [
      { atMs: 0, tasks: [task(0, result(10))] },
      { atMs: 5_000, tasks: [task(1, result(10))] },
      { atMs: 10_000, tasks: [task(null, result(11))] },
    ];
    expect(looks.map((_, index) => story(before, looks.slice(0, index + 1)).is)).toEqual([
      'under-way',
      'under-way',
      'ended',
    ]);
    expect(story(before, looks)).toMatchObject({ result: { id: 11, status: 'success' } });
  });

  test('that began and ended between two looks is found by its result', () => {
    expect(story(before, [{ atMs: 5_000, tasks: [task(null, result(11, 4))] }])).toMatchObject({
      is: 'ended',
      result: { id: 11, status: 'failed' },
    });
  });

  test('that ended while somebody else’s run began is not taken for that one', () => {
    const log = [result(12, 1), result(11, 5), result(10)];
    expect(story(before, [{ atMs: 5_000, tasks: [task(1, result(12, 1))], log }])).toMatchObject({
      is: 'ended',
      result: { id: 11, status: 'cancelled' },
    });
  });

  test('and a later run of somebody else that has ended too: the first new one is ours', () => {
    const log = [result(13), result(12, 4), result(11)];
    expect(story(before, [{ atMs: 5_000, tasks: [task(null, result(13))], log }])).toMatchObject({
      result: { id: 11 },
    });
  });

  test('whose open result is listed while it runs is under way until that very result has ended', () => {
    const looks = [
      { atMs: 0, tasks: [task(1, result(11, 1))], log: [result(11, 1)] },
      { atMs: 5_000, tasks: [task(1, result(11, 1))] },
      { atMs: 9_000, tasks: [task(null, result(11))] },
    ];
    expect(looks.map((_, index) => story(before, looks.slice(0, index + 1)).is)).toEqual([
      'under-way',
      'under-way',
      'ended',
    ]);
  });

  test('hidden behind a later job of the task is found in the log', () => {
    const log = [result(11), result(11, 2, 2)];
    expect(story(before, [{ atMs: 5_000, tasks: [task(null, result(12))], log: [...log, result(12)] }])).toMatchObject({
      result: { id: 11, taskId: 1 },
    });
  });

  test('that never begins is awaited for a while, then it never ran', () => {
    const idle = (atMs: number): { atMs: number; tasks: Task[] } => ({ atMs, tasks: [before] });
    expect(story(before, [idle(0), idle(PATIENCE_MS - 1)])).toMatchObject({ is: 'awaited' });
    expect(story(before, [idle(0), idle(PATIENCE_MS)])).toMatchObject({ is: 'lost', why: 'never-ran' });
  });

  test('that ran and left no result is awaited for a while, then it is said', () => {
    const looks = [
      { atMs: 0, tasks: [task(1, result(10))] },
      { atMs: 5_000, tasks: [before] },
    ];
    expect(story(before, looks)).toMatchObject({ is: 'awaited' });
    expect(story(before, [...looks, { atMs: 5_000 + PATIENCE_MS, tasks: [before] }])).toMatchObject({
      why: 'no-result',
    });
  });

  test('of a task that was removed is lost when three looks in a row have missed it', () => {
    const without = { atMs: 0, tasks: [task(null, null, 2)] };
    expect(story(before, [without, without])).toMatchObject({ is: 'awaited' });
    expect(story(before, [without, without, without])).toMatchObject({ is: 'lost', why: 'removed' });
  });

  test('of a task that never ran before ends with its first result', () => {
    expect(story(task(null, null), [{ atMs: 0, tasks: [task(null, result(1))] }])).toMatchObject({ result: { id: 1 } });
  });

  test('without a log ends with the last result of the task', () => {
    expect(story(before, [{ atMs: 0, tasks: [task(null, result(12))], log: [] }])).toMatchObject({
      result: { id: 12 },
    });
  });
});
