import { expect, test } from 'vitest';
import type { JsonObject } from '../../src/dsm/json';
import { manyRows, missingFields, shuffled, timesUntil, unknownIds, wrongTypes } from './index';
import type { Fault } from './index';
import { nasForTest, rows, signedIn } from './test-client';

const TRANSFERS = { api: 'SYNO.ActiveBackup.Overview', method: 'list_device_transfer_size' };

/** The rows per device, with and without a change of the answer. */
async function changed(change: Extract<Fault, { do: 'change' }>['with']) {
  const nas = await nasForTest({ tasks: 3 });
  const call = await signedIn(nas);
  const list = async (): Promise<JsonObject[]> => {
    const { data } = await call('Overview', 'list_device_transfer_size', { time_start: 0 });
    return rows(data, 'device_list').flatMap((row) => rows(row, 'transfer_list'));
  };
  const before = await list();
  nas.fail({ on: TRANSFERS, do: 'change', with: change, times: 1 });
  return { before, after: await list(), again: await list() };
}

test('missing fields: the same rows with fewer fields, and the next answer is whole again', async () => {
  const { before, after, again } = await changed(missingFields(1));
  expect(after).toHaveLength(before.length);
  expect(Object.keys(Object.assign({}, ...after) as object)).toHaveLength(9);
  expect(after.some((row) => Object.keys(row).length < 6)).toBe(true);
  expect(again).toEqual(before);
});

test('wrong types: some values are none of their field', async () => {
  const { after } = await changed(wrongTypes(1));
  expect(new Set(after.map((row) => typeof row['status'])).size).toBeGreaterThan(2);
});

test('unknown ids: of machines and results that no other answer has', async () => {
  const { before, after } = await changed(unknownIds);
  expect(after.map((row) => Number(row['result_id']) - 1_000_000)).toEqual(before.map((row) => row['result_id']));
  expect(after.every((row) => Number(row['config_device_id']) > 1_000_000)).toBe(true);
});

test.each([2009, 2037])('times of %i: the latest end is there, and durations stay', async (year) => {
  const latest = Date.UTC(year, 0, 1) / 1000;
  const { before, after } = await changed(timesUntil(latest));
  expect(Math.max(...after.map((row) => Number(row['time_end'])))).toBe(latest);
  const durations = (list: JsonObject[]) => list.map((row) => Number(row['time_end']) - Number(row['time_start']));
  expect(durations(after)).toEqual(durations(before));
});

test('10,000 rows for each device, each with its own ids', async () => {
  const { after } = await changed(manyRows('transfer_list', 10_000));
  expect(after).toHaveLength(30_000);
  expect(new Set(after.map((row) => row['device_result_id'])).size).toBeGreaterThan(9_000);
});

test('shuffled: the same rows in another order', async () => {
  const { before, after } = await changed(shuffled(1));
  const ids = (list: JsonObject[]) => list.map((row) => Number(row['device_result_id']));
  expect(ids(after)).not.toEqual(ids(before));
  expect(ids(after).sort((a, b) => a - b)).toEqual(ids(before).sort((a, b) => a - b));
});
