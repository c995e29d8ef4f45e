import { createServer } from 'node:net';
import { describe, expect, test } from 'vitest';
import { ACTIVE_BACKUP_ERRORS } from '../../src/active-backup/errors';
import { AUTH_CODES, COMMON_CODES } from '../../src/dsm/codes';
import { ERRORS, type DsmError, type ErrorCode } from '../../src/dsm/errors';
import { connect, errorOf, LIST, TASK } from './support';

/** Every code of docs/interface.md §2.4. */
const ON_LOGIN: [ErrorCode, number[]][] = [
  ['EAUTH', [400, 401, 402, 405, 408, 409, 410]],
  ['EOTP', [403, 404, 406]],
  ['EBLOCKED', [407, 411]],
];
const ON_CALL: [ErrorCode, number[]][] = [
  ['EPARAM', [101, 114, 120]],
  ['ESESSION', [106, 107, 119, 150, 498]],
  ['EPERMISSION', [105, 116, 160, 1011, 1014, 1036]],
  ['EPACKAGE', [102]],
  ['EUNSUPPORTED', [103, 104]],
  ['EBUSY', [100, 109, 110, 111, 117, 118, 1006, 1007, 1031]],
  ['EABB', [1001, 1010, 1104, 4005, 4007, 5001, 9999]],
];
/** The message without the address of the NAS, whose port may contain the code. */
const wordsOf = (error: DsmError, label: string): string => error.message.replace(label, '');
const rows = (table: [ErrorCode, number[]][]): { error: ErrorCode; code: number }[] =>
  table.flatMap(([error, codes]) => codes.map((code) => ({ error, code })));

describe('a refused login', () => {
  test.each(rows(ON_LOGIN))('$code is $error, with one login in all', async ({ error, code }) => {
    const { nas, station } = await connect();
    nas.fail({ on: { method: 'login' }, do: 'refuse', code });
    for (let i = 0; i < 2; i++) {
      const refused = await errorOf(station.call(LIST));
      expect(refused).toMatchObject({
        code: error,
        cause: { api: 'SYNO.API.Auth', method: 'login', version: 6, code },
      });
      expect(refused.message).toContain('refused the sign-in: ');
      expect(wordsOf(refused, station.label)).not.toMatch(new RegExp(`SYNO|${code}`));
    }
    expect(nas.received('login')).toHaveLength(1);
  });

  test('an unknown code counts as a refusal, because each further attempt would count for Auto Block', async () => {
    const { nas, station } = await connect();
    nas.fail({ on: { method: 'login' }, do: 'refuse', code: 499 });
    for (let i = 0; i < 2; i++) expect((await errorOf(station.call(LIST))).code).toBe('EAUTH');
    expect(nas.received('login')).toHaveLength(1);
  });
});

describe('a refused call', () => {
  test.each(rows(ON_CALL))('$code is $error', async ({ error, code }) => {
    const { nas, station } = await connect();
    nas.fail({ on: { api: TASK }, do: 'refuse', code });
    const refused = await errorOf(station.call({ ...LIST, codes: ACTIVE_BACKUP_ERRORS }));
    expect(refused).toMatchObject({ code: error, cause: { api: TASK, method: 'list', version: 1, code } });
    expect(refused.message).toContain(station.label);
    expect(wordsOf(refused, station.label)).not.toMatch(new RegExp(`SYNO|list|${code}`));
  });

  test('120 names the parameter', async () => {
    const { station } = await connect();
    const refused = await errorOf(station.call({ ...LIST, method: 'backup', parameters: { task_ids: 12 } }));
    expect(refused).toMatchObject({
      code: 'EPARAM',
      cause: { code: 120, errors: { name: 'task_ids', reason: 'type' } },
    });
    expect(refused.message).toContain('"task_ids" has the wrong type');
  });

  test.each([[{}], [{ code: 'x' }], [null], ['text']])('an error like %j is EABB without a number', async (error) => {
    const { nas, station } = await connect();
    nas.fail({ on: { api: TASK }, do: 'refuse', code: error as unknown as number });
    expect(await errorOf(station.call(LIST))).toMatchObject({ code: 'EABB', cause: { code: null } });
  });
});

