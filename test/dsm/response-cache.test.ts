import { expect, test } from 'vitest';
import type { DsmRequest } from '../../src/dsm/diskstation';
import { ResponseCache } from '../../src/dsm/response-cache';
import { PLANTED_SECRETS } from '../nas';
import { connect, errorOf, LIST } from './support';

const again = (recall: ResponseCache): DsmRequest => ({
  ...LIST,
  parameters: { load_result: true, load_devices: true, load_status: true },
  cache: recall,
});

test('an answer of the same bytes is the very same data, as often as it comes', async () => {
  const { station } = await connect({ speed: 0 });
  const request = again(new ResponseCache());
  const first = await station.call(request);
  for (let i = 0; i < 5; i += 1) expect(await station.call(request)).toBe(first);
});

test('its secrets are gone the second time too', async () => {
  const { station } = await connect({ speed: 0 });
  const request = again(new ResponseCache());
  for (let i = 0; i < 3; i += 1) {
    const text = JSON.stringify(await station.call(request));
    for (const secret of PLANTED_SECRETS) expect(text).not.toContain(secret);
  }
});

test('an answer of other bytes is other data, and is then recalled itself', async () => {
  const { station, nas } = await connect({ speed: 0 });
  const request = again(new ResponseCache());
  const before = await station.call(request);
  nas.state.task(1).name = 'Renamed';
  const after = await station.call(request);
  expect(after).not.toEqual(before);
  expect(await station.call(request)).toBe(after);
});

test('without a recall, or with another, nothing is shared', async () => {
  const { station } = await connect({ speed: 0 });
  const first = await station.call(again(new ResponseCache()));
  const others = [await station.call(again(new ResponseCache())), await station.call(LIST), await station.call(LIST)];
  expect(new Set([first, ...others]).size).toBe(4);
});

test('a lost session, which brings another sid, changes no answer', async () => {
  const { station, nas } = await connect({ speed: 0 });
  const request = again(new ResponseCache());
  const first = await station.call(request);
  nas.dropSessions();
  expect(await station.call(request)).toEqual(first);
  expect(nas.received('login')).toHaveLength(2);
});

test('a refusal is a refusal each time, of the same bytes too', async () => {
  const { station, nas } = await connect({ speed: 0 });
  const request = again(new ResponseCache());
  const first = await station.call(request);
  const undo = nas.fail({ on: { method: 'list' }, do: 'refuse', code: 103 });
  for (let i = 0; i < 3; i += 1) expect((await errorOf(station.call(request))).code).toBe('EUNSUPPORTED');
  undo();
  expect(await station.call(request)).toEqual(first);
});

test.each(['html', 'empty', 'not-json', 'cut-off'] as const)(
  'an answer that is none (%s) is not recalled',
  async (fault) => {
    const { station, nas } = await connect({ speed: 0 }, { retryPausesMs: [] });
    const request = again(new ResponseCache());
    const first = await station.call(request);
    const undo = nas.fail({ on: { method: 'list' }, do: fault });
    for (let i = 0; i < 2; i += 1) expect((await errorOf(station.call(request))).code).toBe('ERESPONSE');
    undo();
    expect(await station.call(request)).toBe(first);
  },
);

test('an answer without data is recalled as none', async () => {
  const { station } = await connect({ speed: 0 });
  const request: DsmRequest = { ...LIST, method: 'vm_check_cancel', cache: new ResponseCache() };
  expect([await station.call(request), await station.call(request)]).toEqual([null, null]);
});
