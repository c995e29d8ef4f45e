import { describe, expect, test } from 'vitest';
import type { AdminResponse, PickerItem } from '../../../src/node-red/admin/responses';
import { STORED_PASSWORD } from '../../../src/settings/nas-settings';
import type { ConnectionTest } from '../../../src/node-red/admin/test-connection';
import type { ServerCertificate } from '../../../src/dsm/server-certificate';
import type { Nas } from '../../nas/index';
import { ACCOUNT, helper, load, nasConfig, simulatedNas } from '../../nodes/support';

/** Deploys a NAS node and nothing else. */
async function deploy(nas: Nas, properties: Record<string, unknown> = {}, credentials = ACCOUNT): Promise<void> {
  const none = { id: 'n', type: 'helper', z: 'flow', wires: [] };
  const out = ['caught', 'completed', 'statuses'].map((id) => ({ ...none, id }));
  const flow = [{ id: 'flow', type: 'tab' }, nasConfig(nas, properties), none, ...out] as never;
  await load([], flow, { nas: credentials });
}

/** The values of the form of the NAS dialog, as it sends them. */
function form(
  nas: Pick<Nas, 'host' | 'port'>,
  values: Record<string, unknown> = {},
  credentials: object = ACCOUNT,
): object {
  const { host, port } = nas;
  return { id: 'nas', host, port, https: false, verifyCertificate: true, credentials, ...values };
}

async function post<T>(action: string, body: object): Promise<AdminResponse<T>> {
  const response = await helper.request().post(`/active-backup/nas/${action}`).send(body);
  expect(response.status).toBe(200);
  return response.body as AdminResponse<T>;
}

async function list(name: string, id = 'nas'): Promise<AdminResponse<PickerItem[]>> {
  return (await helper.request().get(`/active-backup/nas/${id}/${name}`)).body as AdminResponse<PickerItem[]>;
}

