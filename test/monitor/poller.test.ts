import { describe, expect, test } from 'vitest';
import type { TaskListing } from '../../src/active-backup/types';
import { TaskPoller, type PollResult } from '../../src/monitor/poller';
import type { Nas } from '../nas/index';
import { connect, createPoller } from './support/connect';
import { task } from './support/builders';
import { until } from '../support/until';

const HOUR_MS = 3600_000;

/** Records polls, and waits for a number of them. */
function recorder(): {
  polls: PollResult[];
  listener: (poll: PollResult) => void;
  received: (count: number) => Promise<void>;
} {
  const polls: PollResult[] = [];
  return {
    polls,
    listener: (poll) => polls.push(poll),
    received: (count) => until(() => polls.length >= count, { interval: 2 }).then(() => undefined),
  };
}

const lists = (nas: Nas): number => nas.received('list', 'SYNO.ActiveBackup.Task').length;
const failed = (poll: PollResult | undefined): string =>
  poll !== undefined && 'error' in poll ? poll.error.code : 'none';

test.each([1, 10, 100])('%i listeners cost the same: one list per poll, one login', async (count) => {
  const { nas, activeBackup } = await connect();
  const poller = createPoller(activeBackup, 5);
  const recorders = Array.from({ length: count }, recorder);
  const unsubscribe = recorders.map(({ listener }) => poller.subscribe(listener));
  await Promise.all(recorders.map(({ received }) => received(20)));
  for (const stop of unsubscribe) stop();
  const [first] = recorders;
  expect(lists(nas) - (first?.polls.length ?? 0)).toBeLessThanOrEqual(1);
  expect(recorders.every(({ polls }) => polls.length === first?.polls.length)).toBe(true);
  expect(nas.received('login')).toHaveLength(1);
  expect(new Set(nas.requests.map(({ method }) => method))).toEqual(new Set(['query', 'login', 'list']));
});

test('a change is one new list', async () => {
  const { nas, activeBackup } = await connect();
  const poller = createPoller(activeBackup, 2);
  const { polls, listener, received } = recorder();
  poller.subscribe(listener);
  await received(5);
  nas.state.task(1).name = 'Renamed';
  await received(polls.length + 5);
  expect(new Set(polls.map((poll) => 'tasks' in poll && poll.tasks))).toHaveProperty('size', 2);
});

describe('while the NAS is offline', () => {
  test('polls come at growing delays, and its return is soon noticed', async () => {
    const { nas, activeBackup } = await connect();
    const poller = createPoller(activeBackup, HOUR_MS, 10);
    const undo = nas.fail({ do: 'reset-before' });
    const times: number[] = [];
    const { polls, listener, received } = recorder();
    poller.subscribe((poll) => {
      times.push(performance.now());
      listener(poll);
    });
    await received(5);
    const pauses = times.slice(1).map((time, index) => time - times[index]!);
    for (const [index, pause] of pauses.entries()) expect(pause).toBeGreaterThanOrEqual(10 * 2 ** index - 2);
    expect(polls.map(failed)).toEqual(Array.from({ length: polls.length }, () => 'EUNREACHABLE'));
    undo();
    await received(6);
    expect(polls.at(-1)).toHaveProperty('tasks');
  });

  test('each outage begins with short pauses', async () => {
    const { nas, activeBackup } = await connect();
    const poller = createPoller(activeBackup, 10);
    const { polls, listener, received } = recorder();
    poller.subscribe(listener);
    for (let outage = 0; outage < 4; outage += 1) {
      await received(polls.length + 1);
      nas.fail({ do: 'reset-before', times: 3 });
      // Delays that kept doubling would be half a minute by the end.
      await received(polls.length + 4);
    }
    const shortOutages = /^(?:none,)*(?:(?:EUNREACHABLE,){3}(?:none,?)+){4}$/;
    await until(() => failed(polls.at(-1)) === 'none');
    expect(polls.map(failed).join()).toMatch(shortOutages);
  });

  test('a lost session is renewed within the poll', async () => {
    const { nas, activeBackup } = await connect();
    const poller = createPoller(activeBackup, 5);
    const { polls, listener, received } = recorder();
    poller.subscribe(listener);
    await received(3);
    nas.dropSessions();
    await received(polls.length + 3);
    expect(polls.map(failed)).not.toContain('ESESSION');
    expect(nas.received('login')).toHaveLength(2);
  });
});

