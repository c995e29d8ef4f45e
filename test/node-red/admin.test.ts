import { describe, expect, test } from 'vitest';
import type { AdminResponse } from '../../src/node-red/admin/responses';
import { STORED_PASSWORD } from '../../src/settings/nas-settings';
import type { PickerItem } from '../../src/node-red/admin/lists';
import type { ConnectionTest } from '../../src/node-red/admin/test-connection';
import type { ServerCertificate } from '../../src/dsm/server-certificate';
import type { Nas } from '../nas';
import { ACCOUNT, helper, load, nasConfig, simulatedNas } from '../nodes/support';

/** A Node-RED with a deployed NAS node and nothing else. */
async function deployed(nas: Nas, properties: Record<string, unknown> = {}, credentials = ACCOUNT): Promise<void> {
  const none = { id: 'n', type: 'helper', z: 'flow', wires: [] };
  const out = ['caught', 'completed', 'statuses'].map((id) => ({ ...none, id }));
  const flow = [{ id: 'flow', type: 'tab' }, nasConfig(nas, properties), none, ...out] as never;
  await load([], flow, { nas: credentials });
}

/** What the NAS dialog sends: the values in its form. */
function form(
  nas: Pick<Nas, 'host' | 'port'>,
  values: Record<string, unknown> = {},
  credentials: object = ACCOUNT,
): object {
  const { host, port } = nas;
  return { id: 'nas', host, port, https: false, verifyCertificate: true, credentials, ...values };
}

async function ask<T>(question: string, body: object): Promise<AdminResponse<T>> {
  const response = await helper.request().post(`/active-backup/nas/${question}`).send(body);
  expect(response.status).toBe(200);
  return response.body as AdminResponse<T>;
}

async function list(name: string, id = 'nas'): Promise<AdminResponse<PickerItem[]>> {
  return (await helper.request().get(`/active-backup/nas/${id}/${name}`)).body as AdminResponse<PickerItem[]>;
}

describe('test connection', () => {
  test('says what is there, and leaves no session behind', async () => {
    const nas = await simulatedNas();
    await deployed(nas);
    expect(await ask<ConnectionTest>('test', form(nas))).toEqual({
      ok: true,
      result: {
        model: 'DS923+',
        dsmVersion: 'DSM 7.2.1-69057 Update 5',
        activeBackupVersion: '3.2.0-25051',
        hostName: 'simulated-nas',
        serialNumber: nas.state.serialNumber,
        taskCount: 5,
        rights: 'administrator',
        roundTripMs: expect.any(Number) as number,
      },
    });
    expect(nas.sessions).toBe(0);
    expect(nas.received('login')).toHaveLength(1);
  });

  test('of an account without administrator rights leaves out what only administrators may know', async () => {
    const nas = await simulatedNas({ accounts: [{ name: 'op', password: 'x', admin: false, delegated: 'operator' }] });
    await deployed(nas);
    expect(await ask('test', form(nas, {}, { username: 'op', password: 'x' }))).toMatchObject({
      ok: true,
      result: { model: null, dsmVersion: null, activeBackupVersion: null, rights: 'delegated' },
    });
  });

  test.each([
    ['a wrong password', {}, { ...ACCOUNT, password: 'wrong' }, 'EAUTH'],
    ['no password', {}, { username: 'admin' }, 'ECONFIG'],
    ['no host', { host: '' }, ACCOUNT, 'ECONFIG'],
    ['a port where nobody listens', { port: 1 }, ACCOUNT, 'EUNREACHABLE'],
    ['an unresolved variable', { host: '${NOT_SET_ANYWHERE}' }, ACCOUNT, 'ECONFIG'],
  ])('with %s says so, in words', async (_, values, credentials, code) => {
    const nas = await simulatedNas();
    await deployed(nas);
    expect(await ask('test', form(nas, values, credentials))).toMatchObject({ ok: false, error: { code } });
    expect(nas.received('login').length).toBeLessThanOrEqual(1);
  });

  test('of a NAS with a self-signed certificate says so in a word that programs understand', async () => {
    const nas = await simulatedNas({ https: true });
    await deployed(nas);
    expect(await ask('test', form(nas, { https: true }))).toMatchObject({
      ok: false,
      error: { code: 'EUNREACHABLE', reason: 'DEPTH_ZERO_SELF_SIGNED_CERT' },
    });
    expect(nas.requests).toEqual([]);
  });

  test('of a NAS that answers HTML says that this is not DSM', async () => {
    const nas = await simulatedNas();
    await deployed(nas);
    nas.fail({ do: 'html' });
    expect(await ask('test', form(nas))).toMatchObject({ ok: false, error: { code: 'ERESPONSE' } });
    expect(nas.requests).toHaveLength(1);
  });

  test('that succeeds lets the deployed node log in again after a refusal', async () => {
    const nas = await simulatedNas();
    await deployed(nas);
    const admit = nas.fail({ on: { method: 'login' }, do: 'refuse', code: 401 });
    expect(await list('tasks')).toMatchObject({ ok: false, error: { code: 'EAUTH' } });
    admit();
    expect(await list('tasks')).toMatchObject({ ok: false, error: { code: 'EAUTH' } });
    await ask('test', form(nas));
    expect(await list('tasks')).toMatchObject({ ok: true });
  });
});

