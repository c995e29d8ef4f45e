import { expect, test } from 'vitest';
import { schedule } from './index';
import type { NasOptions, Outcome } from './index';
import { field, listedTask, nasForTest, rows, signedIn } from './test-client';
import type { Caller } from './test-client';
import type { Nas } from './index';

const RECEPTION = 1;
const ARCHIVE = 4;
const LAPTOP = 5;

/** A NAS on a Friday, 12:00 UTC, with a signed-in caller. */
async function office(options: NasOptions = {}): Promise<{ nas: Nas; call: Caller }> {
  const nas = await nasForTest({ now: () => Date.UTC(2025, 10, 21, 12), ...options });
  return { nas, call: await signedIn(nas) };
}

const start = (call: Caller, ...ids: number[]) => call('Task', 'backup', { task_ids: ids });
const progressOf = async (call: Caller, id: number) => (await listedTask(call, id))['progress'];
const lastOf = async (call: Caller, id: number) => (await listedTask(call, id))['last_result'];

test('a backup waits, runs with rising progress and ends with a new result, a version, details and log rows', async () => {
  const { nas, call } = await office();
  const before = await lastOf(call, RECEPTION);
  expect(await start(call, RECEPTION)).toEqual({ success: true });
  expect(await progressOf(call, RECEPTION)).toEqual({
    percentage: 0,
    pid: 0,
    running_task_status: 0,
    total_bytes: 0,
    transfered_bytes: 0,
  });

  nas.clock.advance(5);
  nas.clock.advance(522 / 4);
  expect(await progressOf(call, RECEPTION)).toMatchObject({
    percentage: 0.25,
    running_task_status: 1,
    total_bytes: 4_754_168_380,
    transfered_bytes: 1_188_542_095,
  });
  expect(await lastOf(call, RECEPTION)).toEqual(before);
  nas.clock.advance(522 / 2);
  expect(await progressOf(call, RECEPTION)).toMatchObject({ percentage: 0.75 });

  nas.clock.advance(522 / 4);
  const task = await listedTask(call, RECEPTION);
  expect(task['progress']).toBeUndefined();
  const result = task['last_result'];
  expect(result).toMatchObject({ status: 2, job_action: 1, transfered_bytes: 4_754_168_380, success_count: 0 });
  expect(Number(field(result, 'time_end')) - Number(field(result, 'time_start'))).toBe(522);
  const id = Number(field(result, 'result_id'));
  expect(id).toBeGreaterThan(Number(field(before, 'result_id')));
  expect(nas.state.versions(RECEPTION).at(-1)).toMatchObject({ status: 3 });
  const details = await call('Log', 'list_result_detail', { result_id: id });
  expect(rows(details.data, 'result_detail_list').map((row) => row['log_type'])).toEqual([1101, 1111, 1102]);
  expect(nas.state.logs.slice(-2)).toMatchObject([
    { type: 1101, userName: 'admin' },
    { type: 1102, resultId: id },
  ]);
});

test('a run gets its id at the start, and the history has it open until it ends', async () => {
  const { nas, call } = await office();
  const open = async () => {
    const { data } = await call('Log', 'list_result', { filter: { status: 1 } });
    return rows(data, 'results');
  };
  await start(call, RECEPTION);
  expect(await open()).toEqual([]);
  nas.clock.advance(5);
  expect(await open()).toMatchObject([{ task_id: RECEPTION, time_end: 0 }]);
  nas.clock.advance(600);
  expect(await open()).toEqual([]);
});

test('open results can be excluded from the history', async () => {
  const { nas, call } = await office({ showsOpenResults: false });
  const count = async () => field((await call('Log', 'list_result')).data, 'count');
  const before = await count();
  await start(call, RECEPTION);
  nas.clock.advance(60);
  expect(await count()).toBe(before);
  nas.clock.advance(600);
  expect(await count()).toBe(Number(before) + 1);
});

