import { describe, expect, test } from 'vitest';
import { parseActivity, takeSamples } from '../../../src/active-backup/model/progress';
import { parseTaskDeviceRows, parseTasks } from '../../../src/active-backup/model/task';
import type { Json, JsonObject } from '../../../src/dsm/json';

const AT = new Date('2026-01-01T00:00:10Z');
const RUNNING = { running_task_status: 1, percentage: 0.25, transfered_bytes: 1000, total_bytes: 4000 };

function activityOf(progress: Json, more: JsonObject = {}): ReturnType<typeof parseActivity> {
  return parseActivity({ task_id: 1, progress, ...more }, null);
}

describe('the state of a task', () => {
  test.each([
    [{ running_task_status: 0 }, 'queued', 0],
    [{ running_task_status: 0, pid: 0, percentage: null, transfered_bytes: 0, total_bytes: 0 }, 'queued', 0],
    [{ running_task_status: 1 }, 'running', 1],
    [{ running_task_status: 2 }, 'pausing', 2],
    [{ running_task_status: 3 }, 'cancelling', 3],
    [{ running_task_status: '1' }, 'running', 1],
    [{ running_task_status: 7 }, 'unknown', 7],
    [{ pid: 4711 }, 'running', null],
    [{ pid: 4711, running_task_status: 3 }, 'cancelling', 3],
  ])('%j: %s', (progress, state, stateCode) => {
    expect(activityOf(progress)).toMatchObject({ state, stateCode, progress: { percent: null } });
  });

  test.each([
    null,
    {},
    [],
    'x',
    0,
    { pid: 0 },
    { pid: -1 },
    { running_task_status: null },
    { percentage: 0.5 },
    { running_task_status: 0, percentage: 1 },
    { running_task_status: 0, pid: 0, percentage: 1.0, transfered_bytes: 9, total_bytes: 9 },
    { running_task_status: 0, transfered_bytes: 9, total_bytes: 9 },
  ])('%j: idle', (progress) => {
    expect(activityOf(progress)).toEqual({ state: 'idle', stateCode: null, progress: null });
  });

  test('a task with one running device is running', () => {
    const devices = [0, 3, 1, 2].map((running_task_status) => ({ progress: { running_task_status } }));
    expect(activityOf(null, { devices })).toMatchObject({ state: 'running', stateCode: 1 });
  });

  test("the task's own progress overrides that of its devices", () => {
    const devices = [{ progress: { running_task_status: 1 } }];
    expect(activityOf({ running_task_status: 2 }, { devices })).toMatchObject({ state: 'pausing' });
  });

  test('the progress of a row of list_with_device may be in its device', () => {
    const data = { tasks: [{ task_id: 1, device_info: { device_id: 2, progress: RUNNING } }] };
    expect(parseTaskDeviceRows(data, null)[0]).toMatchObject({ state: 'running', progress: { percent: 25 } });
  });
});

describe('the percentage', () => {
  test.each([
    [0, 0],
    [0.29, 29],
    [0.12345, 12.3],
    [1, 100],
    [1.2, 100],
    [-0.1, 0],
    ['0.5', 50],
    [null, 25], // from the bytes
    [NaN, 25],
  ])('a percentage of %j is %d %', (percentage, percent) => {
    expect(activityOf({ ...RUNNING, percentage }).progress?.percent).toBe(percent);
  });

  test.each([
    [{ total_bytes: 0 }, { totalBytes: null, percent: 25, transferredBytes: 1000 }],
    [{ total_bytes: '5000000000' }, { totalBytes: 5_000_000_000 }],
    [{ transfered_bytes: null }, { transferredBytes: null, totalBytes: 4000 }],
    [{ transfered_bytes: -5 }, { transferredBytes: null }],
    [
      { percentage: null, total_bytes: null },
      { percent: null, totalBytes: null },
    ],
  ])('%j', (raw, expected) => {
    expect(activityOf({ ...RUNNING, ...raw }).progress).toMatchObject(expected);
  });

  test('sizes of devices are added, percentages averaged; a total without one of the devices is unknown', () => {
    const second = { running_task_status: 1, percentage: 0.75, transfered_bytes: 3000, total_bytes: 4000 };
    const devices = [{ progress: RUNNING }, { progress: second }, { host_name: 'idle' }];
    expect(activityOf(null, { devices }).progress).toMatchObject({
      percent: 50,
      transferredBytes: 4000,
      totalBytes: 8000,
    });
    const uncounted = [{ progress: RUNNING }, { progress: { ...second, total_bytes: 0 } }];
    expect(activityOf(null, { devices: uncounted }).progress).toMatchObject({
      transferredBytes: 4000,
      totalBytes: null,
    });
  });
});

describe('the speed', () => {
  const answer = (transfered_bytes: Json, total_bytes: Json = 4000): Json => ({
    tasks: [{ task_id: 1, progress: { ...RUNNING, transfered_bytes, total_bytes } }],
  });

  test('is unknown after a single poll', () => {
    expect(parseTasks(answer(1000), null)[0]?.progress).toMatchObject({ bytesPerSecond: null, remainingSeconds: null });
  });

  test.each([
    { case: 'ten seconds later', sent: 2000, elapsedMs: 10_000, bytesPerSecond: 100, remainingSeconds: 20 },
    { case: 'half a second later', sent: 1001, elapsedMs: 500, bytesPerSecond: 2, remainingSeconds: 1500 },
    { case: 'rounded up', sent: 1003, elapsedMs: 1000, bytesPerSecond: 3, remainingSeconds: 999 },
    { case: 'more than planned', sent: 5000, elapsedMs: 1000, bytesPerSecond: 4000, remainingSeconds: 0 },
    { case: 'standing still', sent: 1000, elapsedMs: 1000, bytesPerSecond: 0, remainingSeconds: null },
    { case: 'started again', sent: 10, elapsedMs: 1000, bytesPerSecond: null, remainingSeconds: null },
    { case: 'in the same instant', sent: 2000, elapsedMs: 0, bytesPerSecond: null, remainingSeconds: null },
    { case: 'with the clock set back', sent: 2000, elapsedMs: -1000, bytesPerSecond: null, remainingSeconds: null },
  ])('$case: $bytesPerSecond bytes a second', ({ sent, elapsedMs, bytesPerSecond, remainingSeconds }) => {
    const before = takeSamples(parseTasks(answer(1000), null), AT);
    const context = { at: new Date(AT.getTime() + elapsedMs), samples: before };
    expect(parseTasks(answer(sent), context)[0]?.progress).toMatchObject({ bytesPerSecond, remainingSeconds });
  });

  test('is known without a total, but the remaining time is not', () => {
    const context = { at: new Date(AT.getTime() + 1000), samples: takeSamples(parseTasks(answer(1000), null), AT) };
    expect(parseTasks(answer(2000, 0), context)[0]?.progress).toMatchObject({
      bytesPerSecond: 1000,
      remainingSeconds: null,
    });
  });

  test('needs a sample of each transferring task', () => {
    const data = { tasks: [{ task_id: 1, progress: RUNNING }, { task_id: 2 }, { progress: RUNNING }] };
    expect(takeSamples(parseTasks(data, null), AT)).toEqual(new Map([[1, { at: AT, transferredBytes: 1000 }]]));
  });
});