describe('an answer that is not DSM’s is ERESPONSE', () => {
  test.each([
    ['a web page', { do: 'html' }, 'web page'],
    ['no JSON', { do: 'not-json' }, 'not DSM’s|not DSM'],
    ['nothing', { do: 'empty' }, 'empty'],
    ['half an answer', { do: 'cut-off' }, 'cut off'],
    ['too large an answer', { do: 'oversized', bytes: 2_000_000 }, 'larger than'],
    ['502 from a proxy', { do: 'http-status', status: 502 }, '502'],
    ['a redirect', { do: 'redirect' }, 'sends this request on to https://'],
  ] as const)('%s', async (_, fault, words) => {
    const { nas, station } = await connect({}, { maxResponseBytes: 1_000_000, retryPausesMs: [] });
    nas.fail({ on: { api: TASK }, ...fault });
    const error = await errorOf(station.call(LIST));
    expect(error.code).toBe('ERESPONSE');
    expect(error.message).toMatch(new RegExp(words));
  });
});

describe('no connection is EUNREACHABLE', () => {
  test('no server listens on the port', async () => {
    const { nas, station } = await connect();
    await nas.close();
    expect(await errorOf(station.call(LIST))).toMatchObject({
      code: 'EUNREACHABLE',
      cause: { reason: 'ECONNREFUSED' },
    });
  });

  test('the name does not exist', async () => {
    const { station } = await connect({}, { url: new URL('http://nas.invalid:5000/') });
    expect((await errorOf(station.call(LIST))).message).toContain('nas.invalid:5000');
  });

  test('no answer comes in time', async () => {
    const { nas, station } = await connect({}, { timeoutMs: 100, retryPausesMs: [] });
    nas.fail({ do: 'hang' });
    expect(await errorOf(station.call(LIST))).toMatchObject({ code: 'EUNREACHABLE', cause: { reason: 'ETIMEDOUT' } });
  });

  test('the connection is reset', async () => {
    const { nas, station } = await connect();
    nas.fail({ on: { api: TASK }, do: 'reset-before' });
    expect(await errorOf(station.call(LIST))).toMatchObject({ code: 'EUNREACHABLE', cause: { reason: 'ECONNRESET' } });
  });

  test('https to a port that speaks something else', async () => {
    const server = createServer((socket) => socket.end('220 hello\r\n'));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as { port: number };
    const { station } = await connect({}, { url: new URL(`https://127.0.0.1:${port}/`) });
    expect((await errorOf(station.call(LIST))).code).toBe('EUNREACHABLE');
    server.close();
  });
});

test('a package that is not running is EPACKAGE until it runs', async () => {
  const { nas, station } = await connect({ packageRunning: false });
  expect((await errorOf(station.call(LIST))).code).toBe('EPACKAGE');
  nas.state.packageRunning = true;
  await expect(station.call(LIST)).resolves.toMatchObject({ total: 5 });
});

test('a NAS without a session in its answer to the login is ERESPONSE', async () => {
  const { nas, station } = await connect();
  nas.fail({ on: { method: 'login' }, do: 'refuse', code: 0 });
  expect((await errorOf(station.call(LIST))).code).toBe('EAUTH');
});

test('every code of a table has an error code and a message', () => {
  for (const table of [COMMON_CODES, AUTH_CODES, ACTIVE_BACKUP_ERRORS]) {
    for (const { error, message } of Object.values(table)) {
      expect(ERRORS).toHaveProperty(error);
      expect(message).not.toBe('');
    }
  }
});

test('no error contains the password, the session or the token', async () => {
  const secrets = ['planted-password', 'planted-device-token'];
  const account = { name: 'admin', password: secrets[0]!, deviceId: secrets[1]! };
  for (const fault of [
    { do: 'html' },
    { do: 'reset-before' },
    { do: 'refuse', code: 400 },
    { do: 'redirect' },
  ] as const) {
    const { nas, station } = await connect({}, { account, retryPausesMs: [] });
    nas.fail(fault);
    const error = await errorOf(station.call(LIST));
    const text = [error.message, error.stack, JSON.stringify(error), JSON.stringify(error.cause)].join();
    for (const secret of secrets) expect(text).not.toContain(secret);
  }
});
