import { describe, expect, test, vi } from 'vitest';
import type { FollowedRequest, FollowedRequestsFile } from '../../src/monitor/followed-requests';
import { FOLLOWED_REQUESTS_FILE } from '../../src/monitor/followed-requests';
import { FollowedRequestStore } from '../../src/monitor/followed-request-store';
import type { Store } from '../../src/storage/json-file';

const run = { knownResultId: 1, resultId: null, seen: 'nothing' } as const;

function request(id: string, phase: 'waiting' | 'sending' | 'accepted' = 'waiting', message = '{}'): FollowedRequest {
  const nas = { node: 'nas', id: 'serial', address: 'http://nas/' };
  const tasks = [{ id: 1, name: 'PC', index: 0, phase, since: 1, until: 2, run }];
  const rest = { parameters: '{}', wait: true, waitMs: 1000, count: 1, errors: [], response: 'null' };
  return { id, nas, method: 'backup', tasks, message, ...rest };
}

/** A disk that a test can make unwritable or unreadable. */
class Disk implements Store<FollowedRequestsFile> {
  isUnread = false;
  isFull = false;
  saves = 0;
  file: FollowedRequestsFile | null = null;

  load(): FollowedRequestsFile | null {
    return this.isUnread ? null : this.file;
  }

  save(value: FollowedRequestsFile): boolean {
    if (this.isFull || this.isUnread) return false;
    this.saves += 1;
    this.file = value;
    return true;
  }

  close(): void {
    // Nothing is buffered.
  }

  /** The stored requests, as `id phase`. */
  get content(): string[] {
    return (this.file?.requests ?? []).map(({ id, tasks }) => `${id} ${tasks[0]?.phase ?? ''}`);
  }
}

function open(disk: Disk): { store: FollowedRequestStore; warnings: string[]; discard: ReturnType<typeof vi.fn> } {
  const warnings: string[] = [];
  const discard = vi.fn();
  const warn = (message: string): void => void warnings.push(message);
  return { store: new FollowedRequestStore({ store: disk, discard, warn }), warnings, discard };
}

const nothing = (): undefined => undefined;
const turn = (): Promise<unknown> => new Promise((resolve) => setImmediate(() => setImmediate(resolve)));

describe('a change that must be on disk before it takes effect', () => {
  test('is on disk when it is confirmed', async () => {
    const disk = new Disk();
    const { store } = open(disk);
    expect(await store.commit(request('a', 'sending'))).toBe(true);
    expect(disk.content).toEqual(['a sending']);
  });

  test('is refused while the disk has an older state and cannot be written', async () => {
    const disk = new Disk();
    const { store } = open(disk);
    store.set(request('a', 'waiting'));
    await turn();
    disk.isFull = true;
    expect(await store.commit(request('a', 'sending'))).toBe(false);
    expect(store.all).toEqual([request('a', 'waiting')]);
    expect(disk.content).toEqual(['a waiting']);
    disk.isFull = false;
    expect(await store.commit(request('a', 'sending'))).toBe(true);
  });

  test('takes effect while the disk has nothing that could be repeated', async () => {
    const disk = new Disk();
    disk.isFull = true;
    const { store } = open(disk);
    store.set(request('a', 'waiting'));
    await turn();
    expect(await store.commit(request('a', 'sending'))).toBe(true);
    expect(await store.commit(request('b', 'sending'))).toBe(true);
  });

  test('has not happened if the node closes before it is on disk', async () => {
    const disk = new Disk();
    const { store } = open(disk);
    store.set(request('a', 'waiting'));
    await turn();
    const results = Promise.all([store.commit(request('a', 'sending')), store.commit(request('b', 'sending'))]);
    store.close(false);
    expect(await results).toEqual([false, false]);
    expect(disk.content).toEqual(['a waiting']);
    expect(await store.commit(request('c', 'sending'))).toBe(false);
  });
});

test('changes of one turn are written once, and those before a close at once', async () => {
  const disk = new Disk();
  const { store, discard } = open(disk);
  for (let index = 0; index < 100; index += 1) store.set(request(String(index)));
  await turn();
  expect(disk.saves).toBe(1);
  store.remove('0');
  store.close(false);
  expect(disk.content).toHaveLength(99);
  expect(discard).not.toHaveBeenCalled();
});

test('a deleted node deletes its file', () => {
  const { store, discard } = open(new Disk());
  store.set(request('a'));
  store.close(true);
  expect(discard).toHaveBeenCalledOnce();
});

test.each([
  ['500 requests', 600, '{}', 500],
  ['8 MB', 40, JSON.stringify({ text: 'x'.repeat(250_000) }), 33],
])('at most %s are stored, the others are followed in memory, with one warning', async (_, count, message, stored) => {
  const disk = new Disk();
  const { store, warnings } = open(disk);
  for (let index = 0; index < count; index += 1) store.set(request(String(index), 'accepted', message));
  await turn();
  expect(disk.content).toHaveLength(stored);
  expect(store.all).toHaveLength(count);
  for (let index = 0; index < count; index += 1) store.remove(String(index));
  await turn();
  expect(disk.content).toEqual([]);
  expect(warnings).toEqual([expect.stringMatching(/not after a restart/)]);
});

test('requests of a file that could not be read at first are resumed when it can', () => {
  vi.useFakeTimers();
  try {
    const disk = new Disk();
    Object.assign(disk, { file: { version: 1, requests: [request('a')] }, isUnread: true });
    const { store } = open(disk);
    const later: string[] = [];
    expect(store.load((requests) => later.push(...requests.map(({ id }) => id)))).toEqual([]);
    vi.advanceTimersByTime(30_000);
    expect(later).toEqual([]);
    disk.isUnread = false;
    vi.advanceTimersByTime(10_000);
    expect(later).toEqual(['a']);
    store.close(false);
  } finally {
    vi.useRealTimers();
  }
});

describe('the content of the file', () => {
  const { parse } = FOLLOWED_REQUESTS_FILE;
  const text = JSON.stringify({ version: 1, requests: [request('a', 'sending')] });

  test('is read as it was written', () => {
    expect(parse(text)?.requests).toEqual([request('a', 'sending')]);
  });

  test.each([
    ['no JSON', '{'],
    ['another version', text.replace('"version":1', '"version":2')],
    ['an unknown phase', text.replace('sending', 'later')],
    ['a task without an id', text.replace('"id":1', '"id":null')],
    ['a message that is no JSON', text.replace('"message":"{}"', '"message":"{"')],
    ['a list in the place of the file', '[]'],
    ['a request of another type', '{"version":1,"requests":[null]}'],
  ])('is damaged with %s', (_, damaged) => {
    expect(parse(damaged)).toBeNull();
  });
});

test('nothing is stored for a node that follows nothing', () => {
  const disk = new Disk();
  const { store } = open(disk);
  store.load(nothing);
  store.remove('unknown');
  store.close(false);
  expect(disk.saves).toBe(0);
});
