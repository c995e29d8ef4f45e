import { expect, onTestFinished, test } from 'vitest';
import type { DiskStationOptions } from '../../src/dsm/diskstation';
import { DiskStationPool } from '../../src/dsm/diskstation-pool';
import { isAborted } from '../../src/dsm/transport';
import { startNas, type Nas } from '../nas';
import { errorOf, LIST } from './support';

async function nasAndOptions(): Promise<{ nas: Nas; options: DiskStationOptions }> {
  const nas = await startNas();
  onTestFinished(() => nas.close());
  const certificate = { verify: true, fingerprint: null };
  const account = { name: 'admin', password: 'synology' };
  return { nas, options: { url: new URL(nas.url), account, certificate, timeoutMs: 5000, retryPausesMs: [] } };
}

test('the last user gives the session back, and a close comes twice without harm', async () => {
  const { nas, options } = await nasAndOptions();
  const stations = new DiskStationPool();
  const [one, other] = [stations.open(options), stations.open(options)];
  await Promise.all([one.call(LIST), other.call(LIST)]);
  await Promise.all([one.close(), one.close()]);
  expect(nas.sessions).toBe(1);
  await other.call(LIST);
  await other.close();
  expect(nas.sessions).toBe(0);
  expect(nas.received('login')).toHaveLength(1);
});

test('a user that closes ends its own calls alone', async () => {
  const { nas, options } = await nasAndOptions();
  const stations = new DiskStationPool();
  const [one, other] = [stations.open(options), stations.open(options)];
  nas.fail({ on: { method: 'list' }, do: 'delay', ms: 100 });
  const [ended, kept] = [errorOf(one.call(LIST)), other.call(LIST)];
  await one.close();
  expect(isAborted(await ended)).toBe(true);
  await expect(kept).resolves.toMatchObject({ total: 5 });
  expect(isAborted(await errorOf(one.call(LIST)))).toBe(true);
  await other.close();
});

test('each user has its own time limit', async () => {
  const { nas, options } = await nasAndOptions();
  const stations = new DiskStationPool();
  const [patient, hasty] = [stations.open(options), stations.open({ ...options, timeoutMs: 50 })];
  await patient.call(LIST);
  nas.fail({ on: { method: 'list' }, do: 'delay', ms: 200 });
  expect(await errorOf(hasty.call(LIST))).toMatchObject({ code: 'EUNREACHABLE', cause: { reason: 'ETIMEDOUT' } });
  await expect(patient.call(LIST)).resolves.toMatchObject({ total: 5 });
  await Promise.all([patient.close(), hasty.close()]);
});

test.each<[string, Partial<DiskStationOptions>]>([
  ['password', { account: { name: 'admin', password: 'other' } }],
  ['certificate rule', { certificate: { verify: false, fingerprint: null } }],
])('another %s is another connection', async (_, changed) => {
  const { nas, options } = await nasAndOptions();
  const stations = new DiskStationPool();
  const [one, other] = [stations.open(options), stations.open({ ...options, ...changed })];
  await Promise.all([one.call(LIST), other.call(LIST).catch(() => null)]);
  expect(nas.received('login')).toHaveLength(2);
  await Promise.all([one.close(), other.close()]);
});
