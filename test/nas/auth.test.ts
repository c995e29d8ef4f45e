import { expect, test } from 'vitest';
import type { Account, Nas, NasOptions } from './index';
import { totp } from './otp';
import { field, login, nasForTest, post, sidOf, signedIn, word } from './test-client';
import type { Answer } from './test-client';

const ANNA = { name: 'anna', password: 'right' };
const asAnna = { account: 'anna', passwd: 'right' };
const withAnna = (flags: Partial<Account>, options: NasOptions = {}): Promise<Nas> =>
  nasForTest({ ...options, accounts: [{ ...ANNA, ...flags }] });

/** The answer of a session to a call that every account with a task may make. */
const list = (nas: Nas, sid: string, headers: Record<string, string> = {}): Promise<Answer> =>
  post(nas, { api: 'SYNO.ActiveBackup.Task', version: '1', method: 'list', _sid: sid }, headers);

test.each<{ when: string; account: Partial<Account>; sent?: Record<string, string>; code: number }>([
  { when: 'a wrong password', account: {}, sent: { passwd: 'wrong' }, code: 400 },
  { when: 'an unknown name', account: {}, sent: { account: 'nobody' }, code: 400 },
  { when: 'a disabled account', account: { disabled: true }, code: 401 },
  { when: 'an account not admitted', account: { notAdmitted: true }, code: 402 },
  {
    when: 'a plain account and a session name of its own',
    account: { admin: false },
    sent: { session: 'Mine' },
    code: 402,
  },
  { when: 'a delegated account without the desktop', account: { delegated: 'operator', desktop: false }, code: 402 },
  { when: 'a 2-factor account without a code', account: { otp: ['123456'] }, code: 403 },
  { when: 'a wrong code', account: { otp: ['123456'] }, sent: { otp_code: '654321' }, code: 404 },
  { when: 'the wrong portal', account: { wrongPortal: true }, code: 405 },
  { when: '2-factor enforced but not set up', account: { otpNotSetUp: true }, code: 406 },
  { when: 'a password expired for good', account: { passwordCannotChange: true }, code: 408 },
  { when: 'a password expired', account: { passwordExpired: true }, code: 409 },
  { when: 'a password to be changed', account: { passwordMustChange: true }, code: 410 },
  { when: 'a locked account', account: { locked: true }, code: 411 },
  { when: 'a disabled account and a wrong password', account: { disabled: true }, sent: { passwd: 'x' }, code: 400 },
])('$when is refused with $code', async ({ account, sent, code }) => {
  const nas = await withAnna(account);
  expect((await login(nas, { ...asAnna, ...sent })).error?.code).toBe(code);
  expect(nas.sessions).toBe(0);
});

test.each<{ when: string; account: Partial<Account>; session: string }>([
  { when: 'an administrator with a session name of its own', account: {}, session: 'Whatever' },
  { when: 'a delegated account as ActiveBackup', account: { delegated: 'operator' }, session: 'ActiveBackup' },
  { when: 'a plain account without a session name', account: { admin: false }, session: '' },
])('$when signs in', async ({ account, session }) => {
  const nas = await withAnna(account);
  expect(await login(nas, { ...asAnna, session })).toMatchObject({ success: true });
});

test.each<{ account: Partial<Account>; method: string; parameters: Record<string, string>; code: number | undefined }>([
  { account: {}, method: 'list', parameters: {}, code: undefined },
  { account: { admin: false }, method: 'list', parameters: {}, code: 105 },
  { account: { delegated: 'operator' }, method: 'list', parameters: {}, code: undefined },
  { account: { delegated: 'operator' }, method: 'backup', parameters: { task_ids: '[1]' }, code: undefined },
  { account: { delegated: 'operator' }, method: 'remove', parameters: { task_ids: '[1]' }, code: 1036 },
  { account: { delegated: 'manager' }, method: 'remove', parameters: { task_ids: '[1]' }, code: undefined },
  { account: { delegated: 'operator', taskIds: [2] }, method: 'backup', parameters: { task_ids: '[1]' }, code: 1011 },
])('with $account, Task.$method is answered $code', async ({ account, method, parameters, code }) => {
  const nas = await withAnna(account);
  const call = await signedIn(nas, asAnna);
  expect((await call('Task', method, {}, parameters)).error?.code).toBe(code);
});

test('a delegated account sees only its tasks', async () => {
  const call = await signedIn(await withAnna({ delegated: 'operator', taskIds: [2, 4] }), asAnna);
  expect((await call('Task', 'list')).data).toMatchObject({ total: 2, tasks: [{ task_id: 2 }, { task_id: 4 }] });
});

