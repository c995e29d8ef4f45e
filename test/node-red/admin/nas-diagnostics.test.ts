import { describe, expect, test } from 'vitest';
import type { AdminResponse } from '../../../src/node-red/admin/responses';
import { PLANTED_SECRETS, type Nas } from '../../nas/index';
import { ACCOUNT, flowOf, helper, load, nasConfig, simulatedNas } from '../../nodes/support';

const NAME = 'Owner of this NAS';

async function deploy(nas: Nas, properties: Record<string, unknown> = {}, account = ACCOUNT): Promise<void> {
  await load([], flowOf({ type: 'helper' }, [nasConfig(nas, { name: NAME, ...properties })]), { nas: account });
}

async function diagnostics(id = 'nas'): Promise<{ nas: Record<string, unknown> | null } & Record<string, unknown>> {
  const { body } = await helper.request().get(`/active-backup/nas/${id}/diagnostics`);
  const response = body as AdminResponse<Awaited<ReturnType<typeof diagnostics>>>;
  if (!response.ok) throw new Error(response.error.message);
  return response.result;
}

describe('the diagnostics of a NAS', () => {
  test('have versions, capabilities, counts and the structure of answers', async () => {
    await deploy(await simulatedNas());
    const { nas, ...installation } = await diagnostics();
    expect(installation).toEqual({
      package: expect.stringMatching(/^node-red-contrib-synology-active-backup \d/) as string,
      nodeRed: null, // the test helper has no version
      node: process.version,
      platform: `${process.platform} ${process.arch}`,
      nodes: { 'active-backup-nas': 1 },
    });
    expect(nas).toMatchObject({
      connection: { protocol: 'http:', verify: true, pinned: false, tls: false },
      versions: { model: 'DS923+', dsmVersion: 'DSM 7.2.1-69057 Update 5', rights: 'administrator' },
      apis: { 'SYNO.ActiveBackup.Task': expect.stringMatching(/^1-/) as string },
      counts: { tasks: 5, byType: { pc: expect.any(Number) as number }, storages: 1 },
      answers: { 'Task.list': { tasks: { 'list of 5': { task_id: 'number', task_name: 'string' } } } },
      errors: [],
    });
  });

  test('have no name, address, serial number or secret', async () => {
    const account = { username: 'anna.mueller', password: 'Geh€im' };
    const nas = await simulatedNas({
      accounts: [{ name: account.username, password: account.password, admin: true }],
    });
    await deploy(nas, {}, account);
    nas.fail({ on: { api: 'SYNO.ActiveBackup.Share' }, do: 'refuse', code: 105 });
    const text = JSON.stringify([await diagnostics(), await diagnostics()]);
    const names = [
      ...nas.state.tasks.map(({ name }) => name),
      ...[...nas.state.devices.values()].map(({ hostName }) => hostName),
    ];
    const forbidden = [
      NAME,
      nas.host,
      String(nas.port),
      nas.state.serialNumber,
      'simulated-nas',
      'ActiveBackupforBusiness',
    ];
    for (const each of [...names, ...forbidden, ...PLANTED_SECRETS, ...Object.values(account)]) {
      expect(text).not.toContain(each);
    }
  });

  test('have the errors of earlier calls by code, the latest first, each once', async () => {
    const nas = await simulatedNas();
    await deploy(nas);
    const admit = nas.fail({ on: { api: 'SYNO.ActiveBackup.Task' }, do: 'refuse', code: 105 });
    for (let i = 0; i < 2; i += 1) await helper.request().get('/active-backup/nas/nas/tasks');
    admit();
    const { nas: described } = await diagnostics();
    expect(described?.['errors']).toMatchObject([
      { code: 'EPERMISSION', call: 'SYNO.ActiveBackup.Task.list', dsmCode: 105, reason: null, count: 2 },
    ]);
  });

  test('describe what cannot be read by its error', async () => {
    const nas = await simulatedNas();
    await deploy(nas, { timeout: 2 });
    await nas.close();
    const { nas: described } = await diagnostics();
    const failed = { error: 'EUNREACHABLE', dsmCode: null, reason: 'ECONNREFUSED' };
    expect(described).toMatchObject({
      versions: failed,
      apis: failed,
      counts: failed,
      answers: { 'Task.list': failed },
    });
  });

  test('of a NAS that is not deployed have the versions of the installation alone', async () => {
    await deploy(await simulatedNas());
    expect(await diagnostics('new')).toMatchObject({ node: process.version, nas: null });
  });
});
