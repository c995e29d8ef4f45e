import { expect, test } from 'vitest';
import { LastBackupCache, type LogReader } from '../../src/active-backup/backup-log';
import { nonBackupLastJobs, parseTasks } from '../../src/active-backup/model/task';
import { DsmError } from '../../src/dsm/errors';

const START = 1_762_848_000;
const DELETION = 131_072;

/** A task whose last job is `jobId`, in a list that changes at each poll, because another task is running. */
function listOf(jobId: number, running?: number) {
  const last_result = { result_id: jobId, task_id: 1, job_action: DELETION, status: 2, time_start: START + jobId };
  const progress = running === undefined ? {} : { progress: { running_task_status: running } };
  return { tasks: [{ task_id: 1, unikey: 'u', last_result, ...progress }] };
}

/** Fills lists one after another from a log; `respond` gives the response to each request. */
function log(respond: () => 'EBUSY' | 'EPERMISSION' | number) {
  const hidden = new LastBackupCache();
  const requests = { count: 0 };
  const read: LogReader = () => {
    requests.count += 1;
    const result_id = respond();
    if (typeof result_id === 'string') return Promise.reject(new DsmError(result_id, 'The log does not respond'));
    const row = { result_id, task_id: 1, job_action: 1, status: 2, time_start: START, time_end: START + 60 };
    return Promise.resolve({ count: 1, results: [row] });
  };
  const fill = async (list: ReturnType<typeof listOf>) => {
    const { tasks, isComplete } = await hidden.fill(parseTasks(list, null), nonBackupLastJobs(list), read);
    return { last: tasks[0]?.lastResult?.id ?? null, isComplete, requests: requests.count };
  };
  return { fill, requests };
}

test('a hidden last backup is read once for each job that hides it, however often the list changes', async () => {
  let lastResultId = 600;
  const { fill } = log(() => lastResultId);
  for (let poll = 0; poll < 20; poll += 1) {
    expect(await fill(listOf(601))).toEqual({ last: 600, isComplete: true, requests: 1 });
  }
  lastResultId = 602;
  expect(await fill(listOf(603))).toEqual({ last: 602, isComplete: true, requests: 2 });
});

test('a hidden last backup is read again when the task begins or ends to run', async () => {
  const { fill } = log(() => 600);
  await fill(listOf(601));
  expect(await fill(listOf(601, 1))).toMatchObject({ requests: 2 });
  expect(await fill(listOf(601, 1))).toMatchObject({ requests: 2 });
  expect(await fill(listOf(601))).toMatchObject({ requests: 3 });
});

test('after failures the log is read again at the next list, then less and less often; last backups stay unknown meanwhile', async () => {
  let respond: 'EBUSY' | number = 'EBUSY';
  const { fill, requests } = log(() => respond);
  const readAt: number[] = [];
  for (let poll = 0; poll < 40; poll += 1) {
    const before = requests.count;
    expect(await fill(listOf(601))).toMatchObject({ last: null, isComplete: false });
    if (requests.count > before) readAt.push(poll);
  }
  expect(readAt).toEqual([0, 1, 3, 7, 15, 31]);
  respond = 600;
  for (let poll = 40; poll < 47; poll += 1) await fill(listOf(601));
  expect(await fill(listOf(601))).toMatchObject({ last: 600, isComplete: true });
});

test('a backup that was read stays known while the read for another job fails', async () => {
  let respond: 'EBUSY' | number = 600;
  const { fill } = log(() => respond);
  await fill(listOf(601));
  respond = 'EBUSY';
  expect(await fill(listOf(603))).toMatchObject({ last: null, isComplete: false });
  expect(await fill(listOf(601))).toMatchObject({ last: 600, isComplete: true });
});

test('for an account without access to the log it is not read at each list', async () => {
  const { fill, requests } = log(() => 'EPERMISSION');
  for (let poll = 0; poll < 40; poll += 1) expect(await fill(listOf(601))).toMatchObject({ isComplete: true });
  expect(requests.count).toBe(6);
});