test.each<{ outcome: Outcome; status: number; types: number[] }>([
  { outcome: 'success', status: 2, types: [1101, 1110, 1102] },
  { outcome: 'partial', status: 3, types: [1101, 6002, 1110, 1108] },
  { outcome: 'failed', status: 4, types: [1101, 6002, 1104] },
  { outcome: 'cancelled', status: 5, types: [1101, 1103] },
  { outcome: 'no_backup', status: 6, types: [1101, 1124] },
  { outcome: 'incomplete', status: 1, types: [1101, 1138] },
])('a run can end $outcome: status $status, detail rows $types', async ({ outcome, status, types }) => {
  const { nas, call } = await office();
  const task = nas.state.task(ARCHIVE);
  Object.assign(task.plan, { outcome, paths: ['/drawings/2019'] });
  await start(call, ARCHIVE);
  nas.clock.advance(3600);
  const result = await lastOf(call, ARCHIVE);
  expect(result).toMatchObject({ status });
  const { data } = await call('Log', 'list_result_detail', { result_id: Number(field(result, 'result_id')) });
  const details = rows(data, 'result_detail_list');
  expect(details.map((row) => row['log_type'])).toEqual(types);
  for (const lost of details.filter((row) => row['log_type'] === 6002)) {
    expect(lost).toMatchObject({ error_code: 0, other_params: { fs_error: -65, path: '/drawings/2019' } });
  }
});

test('a task without a selected source is accepted but never runs', async () => {
  const { nas, call } = await office();
  nas.state.setOutcome(RECEPTION, 'never_runs');
  const before = await listedTask(call, RECEPTION);
  expect(before).toMatchObject({ custom_volume: null, source_type: 3 });
  expect(await start(call, RECEPTION)).toEqual({ success: true });
  nas.clock.advance(3600);
  expect(await listedTask(call, RECEPTION)).toEqual(before);
});

test.each([
  { when: 'an unknown task', ids: [99], code: 1010 },
  { when: 'one unknown among known ones', ids: [RECEPTION, 99], code: 1010 },
  { when: 'a task whose agent is off line', ids: [LAPTOP], code: 5001 },
])('$when is refused with $code and starts nothing', async ({ ids, code }) => {
  const { nas, call } = await office();
  expect((await start(call, ...ids)).error).toEqual({ code });
  expect(nas.state.runs).toEqual([]);
});

test('a task that waits or runs is refused with 4007, another one of the same device with 4005', async () => {
  const { nas, call } = await office();
  const other = nas.state.addTask({ deviceIds: nas.state.task(RECEPTION).deviceIds });
  await start(call, RECEPTION);
  expect((await start(call, RECEPTION)).error).toEqual({ code: 4007 });
  nas.clock.advance(60);
  expect((await start(call, RECEPTION)).error).toEqual({ code: 4007 });
  expect((await start(call, other.id)).error).toEqual({ code: 4005 });
});

test('outside its backup window a task is refused with 1104', async () => {
  const { nas, call } = await office();
  // Friday 13:00 at UTC+1 is hour 5 × 24 + 13 of the week.
  const backupWindow = '1'.padStart(5 * 24 + 13 + 1, '0').padEnd(168, '0');
  Object.assign(nas.state.task(RECEPTION).schedule, { enable_backup_window: true, backup_window: backupWindow });
  nas.clock.advance(3600);
  expect((await start(call, RECEPTION)).error).toEqual({ code: 1104 });
  nas.clock.advance(7 * 24 * 3600 - 3600);
  expect(await start(call, RECEPTION)).toEqual({ success: true });
});

