import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { ACTIVE_BACKUP_ERRORS } from '../../src/active-backup/errors';
import type { DsmRequest } from '../../src/dsm/dsm-request';
import type { JsonObject } from '../../src/dsm/json';
import { OVERLOADED, RequestQueue } from '../../src/dsm/request-queue';
import { isAborted } from '../../src/dsm/transport';
import type { Nas } from '../nas/index';
import { createRandom } from '../nas/random';
import { BACKUP, connect, errorOf, LIST } from './support';

/** A read that differs from those with another limit. */
const page = (limit: number): DsmRequest => ({ ...LIST, parameters: { offset: 0, limit } });
const times = <T>(count: number, make: (index: number) => T): T[] => Array.from({ length: count }, (_, i) => make(i));
const cancel = (id: number): DsmRequest => ({ ...BACKUP, method: 'cancel', parameters: { task_ids: [id] } });
const sent = (nas: Nas, method: string, name: string): string[] =>
  nas.received(method).map(({ parameters }) => String(parameters[name]));

/** A connection with a session, to a NAS whose lists are slow. */
async function connectSlowNas(
  options: Parameters<typeof connect>[1] = {},
  ms = 60,
): Promise<Awaited<ReturnType<typeof connect>>> {
  const connection = await connect({ speed: 0, schedules: false }, options);
  await connection.station.call({ ...LIST, method: 'list_with_device' });
  connection.nas.fail({ on: { method: 'list' }, do: 'delay', ms });
  return connection;
}

describe('equal reads that wait', () => {
  test('become one request, and each call gets its own copy of the response', async () => {
    const { nas, station } = await connectSlowNas();
    const responses = (await Promise.all(times(100, () => station.call(LIST)))) as JsonObject[];
    expect(nas.received('list')).toHaveLength(5);
    const before = JSON.stringify(responses[0]);
    for (const response of responses.slice(1)) {
      expect(JSON.stringify(response)).toBe(before);
      (response['tasks'] as unknown[]).length = 0;
    }
    expect(JSON.stringify(responses[0])).toBe(before);
  });

  test('are equal in any order of their parameters, and different when one parameter differs', async () => {
    const { nas, station } = await connectSlowNas();
    const full = times(4, (index) => station.call(page(50 + index)));
    const ways: DsmRequest['parameters'][] = [
      { offset: 0, limit: 1 },
      { limit: 1, offset: 0 },
      { limit: 2, offset: 0 },
    ];
    await Promise.all([...full, ...ways.map((parameters) => station.call({ ...LIST, parameters }))]);
    expect(nas.received('list')).toHaveLength(6);
  });

  test('with different code tables are separate requests', async () => {
    const { nas, station } = await connectSlowNas();
    const full = times(4, (index) => station.call(page(50 + index)));
    await Promise.all([...full, station.call(LIST), station.call({ ...LIST, codes: ACTIVE_BACKUP_ERRORS })]);
    expect(nas.received('list')).toHaveLength(6);
  });

  test('fail together, each with its own copy of the error', async () => {
    const { nas, station } = await connectSlowNas();
    const full = times(4, (index) => station.call(page(50 + index)));
    const refused: DsmRequest = { ...LIST, method: 'list_vm_check', codes: ACTIVE_BACKUP_ERRORS };
    nas.fail({ on: { method: 'list_vm_check' }, do: 'refuse', code: 1010 });
    const errors = await Promise.all(times(10, () => errorOf(station.call(refused))));
    await Promise.all(full);
    expect(new Set(errors.map(({ code }) => code))).toEqual(new Set(['EABB']));
    expect(new Set(errors).size).toBe(10);
    expect(new Set(errors.map(({ cause }) => cause)).size).toBe(10);
    expect(nas.received('list_vm_check')).toHaveLength(1);
  });

  test('continue when one of the calls is aborted', async () => {
    const { nas, station } = await connectSlowNas();
    const full = times(4, (index) => station.call(page(50 + index)));
    const aborting = new AbortController();
    const aborted = [0, 1].map(() => errorOf(station.call({ ...LIST, signal: aborting.signal })));
    const kept = station.call(LIST);
    aborting.abort();
    for (const error of await Promise.all(aborted)) expect(isAborted(error)).toBe(true);
    await Promise.all(full);
    await expect(kept).resolves.toMatchObject({ total: 5 });
    expect(nas.received('list')).toHaveLength(5);
  });

  test('are not sent when every call is aborted', async () => {
    const { nas, station } = await connectSlowNas();
    const full = times(4, (index) => station.call(page(50 + index)));
    const aborting = new AbortController();
    const aborted = [0, 1].map(() => errorOf(station.call({ ...LIST, signal: aborting.signal })));
    aborting.abort();
    await Promise.all([...full, ...aborted]);
    await station.call(page(99));
    expect(nas.received('list')).toHaveLength(5);
  });
});

