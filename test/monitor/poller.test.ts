import { describe, expect, test, vi } from 'vitest';
import type { TaskListing } from '../../src/active-backup/types';
import { TaskPoller, type PollResult } from '../../src/monitor/poller';
import type { Nas } from '../nas';
import { connect, createPoller } from './support/connect';
import { task } from './support/builders';

const HOUR_MS = 3600_000;

/** Hears looks, and waits for a number of them. */
function ear(): { looks: PollResult[]; hear: (look: PollResult) => void; heard: (count: number) => Promise<void> } {
  const looks: PollResult[] = [];
  return {
    looks,
    hear: (look) => looks.push(look),
    heard: (count) => vi.waitUntil(() => looks.length >= count, { timeout: 25_000, interval: 2 }).then(() => undefined),
  };
}

const lists = (nas: Nas): number => nas.received('list', 'SYNO.ActiveBackup.Task').length;
const failed = (look: PollResult | undefined): string =>
  look !== undefined && 'error' in look ? look.error.code : 'none';

test.each([1, 10, 100])('%i listeners cost the same: one list per look, one login', async (count) => {
  const { nas, activeBackup } = await connect();
  const watch = createPoller(activeBackup, 5);
  const ears = Array.from({ length: count }, ear);
  const unsubscribe = ears.map(({ hear }) => watch.subscribe(hear));
  await Promise.all(ears.map(({ heard }) => heard(20)));
  for (const stop of unsubscribe) stop();
  const [first] = ears;
  expect(lists(nas) - (first?.looks.length ?? 0)).toBeLessThanOrEqual(1);
  expect(ears.every(({ looks }) => looks.length === first?.looks.length)).toBe(true);
  expect(nas.received('login')).toHaveLength(1);
  expect(new Set(nas.requests.map(({ method }) => method))).toEqual(new Set(['query', 'login', 'list']));
});

test('a change is news once', async () => {
  const { nas, activeBackup } = await connect();
  const watch = createPoller(activeBackup, 2);
  const { looks, hear, heard } = ear();
  watch.subscribe(hear);
  await heard(5);
  nas.state.task(1).name = 'Renamed';
  await heard(looks.length + 5);
  expect(new Set(looks.map((look) => 'tasks' in look && look.tasks))).toHaveProperty('size', 2);
});

describe('while the NAS is away', () => {
  test('looks come later and later, and it is soon noticed that it is back', async () => {
    const { nas, activeBackup } = await connect();
    const watch = createPoller(activeBackup, HOUR_MS, 10);
    const undo = nas.fail({ do: 'reset-before' });
    const times: number[] = [];
    const { looks, hear, heard } = ear();
    watch.subscribe((look) => {
      times.push(performance.now());
      hear(look);
    });
    await heard(5);
    const pauses = times.slice(1).map((time, index) => time - times[index]!);
    for (const [index, pause] of pauses.entries()) expect(pause).toBeGreaterThanOrEqual(10 * 2 ** index - 2);
    expect(looks.map(failed)).toEqual(Array.from({ length: looks.length }, () => 'EUNREACHABLE'));
    undo();
    await heard(6);
    expect(looks.at(-1)).toHaveProperty('tasks');
  });

  test('each outage begins with short pauses', async () => {
    const { nas, activeBackup } = await connect();
    const watch = createPoller(activeBackup, 10);
    const { looks, hear, heard } = ear();
    watch.subscribe(hear);
    for (let outage = 0; outage < 4; outage += 1) {
      await heard(looks.length + 1);
      nas.fail({ do: 'reset-before', times: 3 });
      // Pauses that went on doubling would be half a minute by the end.
      await heard(looks.length + 4);
    }
    const shortOutages = /^(?:none,)*(?:(?:EUNREACHABLE,){3}(?:none,?)+){4}$/;
    await vi.waitUntil(() => failed(looks.at(-1)) === 'none');
    expect(looks.map(failed).join()).toMatch(shortOutages);
  });

  test('a lost session is renewed within the look', async () => {
    const { nas, activeBackup } = await connect();
    const watch = createPoller(activeBackup, 5);
    const { looks, hear, heard } = ear();
    watch.subscribe(hear);
    await heard(3);
    nas.dropSessions();
    await heard(looks.length + 3);
    expect(looks.map(failed)).not.toContain('ESESSION');
    expect(nas.received('login')).toHaveLength(2);
  });
});

