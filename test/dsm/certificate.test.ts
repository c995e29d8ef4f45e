import { createServer as createTcpServer, type AddressInfo } from 'node:net';
import tls, { createServer as createTlsServer, type SecureVersion } from 'node:tls';
import { describe, expect, onTestFinished, test } from 'vitest';
import { normalizeFingerprint } from '../../src/dsm/certificate';
import { fetchServerCertificate } from '../../src/dsm/server-certificate';
import { Transport } from '../../src/dsm/transport';
import { createCertificate } from '../nas/certificate';
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
  expect(normalizeFingerprint(text)).toBe(normal);
});

const pinnedTransport = (port: number, fingerprint: string, timeoutMs: number): Transport => {
  const certificate = { verify: false, fingerprint };
  const url = new URL(`https://127.0.0.1:${port}/`);
  const transport = new Transport({ url, label: 'nas', timeoutMs, maxResponseBytes: 1e6, certificate });
  onTestFinished(() => transport.close());
  return transport;
};
const EXCHANGE = { path: 'x.cgi', form: { passwd: 'secret' } };

describe('a pinned certificate', () => {
  test('leaves no connection behind when the handshake hangs', async () => {
    let open = 0;
    let most = 0;
    const server = createTcpServer((socket) => {
      open += 1;
      most = Math.max(most, open);
      socket.on('error', () => undefined).on('data', () => undefined);
      socket.on('close', () => (open -= 1));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void server.close());
    const transport = pinnedTransport((server.address() as AddressInfo).port, 'A'.repeat(64), 50);
    for (let i = 0; i < 10; i += 1) await errorOf(transport.post(EXCHANGE));
    await expect.poll(() => open).toBe(0);
    await Promise.all(Array.from({ length: 30 }, () => errorOf(transport.post(EXCHANGE))));
    expect(most).toBeLessThanOrEqual(6);
  });

  test('keeps the limit of six connections', async () => {
    const { nas, station } = await connect({ https: true });
    nas.fail({ on: { method: 'list' }, do: 'delay', ms: 20 });
    await Promise.all(Array.from({ length: 30 }, () => station.call(LIST)));
    expect(new Set(nas.received('list').map(({ connection }) => connection)).size).toBeLessThanOrEqual(6);
  });

  test.each<[SecureVersion, boolean]>([
    ['TLSv1.2', false],
    ['TLSv1.2', true],
    ['TLSv1.3', false],
    ['TLSv1.3', true],
  ])('keeps every byte from another NAS (%s, own connection: %s)', async (version, ownConnection) => {
    const { certificate, key } = await createCertificate();
    let bytes = 0;
    const options = { cert: certificate.pem, key, minVersion: version, maxVersion: version };
    const server = createTlsServer(options, (socket) => {
      socket.on('error', () => undefined).on('data', (chunk: Buffer) => (bytes += chunk.length));
    });
    server.on('tlsClientError', () => undefined);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void server.close());
    const transport = pinnedTransport((server.address() as AddressInfo).port, '0'.repeat(64), 5000);
    for (let i = 0; i < 20; i += 1) {
      const error = await errorOf(transport.post({ ...EXCHANGE, newConnection: ownConnection }));
      expect(error.cause?.reason).toBe('ERR_FINGERPRINT');
    }
    expect(bytes).toBe(0);
  });
});

test('a NAS whose pinned certificate is replaced gets no request, and is used again, with the same session, when it is back', async () => {
  const { nas, station } = await connect({ https: true }, { retryPausesMs: [] });
  await station.call(LIST);
  const restore = await nas.replaceCertificate();
  const before = nas.requests.length;
  // The first calls may still meet the ends of pooled connections.
  await expect.poll(async () => (await errorOf(station.call(LIST))).cause?.reason).toBe('ERR_FINGERPRINT');
  for (let i = 0; i < 5; i += 1) {
    const error = await errorOf(station.call(LIST));
    expect(error).toMatchObject({ code: 'EUNREACHABLE', cause: { reason: 'ERR_FINGERPRINT' } });
    expect(error.message).toContain('certificate');
  }
  expect(nas.requests).toHaveLength(before);
  restore();
  await station.call(LIST);
  expect(nas.received('login')).toHaveLength(1);
});

test.each([
  ['verified', false],
  ['pinned', true],
])(
  'a NAS that offers nothing newer than TLS 1.1 is refused, whatever Node.js permits (%s certificate)',
  async (_, isPinned) => {
    const { certificate, key } = await createCertificate();
    const old = { maxVersion: 'TLSv1.1', minVersion: 'TLSv1', ciphers: 'DEFAULT@SECLEVEL=0' } as const;
    let bytes = 0;
    const server = createTlsServer({ cert: certificate.pem, key, ...old }, (socket) => {
      socket.on('error', () => undefined).on('data', (chunk: Buffer) => (bytes += chunk.length));
    });
    server.on('tlsClientError', () => undefined);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void server.close());
    // As with `node --tls-min-v1.0`.
    const usual = tls.DEFAULT_MIN_VERSION;
    tls.DEFAULT_MIN_VERSION = 'TLSv1';
    onTestFinished(() => {
      tls.DEFAULT_MIN_VERSION = usual;
    });
    const fingerprint = isPinned ? certificate.fingerprint.replaceAll(':', '') : null;
    const transport = new Transport({
      url: new URL(`https://127.0.0.1:${(server.address() as AddressInfo).port}/`),
      ...{ label: 'nas', timeoutMs: 2000, maxResponseBytes: 1e6 },
      certificate: { verify: true, fingerprint, tls: { ca: certificate.pem, ciphers: old.ciphers } },
    });
    onTestFinished(() => transport.close());
    expect((await errorOf(transport.post(EXCHANGE))).cause?.reason).toMatch(/PROTOCOL|EPROTO|SSL/);
    expect(bytes).toBe(0);
  },
);

test('a certificate with unreadable dates is shown without them', async () => {
  const { certificate, key } = await createCertificate();
  const der = Buffer.from(certificate.pem.replace(/-----.*?-----|\s/g, ''), 'base64');
  // The second UTCTime (tag 0x17, 13 characters) is notAfter.
  const notAfter = der.indexOf(Buffer.from([0x17, 13]), der.indexOf(Buffer.from([0x17, 13])) + 2);
  der.write('991399996199Z', notAfter + 2, 'latin1');
  const cert = `-----BEGIN CERTIFICATE-----\n${der.toString('base64').replace(/.{64}/g, '$&\n')}\n-----END CERTIFICATE-----\n`;
  const server = createTlsServer({ cert, key }).on('tlsClientError', () => undefined);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const seen = await fetchServerCertificate(
    new URL(`https://127.0.0.1:${(server.address() as AddressInfo).port}/`),
    5000,
  );
  expect(seen).toMatchObject({ validFrom: expect.any(String) as string, validTo: null });
  expect(normalizeFingerprint(seen.fingerprint)).not.toBeNull();
});
