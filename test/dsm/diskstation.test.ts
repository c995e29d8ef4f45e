import { describe, expect, test } from 'vitest';
import type { DsmRequest } from '../../src/dsm/dsm-request';
import { isAborted } from '../../src/dsm/transport';
import { PLANTED_SECRETS } from '../nas/index';
import { BACKUP, connect, errorOf, LIST, TASK } from './support';
import { until } from '../support/until';

describe('twenty calls at once', () => {
  test('on a new connection: one API.Info, one login, twenty lists', async () => {
    const { nas, station } = await connect();
    const page = (limit: number): DsmRequest => ({ ...LIST, parameters: { offset: 0, limit } });
    await Promise.all(Array.from({ length: 20 }, (_, index) => station.call(page(index + 1))));
    expect([nas.received('query'), nas.received('login'), nas.received('list')].map((all) => all.length)).toEqual([
      1, 1, 20,
    ]);
    expect(nas.requests).toHaveLength(22);
  });

  test('that lose their session: exactly one more login, and every call succeeds', async () => {
    const { nas, station } = await connect();
    await station.call(LIST);
    nas.dropSessions();
    await Promise.all(Array.from({ length: 20 }, () => station.call(LIST)));
    expect(nas.received('login')).toHaveLength(2);
    expect(nas.sessions).toBe(1);
  });

  test('with a wrong password: one login, and none for any later call', async () => {
    const { nas, station } = await connect({}, { account: { name: 'admin', password: 'wrong' } });
    const errors = await Promise.all(Array.from({ length: 20 }, () => errorOf(station.call(LIST))));
    errors.push(await errorOf(station.call(LIST)));
    expect(new Set(errors.map(({ code }) => code))).toEqual(new Set(['EAUTH']));
    expect(nas.received('login')).toHaveLength(1);
  });
});

describe('a session that is refused again and again', () => {
  test.each([
    { code: 119, times: 10, logins: 2, end: 'tasks' },
    { code: 106, times: 10, logins: 2, end: 'tasks' },
    { code: 119, times: Infinity, logins: 2, end: 'ESESSION' },
    { code: 107, times: Infinity, logins: 2, end: 'ESESSION' },
    { code: 105, times: Infinity, logins: 2, end: 'EPERMISSION' },
    { code: 103, times: Infinity, logins: 1, end: 'EUNSUPPORTED' },
  ])('ten calls refused with $code, $times times: $logins logins, then $end', async ({ code, times, logins, end }) => {
    const { nas, station } = await connect({}, { queue: { reads: 10 } });
    nas.fail({ on: { method: 'list' }, do: 'refuse', code, ...(times === Infinity ? {} : { times }) });
    const ends = await Promise.all(
      Array.from({ length: 10 }, () =>
        station.call(LIST).then(
          () => 'tasks',
          (error: unknown) => (error as { code: string }).code,
        ),
      ),
    );
    expect(new Set(ends)).toEqual(new Set([end]));
    expect(nas.received('login')).toHaveLength(logins);
  });

  test('a method that stays forbidden after a new login does not cause a login each time', async () => {
    const { nas, station } = await connect();
    nas.fail({ on: { method: 'list' }, do: 'refuse', code: 105 });
    for (let i = 0; i < 5; i++) expect((await errorOf(station.call(LIST))).code).toBe('EPERMISSION');
    expect(nas.received('login')).toHaveLength(2);
    nas.dropSessions();
    expect(await station.call({ ...LIST, method: 'list_with_device' })).not.toBeNull();
  });
});

describe('a call that changes something', () => {
  test.each([
    ['the connection breaks before it takes effect', { do: 'reset-before' }, 'EUNREACHABLE'],
    ['the connection breaks after it took effect', { do: 'reset-after' }, 'EUNREACHABLE'],
    ['no answer comes', { do: 'hang' }, 'EUNREACHABLE'],
    ['a proxy answers 502', { do: 'http-status', status: 502 }, 'ERESPONSE'],
    ['the answer is cut off', { do: 'cut-off' }, 'ERESPONSE'],
    ['the session is lost at that moment', { do: 'refuse', code: 119 }, 'ESESSION'],
    ['DSM is busy', { do: 'refuse', code: 117 }, 'EBUSY'],
  ] as const)('is sent once when %s', async (_, fault, code) => {
    const { nas, station } = await connect({}, { timeoutMs: 300 });
    await station.call(LIST);
    nas.fail({ on: { method: 'backup' }, ...fault });
    expect((await errorOf(station.call(BACKUP))).code).toBe(code);
    expect(nas.received('backup')).toHaveLength(1);
  });
});

