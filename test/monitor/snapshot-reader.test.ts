import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { DsmError } from '../../src/dsm/errors';
import type { PollResult } from '../../src/monitor/poller';
import type { NasSnapshot } from '../../src/monitor/snapshot';
import { SnapshotReader } from '../../src/monitor/snapshot-reader';

const SIGNAL = new AbortController().signal;

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A NAS whose polls end when the test says so: their times are those of a NAS that hangs for a minute. */
function watched() {
  const snapshots: ((snapshot: NasSnapshot) => void)[] = [];
  const polls: ((poll: PollResult) => void)[] = [];
  const pollNow = vi.fn();
  const reader = new SnapshotReader(
    {
      monitor: { onSnapshot: (listener) => (snapshots.push(listener), () => undefined) },
      poller: { subscribe: (listener) => (polls.push(listener), () => undefined), pollNow },
    },
    10,
  );
  const answer = (takenAt: string): void => {
    for (const take of snapshots) take({ online: true, takenAt } as unknown as NasSnapshot);
  };
  const fail = (message: string): void => {
    for (const take of polls) take({ error: new DsmError('EUNREACHABLE', message) } as PollResult);
  };
  return { reader, pollNow, answer, fail };
}

test('a NAS that hangs is waited for once: until it answers, later reads return at once', async () => {
  const { reader, pollNow, answer } = watched();
  const first = reader.read(SIGNAL);
  await vi.advanceTimersByTimeAsync(45_000);
  expect(await first).toEqual({ snapshot: null, error: 'no answer within 45 s' });
  expect(await reader.read(SIGNAL)).toEqual({ snapshot: null, error: 'no answer within 45 s' });
  expect(pollNow).toHaveBeenCalledTimes(2);
  answer('10:00');
  expect(await reader.read(SIGNAL)).toMatchObject({ snapshot: { takenAt: '10:00' }, error: null });
});

test('after an answer the next silence is waited for again', async () => {
  const { reader, fail } = watched();
  const first = reader.read(SIGNAL);
  await vi.advanceTimersByTimeAsync(45_000);
  await first;
  fail('no connection');
  expect(await reader.read(SIGNAL)).toEqual({ snapshot: null, error: 'no connection' });
  await vi.advanceTimersByTimeAsync(31_000);
  const ended = vi.fn();
  const next = reader.read(SIGNAL).then(ended);
  await vi.advanceTimersByTimeAsync(44_000);
  expect(ended).not.toHaveBeenCalled();
  await vi.advanceTimersByTimeAsync(1000);
  await next;
  expect(ended).toHaveBeenCalledWith({ snapshot: null, error: 'no answer within 45 s' });
});

test('what is known is that of the end of the wait, not of its beginning', async () => {
  const { reader, answer } = watched();
  answer('10:00');
  await reader.ready(SIGNAL);
  answer('10:01');
  expect(reader.current()).toMatchObject({ snapshot: { takenAt: '10:01' }, error: null });
});
