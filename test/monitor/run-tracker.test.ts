import { describe, expect, test } from 'vitest';
import { trackStarted, checkRun, type TrackedRun, type RunStatus } from '../../src/monitor/run-tracker';
import type { Result, Task } from '../../src/active-backup/types';
import { result, task } from './support/builders';

const START_TIMEOUT_MS = 30_000;

/** The state of a run after these polls; the log is read when a poll is ambiguous, as `followRuns` does. */
function statusAfter(before: Task, polls: { atMs: number; tasks: Task[]; log?: Result[] }[]): RunStatus {
  let run: TrackedRun = trackStarted(before, new Map());
  let status: RunStatus = { is: 'pending', run };
  for (const { atMs, tasks, log } of polls) {
    const listing = { tasks, laterJobs: new Map() };
    status = checkRun(run, listing, null, atMs, START_TIMEOUT_MS);
    if (status.is === 'ambiguous') status = checkRun(run, listing, log ?? [], atMs, START_TIMEOUT_MS);
    if (status.is === 'running' || status.is === 'pending') run = status.run;
  }
  return status;
}

const before = task(null, result(10));

describe('a started run', () => {
  test('runs while it is queued and active, and ends with the first new result', () => {
    const polls = [
      { atMs: 0, tasks: [task(0, result(10))] },
      { atMs: 5_000, tasks: [task(1, result(10))] },
      { atMs: 10_000, tasks: [task(null, result(11))] },
    ];
    expect(polls.map((_, index) => statusAfter(before, polls.slice(0, index + 1)).is)).toEqual([
      'running',
      'running',
      'ended',
    ]);
    expect(statusAfter(before, polls)).toMatchObject({ result: { id: 11, status: 'success' } });
  });

  test('that started and ended between two polls is found by its result', () => {
    expect(statusAfter(before, [{ atMs: 5_000, tasks: [task(null, result(11, 4))] }])).toMatchObject({
      is: 'ended',
      result: { id: 11, status: 'failed' },
    });
  });

  test('that ended while another run started is not confused with that one', () => {
    const log = [result(12, 1), result(11, 5), result(10)];
    expect(statusAfter(before, [{ atMs: 5_000, tasks: [task(1, result(12, 1))], log }])).toMatchObject({
      is: 'ended',
      result: { id: 11, status: 'cancelled' },
    });
  });

  test('that ended before another one did is the first of the new results', () => {
    const log = [result(13), result(12, 4), result(11)];
    expect(statusAfter(before, [{ atMs: 5_000, tasks: [task(null, result(13))], log }])).toMatchObject({
      result: { id: 11 },
    });
  });

  test('whose open result is listed runs until that result has ended', () => {
    const polls = [
      { atMs: 0, tasks: [task(1, result(11, 1))], log: [result(11, 1)] },
      { atMs: 5_000, tasks: [task(1, result(11, 1))] },
      { atMs: 9_000, tasks: [task(null, result(11))] },
    ];
    expect(polls.map((_, index) => statusAfter(before, polls.slice(0, index + 1)).is)).toEqual([
      'running',
      'running',
      'ended',
    ]);
  });

  test('hidden behind a later job of the task is found in the log', () => {
    const log = [result(11), result(11, 2, 2)];
    expect(
      statusAfter(before, [{ atMs: 5_000, tasks: [task(null, result(12))], log: [...log, result(12)] }]),
    ).toMatchObject({
      result: { id: 11, taskId: 1 },
    });
  });

  test('that never starts is pending until the timeout, then lost as never run', () => {
    const idle = (atMs: number): { atMs: number; tasks: Task[] } => ({ atMs, tasks: [before] });
    expect(statusAfter(before, [idle(0), idle(START_TIMEOUT_MS - 1)])).toMatchObject({ is: 'pending' });
    expect(statusAfter(before, [idle(0), idle(START_TIMEOUT_MS)])).toMatchObject({ is: 'lost', why: 'never-ran' });
  });

  test('that ran without a result is pending until the timeout, then lost as without result', () => {
    const polls = [
      { atMs: 0, tasks: [task(1, result(10))] },
      { atMs: 5_000, tasks: [before] },
    ];
    expect(statusAfter(before, polls)).toMatchObject({ is: 'pending' });
    expect(statusAfter(before, [...polls, { atMs: 5_000 + START_TIMEOUT_MS, tasks: [before] }])).toMatchObject({
      why: 'no-result',
    });
  });

  test('of a task that was removed is lost after three polls in a row without it', () => {
    const without = { atMs: 0, tasks: [task(null, null, 2)] };
    expect(statusAfter(before, [without, without])).toMatchObject({ is: 'pending' });
    expect(statusAfter(before, [without, without, without])).toMatchObject({ is: 'lost', why: 'removed' });
  });

  test('of a task without results ends with its first result', () => {
    expect(statusAfter(task(null, null), [{ atMs: 0, tasks: [task(null, result(1))] }])).toMatchObject({
      result: { id: 1 },
    });
  });

  test('without a log ends with the last result of the task', () => {
    expect(statusAfter(before, [{ atMs: 0, tasks: [task(null, result(12))], log: [] }])).toMatchObject({
      result: { id: 12 },
    });
  });
});
