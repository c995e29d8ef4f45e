import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, test, vi } from 'vitest';
import { ACTIVE_BACKUP_ERRORS } from '../../src/active-backup/error-codes';
import type { DsmRequest } from '../../src/dsm/diskstation';
import type { JsonObject } from '../../src/dsm/json';
import { OVERLOADED, RequestQueue } from '../../src/dsm/request-queue';
import { isAborted } from '../../src/dsm/transport';
import type { Nas } from '../nas';
import { createRandom } from '../nas/random';
import { BACKUP, connect, errorOf, LIST } from './support';

/** Reads that are no two the same. */
const page = (limit: number): DsmRequest => ({ ...LIST, parameters: { offset: 0, limit } });
const times = <T>(count: number, make: (index: number) => T): T[] => Array.from({ length: count }, (_, i) => make(i));
const cancel = (id: number): DsmRequest => ({ ...BACKUP, method: 'cancel', parameters: { task_ids: [id] } });
const sent = (nas: Nas, method: string, name: string): string[] =>
  nas.received(method).map(({ parameters }) => String(parameters[name]));

/** A connection that is signed in, to a NAS whose lists take a while. */
async function slowNas(
  options: Parameters<typeof connect>[1] = {},
  ms = 60,
): Promise<Awaited<ReturnType<typeof connect>>> {
  const connection = await connect({ speed: 0, schedules: false }, options);
  await connection.station.call({ ...LIST, method: 'list_with_device' });
  connection.nas.fail({ on: { method: 'list' }, do: 'delay', ms });
  return connection;
}

describe('equal reads that wait', () => {
  test('are one request, and each call has an answer of its own', async () => {
    const { nas, station } = await slowNas();
    const answers = (await Promise.all(times(100, () => station.call(LIST)))) as JsonObject[];
    expect(nas.received('list')).toHaveLength(5);
    const before = JSON.stringify(answers[0]);
    for (const answer of answers.slice(1)) {
      expect(JSON.stringify(answer)).toBe(before);
      (answer['tasks'] as unknown[]).length = 0;
    }
    expect(JSON.stringify(answers[0])).toBe(before);
  });

  test('are equal in whatever order their parameters stand, and not when one differs', async () => {
    const { nas, station } = await slowNas();
    const full = times(4, (index) => station.call(page(50 + index)));
    const ways: DsmRequest['parameters'][] = [
      { offset: 0, limit: 1 },
      { limit: 1, offset: 0 },
      { limit: 2, offset: 0 },
    ];
    await Promise.all([...full, ...ways.map((parameters) => station.call({ ...LIST, parameters }))]);
    expect(nas.received('list')).toHaveLength(6);
  });

  test('that mean different things by a number are not one', async () => {
    const { nas, station } = await slowNas();
    const full = times(4, (index) => station.call(page(50 + index)));
    await Promise.all([...full, station.call(LIST), station.call({ ...LIST, codes: ACTIVE_BACKUP_ERRORS })]);
    expect(nas.received('list')).toHaveLength(6);
  });

  test('fail together, each with an error of its own', async () => {
    const { nas, station } = await slowNas();
    const full = times(4, (index) => station.call(page(50 + index)));
    await vi.waitUntil(() => nas.received('list').length === 4);
    const refused: DsmRequest = { ...LIST, method: 'list_vm_check', codes: ACTIVE_BACKUP_ERRORS };
    nas.fail({ on: { method: 'list_vm_check' }, do: 'refuse', code: 1010 });
    const errors = await Promise.all(times(10, () => errorOf(station.call(refused))));
    await Promise.all(full);
    expect(new Set(errors.map(({ code }) => code))).toEqual(new Set(['EABB']));
    expect(new Set(errors).size).toBe(10);
    expect(new Set(errors.map(({ cause }) => cause)).size).toBe(10);
    expect(nas.received('list_vm_check')).toHaveLength(1);
  });

  test('go on for the others when one call is given up', async () => {
    const { nas, station } = await slowNas();
    const full = times(4, (index) => station.call(page(50 + index)));
    const givingUp = new AbortController();
    const given = [0, 1].map(() => errorOf(station.call({ ...LIST, signal: givingUp.signal })));
    const kept = station.call(LIST);
    givingUp.abort();
    for (const error of await Promise.all(given)) expect(isAborted(error)).toBe(true);
    await Promise.all(full);
    await expect(kept).resolves.toMatchObject({ total: 5 });
    expect(nas.received('list')).toHaveLength(5);
  });

  test('are not sent when every call is given up', async () => {
    const { nas, station } = await slowNas();
    const full = times(4, (index) => station.call(page(50 + index)));
    const givingUp = new AbortController();
    const given = [0, 1].map(() => errorOf(station.call({ ...LIST, signal: givingUp.signal })));
    givingUp.abort();
    await Promise.all([...full, ...given]);
    await station.call(page(99));
    expect(nas.received('list')).toHaveLength(5);
  });
});

