import { describe, expect, test } from 'vitest';
import { normalFingerprint } from '../../src/dsm/certificate';
import { connect, errorOf, LIST } from './support';

describe('a NAS with a self-signed certificate', () => {
  test('is refused by default, and no request reaches it', async () => {
    const { nas, station } = await connect({ https: true }, { certificate: { verify: true, fingerprint: null } });
    const error = await errorOf(station.call(LIST));
    expect(error).toMatchObject({ code: 'EUNREACHABLE', cause: { reason: 'DEPTH_ZERO_SELF_SIGNED_CERT' } });
    expect(error.message).toContain('fingerprint');
    expect(nas.requests).toEqual([]);
  });

  test('is accepted with the right fingerprint, on pooled connections and on new ones', async () => {
    const { nas, station } = await connect({ https: true });
    await station.call(LIST);
    await station.call({ ...LIST, changes: true });
    expect(nas.received('list')).toHaveLength(2);
  });

  test('is refused with a wrong fingerprint before a byte of the request is sent', async () => {
    const fingerprint = '0'.repeat(64);
    const { nas, station } = await connect({ https: true }, { certificate: { verify: false, fingerprint } });
    const error = await errorOf(station.call(LIST));
    expect(error).toMatchObject({ code: 'EUNREACHABLE', cause: { reason: 'ERR_FINGERPRINT' } });
    expect(nas.requests).toEqual([]);
  });

  test('is accepted without verification', async () => {
    const { station } = await connect({ https: true }, { certificate: { verify: false, fingerprint: null } });
    await expect(station.call(LIST)).resolves.toMatchObject({ total: 5 });
  });

  test('is accepted when a TLS configuration trusts it', async () => {
    const { nas } = await connect({ https: true });
    const tls = { ca: nas.certificate!.pem };
    const { station } = await connect(
      {},
      { url: new URL(nas.url), certificate: { verify: true, fingerprint: null, tls } },
    );
    await expect(station.call(LIST)).resolves.toMatchObject({ total: 5 });
  });

  test('a NAS that hangs in the TLS handshake does not hold up a close', async () => {
    const { nas, station } = await connect({ https: true }, { timeoutMs: 60_000 });
    nas.fail({ do: 'hang' });
    const call = errorOf(station.call(LIST));
    const start = performance.now();
    await station.close();
    expect(performance.now() - start).toBeLessThan(1000);
    await call;
  });
});

test.each([
  ['AB'.repeat(32), 'AB'.repeat(32)],
  ['ab'.repeat(32), 'AB'.repeat(32)],
  [Array(32).fill('ab').join(':'), 'AB'.repeat(32)],
  [Array(32).fill('AB').join(' '), 'AB'.repeat(32)],
  ['ab'.repeat(31), null],
  ['xy'.repeat(32), null],
  ['', null],
])('the fingerprint %s reads as %s', (text, normal) => {
  expect(normalFingerprint(text)).toBe(normal);
});
