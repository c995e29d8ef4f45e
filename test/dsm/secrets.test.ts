import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { inspect } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';
import { startNas } from '../nas/index';
import { connect, errorOf, LIST } from './support';

/** An HTTP server that sends each request on to another address. */
async function redirectTo(url: string, status: number): Promise<Server> {
  const server = createServer((request, response) => {
    request.resume();
    response.writeHead(status, { location: `${url}${request.url ?? ''}` }).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => new Promise<void>((resolve) => void server.close(() => resolve())));
  return server;
}

test.each([301, 302, 303, 307, 308])(
  'a server that redirects with %i gets no password sent on to another one',
  async (status) => {
    const other = await startNas();
    onTestFinished(() => other.close());
    const server = await redirectTo(other.url, status);
    const { port } = server.address() as AddressInfo;
    const { station } = await connect({}, { url: new URL(`http://127.0.0.1:${port}`), retryPausesMs: [] });
    expect((await errorOf(station.call(LIST))).code).toBe('ERESPONSE');
    expect(other.requests).toEqual([]);
  },
);

test('a NAS that blocks an address after three failed sign-ins does not block one that has the wrong password', async () => {
  const { nas, station } = await connect(
    { autoBlock: { attempts: 3, minutes: 60, blockMinutes: null } },
    { account: { name: 'admin', password: 'wrong' } },
  );
  for (let i = 0; i < 10; i += 1) {
    const codes = await Promise.all(Array.from({ length: 10 }, async () => (await errorOf(station.call(LIST))).code));
    expect(new Set(codes)).toEqual(new Set(['EAUTH']));
  }
  expect(nas.received('login')).toHaveLength(1);
  const login = new URLSearchParams({
    api: 'SYNO.API.Auth',
    method: 'login',
    version: '6',
    account: 'admin',
    passwd: 'synology',
    format: 'sid',
  });
  const response = await fetch(`${nas.url}/webapi/entry.cgi`, { method: 'POST', body: login });
  expect(await response.json()).toMatchObject({ success: true });
});

test('no secret is shown when a connection or an error of it is inspected, at any depth', async () => {
  const account = { name: 'admin', password: 'synology', deviceId: 'planted-device-token' };
  const { nas, station } = await connect({}, { account });
  await station.call(LIST);
  nas.fail({ do: 'reset-before', times: 10 });
  const error = await errorOf(station.call(LIST));
  const shown = [station, error].map((each) => inspect(each, { depth: Infinity, showHidden: true })).join('\n');
  expect(shown).not.toContain(account.password);
  expect(shown).not.toContain(account.deviceId);
});
