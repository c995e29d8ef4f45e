import { describe, expect, test } from 'vitest';
import { parseTasks } from '../../src/active-backup/model/task';
import type { Task } from '../../src/active-backup/types';
import { withSpeedOf } from '../../src/monitor/run-tracker';

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