test('a cancelled run is `cancelling`, then ends cancelled with the bytes transferred so far', async () => {
  const { nas, call } = await office();
  await start(call, RECEPTION);
  nas.clock.advance(5 + 261);
  const versions = nas.state.versions(RECEPTION).length;
  expect(await call('Task', 'cancel', { task_ids: [RECEPTION] })).toEqual({ success: true });
  expect(await progressOf(call, RECEPTION)).toMatchObject({ running_task_status: 3, percentage: 0.5 });
  nas.clock.advance(2);
  const task = await listedTask(call, RECEPTION);
  expect(task['progress']).toBeUndefined();
  const result = task['last_result'];
  expect(result).toMatchObject({ status: 5 });
  expect(Number(field(result, 'transfered_bytes'))).toBeLessThan(4_754_168_380 * 0.6);
  expect(nas.state.versions(RECEPTION)).toHaveLength(versions);
});

test.each(['cancel', 'cancel_waiting_backup'])('%s removes a waiting run without a result', async (method) => {
  const { nas, call } = await office();
  const before = await lastOf(call, RECEPTION);
  await start(call, RECEPTION);
  await call('Task', method, method === 'cancel' ? { task_ids: [RECEPTION] } : {});
  nas.clock.advance(3600);
  expect(nas.state.runs).toEqual([]);
  expect(await lastOf(call, RECEPTION)).toEqual(before);
});

test('cancelling an idle task succeeds and changes nothing', async () => {
  const { nas, call } = await office();
  const results = nas.state.results.length;
  expect(await call('Task', 'cancel', { task_ids: [RECEPTION] })).toEqual({ success: true });
  expect(nas.state.results).toHaveLength(results);
});

test('runs beyond the capacity wait in order', async () => {
  const { nas, call } = await office({ maxConcurrentDevices: 2, runSeconds: 100 });
  nas.state.setOnline(LAPTOP, true);
  await start(call, 1, 2, 3, 5);
  nas.clock.advance(10);
  const states = () => nas.state.runs.map(({ taskId, state }) => `${taskId} ${state}`);
  expect(states()).toEqual(['1 running', '2 running', '3 waiting', '5 waiting']);
  expect(await progressOf(call, 3)).toMatchObject({ running_task_status: 0 });
  nas.clock.advance(100);
  expect(states()).toEqual(['3 running', '5 running']);
  // The third started when the first two ended, not at the next request.
  expect(nas.state.runs[0]?.startedAt).toBe(nas.state.results.at(-3)?.endedAt);
  expect(nas.state.settings.get('max_concurrent_devices')).toBe('2');
});

test('an offline device makes the run of its task partial', async () => {
  const { nas, call } = await office({ devices: 3 });
  const [first] = nas.state.task(RECEPTION).deviceIds;
  nas.state.device(first!).online = false;
  await start(call, RECEPTION);
  nas.clock.advance(3600);
  expect(await lastOf(call, RECEPTION)).toMatchObject({ status: 3 });
  expect(
    nas.state
      .resultsOf(RECEPTION)
      .at(-1)
      ?.devices.map(({ status }) => status),
  ).toEqual([4, 2, 3]);
});

test('the run of another user is visible, and can be ended at once', async () => {
  const { nas, call } = await office();
  nas.state.startRun(RECEPTION, 'peter');
  expect(await progressOf(call, RECEPTION)).toMatchObject({ running_task_status: 0 });
  nas.state.endRun(RECEPTION, 'failed');
  expect(await lastOf(call, RECEPTION)).toMatchObject({ status: 4 });
  expect(nas.state.runs).toEqual([]);
});

test('a run of no duration starts and ends between two polls', async () => {
  const { nas, call } = await office();
  Object.assign(nas.state.task(RECEPTION).plan, { prepareSeconds: 0, durationSeconds: 0 });
  const results = nas.state.results.length;
  await start(call, RECEPTION);
  const task = await listedTask(call, RECEPTION);
  expect(task['progress']).toBeUndefined();
  expect(task['last_result']).toMatchObject({ result_id: results + 1, transfered_bytes: 4_754_168_380 });
});

