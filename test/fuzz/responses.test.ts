import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { DiskStation } from '../../src/dsm/diskstation';
import { DsmError } from '../../src/dsm/errors';
import { LIST } from '../dsm/support';
import { captured, CAPTURED } from '../active-backup/captured';
import { json, LIMIT_MS, mutated, OPTIONS } from './support';

/** The answer to each request but those that begin a session. */
let answer: { readonly status: number; readonly type: string; readonly body: Buffer };
const server = createServer((request, response) => {
  let form = '';
  request.on('data', (chunk: Buffer) => (form += chunk.toString()));
  request.on('end', () => {
    const asked = new URLSearchParams(form);
    const begin = { 'SYNO.API.Info': INFO, 'SYNO.API.Auth': { success: true, data: { sid: 'sid' } } }[
      asked.get('api') ?? ''
    ];
    if (begin !== undefined) response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(begin));
    else response.writeHead(answer.status, { 'content-type': answer.type }).end(answer.body);
  });
});
const entry = { path: 'entry.cgi', minVersion: 1, maxVersion: 7 };
const INFO = { success: true, data: { 'SYNO.API.Auth': entry, [LIST.api]: entry } };
let station: DiskStation;

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  station = new DiskStation({
    url: new URL(`http://127.0.0.1:${port}`),
    account: { name: 'admin', password: 'planted-password' },
    certificate: { verify: true, fingerprint: null },
    timeoutMs: 5000,
    retryPausesMs: [],
  });
});
afterAll(async () => {
  await station.close();
  await new Promise((resolve) => server.close(resolve));
});

const data = fc.constantFrom(...CAPTURED).chain((name) => mutated(captured(name)));
const envelope = fc.oneof(
  data.map((value) => ({ success: true, data: value })),
  fc.record({ success: json, error: fc.record({ code: json, errors: json }) }),
  json,
);
const body = fc.oneof(
  { weight: 3, arbitrary: envelope.map((value) => Buffer.from(JSON.stringify(value))) },
  { weight: 1, arbitrary: fc.uint8Array({ maxLength: 400 }).map((bytes) => Buffer.from(bytes)) },
);
const type = fc.constantFrom('application/json', 'text/plain; charset="UTF-8"', 'text/html');

test(
  'whatever a server answers, a call ends with data or one error with a code, without the password',
  async () => {
    const response = fc.record({ status: fc.constantFrom(200, 200, 200, 204, 302, 400, 404, 500, 502), type, body });
    await fc.assert(
      fc.asyncProperty(response, async (given) => {
        answer = given;
        try {
          expect(JSON.stringify(await station.call(LIST))).toBeTypeOf('string');
        } catch (error) {
          expect(error).toBeInstanceOf(DsmError);
          expect((error as DsmError).code).toMatch(/^E[A-Z]+$/);
          expect(String(error)).not.toContain('planted-password');
        }
      }),
      OPTIONS,
    );
  },
  LIMIT_MS,
);