describe('a read with a temporary error', () => {
  test.each([
    ['a broken connection', { do: 'reset-before' }],
    ['a web page', { do: 'html' }],
    ['an empty answer', { do: 'empty' }],
    ['a busy DSM', { do: 'refuse', code: 109 }],
  ] as const)('%s: is repeated, twice at most', async (_, fault) => {
    const { nas, station } = await connect();
    nas.fail({ on: { method: 'list' }, times: 2, ...fault });
    await expect(station.call(LIST)).resolves.toMatchObject({ total: 5 });
    expect(nas.received('list')).toHaveLength(3);
    nas.fail({ on: { method: 'list' }, ...fault });
    await errorOf(station.call(LIST));
    expect(nas.received('list')).toHaveLength(6);
  });
});

test('every call is a POST form of version 1 with JSON values, and no secret is in a URL', async () => {
  const { nas, station } = await connect();
  const parameters = { text: 'a&b=c', number: 3, list: [1], yes: true, none: null };
  await errorOf(station.call({ ...LIST, method: 'unknown', parameters }));
  for (const { verb, url } of nas.requests) {
    expect(verb).toBe('POST');
    expect(url).not.toContain('?');
  }
  const [sent] = nas.received('unknown');
  expect(sent?.version).toBe(1);
  expect(sent?.parameters).toMatchObject({
    text: '"a&b=c"',
    number: '3',
    list: '[1]',
    yes: 'true',
    none: 'null',
  });
});

test('login requests version 6, the session ActiveBackup and a sid, and nothing else', async () => {
  const { nas, station } = await connect();
  await station.call(LIST);
  const [login] = nas.received('login');
  expect(login?.parameters).toEqual({
    api: 'SYNO.API.Auth',
    method: 'login',
    version: '6',
    account: 'admin',
    passwd: 'synology',
    session: 'ActiveBackup',
    format: 'sid',
  });
});

test('a trusted-device token is sent with its device name', async () => {
  const { nas, station } = await connect({}, { account: { name: 'admin', password: 'synology', deviceId: 'token' } });
  await station.call(LIST);
  expect(nas.received('login')[0]?.parameters).toMatchObject({ device_id: 'token', device_name: 'Node-RED' });
});

test('no secret of a NAS is in the result of a call', async () => {
  const { station } = await connect();
  const text = JSON.stringify([await station.call(LIST), await station.call({ ...LIST, method: 'list_with_device' })]);
  expect(PLANTED_SECRETS.length).toBeGreaterThan(0);
  for (const secret of PLANTED_SECRETS) expect(text).not.toContain(secret);
});

describe('the list of APIs', () => {
  test('is read again after 102 and 104', async () => {
    const { nas, station } = await connect();
    for (const code of [102, 104]) {
      nas.fail({ on: { api: TASK }, times: 1, do: 'refuse', code });
      await errorOf(station.call(LIST));
      await station.call(LIST);
    }
    expect(nas.received('query')).toHaveLength(3);
  });

  test('limits the requested version', async () => {
    const { nas, station } = await connect({ maxVersion: { 'SYNO.API.Auth': 3 } });
    await station.call(LIST);
    expect(nas.received('login')[0]?.version).toBe(3);
  });

  test('an API that only has newer versions is not called', async () => {
    const { nas, station } = await connect({ minVersion: { [TASK]: 2 } });
    expect((await errorOf(station.call(LIST))).code).toBe('EUNSUPPORTED');
    expect(nas.received('list')).toEqual([]);
  });
});

describe('closing', () => {
  test('logs out, and no session stays open', async () => {
    const { nas, station } = await connect();
    await station.call(LIST);
    await station.close();
    expect(nas.received('logout')).toHaveLength(1);
    expect(nas.sessions).toBe(0);
  });

  test('during the login logs out that session', async () => {
    const { nas, station } = await connect();
    nas.fail({ on: { method: 'login' }, do: 'delay', ms: 100 });
    const call = errorOf(station.call(LIST));
    await until(() => nas.received('login').length > 0);
    await station.close();
    expect(isAborted(await call)).toBe(true);
    expect(nas.sessions).toBe(0);
  });

  test.each([['login'], ['list'], ['logout'], ['query']])(
    'takes less than a second when the NAS never answers a %s',
    async (method) => {
      const { nas, station } = await connect();
      if (method === 'logout') await station.call(LIST);
      nas.fail({ on: { method }, do: 'hang' });
      const call = method === 'logout' ? null : errorOf(station.call(LIST));
      if (call !== null)
        while (nas.received(method).length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
      const start = performance.now();
      await station.close();
      expect(performance.now() - start).toBeLessThan(1000);
      if (call !== null) expect(isAborted(await call)).toBe(true);
    },
  );

  test('an aborting caller ends its own call alone', async () => {
    const { nas, station } = await connect();
    nas.fail({ on: { method: 'login' }, do: 'delay', ms: 100 });
    const aborting = new AbortController();
    const aborted = errorOf(station.call({ ...LIST, signal: aborting.signal }));
    const kept = station.call(LIST);
    aborting.abort();
    expect(isAborted(await aborted)).toBe(true);
    await expect(kept).resolves.toMatchObject({ total: 5 });
  });
});
