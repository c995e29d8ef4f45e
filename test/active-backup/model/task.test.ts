import { describe, expect, test } from 'vitest';
import { nonBackupLastJobs, parseTaskDeviceRows, parseTasks } from '../../../src/active-backup/model/task';
import type { JsonObject } from '../../../src/dsm/json';
import type { Task } from '../../../src/active-backup/types';

const START = 1_762_848_003;
const BACKUP = { result_id: 10, job_action: 1, status: 2, time_start: START, time_end: START + 60 };
const DELETION = { ...BACKUP, result_id: 11, job_action: 131_072 };

function taskOf(raw: JsonObject): Task {
  const [task] = parseTasks({ tasks: [raw] }, null);
  if (task === undefined) throw new Error('no task');
  return task;
}

describe('the last backup', () => {
  test.each([undefined, null, {}, [], 'x', { detail_path: '' }])('is null before the first run: %j', (last_result) => {
    expect(taskOf(last_result === undefined ? {} : { last_result })).toMatchObject({
      lastResult: null,
      lastSuccessAt: null,
    });
  });

  test('is not another job', () => {
    expect(taskOf({ last_result: DELETION })).toMatchObject({ lastResult: null, lastSuccessAt: null });
  });

  test('is a job without an action', () => {
    expect(taskOf({ last_result: { result_id: 10, status: 4 } }).lastResult).toMatchObject({
      id: 10,
      status: 'failed',
    });
  });

  test.each([
    { status: 2, versions: undefined, expected: START + 60 },
    { status: 3, versions: undefined, expected: null },
    { status: 4, versions: undefined, expected: null },
    {
      status: 4,
      versions: [
        { status: 3, time_end: START - 900 },
        { status: 3, time_end: START - 100 },
      ],
      expected: START - 100,
    },
    {
      status: 4,
      versions: [
        { status: 4, time_end: START - 100 },
        { status: 3, time_end: 0 },
      ],
      expected: null,
    },
    { status: 2, versions: [{ status: 3, time_end: START - 100 }], expected: START + 60 },
    { status: 2, versions: null, expected: START + 60 },
  ])('status $status with the versions $versions: last success $expected', ({ status, versions, expected }) => {
    const raw = { last_result: { ...BACKUP, status }, ...(versions === undefined ? {} : { versions }) };
    expect(taskOf(raw).lastSuccessAt).toBe(expected === null ? null : new Date(expected * 1000).toISOString());
  });

  test('is read from the log only if another job hides it', () => {
    const tasks = [
      { task_id: 1, last_result: BACKUP },
      { task_id: 2, last_result: DELETION },
      { task_id: 3 },
      { last_result: DELETION },
    ];
    expect([...nonBackupLastJobs({ tasks })]).toMatchObject([[2, { id: 11, action: 'delete_version' }]]);
  });
});

describe('management by a leader', () => {
  test.each([
    [{ workload_uuid: '' }, false],
    [{ workload_uuid: 'a62f9539' }, true],
    [{ workload_uuid: '', deactivate_by_plan: true }, true],
    [{ deactivate_by_plan: false }, false],
    [{ workload_uuid: null }, null],
    [{}, null],
  ])('%j: %j', (raw, managed) => {
    expect(taskOf(raw).managed).toBe(managed);
  });

  test.each([
    [{}, true, true],
    [{}, false, false],
    [{}, undefined, null],
    [{ workload_uuid: '' }, true, false], // the same as in `list`
  ])('%j on a NAS with is_managed %j: %j', (raw, is_managed, managed) => {
    const cms_info = is_managed === undefined ? {} : { is_managed };
    expect(parseTaskDeviceRows({ tasks: [raw], cms_info }, null)[0]?.managed).toBe(managed);
  });
});

test.each([
  [{ version_count: 2, versions: [] }, 2],
  [{ version_count: '2' }, 2],
  [{ versions: [{}, {}, {}] }, 3],
  [{ versions: null }, null],
  [{}, null],
])('the versions of %j: %j', (raw, count) => {
  expect(taskOf(raw).versionCount).toBe(count);
});

test.each([
  [1, 'vm'],
  [2, 'pc'],
  [3, 'physical_server'],
  [4, 'file_server'],
  [5, 'nas'],
  ['4', 'file_server'],
  [0, 'unknown'],
  [-1, 'unknown'],
  [77, 'unknown'],
  [null, 'unknown'],
])('backup_type %j is the type %s', (backup_type, type) => {
  expect(taskOf({ backup_type })).toMatchObject({ type, typeCode: backup_type === null ? null : Number(backup_type) });
});

test.each([
  ['online', true],
  ['Offline', false],
  ['constructor', null],
  ['', null],
  [null, null],
  [5, null],
])('a device whose agent is %j: online %j', (agent_status, online) => {
  expect(taskOf({ devices: [{ agent_status }] }).devices[0]?.online).toBe(online);
});

test.each([0, -1, null, 'x'])('next_trigger_time %j is no next run', (next_trigger_time) => {
  expect(taskOf({ next_trigger_time }).nextRunAt).toBeNull();
});

test.each([null, undefined, {}, [], 'x', 5, { tasks: null }, { tasks: {} }, { tasks: ['x', null, 5] }])(
  '%j holds no tasks',
  (data) => {
    expect(parseTasks(data, null)).toEqual([]);
    expect(parseTaskDeviceRows(data, null)).toEqual([]);
    expect(nonBackupLastJobs(data).size).toBe(0);
  },
);

test('the model has no field for the secrets of a device', () => {
  const secrets = { agent_token: 'S3CRET', login_password: 'S3CRET', mssql_password: 'S3CRET', oracle_user: 'S3CRET' };
  expect(JSON.stringify(taskOf({ devices: [secrets], agent_token: 'S3CRET' }))).not.toContain('S3CRET');
});
