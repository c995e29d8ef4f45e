import { request as httpsRequest } from 'node:https';
import { once } from 'node:events';
import { connect } from 'node:net';
import type { IncomingMessage } from 'node:http';
import { TLSSocket } from 'node:tls';
import { expect, test } from 'vitest';
import { startNas } from './index';
import { login, nasForTest } from './test-client';

test('closing ends hanging requests and idle connections at once, and frees the port', async () => {
  const nas = await startNas();
  await login(nas);
  nas.fail({ do: 'hang' });
  const hanging = login(nas).catch(() => 'broken');
  const idle = connect(nas.port, nas.host);
  await Promise.all([once(idle, 'connect'), expect.poll(() => nas.requests.length).toBe(2)]);
  const idleEnds = once(idle, 'close');
  const began = performance.now();
  await Promise.all([nas.close(), nas.close()]);
  expect(performance.now() - began).toBeLessThan(500);
  expect(await hanging).toBe('broken');
  await idleEnds;
  const again = await startNas({ port: nas.port });
  await again.close();
});

test('closing ends a delayed answer', async () => {
  const nas = await startNas();
  nas.fail({ do: 'delay', ms: 60_000 });
  const delayed = login(nas).catch(() => 'broken');
  await expect.poll(() => nas.requests.length).toBe(1);
  await nas.close();
  expect(await delayed).toBe('broken');
});

test('a port in use rejects with the error of Node.js', async () => {
  const nas = await nasForTest();
  await expect(startNas({ port: nas.port })).rejects.toMatchObject({ code: 'EADDRINUSE' });
});

test('a session of an earlier NAS on the same port is unknown to the next', async () => {
  const first = await startNas();
  const answer = await login(first);
  await first.close();
  const second = await nasForTest({ port: first.port });
  expect((await login(second)).data).not.toEqual(answer.data);
});

test('connections break during a restart; afterwards old sessions are unknown', async () => {
  const nas = await nasForTest();
  await login(nas);
  nas.restart({ downMs: 200 });
  await expect(login(nas)).rejects.toThrow();
  expect(nas.sessions).toBe(0);
  await expect.poll(() => login(nas).catch(() => null), { timeout: 5000 }).toMatchObject({ success: true });
});

test('https: the certificate is for 127.0.0.1 and has the stated fingerprint', async () => {
  const nas = await nasForTest({ https: true });
  expect(nas.url).toMatch(/^https:/);
  expect(nas.certificate?.fingerprint).toMatch(/^([0-9A-F]{2}:){31}[0-9A-F]{2}$/);
  const request = httpsRequest(`${nas.url}/webapi/entry.cgi`, { ca: nas.certificate?.pem });
  request.end();
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  const { socket } = response;
  if (!(socket instanceof TLSSocket)) throw new Error('no TLS');
  expect(socket.authorized).toBe(true);
  expect(socket.getPeerCertificate().fingerprint256).toBe(nas.certificate?.fingerprint);
  response.resume();
});

test('keep-alive requests share a connection', async () => {
  const nas = await nasForTest();
  for (let count = 0; count < 5; count += 1) await login(nas);
  expect(new Set(nas.requests.map(({ connection }) => connection)).size).toBeLessThan(5);
});