describe('while something runs', () => {
  test('looks come as often as is set for that, and tell speed and time left', async () => {
    const { nas, activeBackup } = await connect({ runSeconds: 1000 });
    const watch = createPoller(activeBackup, HOUR_MS, 2, () => new Date(nas.clock.now() * 1000));
    nas.state.startRun(1);
    nas.clock.advance(100);
    const { looks, hear, heard } = ear();
    watch.subscribe((look) => {
      hear(look);
      if (looks.length < 5) nas.clock.advance(50);
    });
    await heard(5);
    const progress = looks.map((look) => ('tasks' in look ? look.tasks[0]?.progress : null));
    const bytesPerSecond = progress.map((each) => Math.round((each?.bytesPerSecond ?? 0) / 1e6));
    const perSecond = Math.round(nas.state.task(1).plan.totalBytes / 1000 / 1e6);
    expect(bytesPerSecond).toEqual([0, perSecond, perSecond, perSecond, perSecond]);
    expect(progress[0]?.remainingSeconds).toBeNull();
    expect((progress[3]?.remainingSeconds ?? 0) - (progress[4]?.remainingSeconds ?? 0)).toBeCloseTo(50, -1);
  });
});

describe('listeners', () => {
  test('the first starts the looking, the last ends it', async () => {
    const { nas, activeBackup } = await connect();
    const watch = createPoller(activeBackup, 1);
    expect(nas.requests).toHaveLength(0);
    const [one, other] = [ear(), ear()];
    const stops = [watch.subscribe(one.hear), watch.subscribe(other.hear)];
    await Promise.all([one.heard(3), other.heard(3)]);
    stops[0]!();
    const heard = one.looks.length;
    await other.heard(other.looks.length + 3);
    expect(one.looks).toHaveLength(heard);
    stops[1]!();
    stops[1]!(); // an undo may come twice
    const requests = lists(nas);
    const clock = ear();
    createPoller(activeBackup, 1).subscribe(clock.hear);
    await clock.heard(20);
    // Its own and the one that was under way.
    expect(lists(nas) - requests).toBeLessThanOrEqual(clock.looks.length + 2);
  });

  test('one that has started something is told at once and often, though the pause is long', async () => {
    const { activeBackup } = await connect();
    const watch = createPoller(activeBackup, HOUR_MS, 2);
    const [idle, close] = [ear(), ear()];
    watch.subscribe(idle.hear);
    await idle.heard(1);
    const stop = watch.subscribe(close.hear, { fast: true });
    await close.heard(5);
    stop();
    const looks = idle.looks.length;
    const clock = ear();
    createPoller(activeBackup, 2).subscribe(clock.hear);
    await clock.heard(20);
    expect(idle.looks.length - looks).toBeLessThanOrEqual(1);
  });

  test('one that comes later has a look at once, though the pause is long; those of one turn share it', async () => {
    const { nas, activeBackup } = await connect();
    const watch = createPoller(activeBackup, HOUR_MS);
    const [first, ...later] = [ear(), ear(), ear()];
    watch.subscribe(first.hear);
    await first.heard(1);
    for (const { hear } of later) watch.subscribe(hear);
    await Promise.all(later.map(({ heard }) => heard(1)));
    expect(lists(nas)).toBe(2);
  });

  test('looks at once when something was just asked of the NAS', async () => {
    const { activeBackup } = await connect();
    const watch = createPoller(activeBackup, 3600_000);
    const { hear, heard } = ear();
    const stop = watch.subscribe(hear);
    await heard(1);
    watch.pollNow();
    await heard(2);
    stop();
    watch.pollNow(); // nobody listens: nothing happens
  });

  test('looks once more, at once, when that was asked for during a look', async () => {
    const { nas, activeBackup } = await connect();
    const watch = createPoller(activeBackup, HOUR_MS);
    const { looks, hear, heard } = ear();
    const undo = nas.fail({ on: { method: 'list' }, do: 'delay', ms: 100 });
    watch.subscribe(hear);
    await vi.waitUntil(() => lists(nas) === 1, { interval: 2 });
    watch.pollNow();
    watch.pollNow();
    undo();
    await heard(2);
    expect(looks).toHaveLength(2);
    expect(lists(nas)).toBe(2);
  });

  test('shows a start within ten seconds, however long the pauses and however late DSM lists it', async () => {
    let nowMs = 0;
    let rests = 0;
    const asked: number[] = [];
    const shown = new Set<number>();
    const watch = new TaskPoller({
      readTasks: () => {
        asked.push(nowMs);
        return Promise.resolve({ tasks: [task(nowMs >= 60_000 + 6500 ? 1 : null, null)], laterJobs: new Map() });
      },
      intervals: { idleMs: 24 * HOUR_MS, activeMs: HOUR_MS },
      // The clock jumps to the end of each pause; the first one lasts until a command comes.
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
    watch.subscribe((look) => {
      if ('tasks' in look && look.tasks[0]?.state === 'running') shown.add(nowMs);
    });
    await vi.waitUntil(() => rests === 1);
    nowMs = 60_000;
    watch.expectChange();
    await vi.waitUntil(() => shown.size > 0);
    expect(Math.min(...shown) - 60_000).toBeLessThanOrEqual(10_000);
    expect(asked).toEqual([0, 60_000, 63_000, 66_000, 69_000]);
    watch.close();
  });

  test('the same function may listen twice', async () => {
    const { activeBackup } = await connect();
    const watch = createPoller(activeBackup, 1);
    const { looks, hear, heard } = ear();
    const stop = watch.subscribe(hear);
    watch.subscribe(hear);
    await heard(4);
    stop();
    const before = looks.length;
    await heard(before + 2);
  });

  test('one that goes while the NAS does not answer hears nothing more, and the request is given up', async () => {
    const { nas, activeBackup } = await connect();
    const watch = createPoller(activeBackup, 1);
    const { looks, hear, heard } = ear();
    const stop = watch.subscribe(hear);
    await heard(1);
    const undo = nas.fail({ do: 'hang' });
    const before = lists(nas);
    await vi.waitUntil(() => lists(nas) > before, { interval: 2 });
    const count = looks.length;
    stop();
    undo();
    const clock = ear();
    createPoller(activeBackup, 1).subscribe(clock.hear);
    await clock.heard(20);
    expect(looks).toHaveLength(count);
  });

  test('30 of them, one after the other, leave no timer, connection or session', async () => {
    const { nas, activeBackup, station } = await connect();
    const watch = createPoller(activeBackup, HOUR_MS, HOUR_MS);
    const timers = (): number => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
    const before = timers();
    for (let i = 0; i < 30; i += 1) {
      const { hear, heard } = ear();
      const stop = watch.subscribe(hear);
      await heard(1);
      stop();
    }
    expect(lists(nas)).toBe(30);
    expect(nas.received('login')).toHaveLength(1);
    await station.close();
    expect(nas.sessions).toBe(0);
    await vi.waitUntil(() => timers() <= before);
  });
});

describe('a fault of ours', () => {
  test('in a poll is a poll that failed, and polling goes on', async () => {
    let polls = 0;
    const readTasks = (): Promise<TaskListing> => {
      polls += 1;
      if (polls === 1) throw new TypeError('not a function');
      return Promise.resolve({ tasks: [], laterJobs: new Map() });
    };
    const watch = new TaskPoller({ readTasks, intervals: { idleMs: 1, activeMs: 1 } });
    const { looks, hear, heard } = ear();
    watch.subscribe(hear);
    await heard(2);
    watch.close();
    expect(looks.slice(0, 2).map(failed)).toEqual(['ERESPONSE', 'none']);
  });

  test('in a listener keeps nothing from the others, and is told', async () => {
    const told: unknown[] = [];
    const watch = new TaskPoller({
      readTasks: () => Promise.resolve({ tasks: [], laterJobs: new Map() }),
      intervals: { idleMs: 1, activeMs: 1 },
      onListenerError: (error) => told.push(error),
    });
    watch.subscribe(() => {
      throw new TypeError('not a function');
    });
    const { hear, heard } = ear();
    watch.subscribe(hear);
    await heard(3);
    watch.close();
    expect(told.length).toBeGreaterThanOrEqual(3);
  });
});