describe('a change', () => {
  test('is never joined; changes reach the NAS in their order', async () => {
    const { nas, station } = await connectSlowNas({ queue: { changes: 1 } });
    nas.fail({ on: { method: 'cancel' }, do: 'delay', ms: 5 });
    const ids = [3, 1, 1, 2, 5, 3];
    await Promise.all(ids.map((id) => station.call(cancel(id)).catch(() => null)));
    expect(sent(nas, 'cancel', 'task_ids')).toEqual(ids.map((id) => `[${id}]`));
  });

  test('that hangs does not delay the others', async () => {
    const { nas, station } = await connect({ speed: 0 }, { timeoutMs: 400, retryPausesMs: [] });
    nas.fail({ on: { method: 'cancel' }, do: 'hang' });
    const hanging = times(5, (index) => station.call(cancel(index + 1)).catch(() => null));
    await station.call(BACKUP);
    await Promise.all(hanging);
    expect(sent(nas, 'cancel', 'task_ids').sort()).toEqual(['[1]', '[2]', '[3]', '[4]', '[5]']);
  });

  test('does not wait for reads', async () => {
    const { nas, station } = await connectSlowNas();
    const reads = times(30, (index) => station.call(page(50 + index)));
    await station.call(BACKUP);
    expect(nas.received('list').length).toBeLessThanOrEqual(8);
    await Promise.all(reads);
  });

  test('separates the reads added after it from an equal read added before it', async () => {
    const { nas, station } = await connectSlowNas();
    const full = times(4, (index) => station.call(page(50 + index)));
    const before = station.call(LIST);
    const changed = station.call(BACKUP);
    const after = station.call(LIST);
    await changed;
    await Promise.all([station.call(LIST), before, after, ...full]);
    expect(nas.received('list')).toHaveLength(6);
    const order = nas.requests.map(({ method }) => method);
    expect(order.lastIndexOf('list')).toBeGreaterThan(order.indexOf('backup'));
  });
});

describe('calls above the limit', () => {
  test('end with EBUSY at once, with advice for the user, and are not sent', async () => {
    const { nas, station } = await connectSlowNas({ timeoutMs: 30_000 }, 5);
    const calls = times(204, (index) => station.call(page(50 + index)));
    const error = await errorOf(station.call(page(999)));
    expect(error).toMatchObject({ code: 'EBUSY', cause: { method: 'list', code: null, reason: OVERLOADED } });
    expect(error.message).toContain(station.label);
    expect(error.message).toContain('200 calls wait');
    expect(error.message).toContain('Send fewer messages');
    expect(nas.received('list').length).toBeLessThanOrEqual(4);
    await Promise.all(calls);
    expect(nas.received('list')).toHaveLength(204);
  }, 20_000);

  test('of the monitor are accepted, and sent first', async () => {
    const { nas, station } = await connectSlowNas({ queue: { waiting: 3 } });
    const calls = times(7, (index) => station.call(page(50 + index)));
    expect((await errorOf(station.call(page(999)))).code).toBe('EBUSY');
    await station.call({ ...page(2), essential: true });
    expect(nas.received('list').length).toBeLessThan(10);
    await Promise.all(calls);
    expect(sent(nas, 'list', 'limit').indexOf('2')).toBe(4);
  });

  test('a call that waits longer than its time limit is rejected and never sent', async () => {
    const { nas, station } = await connect({ speed: 0 }, { timeoutMs: 600, retryPausesMs: [], queue: { changes: 1 } });
    await station.call({ ...LIST, method: 'list_with_device' });
    nas.fail({ on: { method: 'backup' }, do: 'delay', ms: 400 });
    const codes = await Promise.all(
      times(4, () =>
        station.call(BACKUP).then(
          () => 'ok',
          (error: unknown) => (error as { code: string }).code,
        ),
      ),
    );
    expect(codes.slice(2)).toEqual(['EBUSY', 'EBUSY']);
    expect(nas.received('backup').length).toBeLessThanOrEqual(2);
  });
});

test.each([1, 2, 3, 4, 5])('seed %i: each read reflects every change that ended before it was added', async (seed) => {
  const random = createRandom(seed);
  const begun: string[] = [];
  let [changes, reads, changing, mostReads, mostChanging] = [0, 0, 0, 0, 0];
  const work = async (): Promise<void> => {
    for (let i = random.integer(0, 6); i > 0; i -= 1) await turn();
  };
  const queue = new RequestQueue<number>(
    { label: 'nas', reads: 4, changes: 1, waiting: 50, timeoutMs: 60_000 },
    async (request) => {
      begun.push(request.method);
      if (request.changes) {
        mostChanging = Math.max(mostChanging, (changing += 1));
        await work();
        changes += 1;
        changing -= 1;
        return changes;
      }
      mostReads = Math.max(mostReads, (reads += 1));
      const seen = changes; // the worst case: the state when the request arrived
      await work();
      reads -= 1;
      return seen;
    },
  );
  const added: string[] = [];
  const counts = { ok: 0, busy: 0, aborted: 0 };
  const addRequest = async (index: number): Promise<void> => {
    const isChange = random.integer(0, 9) === 0;
    const request = isChange
      ? { ...BACKUP, method: `change ${index}` }
      : { ...LIST, method: `read ${random.integer(0, random.integer(0, 1) === 0 ? 3 : 200)}` };
    const aborting = new AbortController();
    const before = changes;
    if (isChange) added.push(request.method);
    const result = queue.add({ ...request, signal: aborting.signal });
    if (random.integer(0, 9) === 0) void work().then(() => aborting.abort());
    try {
      const { response } = await result;
      expect(response, `${request.method}, seed ${seed}`).toBeGreaterThanOrEqual(before);
      counts.ok += 1;
    } catch (error) {
      if (aborting.signal.aborted) counts.aborted += 1;
      else {
        expect(error).toMatchObject({ code: 'EBUSY' });
        counts.busy += 1;
      }
    }
  };
  const all: Promise<void>[] = [];
  for (let index = 0; index < 1000; index += 1) {
    all.push(addRequest(index));
    if (random.integer(0, 3) === 0) await turn();
  }
  await Promise.all(all);
  expect(counts.ok + counts.busy + counts.aborted).toBe(1000);
  expect([mostReads, mostChanging]).toEqual([4, 1]);
  expect([reads, changing]).toEqual([0, 0]);
  const changesSent = begun.filter((method) => method.startsWith('change'));
  expect(changesSent).toEqual(added.filter((method) => changesSent.includes(method)));
  expect(new Set(changesSent).size).toBe(changesSent.length);
  expect(begun.length).toBeLessThan(1000 - counts.busy);
});