describe('while something runs', () => {
  test('polls use the active interval, and contain speed and remaining time', async () => {
    const { nas, activeBackup } = await connect({ runSeconds: 1000 });
    const poller = createPoller(activeBackup, HOUR_MS, 2, () => new Date(nas.clock.now() * 1000));
    nas.state.startRun(1);
    nas.clock.advance(100);
    const { polls, listener, received } = recorder();
    poller.subscribe((poll) => {
      listener(poll);
      if (polls.length < 5) nas.clock.advance(50);
    });
    await received(5);
    const progress = polls.map((poll) => ('tasks' in poll ? poll.tasks[0]?.progress : null));
    const bytesPerSecond = progress.map((each) => Math.round((each?.bytesPerSecond ?? 0) / 1e6));
    const perSecond = Math.round(nas.state.task(1).plan.totalBytes / 1000 / 1e6);
    expect(bytesPerSecond).toEqual([0, perSecond, perSecond, perSecond, perSecond]);
    expect(progress[0]?.remainingSeconds).toBeNull();
    expect((progress[3]?.remainingSeconds ?? 0) - (progress[4]?.remainingSeconds ?? 0)).toBeCloseTo(50, -1);
  });
});

describe('listeners', () => {
  test('the first starts polling, the last stops it', async () => {
    const { nas, activeBackup } = await connect();
    const poller = createPoller(activeBackup, 1);
    expect(nas.requests).toHaveLength(0);
    const [one, other] = [recorder(), recorder()];
    const stops = [poller.subscribe(one.listener), poller.subscribe(other.listener)];
    await Promise.all([one.received(3), other.received(3)]);
    stops[0]!();
    const received = one.polls.length;
    await other.received(other.polls.length + 3);
    expect(one.polls).toHaveLength(received);
    stops[1]!();
    stops[1]!(); // unsubscribing again has no effect
    const requests = lists(nas);
    const clock = recorder();
    createPoller(activeBackup, 1).subscribe(clock.listener);
    await clock.received(20);
    // Its own and the one that was under way.
    expect(lists(nas) - requests).toBeLessThanOrEqual(clock.polls.length + 2);
  });

  test('one that has started something gets polls at once and often, although the interval is long', async () => {
    const { activeBackup } = await connect();
    const poller = createPoller(activeBackup, HOUR_MS, 2);
    const [idle, close] = [recorder(), recorder()];
    poller.subscribe(idle.listener);
    await idle.received(1);
    const stop = poller.subscribe(close.listener, { fast: true });
    await close.received(5);
    stop();
    const polls = idle.polls.length;
    const clock = recorder();
    createPoller(activeBackup, 2).subscribe(clock.listener);
    await clock.received(20);
    expect(idle.polls.length - polls).toBeLessThanOrEqual(1);
  });

  test('one that joins later gets a poll at once, although the interval is long; those of one turn share it', async () => {
    const { nas, activeBackup } = await connect();
    const poller = createPoller(activeBackup, HOUR_MS);
    const [first, ...later] = [recorder(), recorder(), recorder()];
    poller.subscribe(first.listener);
    await first.received(1);
    for (const { listener } of later) poller.subscribe(listener);
    await Promise.all(later.map(({ received }) => received(1)));
    expect(lists(nas)).toBe(2);
  });

  test('pollNow polls at once', async () => {
    const { activeBackup } = await connect();
    const poller = createPoller(activeBackup, 3600_000);
    const { listener, received } = recorder();
    const stop = poller.subscribe(listener);
    await received(1);
    poller.pollNow();
    await received(2);
    stop();
    poller.pollNow(); // without a listener: no poll
  });

  test('pollNow during a poll causes one more, at once', async () => {
    const { nas, activeBackup } = await connect();
    const poller = createPoller(activeBackup, HOUR_MS);
    const { polls, listener, received } = recorder();
    const undo = nas.fail({ on: { method: 'list' }, do: 'delay', ms: 100 });
    poller.subscribe(listener);
    await until(() => lists(nas) === 1, { interval: 2 });
    poller.pollNow();
    poller.pollNow();
    undo();
    await received(2);
    expect(polls).toHaveLength(2);
    expect(lists(nas)).toBe(2);
  });

  test('a start is found within ten seconds, however long the intervals and however late DSM lists it', async () => {
    let nowMs = 0;
    let rests = 0;
    const asked: number[] = [];
    const shown = new Set<number>();
    const poller = new TaskPoller({
      readTasks: () => {
        asked.push(nowMs);
        return Promise.resolve({ tasks: [task(nowMs >= 60_000 + 6500 ? 1 : null, null)], laterJobs: new Map() });
      },
      intervals: { idleMs: 24 * HOUR_MS, activeMs: HOUR_MS },
      // The clock jumps to the end of each delay; the first one lasts until a command comes.
      wait: (ms, signal) =>
        new Promise((resolve) => {
          signal.addEventListener('abort', resolve);
          const wake = (): void => {
            nowMs += ms;
            resolve(undefined);
          };
          if (ms < HOUR_MS) setImmediate(wake);
          else rests += 1;
        }),
    });
    poller.subscribe((poll) => {
      if ('tasks' in poll && poll.tasks[0]?.state === 'running') shown.add(nowMs);
    });
    await until(() => rests === 1);
    nowMs = 60_000;
    poller.expectChange();
    await until(() => shown.size > 0);
    expect(Math.min(...shown) - 60_000).toBeLessThanOrEqual(10_000);
    expect(asked).toEqual([0, 60_000, 63_000, 66_000, 69_000]);
    poller.close();
  });

  test('the same function may subscribe several times', async () => {
    const { activeBackup } = await connect();
    const poller = createPoller(activeBackup, 1);
    const { polls, listener, received } = recorder();
    const stop = poller.subscribe(listener);
    poller.subscribe(listener);
    await received(4);
    stop();
    const before = polls.length;
    await received(before + 2);
  });

  test('one that leaves while the NAS does not answer gets nothing more, and the request is aborted', async () => {
    const { nas, activeBackup } = await connect();
    const poller = createPoller(activeBackup, 1);
    const { polls, listener, received } = recorder();
    const stop = poller.subscribe(listener);
    await received(1);
    const undo = nas.fail({ do: 'hang' });
    const before = lists(nas);
    await until(() => lists(nas) > before, { interval: 2 });
    const count = polls.length;
    stop();
    undo();
    const clock = recorder();
    createPoller(activeBackup, 1).subscribe(clock.listener);
    await clock.received(20);
    expect(polls).toHaveLength(count);
  });

  test('30 of them, one after the other, leave no timer, connection or session', async () => {
    const { nas, activeBackup, station } = await connect();
    const poller = createPoller(activeBackup, HOUR_MS, HOUR_MS);
    const timers = (): number => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
    const before = timers();
    for (let i = 0; i < 30; i += 1) {
      const { listener, received } = recorder();
      const stop = poller.subscribe(listener);
      await received(1);
      stop();
    }
    expect(lists(nas)).toBe(30);
    expect(nas.received('login')).toHaveLength(1);
    await station.close();
    expect(nas.sessions).toBe(0);
    await until(() => timers() <= before);
  });
});

describe('a bug', () => {
  test('in a poll is a poll that failed, and polling goes on', async () => {
    let reads = 0;
    const readTasks = (): Promise<TaskListing> => {
      reads += 1;
      if (reads === 1) throw new TypeError('not a function');
      return Promise.resolve({ tasks: [], laterJobs: new Map() });
    };
    const poller = new TaskPoller({ readTasks, intervals: { idleMs: 1, activeMs: 1 } });
    const { polls, listener, received } = recorder();
    poller.subscribe(listener);
    await received(2);
    poller.close();
    expect(polls.slice(0, 2).map(failed)).toEqual(['ERESPONSE', 'none']);
  });

  test('in a listener does not affect the others, and is reported', async () => {
    const reported: unknown[] = [];
    const poller = new TaskPoller({
      readTasks: () => Promise.resolve({ tasks: [], laterJobs: new Map() }),
      intervals: { idleMs: 1, activeMs: 1 },
      onListenerError: (error) => reported.push(error),
    });
    poller.subscribe(() => {
      throw new TypeError('not a function');
    });
    const { listener, received } = recorder();
    poller.subscribe(listener);
    await received(3);
    poller.close();
    expect(reported.length).toBeGreaterThanOrEqual(3);
  });
});
