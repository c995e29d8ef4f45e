import { expect, test } from 'vitest';
import type { JsonObject } from '../../src/dsm/json';
import type { NasOptions } from './index';
import { field, nasForTest, rows, signedIn } from './test-client';
import type { Caller } from './test-client';

const caller = async (options: NasOptions = {}): Promise<Caller> => signedIn(await nasForTest(options));
const results = async (call: Caller, parameters: JsonObject = {}): Promise<JsonObject[]> =>
  rows((await call('Log', 'list_result', parameters)).data, 'results');
const idsOf = (list: JsonObject[]): number[] => list.map((result) => Number(result['result_id']));

test('results are sorted oldest first as captured, or newest first', async () => {
  const oldest = idsOf(await results(await caller()));
  expect(oldest).toEqual([...oldest].sort((a, b) => a - b));
  expect(idsOf(await results(await caller({ newestFirst: true })))).toEqual([...oldest].reverse());
});

test('a result in the history has the captured fields and no bytes', async () => {
  const [result] = await results(await caller());
  expect(Object.keys(result ?? {})).toEqual([
    'activity_uuid',
    'backup_type',
    'detail_path',
    'error_count',
    'job_action',
    'none_count',
    'result_id',
    'status',
    'success_count',
    'task_config',
    'task_id',
    'task_name',
    'time_end',
    'time_start',
    'warning_count',
  ]);
});

test.each([
  { what: 'a task', parameters: { task_id: 2 }, holds: (row: JsonObject) => row['task_id'] === 2 },
  { what: 'a result', parameters: { result_id: 5 }, holds: (row: JsonObject) => row['result_id'] === 5 },
  { what: 'a status', parameters: { filter: { status: 4 } }, holds: (row: JsonObject) => row['status'] === 4 },
  {
    what: 'several statuses',
    parameters: { filter: { status: [3, 4] } },
    holds: (row: JsonObject) => row['status'] === 3 || row['status'] === 4,
  },
  {
    what: 'deletions',
    parameters: { filter: { job_action: 131072 } },
    holds: (row: JsonObject) => row['job_action'] === 131072,
  },
  { what: 'a type', parameters: { filter: { backup_type: 1 } }, holds: (row: JsonObject) => row['backup_type'] === 1 },
  {
    what: 'a key word',
    parameters: { filter: { key_word: 'ARCHIVE' } },
    holds: (row: JsonObject) => row['task_name'] === 'Drawings archive',
  },
])('the history filters by $what', async ({ parameters, holds }) => {
  const call = await caller();
  const wanted = (await results(call)).filter(holds);
  expect(wanted.length).toBeGreaterThan(0);
  expect(await results(call, parameters)).toEqual(wanted);
});

test('the history is paged, and `count` covers all pages', async () => {
  const call = await caller();
  const all = idsOf(await results(call));
  expect(idsOf(await results(call, { offset: 10, limit: 5 }))).toEqual(all.slice(10, 15));
  const { data } = await call('Log', 'list_result', { limit: 1 });
  expect(field(data, 'count')).toBe(all.length);
});

test('details can be sorted', async () => {
  const nas = await nasForTest();
  const call = await signedIn(nas);
  nas.state.startRun(4);
  nas.state.endRun(4);
  const id = nas.state.resultsOf(4).at(-1)!.id;
  const levels = async (direction: string) => {
    const asked = { result_id: id, order_by: 'log_level', direction };
    const { data } = await call('Log', 'list_result_detail', asked);
    return rows(data, 'result_detail_list').map((row) => row['log_level']);
  };
  expect(await levels('ASC')).toEqual([0, 0, 0, 2]);
  expect(await levels('DESC')).toEqual([2, 0, 0, 0]);
});
