import { describe, expect, test } from 'vitest';
import { parseTasks } from '../../src/active-backup/model/task';
import { mergeOutcomes, newRecord, type DeviceRecord } from '../../src/monitor/device-record';
import { parseDeviceResults } from '../../src/active-backup/model/device-result';
import { withEarlierFailures } from '../../src/monitor/earlier-failures';
import type { MonitorState } from '../../src/monitor/monitor-state';
import type { Json } from '../../src/dsm/json';

const NOW = new Date('2026-03-10T12:00:00.000Z');
const DAY = 86_400;
const SUCCESS = 2;
const PARTIAL = 3;
const FAILED = 4;
const CANCELLED = 5;

/** The record of a device with these statuses, the oldest first, of one run a day. */
function record(statuses: readonly number[], taskId: number | null = 1): DeviceRecord {
  const transfer_list: Json = statuses.map((status, index) => {
    const end = NOW.getTime() / 1000 - (statuses.length - index) * DAY;
    return { result_id: index + 1, status, time_start: end - 60, time_end: end };
  });
  const rows = parseDeviceResults({ device_list: [{ device: { device_id: 1, host_name: 'PC' }, transfer_list }] });
  const [row] = rows;
  if (row === undefined) throw new TypeError('There is a row');
  return mergeOutcomes(newRecord(row.device, NOW), { ...row, taskIdOf: () => taskId }, NOW).record;
}

interface Example {
  /** By device id. */
  readonly records: Readonly<Record<number, DeviceRecord>>;
  /** Devices of each task. */
  readonly tasks?: Readonly<Record<number, readonly number[]>>;
  readonly last?: number;
  readonly lastSuccessAt?: string | null;
  readonly before?: number | null;
}

/** The failures in a row of task 1. */
function failuresIn({ records, tasks = { 1: [1] }, last, lastSuccessAt = null, before = null }: Example) {
  const listed = parseTasks(
    {
      tasks: Object.entries(tasks).map(([id, devices]) => ({
        task_id: Number(id),
        devices: devices.map((device_id) => ({ device_id })),
      })),
    },
    null,
  );
  const id = last ?? records[1]?.rows.at(-1)?.[0] ?? 0;
  const stored = { failuresInRow: before, lastSuccessAt, recent: [{ id }] };
  const state = { tasks: { 1: stored } } as unknown as MonitorState;
  const after = withEarlierFailures(state, listed, (device) => records[device]);
  return { count: after.tasks[1]?.failuresInRow, isSame: after === state };
}

describe('the failures in a row of a task', () => {
  test.each<[string, readonly number[], number]>([
    ['since a success', [SUCCESS, FAILED, FAILED, FAILED], 3],
    ['of which none is the last', [FAILED, SUCCESS], 0],
    ['between which a run was cancelled or partial', [SUCCESS, FAILED, PARTIAL, FAILED, CANCELLED], 2],
    ['without any success ever', [FAILED, FAILED], 2],
  ])('%s are counted from the outcomes of its device', (_case, statuses, count) => {
    expect(failuresIn({ records: { 1: record(statuses) } })).toEqual({ count, isSame: false });
    expect(failuresIn({ records: { 1: record(statuses, null) } }).count).toBe(count);
  });

  test('of several devices are those runs that failed for all of them', () => {
    const both = { 1: [1, 2] };
    const first = record([SUCCESS, FAILED, FAILED]);
    expect(failuresIn({ tasks: both, records: { 1: first, 2: record([SUCCESS, FAILED, FAILED]) } }).count).toBe(2);
    expect(failuresIn({ tasks: both, records: { 1: first, 2: record([SUCCESS, SUCCESS, FAILED]) } }).count).toBeNull();
  });

  test.each<[string, Example]>([
    [
      'the outcomes do not reach back to the last success',
      { records: { 1: record([FAILED]) }, lastSuccessAt: '2025-01-01T00:00:00.000Z' },
    ],
    ['the outcome of the last run is not known', { records: { 1: record([SUCCESS, FAILED]) }, last: 9 }],
    ['nothing is known of its device', { records: {} }],
    [
      'its device has several tasks and the run may be of any',
      { records: { 1: record([SUCCESS, FAILED], null) }, tasks: { 1: [1], 2: [1] } },
    ],
  ])('stay unknown while %s', (_case, example) => {
    expect(failuresIn(example)).toEqual({ count: null, isSame: true });
  });

  test('do not include runs of another task', () => {
    expect(failuresIn({ records: { 1: record([SUCCESS, FAILED], 2) }, last: 2 }).count).toBeNull();
  });

  test('that are known are unchanged', () => {
    expect(failuresIn({ records: { 1: record([SUCCESS, FAILED]) }, before: 7 })).toEqual({ count: 7, isSame: true });
  });

  test('do not include a run that has not ended as a whole', () => {
    expect(failuresIn({ records: { 1: record([SUCCESS, FAILED, FAILED]) }, last: 2 }).count).toBe(1);
  });
});
