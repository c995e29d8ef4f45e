import { expect, onTestFinished, test } from 'vitest';
import type { DiskStationOptions } from '../../src/dsm/diskstation';
import { DiskStationPool } from '../../src/dsm/diskstation-pool';
import { isAborted } from '../../src/dsm/transport';
import { startNas, type Nas } from '../nas/index';
import { errorOf, LIST } from './support';

async function nasAndOptions(): Promise<{ nas: Nas; options: DiskStationOptions }> {
  const nas = await startNas();
  onTestFinished(() => nas.close());
  const certificate = { verify: true, fingerprint: null };
  const account = { name: 'admin', password: 'synology' };
  return { nas, options: { url: new URL(nas.url), account, certificate, timeoutMs: 5000, retryPausesMs: [] } };
}

test('closing the last handle logs out, and a second close has no effect', async () => {
  const { nas, options } = await nasAndOptions();
  const pool = new DiskStationPool();
  const [one, other] = [pool.open(options), pool.open(options)];
  await Promise.all([one.call(LIST), other.call(LIST)]);
  await Promise.all([one.close(), one.close()]);
  expect(nas.sessions).toBe(1);
  await other.call(LIST);
  await other.close();
  expect(nas.sessions).toBe(0);
  expect(nas.received('login')).toHaveLength(1);
});

test('closing a handle aborts its own calls alone', async () => {
  const { nas, options } = await nasAndOptions();
  const pool = new DiskStationPool();
  const [one, other] = [pool.open(options), pool.open(options)];
  nas.fail({ on: { method: 'list' }, do: 'delay', ms: 100 });
  const [ended, kept] = [errorOf(one.call(LIST)), other.call(LIST)];
  await one.close();
  expect(isAborted(await ended)).toBe(true);
  await expect(kept).resolves.toMatchObject({ total: 5 });
  expect(isAborted(await errorOf(one.call(LIST)))).toBe(true);
  await other.close();
});

test('each handle has its own time limit', async () => {
  const { nas, options } = await nasAndOptions();
  const pool = new DiskStationPool();
  const [slow, fast] = [pool.open(options), pool.open({ ...options, timeoutMs: 50 })];
  await slow.call(LIST);
  nas.fail({ on: { method: 'list' }, do: 'delay', ms: 200 });
  expect(await errorOf(fast.call(LIST))).toMatchObject({ code: 'EUNREACHABLE', cause: { reason: 'ETIMEDOUT' } });
  await expect(slow.call(LIST)).resolves.toMatchObject({ total: 5 });
  await Promise.all([slow.close(), fast.close()]);
});

test.each<[string, Partial<DiskStationOptions>]>([
  ['password', { account: { name: 'admin', password: 'other' } }],
  ['certificate policy', { certificate: { verify: false, fingerprint: null } }],
])('another %s opens another connection', async (_, changed) => {
  const { nas, options } = await nasAndOptions();
  const pool = new DiskStationPool();
  const [one, other] = [pool.open(options), pool.open({ ...options, ...changed })];
  await Promise.all([one.call(LIST), other.call(LIST).catch(() => null)]);
  expect(nas.received('login')).toHaveLength(2);
  await Promise.all([one.close(), other.close()]);
});
