import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { DiskStation } from '../../src/dsm/diskstation';
import { errorOf, LIST } from './support';

/** What a NAS answers to a sign-in where no Auth is. */
type Gone = 'a 404 page' | 102 | 103 | 104 | 400;

/** A NAS whose Auth is at `at.path`; each sign-in anywhere is written down, and opens a session of its own. */
async function movable(gone: Gone) {
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
        if (typeof gone === 'number') return refuse(gone);
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

test.each<Gone>(['a 404 page', 102, 103, 104])(
  'the first read after an update has moved Auth signs in at its new path: %s',
  async (gone) => {
    const { at, logins, station } = await movable(gone);
    await station.call(LIST);
    Object.assign(at, { path: 'entry.cgi', sid: 'rebooted' });
    expect(await station.call(LIST)).toMatchObject({ total: 0 });
    expect(logins).toEqual(['auth.cgi', 'auth.cgi', 'entry.cgi']);
  },
);

test('a sign-in that DSM refuses is not repeated at another path', async () => {
  const { at, logins, station } = await movable(400);
  await station.call(LIST);
  Object.assign(at, { path: 'entry.cgi', sid: 'rebooted' });
  expect(await errorOf(station.call(LIST))).toMatchObject({ code: 'EAUTH' });
  expect(logins).toEqual(['auth.cgi', 'auth.cgi']);
});
