import { expect, test } from 'vitest';
import { DsmError } from '../../src/dsm/errors';
import { failureOf, logLogins, logRequest } from '../../src/dsm/request-log';
import { recordingLogger } from '../support/recording-logger';

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
  const log = recordingLogger();
  expect(await logRequest(log, LIST, () => Promise.resolve(7), clockOf(23))).toBe(7);
  const failing = logRequest(log, LIST, () => Promise.reject(refused(105)), clockOf(5));
  await expect(failing).rejects.toBeInstanceOf(DsmError);
  expect(log.lines).toEqual([
    'SYNO.ActiveBackup.Task.list: ok, 23 ms',
    'SYNO.ActiveBackup.Task.list: EPERMISSION (105), 5 ms',
  ]);
});

test('of a request form only API and method are logged, and only if they look like names', async () => {
  const log = recordingLogger();
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
  const log = recordingLogger();
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
