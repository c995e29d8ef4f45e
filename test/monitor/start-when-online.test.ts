import { describe, expect, test } from 'vitest';
import type { Device, Task } from '../../src/active-backup/types';
import { parseTasks } from '../../src/active-backup/model/task';
import { DsmError, type ErrorCode } from '../../src/dsm/errors';
import type { PollListener } from '../../src/monitor/poller';
import { startWhenOnline, unstartedText, type StartAttempt } from '../../src/monitor/start-when-online';
import { task } from './support/builders';

const START = Date.parse('2026-11-29T12:00:00Z');
const MINUTE_MS = 60_000;
const DEVICE: Device = parseTasks({ tasks: [{ task_id: 1, devices: [{ device_id: 1 }] }] }, null)[0]!.devices[0]!;

/** A task with devices of these states. */
const withDevices = (id: number, ...online: (boolean | null)[]): Task => ({
  ...task(null, null, id),
  devices: online.map((state) => ({ ...DEVICE, online: state })),
});
const OFF = withDevices(1, false);
const ON = withDevices(1, true);
const DONE: StartAttempt = { is: 'done' };

type Poll = readonly Task[] | ErrorCode;

/** Waits through polls, one a minute. @returns what happened, in order, and the tasks that were not started */
async function waitThrough(
  first: readonly Task[] | null,
  polls: readonly Poll[],
  attempts: readonly StartAttempt[] = [],
): Promise<{ happened: string[]; unstarted: string[]; error: unknown }> {
  const happened: string[] = [];
  const stop = new AbortController();
  const left = [...attempts];
  let listener: PollListener | null = null;
  let now = START;
  let error: unknown = null;
  const laterJobs = new Map();
  const done = startWhenOnline({
    taskIds: [1],
    listing: first === null ? null : { tasks: first, laterJobs },
    poller: {
      subscribe: (each) => {
        listener = each;
        return () => happened.push('unsubscribed');
      },
    },
    attempt: ({ id }) => {
      happened.push(`start ${id}`);
      return Promise.resolve(left.shift() ?? DONE);
    },
    onWaiting: (id, why) => happened.push(`wait ${id} ${why}`),
    onRemoved: (id) => happened.push(`removed ${id}`),
    signal: stop.signal,
    now: () => new Date(now),
  }).catch((thrown: unknown) => {
    error = thrown;
    return [];
  });
  for (const poll of polls) {
    await new Promise((resolve) => setImmediate(resolve));
    now += MINUTE_MS;
    const at = new Date(now);
    const result = typeof poll === 'string' ? { at, error: new DsmError(poll, 'no') } : { at, tasks: poll, laterJobs };
    (listener as PollListener | null)?.(result);
  }
  await new Promise((resolve) => setImmediate(resolve));
  stop.abort();
  const unstarted = (await done).map(({ id, why }) => `${id} ${why}`);
  return { happened, unstarted, error };
}

test.each<[string, Task]>([
  ['a device on line', ON],
  ['one of several devices on line', withDevices(1, false, true)],
  ['a device without an agent', withDevices(1, null)],
  ['no known device', withDevices(1)],
])('a task with %s is started at once, without a poll', async (_, now) => {
  expect(await waitThrough([now], [[now]])).toEqual({ happened: ['start 1'], unstarted: [], error: null });
});

test('a task is started by the first poll with a device on line, and only then', async () => {
  const { happened, unstarted } = await waitThrough([OFF], [[OFF], 'EUNREACHABLE', [ON], [ON]]);
  expect(happened).toEqual(['wait 1 offline', 'wait 1 offline', 'start 1', 'unsubscribed']);
  expect(unstarted).toEqual([]);
});

test('without a list the first poll decides', async () => {
  expect((await waitThrough(null, [[ON]])).happened).toEqual(['start 1', 'unsubscribed']);
});

describe('a start that was refused', () => {
  const until = (minutes: number): Date => new Date(START + minutes * MINUTE_MS);

  test('is attempted again when its time has come', async () => {
    const attempts: StartAttempt[] = [{ is: 'waiting', why: 'window', until: until(3) }];
    const { happened } = await waitThrough([ON], [[ON], [ON], [ON]], attempts);
    expect(happened).toEqual(['start 1', 'wait 1 window', 'start 1', 'unsubscribed']);
  });

  test('is not attempted while no device is on line', async () => {
    const attempts: StartAttempt[] = [{ is: 'waiting', why: 'window', until: until(1) }];
    const { happened, unstarted } = await waitThrough([ON], [[OFF], [OFF]], attempts);
    expect(happened.filter((each) => each.startsWith('start'))).toEqual(['start 1']);
    expect(unstarted).toEqual(['1 offline']);
  });
});

describe('a task that was not started in time', () => {
  test.each<[string, readonly Task[] | null, Poll[], string]>([
    ['no device was on line', [OFF], [[OFF]], '1 offline'],
    ['the NAS did not answer the last poll', [OFF], [[OFF], 'EUNREACHABLE'], '1 unreachable'],
    ['the NAS never answered', null, ['EBUSY'], '1 unreachable'],
    ['a task was missing in one list', [OFF], [[]], '1 offline'],
  ])('is reported: %s', async (_, first, polls, expected) => {
    expect((await waitThrough(first, polls)).unstarted).toEqual([expected]);
  });

  test('is described for the user', () => {
    for (const why of ['offline', 'window', 'disk', 'unreachable', 'expired'] as const)
      expect(unstartedText({ id: 1, name: 'PC' }, why, 90 * MINUTE_MS)).toMatch(/^PC \(1\): .*90 minutes/);
  });
});

test('a task that no list contains any more was removed', async () => {
  const { happened, unstarted } = await waitThrough([OFF], [[], [], [], []]);
  expect(happened).toContain('removed 1');
  expect(unstarted).toEqual([]);
});

test('an error that no poll resolves ends the waiting', async () => {
  expect((await waitThrough([OFF], ['EAUTH'])).error).toMatchObject({ code: 'EAUTH' });
});