test.each([
  { version: '1', fields: [] },
  { version: '2', fields: ['sid'] },
  { version: '3', fields: ['is_portal_port', 'sid'] },
  { version: '6', fields: ['did', 'is_portal_port', 'sid'] },
  { version: '7', fields: ['account', 'device_id', 'ik_message', 'is_portal_port', 'sid', 'synotoken'] },
])('version $version answers with $fields', async ({ version, fields }) => {
  const { data } = await login(await nasForTest(), { version });
  expect(Object.keys(data as object).sort()).toEqual(fields);
});

test.each([{ format: 'cookie' }, {}])(
  'a login with format $format gets its sid as a cookie and in the body',
  async (asked) => {
    const nas = await nasForTest();
    const body = new URLSearchParams({
      api: 'SYNO.API.Auth',
      version: '6',
      method: 'login',
      account: 'admin',
      passwd: 'synology',
      ...asked,
    });
    const response = await fetch(`${nas.url}/webapi/entry.cgi`, { method: 'POST', body });
    const cookie = response.headers.get('set-cookie') ?? '';
    expect(cookie).toMatch(/^id=planted-sid-[\w-]+; path=\/; HttpOnly/);
    const sid = word(((await response.json()) as Answer).data, 'sid');
    expect(cookie).toContain(`id=${encodeURIComponent(sid)};`);
    const answer = await post(
      nas,
      { api: 'SYNO.ActiveBackup.Task', version: '1', method: 'list' },
      { Cookie: cookie.split(';')[0] ?? '' },
    );
    expect(answer).toMatchObject({ success: true });
    expect(await list(nas, sid)).toMatchObject({ success: true });
  },
);

test('2-factor: a login with a code makes the device trusted, which then needs no code until it is revoked', async () => {
  const nas = await withAnna({ otp: ['123456'] });
  const device = { device_name: 'Node-RED' };
  const refused = await login(nas, asAnna);
  expect(refused.error?.errors).toMatchObject({ token: expect.any(String) as string, types: [{ type: 'otp' }] });
  const paired = await login(nas, { ...asAnna, ...device, otp_code: '123456', enable_device_token: 'yes' });
  const token = word(paired.data, 'did');

  expect(await login(nas, { ...asAnna, ...device, device_id: token })).toMatchObject({ success: true });
  expect((await login(nas, { ...asAnna, device_id: token })).error?.code).toBe(403);
  expect((await login(nas, { ...asAnna, device_name: 'Other', device_id: token })).error?.code).toBe(403);
  nas.revokeDeviceTokens();
  expect((await login(nas, { ...asAnna, ...device, device_id: token })).error?.code).toBe(403);
});

test.each([
  { when: 'no device token asked for', sent: { device_name: 'Node-RED' } },
  { when: 'no device name', sent: { enable_device_token: 'yes' } },
])('2-factor with $when trusts no device', async ({ sent }) => {
  const nas = await withAnna({ otp: ['123456'] });
  const { data } = await login(nas, { ...asAnna, ...sent, otp_code: '123456' });
  const again = { ...asAnna, device_name: 'Node-RED', device_id: word(data, 'did') };
  expect((await login(nas, again)).error?.code).toBe(403);
});

test('an account without 2-factor gets the same device id of 86 characters at each login', async () => {
  const nas = await nasForTest();
  const first = field((await login(nas, { version: '7' })).data, 'device_id');
  expect(first).toHaveLength(86);
  expect(field((await login(nas, { version: '7' })).data, 'device_id')).toBe(first);
});

// RFC 6238, appendix B: SHA-1, the last six of its eight digits.
test.each([
  { seconds: 59, code: '287082' },
  { seconds: 1_111_111_109, code: '081804' },
  { seconds: 20_000_000_000, code: '353130' },
])('an authenticator shows $code at $seconds s', ({ seconds, code }) => {
  expect(totp('GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ', seconds * 1000)).toBe(code);
});

