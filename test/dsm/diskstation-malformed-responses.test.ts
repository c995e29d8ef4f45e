import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { ActiveBackup } from '../../src/active-backup/active-backup';
import { DiskStation } from '../../src/dsm/diskstation';
import { RowCache } from '../../src/dsm/row-cache';
import { removeSecrets } from '../../src/dsm/redact';
import { errorOf, LIST } from './support';

const APIS = ['SYNO.API.Auth', 'Task', 'Log', 'Device'].map((api) =>
  api.startsWith('SYNO') ? api : `SYNO.ActiveBackup.${api}`,
);
const INFO = Object.fromEntries(APIS.map((api) => [api, { path: 'entry.cgi', minVersion: 1, maxVersion: 7 }]));

/** A server that accepts every login; `dataFor` gives the data of all other responses, as JSON text. */
async function serve(dataFor: (form: URLSearchParams) => string): Promise<{ station: DiskStation; methods: string[] }> {
  const methods: string[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      const form = new URLSearchParams(body);
      const api = form.get('api') ?? '';
      if (api !== 'SYNO.API.Info' && api !== 'SYNO.API.Auth') methods.push(form.get('method') ?? '');
      const data =
        api === 'SYNO.API.Info' ? JSON.stringify(INFO) : api === 'SYNO.API.Auth' ? '{"sid":"s"}' : dataFor(form);
      response.end(`{"success":true,"data":${data}}`);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const station = new DiskStation({
    url: new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`),
    account: { name: 'admin', password: 'x' },
    certificate: { verify: true, fingerprint: null },
    timeoutMs: 10_000,
    retryPausesMs: [],
  });
  onTestFinished(async () => {
    await station.close();
    server.closeAllConnections();
    server.close();
  });
  return { station, methods };
}

describe('a response that DSM never sends is ERESPONSE', () => {
  test.each([101, 20_000, 200_000])('nested %i levels deep, each time', async (depth) => {
    const { station } = await serve(() => '['.repeat(depth) + ']'.repeat(depth));
    const request = { ...LIST, cache: new RowCache('tasks') };
    for (let i = 0; i < 2; i += 1) {
      expect(await errorOf(station.call(request))).toMatchObject({
        code: 'ERESPONSE',
        message: expect.stringMatching(/levels deep/) as string,
      });
    }
  });

  test('a list with too many entries', async () => {
    const { station } = await serve(() => `{"tasks":[${'{},'.repeat(100_001)}{}]}`);
    expect(await errorOf(station.call(LIST))).toMatchObject({ code: 'ERESPONSE' });
  });

  test.each<[string, (nas: ActiveBackup) => Promise<unknown>]>([
    ['tasks', (nas) => nas.listTasks()],
    ['devices', (nas) => nas.devices()],
    ['versions', (nas) => nas.versions()],
    ['the log', (nas) => nas.backupsSince(new Date(0))],
  ])('endless pages: %s', async (_, read) => {
    let id = 0;
    const { station, methods } = await serve(() => {
      id += 1;
      const rows = [{ task_id: id, device_id: id, result_id: id }];
      return JSON.stringify({ tasks: rows, devices: rows, results: rows, total: 1e9, count: 1e9 });
    });
    const error = await errorOf(read(new ActiveBackup(station, 'read')));
    expect(error).toMatchObject({ code: 'ERESPONSE', message: expect.stringMatching(/without an end/) as string });
    expect(methods.length).toBeLessThanOrEqual(201);
  });
});

test('a hundred levels are accepted, without their secrets', () => {
  const deep = (depth: number): never =>
    JSON.parse('{"a":'.repeat(depth) + '{"password":"x"}' + '}'.repeat(depth)) as never;
  expect(JSON.stringify(removeSecrets(deep(99)))).not.toContain('password');
});
