import { expect, test } from 'vitest';
import type { Fault, Nas } from './index';
import { nasForTest, signedIn } from './test-client';

const BACKUP = { api: 'SYNO.ActiveBackup.Task', method: 'backup' };

/** Starts task 1 as a client would. @returns the outcome on both sides */
async function meet(nas: Nas, fault: Fault) {
  const call = await signedIn(nas);
  nas.fail({ on: BACKUP, times: 1, ...fault });
  const body = new URLSearchParams({ ...BACKUP, version: '1', task_ids: '[1]', _sid: call.sid });
  const url = `${nas.url}/webapi/entry.cgi`;
  const signal = AbortSignal.timeout(500);
  let text: string | null = null;
  let status = 0;
  try {
    const response = await fetch(url, { method: 'POST', body, signal, redirect: 'manual' });
    status = response.status;
    text = await response.text();
  } catch {
    // No answer or a broken one is expected.
  }
  return { text, status, ran: nas.state.runs.length === 1 };
}

test.each<{ fault: Fault; status: number; text: RegExp | null; ran: boolean }>([
  { fault: { do: 'reset-before' }, status: 0, text: null, ran: false },
  { fault: { do: 'reset-after' }, status: 0, text: null, ran: true },
  { fault: { do: 'hang' }, status: 0, text: null, ran: false },
  { fault: { do: 'html' }, status: 200, text: /^<!DOCTYPE html>/, ran: false },
  { fault: { do: 'not-json' }, status: 200, text: /^\{"success":true,"data":\{"tasks":\[$/, ran: false },
  { fault: { do: 'empty' }, status: 200, text: /^$/, ran: false },
  { fault: { do: 'cut-off' }, status: 200, text: null, ran: true },
  { fault: { do: 'oversized', bytes: 1_000_000 }, status: 200, text: /^.{1000000,1100000}$/, ran: false },
  { fault: { do: 'redirect' }, status: 302, text: /^$/, ran: false },
  { fault: { do: 'http-status', status: 502 }, status: 502, text: /^<!DOCTYPE html>/, ran: false },
  { fault: { do: 'delay', ms: 50 }, status: 200, text: /^\{"success":true\}$/, ran: true },
  { fault: { do: 'trickle', ms: 1 }, status: 200, text: /^\{"success":true\}$/, ran: true },
  { fault: { do: 'refuse', code: 117 }, status: 200, text: /^\{"error":\{"code":117\},"success":false\}$/, ran: false },
])('$fault: status $status, takes effect: $ran', async ({ fault, status, text, ran }) => {
  const seen = await meet(await nasForTest(), fault);
  expect(seen).toMatchObject({ status, ran });
  if (text === null) expect(seen.text).toBeNull();
  else expect(seen.text).toMatch(text);
});

test('a redirect leads to the same path on the https port', async () => {
  const nas = await nasForTest();
  nas.fail({ do: 'redirect', status: 301 });
  const response = await fetch(`${nas.url}/webapi/query.cgi?api=SYNO.API.Info`, { redirect: 'manual' });
  expect(response.status).toBe(301);
  expect(response.headers.get('location')).toBe('https://127.0.0.1:5001/webapi/query.cgi?api=SYNO.API.Info');
});

test('a client can abort an oversized answer', async () => {
  const nas = await nasForTest();
  nas.fail({ do: 'oversized' });
  const response = await fetch(`${nas.url}/webapi/entry.cgi`);
  const reader = response.body?.getReader();
  await reader?.read();
  await reader?.cancel();
});

test('a fault applies `times` times, only to selected requests, and can be removed', async () => {
  const nas = await nasForTest();
  const call = await signedIn(nas);
  const code = async (api: string, method: string) => (await call(api, method)).error?.code;
  nas.fail({ on: { method: 'list' }, times: 2, do: 'refuse', code: 100 });
  expect([await code('Share', 'list_storage'), await code('Share', 'list')]).toEqual([undefined, 100]);
  expect([await code('Task', 'list'), await code('Task', 'list')]).toEqual([100, undefined]);

  const undo = nas.fail({ on: { api: 'SYNO.ActiveBackup.Task' }, do: 'refuse', code: 118, errors: { name: 'x' } });
  expect((await call('Task', 'list')).error).toEqual({ code: 118, errors: { name: 'x' } });
  expect(await code('Share', 'list')).toBeUndefined();
  undo();
  expect(await code('Task', 'list')).toBeUndefined();
});

test('a request with a fault is in the request log', async () => {
  const nas = await nasForTest();
  await meet(nas, { do: 'reset-before' });
  expect(nas.received('backup')).toHaveLength(1);
});
