import { describe, expect, test } from 'vitest';
import { parseDeviceResults } from '../../../src/active-backup/model/device-result';
import { captured } from '../captured';

const rows = (...device_list: unknown[]): ReturnType<typeof parseDeviceResults> => parseDeviceResults({ device_list });
const statuses = (transfer_list: unknown): unknown[] =>
  rows({ device: { device_id: 1 }, transfer_list })[0]!.results.map(({ resultId, status }) => [resultId, status]);

test('a captured answer yields the outcomes of its device', () => {
  const [row, ...others] = parseDeviceResults(captured('Overview.list_device_transfer_size.abb2'));
  expect(others).toEqual([]);
  expect(row).toMatchObject({ device: { id: 5, type: 'pc', os: 'Windows 11(64-bit)', online: null } });
  expect(row?.results.map(({ resultId, status }) => `${resultId} ${status}`)).toEqual([
    ...['587 cancelled', '589 cancelled', '590 cancelled', '591 success', '593 success', '595 success'],
  ]);
  expect(row?.results[3]).toEqual({
    resultId: 591,
    taskId: null,
    status: 'success',
    statusCode: 2,
    startedAt: '2025-03-13T20:12:17.000Z',
    endedAt: '2025-03-13T21:26:24.000Z',
    durationSeconds: 4447,
    transferredBytes: 482_689_236_992,
    reason: null,
  });
});

test.each([{ device_list: null }, { device_list: {} }, { device_list: [null, 1, 'x'] }])('%j has no device', (data) => {
  expect(parseDeviceResults(data)).toEqual([]);
});

test.each([null, 5, 'x', [], {}, { total: 0 }])('%j is no answer', (data) => {
  expect(() => parseDeviceResults(data)).toThrow(TypeError);
});

describe('an odd answer', () => {
  test('without the fields of a device names it by its transfers', () => {
    const transfer_list = [{ config_device_id: 7, device_name: 'PC-7', result_id: 1, status: 2 }];
    expect(rows({ transfer_list })[0]?.device).toMatchObject({ id: 7, name: 'PC-7' });
    expect(rows({ device: {}, transfer_list: null })[0]).toMatchObject({ device: { id: null }, results: [] });
  });

  test('without the fields of a transfer yields an unknown outcome', () => {
    expect(rows({ device: { device_id: 1 }, transfer_list: [{}] })[0]?.results).toEqual([
      {
        ...{ resultId: null, taskId: null, status: 'unknown', statusCode: null, startedAt: null, endedAt: null },
        ...{ durationSeconds: null, transferredBytes: null, reason: null },
      },
    ]);
  });

  test('in any order and with repeated results yields each result once, by id', () => {
    const transfer_list = [
      { result_id: 3, status: 4, time_start: 10, time_end: 40 },
      { result_id: 1, status: 2, time_start: 10, time_end: 20 },
      { result_id: 3, status: 2, time_start: 10, time_end: 50 },
    ];
    expect(statuses(transfer_list)).toEqual([
      [1, 'success'],
      [3, 'success'],
    ]);
  });

  test('of a clock of 2009 or 2037 keeps its times', () => {
    const times = [1_230_768_000, 2_114_380_800].map((time_start) => ({
      result_id: 1,
      time_start,
      time_end: time_start + 60,
    }));
    for (const [index, time] of times.entries()) {
      const [result] = rows({ device: { device_id: 1 }, transfer_list: [{ ...time, result_id: index }] })[0]!.results;
      expect(result).toMatchObject({
        startedAt: index === 0 ? '2009-01-01T00:00:00.000Z' : '2037-01-01T00:00:00.000Z',
      });
    }
  });

  test('with 10,000 transfers yields 10,000 results', () => {
    const transfer_list = Array.from({ length: 10_000 }, (_, index) => ({ result_id: 10_000 - index, status: 2 }));
    const { results } = rows({ device: { device_id: 1 }, transfer_list })[0]!;
    expect([results.length, results[0]?.resultId, results.at(-1)?.resultId]).toEqual([10_000, 1, 10_000]);
  });
});

test('a run without an end is running, and one that ended incomplete has failed', () => {
  expect(
    statuses([
      { result_id: 1, status: 1, time_start: 100, time_end: 0 },
      { result_id: 2, status: 1, time_start: 100, time_end: 50 },
      { result_id: 3, status: 1, time_start: 100, time_end: 150 },
    ]),
  ).toEqual([
    [1, 'running'],
    [2, 'running'],
    [3, 'failed'],
  ]);
});
