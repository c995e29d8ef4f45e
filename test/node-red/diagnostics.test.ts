import { expect, test } from 'vitest';
import type { TaskListing } from '../../src/active-backup/types';
import { DsmError } from '../../src/dsm/errors';
import type { Logger } from '../../src/dsm/logger';
import { failureOf, logLogins, logRequest } from '../../src/dsm/request-log';
import type { NasEvent } from '../../src/monitor/events';
import { DeliveryLog } from '../../src/mqtt/logger';
import { BrokerRefusedError, SessionLostError } from '../../src/mqtt/types';
import type { CommandResponse } from '../../src/bridge/responses';
import { eventLine } from '../../src/monitor/event-line';
import { commandLine, logPolls } from '../../src/node-red/diagnostics';

/** A logger that stores its lines. */
function recorder(): Logger & { lines: string[] } {
  const lines: string[] = [];
  const add = (message: string): void => void lines.push(message);
  return { debug: add, warn: add, lines };
}

const LIST = { api: 'SYNO.ActiveBackup.Task', method: 'list' };
const refused = (code: number | null, reason?: string): DsmError =>
  new DsmError('EPERMISSION', 'a message with planted words', {
    ...{ ...LIST, version: 1, code, errors: null },
    ...(reason !== undefined && { reason }),
  });
/** A clock that advances by `ms` with each reading. */
const clockOf = (ms: number): (() => number) => {
  let now = 0;
  return () => (now += ms);
};

test('a request is logged with its method, its result and its duration', async () => {
  const log = recorder();
  expect(await logRequest(log, LIST, () => Promise.resolve(7), clockOf(23))).toBe(7);
  const failing = logRequest(log, LIST, () => Promise.reject(refused(105)), clockOf(5));
  await expect(failing).rejects.toBeInstanceOf(DsmError);
  expect(log.lines).toEqual([
    'SYNO.ActiveBackup.Task.list: ok, 23 ms',
    'SYNO.ActiveBackup.Task.list: EPERMISSION (105), 5 ms',
  ]);
});

test('of a request form only API and method are logged, and only if they look like names', async () => {
  const log = recorder();
  const form = { api: 'SYNO.API.Auth', method: 'login', passwd: 'planted', account: 'planted' };
  await logRequest(log, form, () => Promise.resolve(), clockOf(1));
  await logRequest(log, { ...form, method: 'planted words' }, () => Promise.resolve(), clockOf(1));
  expect(log.lines).toEqual(['SYNO.API.Auth.login: ok, 1 ms', 'SYNO.API.Auth.?: ok, 1 ms']);
});

test.each([
  { error: refused(105), line: 'EPERMISSION (105)' },
  { error: refused(null, 'ETIMEDOUT'), line: 'EPERMISSION (ETIMEDOUT)' },
  { error: refused(null), line: 'EPERMISSION' },
  { error: new TypeError('planted'), line: 'TypeError' },
])('an error is logged as $line, without its message, which may quote the user', ({ error, line }) => {
  expect(failureOf(error)).toBe(line);
});

test('the first login is logged as a login, the next one as a renewal', async () => {
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

test('a poll is logged with the number of tasks and active tasks, or as unchanged', async () => {
  const log = recorder();
  const tasks = [{ state: 'idle' }, { state: 'running' }] as never[];
  const listing: TaskListing = { tasks, laterJobs: new Map() };
  let readTasks = (): Promise<TaskListing> => Promise.resolve(listing);
  const read = logPolls(() => readTasks(), log);
  const context = { now: new Date(0) };
  await read(context);
  await read(context);
  readTasks = () => Promise.reject(refused(105));
  await expect(read(context)).rejects.toBeInstanceOf(DsmError);
  expect(log.lines).toEqual(['Poll: 2 tasks, 1 at work', 'Poll: unchanged', 'Poll: EPERMISSION (105)']);
});

test('an event is logged with ids, without names', () => {
  const event = {
    ...{ event: 'backup_failed', at: '', late: true },
    ...{ task: { id: 3, name: 'planted' }, result: { id: 17, status: 'failed', reason: 'planted' } },
  } as unknown as NasEvent;
  expect(eventLine(event)).toBe('Event backup_failed: task 3, result 17, failed, late');
  expect(eventLine({ event: 'nas_offline', at: '', late: false })).toBe('Event nas_offline');
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

test('messages of one turn of the event loop are counted in one line', async () => {
  const log = recorder();
  const deliveries = new DeliveryLog(log);
  const refusal = new BrokerRefusedError('publish', ['planted'], 'planted');
  const deliveriesOfOneTurn = [
    Promise.resolve(),
    Promise.resolve(),
    Promise.reject(refusal),
    Promise.reject(new SessionLostError()),
  ];
  for (const delivery of deliveriesOfOneTurn) deliveries.add(delivery);
  await Promise.allSettled(deliveriesOfOneTurn);
  deliveries.add(Promise.resolve());
  await new Promise(setImmediate);
  expect(log.lines).toEqual(['MQTT: 4 published, 2 acknowledged, 1 refused', 'MQTT: 1 published, 1 acknowledged']);
});