test('a test is made although the sign-in was refused before, and its refusal holds for the deployed node', async () => {
  const nas = await simulatedNas();
  await deployed(nas, {}, { ...ACCOUNT, password: 'wrong' });
  await list('tasks');
  const again = form(nas, {}, { ...ACCOUNT, password: 'wrong' });
  expect(await ask('test', again)).toMatchObject({ ok: false, error: { code: 'EAUTH' } });
  expect(nas.received('login')).toHaveLength(2);
  await list('tasks');
  expect(nas.received('login')).toHaveLength(2);
});

describe('a stored password', () => {
  const stored = { username: 'admin', password: STORED_PASSWORD };

  test('is used for the address it was deployed for', async () => {
    const nas = await simulatedNas();
    await deployed(nas);
    expect(await ask('test', form(nas, {}, stored))).toMatchObject({ ok: true });
  });

  test.each([['host'], ['port'], ['https']])(
    'is asked for again when the %s differs, and nothing is sent',
    async (changed) => {
      const nas = await simulatedNas();
      const other = await simulatedNas();
      await deployed(nas);
      const values = { host: { host: 'localhost' }, port: { port: other.port }, https: { https: true } }[changed];
      expect(await ask('test', form(nas, values, stored))).toMatchObject({
        ok: false,
        error: { code: 'ECONFIG', message: expect.stringMatching(/password again/) as string },
      });
      expect([...nas.requests, ...other.requests]).toEqual([]);
    },
  );

  test.each<[string, Record<string, unknown>, Record<string, unknown>]>([
    ['pinned', { fingerprint: 'PIN' }, { verifyCertificate: false }],
    ['pinned', { fingerprint: 'PIN' }, { fingerprint: '0'.repeat(64) }],
    ['checked', {}, { verifyCertificate: false }],
  ])('deployed for a %s certificate goes to no other: %j, not %j', async (_, deployedWith, asked) => {
    const nas = await simulatedNas({ https: true });
    const pin = nas.certificate?.fingerprint;
    await deployed(nas, {
      https: true,
      ...deployedWith,
      ...(deployedWith['fingerprint'] !== undefined && { fingerprint: pin }),
    });
    expect(await ask('test', form(nas, { https: true, ...asked }, stored))).toMatchObject({
      ok: false,
      error: { code: 'ECONFIG', message: expect.stringMatching(/password again/) as string },
    });
    expect(nas.requests).toEqual([]);
    if (pin === undefined || deployedWith['fingerprint'] === undefined) return;
    expect(await ask('test', form(nas, { https: true, fingerprint: pin }, stored))).toMatchObject({ ok: true });
  });

  test('of a node that is not deployed does not exist', async () => {
    const nas = await simulatedNas();
    await deployed(nas);
    expect(await ask('test', form(nas, { id: 'new' }, stored))).toMatchObject({
      ok: false,
      error: { code: 'ECONFIG' },
    });
    expect(nas.requests).toEqual([]);
  });

  test('is in no answer', async () => {
    const nas = await simulatedNas();
    await deployed(nas);
    const replies = [await ask('test', form(nas, {}, stored)), await list('tasks'), await list('devices')];
    expect(JSON.stringify(replies)).not.toMatch(/"synology"|planted|agent_token/);
  });
});

