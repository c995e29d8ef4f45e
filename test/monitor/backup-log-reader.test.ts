import { expect, test } from 'vitest';
import { DsmError } from '../../src/dsm/errors';
import { BackupLogReader } from '../../src/monitor/backup-log-reader';

const NO_TASKS = { tasks: [], laterJobs: null };

test('a log with invalid responses causes one warning, and another only after it could be read', async () => {
  const warnings: string[] = [];
  let isEndless = true;
  const read = (): Promise<[]> =>
    isEndless ? Promise.reject(new DsmError('ERESPONSE', 'It goes on after 200 pages')) : Promise.resolve([]);
  const log = new BackupLogReader(read, (message) => warnings.push(message));
  const poll = () => log.results(NO_TASKS, '2026-11-11T08:00:00.000Z', true);
  for (let i = 0; i < 10; i += 1) expect(await poll()).toBeNull();
  expect(warnings).toEqual([expect.stringMatching(/log of the backups cannot be read.*after 200 pages/)]);
  isEndless = false;
  expect(await poll()).toEqual([]);
  isEndless = true;
  await poll();
  expect(warnings).toHaveLength(2);
});

test('a log that does not answer for a while is no warning', async () => {
  const warnings: string[] = [];
  const log = new BackupLogReader(
    () => Promise.reject(new DsmError('EBUSY', 'later')),
    (message) => warnings.push(message),
  );
  for (let i = 0; i < 10; i += 1) expect(await log.results(NO_TASKS, '2026-11-11T08:00:00.000Z', true)).toBeNull();
  expect(warnings).toEqual([]);
});
