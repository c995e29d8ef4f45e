import { expect, test } from 'vitest';
import type { TaskListing } from '../../src/active-backup/types';
import { DsmError } from '../../src/dsm/errors';
import type { Logger } from '../../src/dsm/logger';
import { failureOf, logLogins, logRequest } from '../../src/dsm/request-log';
import type { NasEvent } from '../../src/monitor/events';
import { DeliveryLog } from '../../src/mqtt/logger';
import { Refused, SessionLost } from '../../src/mqtt/mqtt-connection';
import type { CommandResponse } from '../../src/bridge/responses';
import { commandLine, eventLine, logPolls } from '../../src/node-red/diagnostics';

/** A logger that keeps its lines. */
function recorder(): Logger & { lines: string[] } {
  const lines: string[] = [];
  const keep = (message: string): void => void lines.push(message);
  return { debug: keep, warn: keep, lines };
}

const LIST = { api: 'SYNO.ActiveBackup.Task', method: 'list' };
const refused = (code: number | null, reason?: string): DsmError =>
  new DsmError('EPERMISSION', 'a message with planted words', {
    ...{ ...LIST, version: 1, code, errors: null },
    ...(reason !== undefined && { reason }),
  });
/** Milliseconds that pass between two looks at the clock. */
const clockOf = (ms: number): (() => number) => {
  let now = 0;
  return () => (now += ms);
};

test('a request is logged with its method, its outcome and its time', async () => {
  const log = recorder();
  expect(await logRequest(log, LIST, () => Promise.resolve(7), clockOf(23))).toBe(7);
  const failing = logRequest(log, LIST, () => Promise.reject(refused(105)), clockOf(5));
  await expect(failing).rejects.toBeInstanceOf(DsmError);
  expect(log.lines).toEqual([
    'SYNO.ActiveBackup.Task.list: ok, 23 ms',
    'SYNO.ActiveBackup.Task.list: EPERMISSION (105), 5 ms',
  ]);
});

test('of a form nothing but API and method is logged, and those only when they look like it', async () => {
  const log = recorder();
  const form = { api: 'SYNO.API.Auth', method: 'login', passwd: 'planted', account: 'planted' };
  await logRequest(log, form, () => Promise.resolve(), clockOf(1));
  await logRequest(log, { ...form, method: 'planted words' }, () => Promise.resolve(), clockOf(1));
  expect(log.lines).toEqual(['SYNO.API.Auth.login: ok, 1 ms', 'SYNO.API.Auth.?: ok, 1 ms']);
});

test.each([
  { error: refused(105), says: 'EPERMISSION (105)' },
  { error: refused(null, 'ETIMEDOUT'), says: 'EPERMISSION (ETIMEDOUT)' },
  { error: refused(null), says: 'EPERMISSION' },
  { error: new TypeError('planted'), says: 'TypeError' },
])('an error is logged as $says: its message may quote what somebody typed', ({ error, says }) => {
  expect(failureOf(error)).toBe(says);
});

test('the first login is a login, the next one a renewal', async () => {
  const log = recorder();
  const door = logLogins({ login: () => Promise.resolve('planted-sid'), logout: () => Promise.resolve() }, log);
  await door.login();
  await door.login();
  await door.logout('planted-sid');
  expect(log.lines.filter((line) => !line.startsWith('SYNO.'))).toEqual([
    'Signed in',
    'Signed in again: the session is renewed',
    'Signed out',
  ]);
  expect(log.lines.join()).not.toContain('planted');
});

test('a poll is logged with how many tasks there are and work, unless nothing has changed', async () => {
  const log = recorder();
  const tasks = [{ state: 'idle' }, { state: 'running' }] as never[];
  const listing: TaskListing = { tasks, laterJobs: new Map() };
  let answer = (): Promise<TaskListing> => Promise.resolve(listing);
  const read = logPolls(() => answer(), log);
  const look = { now: new Date(0) };
  await read(look);
  await read(look);
  answer = () => Promise.reject(refused(105));
  await expect(read(look)).rejects.toBeInstanceOf(DsmError);
  expect(log.lines).toEqual(['Poll: 2 tasks, 1 at work', 'Poll: unchanged', 'Poll: EPERMISSION (105)']);
});

test('an event is logged by ids: names are for people to choose', () => {
  const event = {
    ...{ event: 'backup_failed', at: '', late: true },
    ...{ task: { id: 3, name: 'planted' }, result: { id: 17, status: 'failed', reason: 'planted' } },
  } as unknown as NasEvent;
  expect(eventLine(event)).toBe('Event backup_failed: task 3, result 17, failed, late');
  expect(eventLine({ event: 'nas_offline', at: '', late: false })).toBe('Event nas_offline');
});

test.each<Omit<CommandResponse, 'id' | 'ts'> & { taskId: number | null; says: string }>([
  { action: 'backup', status: 'done', reason: null, code: null, taskId: 3, says: 'Command backup for task 3: done' },
  {
    ...{ action: 'cancel', status: 'rejected', reason: 'not_running', code: null, taskId: 3 },
    says: 'Command cancel for task 3: rejected, not_running',
  },
  {
    ...{ action: 'backup', status: 'error', reason: 'Planted words', code: 'EABB', taskId: 1 },
    says: 'Command backup for task 1: error, EABB',
  },
  {
    ...{ action: 'hunter2', status: 'rejected', reason: 'unknown_action', code: null, taskId: null },
    says: 'Command ?: rejected, unknown_action',
  },
])('$says', ({ action, status, reason, code, taskId, says }) => {
  expect(commandLine({ id: 'planted', action, status, reason, code, ts: '' }, taskId)).toBe(says);
});

test('what goes out together is counted in one line', async () => {
  const log = recorder();
  const deliveries = new DeliveryLog(log);
  const refusal = new Refused('publish', ['planted'], 'planted');
  const answers = [Promise.resolve(), Promise.resolve(), Promise.reject(refusal), Promise.reject(new SessionLost())];
  for (const answer of answers) deliveries.add(answer);
  await Promise.allSettled(answers);
  deliveries.add(Promise.resolve());
  await new Promise(setImmediate);
  expect(log.lines).toEqual(['MQTT: 4 published, 2 acknowledged, 1 refused', 'MQTT: 1 published, 1 acknowledged']);
});
