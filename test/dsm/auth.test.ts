import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { DiskStation } from '../../src/dsm/diskstation';
import { errorOf, LIST } from './support';

/** Response to a login at a path without the Auth API. */
type MissingAuth = 'a 404 page' | 102 | 103 | 104 | 400;

/** A NAS whose Auth API is at `at.path`. Records the path of each login; each login at that path opens a new session. */
async function startMovableNas(missing: MissingAuth) {
  const at = { path: 'auth.cgi', sid: '' };
  const logins: string[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      const form = new URLSearchParams(body);
      const path = (request.url ?? '').replace('/webapi/', '');
      const send = (answer: unknown) => response.end(JSON.stringify(answer));
      const refuse = (code: number) => send({ success: false, error: { code } });
      if (path === 'query.cgi') {
        const auth = { path: at.path, minVersion: 1, maxVersion: 7 };
        const task = { path: 'entry.cgi', minVersion: 1, maxVersion: 2 };
        return send({ success: true, data: { 'SYNO.API.Auth': auth, [LIST.api]: task } });
      }
      if (form.get('method') === 'login') {
        logins.push(path);
        if (path === at.path) return send({ success: true, data: { sid: (at.sid = `s${logins.length}`) } });
        if (typeof missing === 'number') return refuse(missing);
        response.statusCode = 404;
        return response.end('<html>not found</html>');
      }
      if (form.get('method') === 'logout') return send({ success: true });
      return form.get('_sid') === at.sid ? send({ success: true, data: { tasks: [], total: 0 } }) : refuse(119);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const station = new DiskStation({
    url: new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`),
    account: { name: 'admin', password: 'x' },
    certificate: { verify: true, fingerprint: null },
    timeoutMs: 5000,
    retryPausesMs: [],
  });
  onTestFinished(async () => {
    await station.close();
    server.closeAllConnections();
    server.close();
  });
  return { at, logins, station };
}

test.each<MissingAuth>(['a 404 page', 102, 103, 104])(
  'the first read after an update has moved Auth logs in at the new path: %s',
  async (missing) => {
    const { at, logins, station } = await startMovableNas(missing);
    await station.call(LIST);
    Object.assign(at, { path: 'entry.cgi', sid: 'rebooted' });
    expect(await station.call(LIST)).toMatchObject({ total: 0 });
    expect(logins).toEqual(['auth.cgi', 'auth.cgi', 'entry.cgi']);
  },
);

test('a refused login is not repeated at another path', async () => {
  const { at, logins, station } = await startMovableNas(400);
  await station.call(LIST);
  Object.assign(at, { path: 'entry.cgi', sid: 'rebooted' });
  expect(await errorOf(station.call(LIST))).toMatchObject({ code: 'EAUTH' });
  expect(logins).toEqual(['auth.cgi', 'auth.cgi']);
});