describe('pairing a 2-factor account', () => {
  const OTP = '123456';
  const withOtp = { accounts: [{ name: 'admin', password: 'synology', otp: [OTP] }] };

  test('is asked for by the test, turns the code into a token, and the token logs in', async () => {
    const nas = await simulatedNas(withOtp);
    await deployed(nas);
    expect(await ask('test', form(nas))).toMatchObject({ ok: false, error: { code: 'EOTP', dsmCode: 403 } });
    const paired = await ask<{ deviceId: string }>('pair', form(nas, { code: OTP }));
    if (!paired.ok) throw new Error(paired.error.message);
    expect(nas.sessions).toBe(0);
    const { deviceId } = paired.result;
    expect(await ask('test', form(nas, {}, { ...ACCOUNT, deviceId }))).toMatchObject({ ok: true });
  });

  test.each([
    ['a wrong code', '000000', 'EOTP', 404],
    ['no code', '', 'EPARAM', null],
    ['letters', 'abcdef', 'EPARAM', null],
  ])('with %s says so', async (_, code, error, dsmCode) => {
    const nas = await simulatedNas(withOtp);
    await deployed(nas);
    expect(await ask('pair', form(nas, { code }))).toMatchObject({ ok: false, error: { code: error, dsmCode } });
  });
});

describe('the certificate', () => {
  test('is read without sending anything', async () => {
    const nas = await simulatedNas({ https: true });
    await deployed(nas);
    const reply = await ask<ServerCertificate>('certificate', { ...form(nas, { https: true }), credentials: {} });
    expect(reply).toMatchObject({ ok: true, result: { fingerprint: nas.certificate?.fingerprint, selfSigned: true } });
    expect(nas.requests).toEqual([]);
  });

  test.each([
    ['without https', { https: false }, 'ECONFIG'],
    ['of a port where nobody listens', { https: true, port: 1 }, 'EUNREACHABLE'],
  ])('%s is an error in words', async (_, values, code) => {
    const nas = await simulatedNas();
    await deployed(nas);
    expect(await ask('certificate', form(nas, values))).toMatchObject({ ok: false, error: { code } });
  });
});

describe('lists to choose from', () => {
  test.each(['tasks', 'devices', 'shares', 'storages'])('%s have a value and a label, sorted', async (name) => {
    const nas = await simulatedNas();
    await deployed(nas);
    const reply = await list(name);
    if (!reply.ok) throw new Error(reply.error.message);
    expect(reply.result.length).toBeGreaterThan(0);
    const labels = reply.result.map(({ label }) => label);
    expect(labels).toEqual([...labels].sort((one, other) => one.localeCompare(other)));
    for (const { value, label } of reply.result) expect([value, label]).not.toContain('');
  });

  test('a task tells its type, last result and next run', async () => {
    const nas = await simulatedNas();
    await deployed(nas);
    const reply = await list('tasks');
    expect(reply.ok && reply.result.find(({ value }) => value === 4)).toMatchObject({
      type: 'file_server',
      result: 'failed',
    });
  });

  test('of a NAS that is not deployed are an error in words', async () => {
    const nas = await simulatedNas();
    await deployed(nas);
    expect(await list('tasks', 'gone')).toMatchObject({ ok: false, error: { code: 'ECONFIG' } });
  });
});
