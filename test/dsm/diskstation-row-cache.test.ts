import { expect, test } from 'vitest';
import type { DsmRequest } from '../../src/dsm/dsm-request';
import { RowCache } from '../../src/dsm/row-cache';
import { PLANTED_SECRETS } from '../nas/index';
import { connect, errorOf, LIST } from './support';

const requestWith = (cache: RowCache): DsmRequest => ({
  ...LIST,
  parameters: { load_result: true, load_devices: true, load_status: true },
  cache,
});

test('a response of the same bytes gives the same data object each time', async () => {
  const { station } = await connect({ speed: 0 });
  const request = requestWith(new RowCache('tasks'));
  const first = await station.call(request);
  for (let i = 0; i < 5; i += 1) expect(await station.call(request)).toBe(first);
});

test('its secrets are removed each time', async () => {
  const { station } = await connect({ speed: 0 });
  const request = requestWith(new RowCache('tasks'));
  for (let i = 0; i < 3; i += 1) {
    const text = JSON.stringify(await station.call(request));
    for (const secret of PLANTED_SECRETS) expect(text).not.toContain(secret);
  }
});

test('a response of other bytes gives other data, which is then cached', async () => {
  const { station, nas } = await connect({ speed: 0 });
  const request = requestWith(new RowCache('tasks'));
  const before = await station.call(request);
  nas.state.task(1).name = 'Renamed';
  const after = await station.call(request);
  expect(after).not.toEqual(before);
  expect(await station.call(request)).toBe(after);
});

test('without a cache, or with another one, nothing is shared', async () => {
  const { station } = await connect({ speed: 0 });
  const first = await station.call(requestWith(new RowCache('tasks')));
  const others = [
    await station.call(requestWith(new RowCache('tasks'))),
    await station.call(LIST),
    await station.call(LIST),
  ];
  expect(new Set([first, ...others]).size).toBe(4);
});

test('a lost session, which changes the sid, changes no response', async () => {
  const { station, nas } = await connect({ speed: 0 });
  const request = requestWith(new RowCache('tasks'));
  const first = await station.call(request);
  nas.dropSessions();
  expect(await station.call(request)).toEqual(first);
  expect(nas.received('login')).toHaveLength(2);
});

test('an error response is an error each time, also with the same bytes', async () => {
  const { station, nas } = await connect({ speed: 0 });
  const request = requestWith(new RowCache('tasks'));
  const first = await station.call(request);
  const undo = nas.fail({ on: { method: 'list' }, do: 'refuse', code: 103 });
  for (let i = 0; i < 3; i += 1) expect((await errorOf(station.call(request))).code).toBe('EUNSUPPORTED');
  undo();
  expect(await station.call(request)).toEqual(first);
});

test.each(['html', 'empty', 'not-json', 'cut-off'] as const)(
  'an invalid response (%s) is not cached',
  async (fault) => {
    const { station, nas } = await connect({ speed: 0 }, { retryPausesMs: [] });
    const request = requestWith(new RowCache('tasks'));
    const first = await station.call(request);
    const undo = nas.fail({ on: { method: 'list' }, do: fault });
    for (let i = 0; i < 2; i += 1) expect((await errorOf(station.call(request))).code).toBe('ERESPONSE');
    undo();
    expect(await station.call(request)).toBe(first);
  },
);

test('a response without data is cached as null', async () => {
  const { station } = await connect({ speed: 0 });
  const request: DsmRequest = { ...LIST, method: 'vm_check_cancel', cache: new RowCache('tasks') };
  expect([await station.call(request), await station.call(request)]).toEqual([null, null]);
});
