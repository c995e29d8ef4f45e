import { expect, test } from 'vitest';
import type { TaskListing } from '../../src/active-backup/types';
import { DsmError } from '../../src/dsm/errors';
import type { CommandResponse } from '../../src/bridge/responses';
import { recordingLogger } from '../support/recording-logger';
import { commandLine, logPolls } from '../../src/node-red/diagnostics';

const REFUSED = new DsmError('EPERMISSION', 'a message with planted words', {
  ...{ api: 'SYNO.ActiveBackup.Task', method: 'list', version: 1, code: 105, errors: null },
});

test('a poll is logged with the number of tasks and active tasks, or as unchanged', async () => {
  const log = recordingLogger();
  const tasks = [{ state: 'idle' }, { state: 'running' }] as never[];
  const listing: TaskListing = { tasks, laterJobs: new Map() };
  let readTasks = (): Promise<TaskListing> => Promise.resolve(listing);
  const read = logPolls(() => readTasks(), log);
  const context = { now: new Date(0) };
  await read(context);
  await read(context);
  readTasks = () => Promise.reject(REFUSED);
  await expect(read(context)).rejects.toBeInstanceOf(DsmError);
  expect(log.lines).toEqual(['Poll: 2 tasks, 1 active', 'Poll: unchanged', 'Poll: EPERMISSION (105)']);
});

test.each<Omit<CommandResponse, 'id' | 'ts'> & { taskId: number | null; line: string }>([
  { action: 'backup', status: 'done', reason: null, code: null, taskId: 3, line: 'Command backup for task 3: done' },
  {
    ...{ action: 'cancel', status: 'rejected', reason: 'not_running', code: null, taskId: 3 },
    line: 'Command cancel for task 3: rejected, not_running',
  },
  {
    ...{ action: 'backup', status: 'error', reason: 'Planted words', code: 'EABB', taskId: 1 },
    line: 'Command backup for task 1: error, EABB',
  },
  {
    ...{ action: 'hunter2', status: 'rejected', reason: 'unknown_action', code: null, taskId: null },
    line: 'Command ?: rejected, unknown_action',
  },
])('$line', ({ action, status, reason, code, taskId, line }) => {
  expect(commandLine({ id: 'planted', action, status, reason, code, ts: '' }, taskId)).toBe(line);
});
