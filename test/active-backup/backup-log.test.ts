import { expect, test } from 'vitest';
import { LastBackupCache, type LogReader } from '../../src/active-backup/backup-log';
import { nonBackupLastJobs, parseTasks } from '../../src/active-backup/model/task';
import { DsmError } from '../../src/dsm/errors';

const START = 1_762_848_000;
const DELETION = 131_072;

/** A task whose last job is this one, in a list that a run of another task changes at each poll. */
function listOf(jobId: number, running?: number) {
  const last_result = { result_id: jobId, task_id: 1, job_action: DELETION, status: 2, time_start: START + jobId };
  const progress = running === undefined ? {} : { progress: { running_task_status: running } };
  return { tasks: [{ task_id: 1, unikey: 'u', last_result, ...progress }] };
}

/** Fills lists one after another from a log of which each request answers `answer`. */
function log(answer: () => 'EBUSY' | 'EPERMISSION' | number) {
  const hidden = new LastBackupCache();
  const asked = { count: 0 };
  const read: LogReader = () => {
    asked.count += 1;
    const result_id = answer();
    if (typeof result_id === 'string') return Promise.reject(new DsmError(result_id, 'The log does not answer'));
    const row = { result_id, task_id: 1, job_action: 1, status: 2, time_start: START, time_end: START + 60 };
    return Promise.resolve({ count: 1, results: [row] });
  };
  const fill = async (list: ReturnType<typeof listOf>) => {
    const { tasks, isComplete } = await hidden.fill(parseTasks(list, null), nonBackupLastJobs(list), read);
    return { last: tasks[0]?.lastResult?.id ?? null, isComplete, asked: asked.count };
  };
  return { fill, asked };
}

test('a hidden last backup is read once for each job that hides it, however often the list changes', async () => {
  let newest = 600;
  const { fill } = log(() => newest);
  for (let poll = 0; poll < 20; poll += 1) {
    expect(await fill(listOf(601))).toEqual({ last: 600, isComplete: true, asked: 1 });
  }
  newest = 602;
  expect(await fill(listOf(603))).toEqual({ last: 602, isComplete: true, asked: 2 });
});

test('a hidden last backup is read again when the task begins or ends to run', async () => {
  const { fill } = log(() => 600);
  await fill(listOf(601));
  expect(await fill(listOf(601, 1))).toMatchObject({ asked: 2 });
  expect(await fill(listOf(601, 1))).toMatchObject({ asked: 2 });
  expect(await fill(listOf(601))).toMatchObject({ asked: 3 });
});

test('a log that does not answer is asked at the next list, then more and more seldom, and is unknown until it answers', async () => {
  let answer: 'EBUSY' | number = 'EBUSY';
  const { fill, asked } = log(() => answer);
  const readAt: number[] = [];
  for (let poll = 0; poll < 40; poll += 1) {
    const before = asked.count;
    expect(await fill(listOf(601))).toMatchObject({ last: null, isComplete: false });
    if (asked.count > before) readAt.push(poll);
  }
  expect(readAt).toEqual([0, 1, 3, 7, 15, 31]);
  answer = 600;
  for (let poll = 40; poll < 47; poll += 1) await fill(listOf(601));
  expect(await fill(listOf(601))).toMatchObject({ last: 600, isComplete: true });
});

test('what the log said of a job stays known while it does not answer for another one', async () => {
  let answer: 'EBUSY' | number = 600;
  const { fill } = log(() => answer);
  await fill(listOf(601));
  answer = 'EBUSY';
  expect(await fill(listOf(603))).toMatchObject({ last: null, isComplete: false });
  expect(await fill(listOf(601))).toMatchObject({ last: 600, isComplete: true });
});

test('an account without a log is not asked to read it at each list', async () => {
  const { fill, asked } = log(() => 'EPERMISSION');
  for (let poll = 0; poll < 40; poll += 1) expect(await fill(listOf(601))).toMatchObject({ isComplete: true });
  expect(asked.count).toBe(6);
});