describe('a change', () => {
  test('is never joined; changes reach the NAS in their order', async () => {
    const { nas, station } = await slowNas({ queue: { changes: 1 } });
    nas.fail({ on: { method: 'cancel' }, do: 'delay', ms: 5 });
    const ids = [3, 1, 1, 2, 5, 3];
    await Promise.all(ids.map((id) => station.call(cancel(id)).catch(() => null)));
    expect(sent(nas, 'cancel', 'task_ids')).toEqual(ids.map((id) => `[${id}]`));
  });

  test('that hangs keeps no other from being sent', async () => {
    const { nas, station } = await connect({ speed: 0 }, { timeoutMs: 400, retryPausesMs: [] });
    nas.fail({ on: { method: 'cancel' }, do: 'hang' });
    const hanging = times(5, (index) => station.call(cancel(index + 1)).catch(() => null));
    await station.call(BACKUP);
    await Promise.all(hanging);
    expect(sent(nas, 'cancel', 'task_ids').sort()).toEqual(['[1]', '[2]', '[3]', '[4]', '[5]']);
  });

  test('does not wait for reads', async () => {
    const { nas, station } = await slowNas();
    const reads = times(30, (index) => station.call(page(50 + index)));
    await station.call(BACKUP);
    expect(nas.received('list').length).toBeLessThanOrEqual(8);
    await Promise.all(reads);
  });

  test('keeps the reads that were asked for after it apart from an equal one that waits from before', async () => {
    const { nas, station } = await slowNas();
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

describe('more calls than may wait', () => {
  test('end with EBUSY at once, in words a person can act on, and are not sent', async () => {
    const { nas, station } = await slowNas({ timeoutMs: 30_000 }, 5);
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

  test('those of the monitor wait all the same, and go first', async () => {
    const { nas, station } = await slowNas({ queue: { waiting: 3 } });
    const calls = times(7, (index) => station.call(page(50 + index)));
    expect((await errorOf(station.call(page(999)))).code).toBe('EBUSY');
    await station.call({ ...page(2), essential: true });
    expect(nas.received('list').length).toBeLessThan(10);
    await Promise.all(calls);
    expect(sent(nas, 'list', 'limit').indexOf('2')).toBe(4);
  });

  test('a call that waits longer than a request may take is refused, and never sent', async () => {
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

test.each([1, 2, 3, 4, 5])('seed %i: each read knows every change that ended before it was asked for', async (seed) => {
  const random = createRandom(seed);
  const begun: string[] = [];
  let [changes, reads, changing, mostReads, mostChanging] = [0, 0, 0, 0, 0];
  const work = async (): Promise<void> => {
    for (let i = random.integer(0, 6); i > 0; i -= 1) await turn();
  };
  const queue = new RequestQueue<DsmRequest, number>(
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
      const seen = changes; // the worst a NAS may do: what it knew when the request came
      await work();
      reads -= 1;
      return seen;
    },
  );
  const asked: string[] = [];
  const counts = { ok: 0, busy: 0, given: 0 };
  const ask = async (index: number): Promise<void> => {
    const isChange = random.integer(0, 9) === 0;
    const request = isChange
      ? { ...BACKUP, method: `change ${index}` }
      : { ...LIST, method: `read ${random.integer(0, random.integer(0, 1) === 0 ? 3 : 200)}` };
    const givingUp = new AbortController();
    const before = changes;
    if (isChange) asked.push(request.method);
    const answer = queue.add({ ...request, signal: givingUp.signal });
    if (random.integer(0, 9) === 0) void work().then(() => givingUp.abort());
    try {
      const { reply } = await answer;
      expect(reply, `${request.method}, seed ${seed}`).toBeGreaterThanOrEqual(before);
      counts.ok += 1;
    } catch (error) {
      if (givingUp.signal.aborted) counts.given += 1;
      else {
        expect(error).toMatchObject({ code: 'EBUSY' });
        counts.busy += 1;
      }
    }
  };
  const all: Promise<void>[] = [];
  for (let index = 0; index < 1000; index += 1) {
    all.push(ask(index));
    if (random.integer(0, 3) === 0) await turn();
  }
  await Promise.all(all);
  expect(counts.ok + counts.busy + counts.given).toBe(1000);
  expect([mostReads, mostChanging]).toEqual([4, 1]);
  expect([reads, changing]).toEqual([0, 0]);
  const changesSent = begun.filter((method) => method.startsWith('change'));
  expect(changesSent).toEqual(asked.filter((method) => changesSent.includes(method)));
  expect(new Set(changesSent).size).toBe(changesSent.length);
  expect(begun.length).toBeLessThan(1000 - counts.busy);
});