test('the current code of an authenticator signs in', async () => {
  const now = (): number => 59_000;
  const nas = await withAnna({ otp: 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ' }, { now });
  expect(await login(nas, { ...asAnna, otp_code: '287082' })).toMatchObject({ success: true });
  expect((await login(nas, { ...asAnna, otp_code: '081804' })).error?.code).toBe(404);
});

test('a SynoToken that was requested must come with every call', async () => {
  const nas = await nasForTest();
  const { data } = await login(nas, { enable_syno_token: 'yes' });
  const sid = word(data, 'sid');
  const token = word(data, 'synotoken');
  expect((await list(nas, sid)).error?.code).toBe(119);
  expect(await list(nas, sid, { 'X-SYNO-TOKEN': token })).toMatchObject({ success: true });
  const asParameter = { api: 'SYNO.ActiveBackup.Task', version: '1', method: 'list', _sid: sid, SynoToken: token };
  expect(await post(nas, asParameter)).toMatchObject({ success: true });
});

test.each([
  { when: 'none was asked for, the placeholder sent back does no harm', asked: {}, code: undefined },
  { when: 'one was asked for, the placeholder is not it', asked: { enable_syno_token: 'yes' }, code: 119 },
])('where $when', async ({ asked, code }) => {
  const nas = await nasForTest();
  const sid = await sidOf(login(nas, { version: '7', ...asked }));
  const placeholder = '--------';
  expect((await list(nas, sid, { 'X-SYNO-TOKEN': placeholder })).error?.code).toBe(code);
  const asParameter = {
    api: 'SYNO.ActiveBackup.Task',
    version: '1',
    method: 'list',
    _sid: sid,
    SynoToken: placeholder,
  };
  expect((await post(nas, asParameter)).error?.code).toBe(code);
});

test('a foreign SynoToken is refused in a session without one', async () => {
  const nas = await nasForTest();
  const sid = await sidOf(login(nas, { version: '7' }));
  expect((await list(nas, sid, { 'X-SYNO-TOKEN': 'made-up' })).error?.code).toBe(119);
});

test('the tenth failure within five minutes blocks the address, also for the right password', async () => {
  const nas = await nasForTest();
  const codes = [];
  for (let attempt = 0; attempt < 11; attempt += 1) codes.push((await login(nas, { passwd: 'wrong' })).error?.code);
  expect(codes).toEqual([...Array<number>(10).fill(400), 407]);
  expect((await login(nas)).error?.code).toBe(407);
  nas.seenAddress = '192.168.1.77';
  expect(await login(nas)).toMatchObject({ success: true });
  nas.seenAddress = null;
  nas.unblock();
  expect(await login(nas)).toMatchObject({ success: true });
});

test('failures further apart do not block; a block ends after `blockMinutes`', async () => {
  const nas = await nasForTest({ autoBlock: { attempts: 2, minutes: 5, blockMinutes: 60 } });
  await login(nas, { passwd: 'wrong' });
  nas.clock.advance(301);
  await login(nas, { passwd: 'wrong' });
  expect(await login(nas)).toMatchObject({ success: true });
  nas.blockClient();
  nas.clock.advance(3599);
  expect((await login(nas)).error?.code).toBe(407);
  nas.clock.advance(2);
  expect(await login(nas)).toMatchObject({ success: true });
});

test('account protection locks one account and no other', async () => {
  const accounts = [ANNA, { name: 'bert', password: 'right' }];
  const nas = await nasForTest({ accounts, accountProtection: { attempts: 2, minutes: 1, blockMinutes: 30 } });
  for (let attempt = 0; attempt < 2; attempt += 1) await login(nas, { account: 'anna', passwd: 'wrong' });
  expect((await login(nas, asAnna)).error?.code).toBe(411);
  expect(await login(nas, { account: 'bert', passwd: 'right' })).toMatchObject({ success: true });
});

test('logout without a sid succeeds and leaves the session open', async () => {
  const nas = await nasForTest();
  const sid = await sidOf(login(nas));
  const logout = { api: 'SYNO.API.Auth', version: '6', method: 'logout', session: 'ActiveBackup' };
  expect(await post(nas, logout)).toEqual({ success: true });
  expect(nas.sessions).toBe(1);
  expect(await post(nas, { ...logout, _sid: sid })).toEqual({ success: true });
  expect(nas.sessions).toBe(0);
  expect((await list(nas, sid)).error?.code).toBe(119);
});

test.each<{ when: string; options: NasOptions; endSession: (nas: Nas) => unknown; code: number }>([
  { when: 'was dropped', options: {}, endSession: (nas) => nas.dropSessions(), code: 119 },
  { when: 'was dropped as 105', options: {}, endSession: (nas) => nas.dropSessions(105), code: 105 },
  { when: 'was idle', options: { sessionIdleMinutes: 15 }, endSession: (nas) => nas.clock.advance(901), code: 106 },
  { when: 'was replaced', options: { oneSessionPerAccount: true }, endSession: (nas) => login(nas), code: 107 },
])('a session that $when gets $code', async ({ options, endSession, code }) => {
  const nas = await nasForTest(options);
  const sid = await sidOf(login(nas));
  expect(await list(nas, sid)).toMatchObject({ success: true });
  await endSession(nas);
  expect((await list(nas, sid)).error?.code).toBe(code);
});

test('a session used from another address gets 150', async () => {
  const nas = await nasForTest();
  const sid = await sidOf(login(nas));
  nas.seenAddress = '192.168.1.77';
  expect((await list(nas, sid)).error?.code).toBe(150);
});

test('a session in use does not time out', async () => {
  const nas = await nasForTest({ sessionIdleMinutes: 15 });
  const sid = await sidOf(login(nas));
  for (let quarter = 0; quarter < 4; quarter += 1) {
    nas.clock.advance(890);
    expect(await list(nas, sid)).toMatchObject({ success: true });
  }
  nas.clock.advance(901);
  expect(nas.sessions).toBe(0);
});