test('schedules start tasks on time, even without any request', async () => {
  const { nas, call } = await office({ schedules: true });
  const before = nas.state.resultsOf(3).length;
  nas.clock.advance(7 * 24 * 3600);
  const past = nas.state.resultsOf(3).slice(before);
  const backups = past.filter(({ jobAction }) => jobAction === 1);
  expect(backups.map(({ startedAt }) => new Date(startedAt * 1000).toISOString().slice(11, 19))).toEqual(
    Array<string>(7).fill('00:00:05'),
  );
  expect(await listedTask(call, 3)).toMatchObject({ next_trigger_time: Date.UTC(2025, 10, 29, 0) / 1000 });
});

test.each([
  { when: 'an agent is offline', prepare: (nas: Nas) => nas.state.setOnline(RECEPTION, false), type: 1125 },
  { when: 'the task still runs', prepare: (nas: Nas) => nas.state.startRun(RECEPTION), type: 1107 },
])('a scheduled start is missed when $when: only a log row $type', async ({ prepare, type }) => {
  const { nas } = await office();
  const task = nas.state.task(RECEPTION);
  task.nextTriggerAt = nas.clock.now() + 10;
  prepare(nas);
  nas.state.schedules = true;
  nas.clock.advance(10);
  expect(nas.state.logs.at(-1)).toMatchObject({ type, task: { id: RECEPTION } });
});

test('retention deletes old versions as a job of its own, which becomes the last result', async () => {
  const { nas, call } = await office({ schedules: true });
  nas.state.task(RECEPTION).retention.keep_versions = 2;
  const had = nas.state.versions(RECEPTION).length;
  expect(had).toBeGreaterThan(2);
  nas.clock.advance(24 * 3600);
  expect(nas.state.versions(RECEPTION)).toHaveLength(2);
  expect(await lastOf(call, RECEPTION)).toMatchObject({ job_action: 131072, status: 2, success_count: had - 2 });
  const { data } = await call('Log', 'list_result', { task_id: RECEPTION, filter: { job_action: 1 } });
  expect(rows(data, 'results').at(-1)).toMatchObject({ job_action: 1 });
});

test('a restart ends running backups as incomplete and drops waiting ones', async () => {
  const { nas } = await office();
  nas.state.startRun(RECEPTION);
  nas.clock.advance(60);
  nas.state.startRun(ARCHIVE);
  expect(nas.bootId).toBe(1);
  nas.restart();
  expect(nas.bootId).toBe(2);
  expect(nas.state.runs).toEqual([]);
  expect(nas.state.resultsOf(RECEPTION).at(-1)).toMatchObject({ status: 1 });
  expect(nas.state.resultsOf(RECEPTION).at(-1)?.endedAt).toBe(nas.clock.now());
});

test('removing a task ends its run and keeps its history', async () => {
  const { nas, call } = await office();
  nas.state.startRun(RECEPTION);
  nas.clock.advance(60);
  expect(await call('Task', 'remove', { task_ids: [RECEPTION] })).toEqual({ success: true });
  expect(nas.state.tasks.map(({ id }) => id)).toEqual([2, 3, 4, 5]);
  expect(nas.state.resultsOf(RECEPTION).at(-1)).toMatchObject({ status: 5 });
});

test('the clock of the NAS runs at the configured speed', async () => {
  let realMs = Date.UTC(2025, 0, 1);
  const { nas } = await office({ speed: 60, now: () => realMs });
  nas.state.startRun(RECEPTION);
  realMs += 10_000;
  expect(nas.clock.now()).toBe(Date.UTC(2025, 0, 1) / 1000 + 600);
  expect(nas.state.runs).toEqual([]);
});

test('the schedule of a new task determines its next start', async () => {
  const { nas } = await office();
  const task = nas.state.addTask({
    name: 'Hourly',
    schedule: schedule({ run_weekday: [5], run_hour: 9, repeat_hour: 2 }),
  });
  expect(task.nextTriggerAt).toBe(Date.UTC(2025, 10, 21, 14) / 1000);
});
