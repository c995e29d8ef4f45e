import { expect, test } from 'vitest';
import type { AdminResponse, PickerItem } from '../../../src/node-red/admin/responses';
import { STORED_PASSWORD } from '../../../src/settings/nas-settings';
import type { Nas } from '../../nas/index';
import { ACCOUNT, flowOf, helper, load, nasConfig, simulatedNas } from '../../nodes/support';

const none = { type: 'helper' };

async function deploy(nas: Nas): Promise<void> {
  await load([], flowOf(none, [nasConfig(nas)]));
}

function form(nas: Pick<Nas, 'host' | 'port'>, credentials: object = ACCOUNT, id = 'new'): object {
  return {
    id,
    host: nas.host,
    port: String(nas.port),
    https: false,
    verifyCertificate: true,
    timeout: '5',
    credentials,
  };
}

async function list(name: string, body: object): Promise<AdminResponse<PickerItem[]>> {
  const response = await helper.request().post(`/active-backup/nas/unsaved/${name}`).send(body);
  return response.body as AdminResponse<PickerItem[]>;
}

test.each([
  ['tasks', 'Reception PC'],
  ['devices', 'ANNA-XPS'],
  ['shares', 'ActiveBackupforBusiness'],
  ['storages', 'ActiveBackupforBusiness'],
])('%s of a NAS that is not deployed are listed, and no session is left', async (name, label) => {
  const [deployed, nas] = [await simulatedNas(), await simulatedNas()];
  await deploy(deployed);
  const response = await list(name, form(nas));
  if (!response.ok) throw new Error(response.error.message);
  expect(response.result.some((item) => item.label.includes(label))).toBe(true);
  expect(nas.sessions).toBe(0);
  expect(deployed.requests).toEqual([]);
});

test('a login that was refused is not attempted again, which would count for Auto Block', async () => {
  const nas = await simulatedNas();
  await deploy(nas);
  const wrong = form(nas, { ...ACCOUNT, password: 'wrong' });
  expect(await list('tasks', wrong)).toMatchObject({ ok: false, error: { code: 'EAUTH' } });
  expect(await list('tasks', wrong)).toMatchObject({ ok: false, error: { code: 'EAUTH' } });
  expect(nas.received('login')).toHaveLength(1);
});

test('the stored password is not sent to another address', async () => {
  const [nas, other] = [await simulatedNas(), await simulatedNas()];
  await deploy(nas);
  const stored = { username: 'admin', password: STORED_PASSWORD };
  expect(await list('tasks', form(other, stored, 'nas'))).toMatchObject({ ok: false, error: { code: 'ECONFIG' } });
  expect(other.requests).toEqual([]);
  expect(await list('tasks', form(nas, stored, 'nas'))).toMatchObject({ ok: true });
});