describe('the connection test', () => {
  test('returns model, versions and rights, and leaves no session', async () => {
    const nas = await simulatedNas();
    await deploy(nas);
    expect(await post<ConnectionTest>('test', form(nas))).toEqual({
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

  test('of an account without administrator rights returns null for the values that need them', async () => {
    const nas = await simulatedNas({ accounts: [{ name: 'op', password: 'x', admin: false, delegated: 'operator' }] });
    await deploy(nas);
    expect(await post('test', form(nas, {}, { username: 'op', password: 'x' }))).toMatchObject({
      ok: true,
      result: { model: null, dsmVersion: null, activeBackupVersion: null, rights: 'delegated' },
    });
  });

  test.each([
    ['a wrong password', {}, { ...ACCOUNT, password: 'wrong' }, 'EAUTH'],
    ['no password', {}, { username: 'admin' }, 'ECONFIG'],
    ['no host', { host: '' }, ACCOUNT, 'ECONFIG'],
    ['a closed port', { port: 1 }, ACCOUNT, 'EUNREACHABLE'],
    ['an unresolved variable', { host: '${NOT_SET_ANYWHERE}' }, ACCOUNT, 'ECONFIG'],
  ])('with %s returns the error', async (_, values, credentials, code) => {
    const nas = await simulatedNas();
    await deploy(nas);
    expect(await post('test', form(nas, values, credentials))).toMatchObject({ ok: false, error: { code } });
    expect(nas.received('login').length).toBeLessThanOrEqual(1);
  });

  test('of a NAS with a self-signed certificate returns the code of the error', async () => {
    const nas = await simulatedNas({ https: true });
    await deploy(nas);
    expect(await post('test', form(nas, { https: true }))).toMatchObject({
      ok: false,
      error: { code: 'EUNREACHABLE', reason: 'DEPTH_ZERO_SELF_SIGNED_CERT' },
    });
    expect(nas.requests).toEqual([]);
  });

  test('of a server that answers HTML returns ERESPONSE', async () => {
    const nas = await simulatedNas();
    await deploy(nas);
    nas.fail({ do: 'html' });
    expect(await post('test', form(nas))).toMatchObject({ ok: false, error: { code: 'ERESPONSE' } });
    expect(nas.requests).toHaveLength(1);
  });

  test('that succeeds allows the deployed node to log in again after a refusal', async () => {
    const nas = await simulatedNas();
    await deploy(nas);
    const admit = nas.fail({ on: { method: 'login' }, do: 'refuse', code: 401 });
    expect(await list('tasks')).toMatchObject({ ok: false, error: { code: 'EAUTH' } });
    admit();
    expect(await list('tasks')).toMatchObject({ ok: false, error: { code: 'EAUTH' } });
    await post('test', form(nas));
    expect(await list('tasks')).toMatchObject({ ok: true });
  });
});

test('a connection test logs in although the login was refused before, and its refusal applies to the deployed node', async () => {
  const nas = await simulatedNas();
  await deploy(nas, {}, { ...ACCOUNT, password: 'wrong' });
  await list('tasks');
  const again = form(nas, {}, { ...ACCOUNT, password: 'wrong' });
  expect(await post('test', again)).toMatchObject({ ok: false, error: { code: 'EAUTH' } });
  expect(nas.received('login')).toHaveLength(2);
  await list('tasks');
  expect(nas.received('login')).toHaveLength(2);
});

describe('a stored password', () => {
  const stored = { username: 'admin', password: STORED_PASSWORD };

  test('is used for the address it was deployed for', async () => {
    const nas = await simulatedNas();
    await deploy(nas);
    expect(await post('test', form(nas, {}, stored))).toMatchObject({ ok: true });
  });

  test.each([['host'], ['port'], ['https']])(
    'must be entered again when the %s differs, and nothing is sent',
    async (changed) => {
      const nas = await simulatedNas();
      const other = await simulatedNas();
      await deploy(nas);
      const values = { host: { host: 'localhost' }, port: { port: other.port }, https: { https: true } }[changed];
      expect(await post('test', form(nas, values, stored))).toMatchObject({
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
  ])('deployed for a %s certificate is sent to no other: %j, not %j', async (_, deployedWith, values) => {
    const nas = await simulatedNas({ https: true });
    const pin = nas.certificate?.fingerprint;
    await deploy(nas, {
      https: true,
      ...deployedWith,
      ...(deployedWith['fingerprint'] !== undefined && { fingerprint: pin }),
    });
    expect(await post('test', form(nas, { https: true, ...values }, stored))).toMatchObject({
      ok: false,
      error: { code: 'ECONFIG', message: expect.stringMatching(/password again/) as string },
    });
    expect(nas.requests).toEqual([]);
    if (pin === undefined || deployedWith['fingerprint'] === undefined) return;
    expect(await post('test', form(nas, { https: true, fingerprint: pin }, stored))).toMatchObject({ ok: true });
  });

  test('of a node that is not deployed is an error', async () => {
    const nas = await simulatedNas();
    await deploy(nas);
    expect(await post('test', form(nas, { id: 'new' }, stored))).toMatchObject({
      ok: false,
      error: { code: 'ECONFIG' },
    });
    expect(nas.requests).toEqual([]);
  });

  test('is in no response', async () => {
    const nas = await simulatedNas();
    await deploy(nas);
    const responses = [await post('test', form(nas, {}, stored)), await list('tasks'), await list('devices')];
    expect(JSON.stringify(responses)).not.toMatch(/"synology"|planted|agent_token/);
  });
});

describe('pairing a 2-factor account', () => {
  const OTP = '123456';
  const withOtp = { accounts: [{ name: 'admin', password: 'synology', otp: [OTP] }] };

  test('is required by the connection test, exchanges the code for a token, and the token logs in', async () => {
    const nas = await simulatedNas(withOtp);
    await deploy(nas);
    expect(await post('test', form(nas))).toMatchObject({ ok: false, error: { code: 'EOTP', dsmCode: 403 } });
    const paired = await post<{ deviceId: string }>('pair', form(nas, { code: OTP }));
    if (!paired.ok) throw new Error(paired.error.message);
    expect(nas.sessions).toBe(0);
    const { deviceId } = paired.result;
    expect(await post('test', form(nas, {}, { ...ACCOUNT, deviceId }))).toMatchObject({ ok: true });
  });

  test.each([
    ['a wrong code', '000000', 'EOTP', 404],
    ['no code', '', 'EPARAM', null],
    ['letters', 'abcdef', 'EPARAM', null],
  ])('with %s is an error', async (_, code, error, dsmCode) => {
    const nas = await simulatedNas(withOtp);
    await deploy(nas);
    expect(await post('pair', form(nas, { code }))).toMatchObject({ ok: false, error: { code: error, dsmCode } });
  });
});

describe('the certificate', () => {
  test('is read without sending anything', async () => {
    const nas = await simulatedNas({ https: true });
    await deploy(nas);
    const response = await post<ServerCertificate>('certificate', { ...form(nas, { https: true }), credentials: {} });
    expect(response).toMatchObject({
      ok: true,
      result: { fingerprint: nas.certificate?.fingerprint, selfSigned: true },
    });
    expect(nas.requests).toEqual([]);
  });

  test.each([
    ['without https', { https: false }, 'ECONFIG'],
    ['of a closed port', { https: true, port: 1 }, 'EUNREACHABLE'],
  ])('%s is an error', async (_, values, code) => {
    const nas = await simulatedNas();
    await deploy(nas);
    expect(await post('certificate', form(nas, values))).toMatchObject({ ok: false, error: { code } });
  });
});

describe('the lists of pickers', () => {
  test.each(['tasks', 'devices', 'shares', 'storages'])('%s have a value and a label, sorted', async (name) => {
    const nas = await simulatedNas();
    await deploy(nas);
    const response = await list(name);
    if (!response.ok) throw new Error(response.error.message);
    expect(response.result.length).toBeGreaterThan(0);
    const labels = response.result.map(({ label }) => label);
    expect(labels).toEqual([...labels].sort((one, other) => one.localeCompare(other)));
    for (const { value, label } of response.result) expect([value, label]).not.toContain('');
  });

  test('contain type, last result and next run of a task', async () => {
    const nas = await simulatedNas();
    await deploy(nas);
    const response = await list('tasks');
    expect(response.ok && response.result.find(({ value }) => value === 4)).toMatchObject({
      type: 'file_server',
      result: 'failed',
    });
  });

  test('of a NAS that is not deployed are an error', async () => {
    const nas = await simulatedNas();
    await deploy(nas);
    expect(await list('tasks', 'gone')).toMatchObject({ ok: false, error: { code: 'ECONFIG' } });
  });
});
