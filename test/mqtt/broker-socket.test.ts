import { createServer as createHttpServer } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import tls, { createServer as createTlsServer } from 'node:tls';
import { expect, onTestFinished, test } from 'vitest';
import { brokerLabel } from '../../src/mqtt/broker-socket';
import { createCertificate } from '../nas/certificate';
import { connected } from './brokers';
import { startWebBroker } from './web-broker';

test('MQTT over WebSocket connects at its path, and reports what to check at another one', async () => {
  const url = `ws://127.0.0.1:${await startWebBroker(createHttpServer())}`;
  const bridge = connected(`${url}/mqtt`);
  const session = await bridge.session();
  await session.publish({ topic: 't', payload: 'x', retain: true });
  expect(await session.retained('t', 1000)).toEqual(new Map([['t', 'x']]));
  await bridge.close({ topic: 't', payload: '', retain: true });

  expect(await connected(`${url}/other`).problem()).toEqual({
    kind: 'protocol',
    message: `The MQTT broker ${url.slice(5)} answered with something else than MQTT: are protocol, port and path of the address right?`,
  });
  const hasty = connected(`${url}/mqtt`);
  await hasty.close();
  expect(hasty.problems).toEqual([]);
});

test('MQTT over WebSocket with TLS trusts the configured certificate only', async () => {
  const { certificate, key } = await createCertificate();
  const url = `wss://127.0.0.1:${await startWebBroker(createHttpsServer({ cert: certificate.pem, key }))}`;
  await connected(`${url}/mqtt`, { tls: { ca: certificate.pem } }).session();
  expect(await connected(`${url}/mqtt`).problem()).toMatchObject({
    kind: 'tls',
    message: expect.stringContaining('self-signed'),
  });
});

test.each(['mqtts', 'wss'])(
  'a broker that offers nothing newer than TLS 1.1 is sent nothing, whatever Node.js permits (%s)',
  async (protocol) => {
    const { certificate, key } = await createCertificate();
    const old = { maxVersion: 'TLSv1.1', minVersion: 'TLSv1', ciphers: 'DEFAULT@SECLEVEL=0' } as const;
    let bytes = 0;
    const server = createTlsServer({ cert: certificate.pem, key, ...old }, (socket) => {
      socket
        .on('error', () => undefined)
        .on('data', (chunk: Buffer) => {
          bytes += chunk.length;
          socket.destroy();
        });
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
    const url = `${protocol}://127.0.0.1:${(server.address() as AddressInfo).port}/mqtt`;
    const refused = connected(url, { tls: { ca: certificate.pem, ciphers: old.ciphers } });
    expect(await refused.problem()).toMatchObject({ kind: 'tls' });
    await refused.close();
    expect(bytes).toBe(0);
  },
);

test.each([
  ['mqtt://broker.lan', 'broker.lan:1883'],
  ['mqtts://user:secret@broker.lan', 'broker.lan:8883'],
  ['ws://broker.lan/mqtt?token=secret', 'broker.lan:80'],
  ['wss://broker.lan:8084/mqtt', 'broker.lan:8084'],
  ['mqtt://[::1]:1884', '[::1]:1884'],
])('the label of %s is %s', (url, label) => {
  expect(brokerLabel(url)).toBe(label);
});
