import { expect, test } from 'vitest';
import type { TaskListing } from '../../src/active-backup/types';
import { logPolls } from '../../src/client/nas-connection';
import { DsmError } from '../../src/dsm/errors';
import { recordingLogger } from '../support/recording-logger';

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
