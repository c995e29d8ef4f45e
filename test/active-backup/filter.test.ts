import { describe, expect, test } from 'vitest';
import { RESULT_STATUSES, TASK_STATES, TASK_TYPES } from '../../src/active-backup/codes';
import { filterTasks } from '../../src/active-backup/filter';
import { nonBackupLastJobs, parseTaskDeviceRows, parseTasks } from '../../src/active-backup/model/task';

const RAW = [
  { task_id: 1, task_name: 'PC Anna', backup_type: 2, last_result: { result_id: 1, status: 2 } },
  {
    task_id: 2,
    task_name: 'PC Bert',
    backup_type: 2,
    last_result: { result_id: 2, status: 4 },
    progress: { running_task_status: 1 },
  },
  { task_id: 3, task_name: 'Server', backup_type: 3 },
  { task_id: 4, backup_type: 99 },
];
const TASKS = parseTasks({ tasks: RAW }, null);

const idsOf = (filter: unknown): (number | null)[] => filterTasks(TASKS, filter, new Map()).map(({ id }) => id);

test.each([
  [undefined, [1, 2, 3, 4]],
  [null, [1, 2, 3, 4]],
  [{}, [1, 2, 3, 4]],
  [{ type: [], state: [], result: [], name: '' }, [1, 2, 3, 4]],
  [{ type: null, state: '', result: undefined, name: null }, [1, 2, 3, 4]],
  [{ type: ['pc'] }, [1, 2]],
  [{ type: 'pc' }, [1, 2]],
  [{ type: [' PC '] }, [1, 2]],
  [{ type: ['pc', 'physical_server'] }, [1, 2, 3]],
  [{ type: ['unknown'] }, [4]],
  [{ type: ['vm'] }, []],
  [{ state: ['running'] }, [2]],
  [{ result: ['failed', 'partial'] }, [2]],
  [{ result: ['none'] }, [3, 4]],
  [{ name: 'pc *' }, [1, 2]],
  [{ name: '*' }, [1, 2, 3, 4]],
  [{ name: 'Server' }, [3]],
  [{ type: ['pc'], result: ['failed'], name: '*bert' }, [2]],
  [{ type: ['pc'], name: 'Server' }, []],
])('%j matches the tasks %j', (filter, ids) => {
  expect(idsOf(filter)).toEqual(ids);
});

test('rows per device are filtered like their tasks', () => {
  const rows = parseTaskDeviceRows({ tasks: RAW.map((raw) => ({ ...raw, device_info: { device_id: 9 } })) }, null);
  expect(filterTasks(rows, { result: ['failed'] }, new Map()).map(({ device }) => device.id)).toEqual([9]);
});

test('a task with a hidden last backup is unknown, never none', () => {
  const data = { tasks: [...RAW, { task_id: 5, last_result: { result_id: 9, status: 2, job_action: 16 } }] };
  const [tasks, laterJobs] = [parseTasks(data, null), nonBackupLastJobs(data)];
  expect(filterTasks(tasks, { result: 'none' }, laterJobs).map(({ id }) => id)).toEqual([3, 4]);
  expect(filterTasks(tasks, { result: 'unknown' }, laterJobs).map(({ id }) => id)).toEqual([5]);
});

describe('every name of docs/interface.md §4 is a valid filter', () => {
  test.each(TASK_TYPES)('type %s', (type) => expect(() => idsOf({ type: [type] })).not.toThrow());
  test.each(TASK_STATES)('state %s', (state) => expect(() => idsOf({ state: [state] })).not.toThrow());
  test.each(RESULT_STATUSES)('result %s', (result) => expect(() => idsOf({ result: [result] })).not.toThrow());
});

test.each([
  [
    { type: ['laptop'] },
    /filter "type" does not know "laptop"; it knows vm, pc, physical_server, file_server, nas, unknown/,
  ],
  [{ state: ['running', 'asleep'] }, /filter "state" does not know "asleep"; it knows idle, queued/],
  [{ result: 'ok' }, /filter "result" does not know "ok"; it knows success, partial/],
  [{ result: ['x'.repeat(500)] }, /"x{40}…"/],
  [{ type: [5] }, /filter "type" must be words out of vm, pc/],
  [{ type: { pc: true } }, /filter "type" must be words/],
  [{ name: 5 }, /filter "name" must be a text/],
  ['failed', /the filter must be an object \{type, state, result, name\}/],
  [['failed'], /the filter must be an object/],
])('%j is rejected', (filter, message) => {
  expect(() => idsOf(filter)).toThrow(
    expect.objectContaining({ code: 'EPARAM', message: expect.stringMatching(message) }),
  );
});
