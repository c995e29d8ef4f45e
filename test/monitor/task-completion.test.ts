import { describe, expect, test } from 'vitest';
import { parseResult } from '../../src/active-backup/model/result';
import { parseTasks } from '../../src/active-backup/model/task';
import type { Result, Task } from '../../src/active-backup/types';
import type { StoredTask } from '../../src/monitor/monitor-state';
import { completeTask, withSpeedOf } from '../../src/monitor/task-completion';

/** A task as a list read between two polls has it: without a speed while it runs. */
function task(id: number, progress: Partial<NonNullable<Task['progress']>> | null): Task {
  const [parsed] = parseTasks({ tasks: [{ task_id: id }] }, null);
  if (parsed === undefined) throw new Error('no task');
  const none = {
    percent: null,
    transferredBytes: null,
    totalBytes: null,
    bytesPerSecond: null,
    remainingSeconds: null,
  };
  return { ...parsed, progress: progress === null ? null : { ...none, ...progress } };
}

describe('the speed of a run in a list', () => {
  const polled = [task(1, { bytesPerSecond: 100, transferredBytes: 500, totalBytes: 2000, remainingSeconds: 15 })];

  test('is that of the last poll, and the remaining time goes by what is left now', () => {
    const [listed] = withSpeedOf([task(1, { transferredBytes: 950, totalBytes: 2000 })], polled);
    expect(listed?.progress).toMatchObject({ bytesPerSecond: 100, remainingSeconds: 11, transferredBytes: 950 });
  });

  test.each([
    ['it has a speed of its own', task(1, { bytesPerSecond: 7, transferredBytes: 1, totalBytes: 8 }), polled],
    ['it does not run', task(1, null), polled],
    ['it is another task', task(2, { transferredBytes: 1, totalBytes: 8 }), polled],
    ['the last poll had none', task(1, { transferredBytes: 1 }), [task(1, { transferredBytes: 1 })]],
    ['the run stood still', task(1, { transferredBytes: 1 }), [task(1, { bytesPerSecond: 0 })]],
  ])('stays as it is where %s', (_, listed, of) => {
    expect(withSpeedOf([listed], of)).toEqual([listed]);
  });

  test('leaves the remaining time unknown where the total is', () => {
    const [listed] = withSpeedOf([task(1, { transferredBytes: 950 })], polled);
    expect(listed?.progress).toMatchObject({ bytesPerSecond: 100, remainingSeconds: null });
  });
});

describe('the expected end of a run', () => {
  const result = (status: number, seconds: number): Result =>
    parseResult({ result_id: seconds, status, time_start: 1_000_000, time_end: 1_000_000 + seconds });
  const stored = (recent: Result[], runningSince: string | null): StoredTask => ({
    ...{ uuid: null, name: null, activeSince: null, since: '2026-03-01T00:00:00.000Z', overdue: null },
    ...{ lastSuccessAt: null, recent, failing: null, failuresInRow: null, transferredBytes: 0, missedPolls: 0 },
    timing: {
      schedule: '',
      isOn: true,
      since: null,
      offsets: [],
      next: null,
      runningSince,
      queuedSince: null,
      incomplete: null,
    },
  });
  const seen = '2026-03-02T00:00:00.000Z';
  const complete = [result(2, 600), result(2, 900), result(3, 300)];

  test.each<[string, Task['state'], Result[], string | null, string | null]>([
    ['is its start and the median of the complete runs', 'running', complete, seen, '2026-03-02T00:10:00.000Z'],
    ['stays while it is being cancelled', 'cancelling', complete, seen, '2026-03-02T00:10:00.000Z'],
    ['is unknown below three of them', 'running', [...complete.slice(1), result(4, 60), result(5, 60)], seen, null],
    ['is unknown while the start is', 'running', complete, null, null],
    ['is unknown before it runs', 'queued', complete, seen, null],
    ['is unknown while nothing runs', 'idle', complete, null, null],
  ])('%s', (_name, state, recent, since, expected) => {
    expect(completeTask({ ...task(1, null), state }, stored(recent, since)).expectedEndAt).toBe(expected);
  });

  test('counts from the start that the NAS reports', () => {
    const lastResult = parseResult({ result_id: 9, status: 1, time_start: Date.parse('2026-03-01T23:00:00Z') / 1000 });
    const running: Task = { ...task(1, null), state: 'running', lastResult };
    expect(completeTask(running, stored(complete, seen)).expectedEndAt).toBe('2026-03-01T23:10:00.000Z');
  });
});
