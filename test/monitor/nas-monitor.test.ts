import { join } from 'node:path';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import type { NasEvent } from '../../src/monitor/events';
import { NasMonitor } from '../../src/monitor/nas-monitor';
import type { MonitorState } from '../../src/monitor/monitor-state';
import { FileStateStore, InMemoryStateStore, type StateStore } from '../../src/monitor/state-store';
import { schedule, type Nas, type NasOptions } from '../nas';
import { tempDir } from '../support/temp-dir';
import { createMonitorClient } from '../../src/monitor/monitor-client';
import { connect, feedOf, named, watchOf, type FeedByHand } from './support/connect';

const HOUR = 3600;
/** The day before the weekly run of the test, so that its new schedule is due by hours alone. */
const saturdayNoon = (): number => Date.parse('2026-11-14T12:00:00Z');
const DAY = 24 * HOUR;
const LOG = 'SYNO.ActiveBackup.Log';
const ON_LOG = { api: LOG, method: 'list_result' };
const ON_TASKS = { api: 'SYNO.ActiveBackup.Task' };

interface Begun {
  nas: Nas;
  feed: FeedByHand;
}

/** A feed that has had its first look. */
async function begun(options: NasOptions = {}, settings: Parameters<typeof feedOf>[2] = {}): Promise<Begun> {
  const { nas, activeBackup } = await connect(options);
  const feed = feedOf(nas, activeBackup, settings);
  expect(await feed.look()).toEqual([]);
  return { nas, feed };
}

/** Runs a task to its end. @returns the id of the result */
function run(nas: Nas, taskId: number, outcome: Parameters<Nas['state']['endRun']>[1] = 'success'): number {
  nas.state.startRun(taskId);
  nas.clock.advance(60);
  nas.state.endRun(taskId, outcome);
  return nas.state.resultsOf(taskId).at(-1)!.id;
}

describe('the life of a backup', () => {
  test('starts, goes on and succeeds', async () => {
    const { nas, feed } = await begun({ runSeconds: 600 });
    const { name } = nas.state.task(1);
    nas.state.startRun(1);
    expect(await feed.look(60)).toEqual([`backup_started ${name}`, `backup_progress ${name}`]);
    expect(await feed.look(60)).toEqual([`backup_progress ${name}`]);
    expect(feed.events[0]).toMatchObject({
      task: { progress: { percent: expect.closeTo(20, -1) as number }, overdue: false },
    });
    const { id } = nas.state.resultsOf(1).at(-1)!;
    expect(await feed.look(600)).toEqual([`backup_succeeded ${id}`]);
    expect(feed.events[0]).toMatchObject({
      task: { id: 1, state: 'idle', lastResult: { id } },
      result: {
        id,
        taskId: 1,
        durationSeconds: 600,
        transferredBytes: nas.state.task(1).plan.totalBytes,
        reason: null,
      },
      late: false,
    });
    expect(await feed.look()).toEqual([]);
  });

  test.each([
    { outcome: 'success', event: 'backup_succeeded', reason: null },
    { outcome: 'partial', event: 'backup_partial', reason: /no permission/ },
    { outcome: 'failed', event: 'backup_failed', reason: /no permission/ },
    { outcome: 'cancelled', event: 'backup_cancelled', reason: null },
    { outcome: 'incomplete', event: 'backup_failed', reason: /stopped|unexpected/i },
  ] as const)(
    '$outcome is told as $event, with the reason in words where there is one',
    async ({ outcome, event, reason }) => {
      const { nas, feed } = await begun();
      const id = run(nas, 4, outcome);
      expect(await feed.look()).toEqual([`${event} ${id}`]);
      const [told] = feed.events;
      if (reason === null) expect(told?.result?.reason).toBeNull();
      else expect(told?.result?.reason).toMatch(reason);
    },
  );

  test('nothing to back up is no news', async () => {
    const { nas, feed } = await begun();
    run(nas, 1, 'no_backup');
    expect(await feed.look()).toEqual([]);
  });

  test('the reason is missing, and the end is not, when the details cannot be read', async () => {
    const { nas, feed } = await begun();
    const id = run(nas, 4, 'failed');
    nas.fail({ on: { method: 'list_result_detail' }, do: 'refuse', code: 105 });
    expect(await feed.look()).toEqual([`backup_failed ${id}`]);
    expect(feed.events[0]?.result?.reason).toBeNull();
  });
});

describe.each([
  { showsOpenResults: true, newestFirst: false },
  { showsOpenResults: true, newestFirst: true },
  { showsOpenResults: false, newestFirst: false },
  { showsOpenResults: false, newestFirst: true },
])('each end once on a NAS whose log shows open runs: $showsOpenResults, newest first: $newestFirst', (log) => {
  test('runs that began and ended between two looks, several of one task too', async () => {
    const { nas, feed } = await begun(log);
    const ids = [run(nas, 1), run(nas, 1, 'failed'), run(nas, 2, 'cancelled'), run(nas, 1)];
    const events = ['backup_succeeded', 'backup_failed', 'backup_cancelled', 'backup_succeeded'];
    expect(await feed.look()).toEqual(events.map((event, index) => `${event} ${ids[index]}`));
    expect(await feed.look()).toEqual([]);
  });

  test('runs that overlap and end in another order than they began', async () => {
    const { nas, feed } = await begun({ ...log, runSeconds: 10 * HOUR });
    for (const id of [1, 2, 3]) nas.state.startRun(id);
    await feed.look(60);
    const idOf = (taskId: number): number => nas.state.resultsOf(taskId).at(-1)!.id;
    const told: string[] = [];
    for (const task of [3, 1, 2]) {
      nas.state.endRun(task, 'success');
      told.push(...(await feed.look(60)).filter((event) => event.startsWith('backup_s')));
    }
    expect(told).toEqual([3, 1, 2].map((task) => `backup_succeeded ${idOf(task)}`));
  });

  test('a run of three days, with 100 others meanwhile', async () => {
    const { nas, feed } = await begun({ ...log, runSeconds: 3 * DAY });
    nas.state.startRun(1);
    await feed.look(60);
    const told: string[] = [];
    const ids: number[] = [];
    for (let i = 0; i < 100; i += 1) {
      ids.push(run(nas, 2));
      told.push(...(await feed.look(2400)).filter((event) => event.startsWith('backup_s')));
    }
    expect(told).toEqual(ids.map((id) => `backup_succeeded ${id}`));
    const long = nas.state.resultsOf(1).at(-1)!.id;
    expect(await feed.look(DAY)).toEqual([`backup_succeeded ${long}`]);
  });

  test('a deletion of versions that hides the last backup', async () => {
    const { nas, feed } = await begun(log);
    const id = run(nas, 1, 'partial');
    nas.state.deleteVersions(1);
    expect(await feed.look()).toEqual([`backup_partial ${id}`]);
    nas.state.deleteVersions(1);
    expect(await feed.look()).toEqual([]);
    const next = run(nas, 1);
    nas.state.deleteVersions(1);
    expect(await feed.look()).toEqual([`backup_succeeded ${next}`]);
  });

  test('what ended while Node-RED was down comes late, and only that', async () => {
    const { nas, feed } = await begun(log);
    const told = run(nas, 1);
    expect(await feed.look()).toEqual([`backup_succeeded ${told}`]);
    const missed = [run(nas, 2), run(nas, 1, 'failed')];
    nas.state.deleteVersions(1);
    feed.restart();
    expect(await feed.look(DAY)).toEqual([`backup_succeeded ${missed[0]} late`, `backup_failed ${missed[1]} late`]);
    feed.restart();
    expect(await feed.look(DAY)).toEqual([]);
  });
});

describe('a log that only fails at the moment', () => {
  test.each([
    ['breaks off', { do: 'reset-before' }],
    ['is busy', { do: 'refuse', code: 117 }],
    ['answers with a web page', { do: 'html' }],
  ] as const)('is asked again when it %s: no end is lost', async (_name, fault) => {
    const { nas, feed } = await begun();
    const ids = [run(nas, 1), run(nas, 1, 'failed')];
    nas.state.deleteVersions(1);
    nas.fail({ on: ON_LOG, times: 4, ...fault });
    // It is read twice a look: for the ends, and for the backup that the deletion hides.
    expect(await feed.look()).toEqual([]);
    expect(await feed.look()).toEqual([]);
    expect(await feed.look()).toEqual([`backup_succeeded ${ids[0]}`, `backup_failed ${ids[1]}`]);
  });

  test('at the very first look the baseline waits for it', async () => {
    const { nas, activeBackup } = await connect();
    run(nas, 1);
    run(nas, 1);
    nas.fail({ on: ON_LOG, times: 5, do: 'html' });
    const feed = feedOf(nas, activeBackup);
    for (let i = 0; i < 8; i += 1) expect(await feed.look()).toEqual([]);
    const id = run(nas, 1);
    expect(await feed.look()).toEqual([`backup_succeeded ${id}`]);
  });

  test('for long is done without, and the ends in it are told when it answers again', async () => {
    const { nas, feed } = await begun();
    const undo = nas.fail({ on: ON_LOG, do: 'html' });
    const ids = [run(nas, 1), run(nas, 1, 'failed')];
    expect([await feed.look(), await feed.look()]).toEqual([[], []]);
    expect(await feed.look()).toEqual([`backup_failed ${ids[1]}`]);
    const asked = nas.received('list_result').length;
    for (let i = 0; i < 10; i += 1) expect(await feed.look()).toEqual([]);
    expect(nas.received('list_result')).toHaveLength(asked);
    nas.state.startRun(2);
    expect(await feed.look(60)).toContain(`backup_started ${nas.state.task(2).name}`);
    undo();
    expect(await feed.look(15 * 60)).toContain(`backup_succeeded ${ids[0]}`);
    expect((await feed.look(15 * 60)).filter((event) => /succeeded|failed/.test(event))).toEqual([]);
  });
});

describe.each([
  ['no Log API', { do: 'refuse', code: 102 }],
  ['a Log API of another version', { do: 'refuse', code: 104 }],
  ['a log that this account may not read', { do: 'refuse', code: 105 }],
] as const)('on a NAS with %s', (_name, fault) => {
  test('the last result of each task has to do, each end once', async () => {
    const { nas, activeBackup } = await connect();
    nas.fail({ on: { api: LOG }, ...fault });
    const feed = feedOf(nas, activeBackup);
    expect(await feed.look()).toEqual([]);
    const ids = [run(nas, 1), run(nas, 2, 'failed')];
    expect(await feed.look()).toEqual([`backup_succeeded ${ids[0]}`, `backup_failed ${ids[1]}`]);
    expect(await feed.look()).toEqual([]);
    nas.state.startRun(3);
    expect(await feed.look(60)).toContain(`backup_started ${nas.state.task(3).name}`);
    nas.state.endRun(3, 'success');
    expect(await feed.look()).toEqual([`backup_succeeded ${nas.state.resultsOf(3).at(-1)?.id}`]);
  });
});

describe('the NAS', () => {
  test('is off line after two failed looks, and on line again with the length of the outage', async () => {
    const { nas, feed } = await begun();
    const undo = nas.fail({ do: 'reset-before' });
    expect(await feed.look(60)).toEqual([]);
    const from = new Date(nas.clock.now() * 1000).toISOString();
    expect(await feed.look(60)).toEqual(['nas_offline']);
    expect(feed.events[0]?.at).toBe(from);
    expect(await feed.look(60)).toEqual([]);
    const id = run(nas, 1);
    undo();
    expect(await feed.look(60)).toEqual(['nas_online', `backup_succeeded ${id}`]);
    expect(feed.events[0]).toMatchObject({ outageSeconds: 240, late: false });
    expect(await feed.look(60)).toEqual([]);
  });

  test('that fails once has not been away', async () => {
    const { nas, feed } = await begun();
    for (let i = 0; i < 3; i += 1) {
      nas.fail({ times: 1, do: 'html' });
      expect([await feed.look(), await feed.look()]).toEqual([[], []]);
    }
  });

  test('is off line too while it refuses the login, or Active Backup does not run', async () => {
    const { nas, feed } = await begun();
    nas.state.packageRunning = false;
    expect([await feed.look(), await feed.look()]).toEqual([[], ['nas_offline']]);
    nas.state.packageRunning = true;
    expect(await feed.look()).toEqual(['nas_online']);
  });

  test('that is away when Node-RED starts for the first time is told to be so', async () => {
    const { nas, activeBackup } = await connect();
    const undo = nas.fail({ do: 'reset-before' });
    const feed = feedOf(nas, activeBackup);
    expect([await feed.look(), await feed.look(), await feed.look()]).toEqual([[], ['nas_offline'], []]);
    undo();
    expect(await feed.look()).toEqual(['nas_online']);
    const id = run(nas, 1);
    expect(await feed.look()).toEqual([`backup_succeeded ${id}`]);
  });

  test('stays off line over a restart of Node-RED, and is told once', async () => {
    const { nas, feed } = await begun();
    const undo = nas.fail({ do: 'reset-before' });
    expect([await feed.look(60), await feed.look(60)]).toEqual([[], ['nas_offline']]);
    feed.restart();
    expect([await feed.look(60), await feed.look(60), await feed.look(60)]).toEqual([[], [], []]);
    undo();
    expect(await feed.look(60)).toEqual(['nas_online']);
    expect(feed.events[0]?.outageSeconds).toBe(300);
  });

  test('counts its failed looks anew in another life', async () => {
    const { nas, feed } = await begun();
    const undo = nas.fail({ do: 'reset-before' });
    expect(await feed.look()).toEqual([]);
    feed.restart();
    expect(await feed.look()).toEqual([]);
    undo();
    expect(await feed.look()).toEqual([]);
  });

  test('that restarts ends its runs, which have failed then', async () => {
    const { nas, feed } = await begun({ runSeconds: HOUR });
    nas.state.startRun(1);
    await feed.look(60);
    nas.restart();
    const { id } = nas.state.resultsOf(1).at(-1)!;
    const told = [...(await feed.look()), ...(await feed.look()), ...(await feed.look())];
    expect(told).toContain(`backup_failed ${id}`);
    expect(told.filter((event) => event.includes(String(id)))).toHaveLength(1);
  });

  test('loses the session without a word', async () => {
    const { nas, feed } = await begun();
    nas.dropSessions();
    const id = run(nas, 1);
    expect(await feed.look()).toEqual([`backup_succeeded ${id}`]);
    expect(nas.received('login')).toHaveLength(2);
  });

  test('is another one at another address: its past is no news', async () => {
    const { path, remove } = await tempDir('feed');
    onTestFinished(remove);
    const file = join(path, 'nas.json');
    const warn = (message: string): never => {
      throw new Error(message);
    };
    await begun({}, { store: new FileStateStore(file, warn) });
    const other = await connect({ seed: 2, tasks: 7 });
    for (const { id } of other.nas.state.tasks) other.nas.state.setOnline(id, true);
    for (const id of [1, 2, 3]) run(other.nas, id);
    const feed = feedOf(other.nas, other.activeBackup, { store: new FileStateStore(file, warn) });
    expect([await feed.look(), await feed.look()]).toEqual([[], []]);
    const id = run(other.nas, 7);
    expect(await feed.look()).toEqual([`backup_succeeded ${id}`]);
  });
});

describe('tasks and devices', () => {
  test('come and go', async () => {
    const { nas, feed } = await begun();
    const added = nas.state.addTask({ name: 'New' });
    expect(await feed.look()).toEqual(['task_added New']);
    nas.state.task(added.id).name = 'Renamed';
    expect(await feed.look()).toEqual([]);
    nas.state.removeTask(added.id);
    expect([await feed.look(), await feed.look(), await feed.look()]).toEqual([[], [], ['task_removed Renamed']]);
  });

  test('a task that is removed while it runs: its run ends cancelled', async () => {
    const { nas, feed } = await begun({ runSeconds: HOUR });
    nas.state.startRun(1);
    await feed.look(60);
    const { id, taskName } = nas.state.resultsOf(1).at(-1)!;
    nas.state.removeTask(1);
    const told = [await feed.look(), await feed.look(), await feed.look()];
    expect(told).toEqual([[`backup_cancelled ${id}`], [], [`task_removed ${taskName}`]]);
  });

  test('go off line and on line', async () => {
    const { nas, feed } = await begun();
    const device = nas.state.device(nas.state.task(1).deviceIds[0]!);
    const was = device.online;
    nas.state.setOnline(1, !was);
    const names = was ? ['device_offline', 'device_online'] : ['device_online', 'device_offline'];
    expect(await feed.look()).toEqual([`${names[0]} ${device.hostName}`]);
    nas.state.setOnline(1, was);
    expect(await feed.look()).toEqual([`${names[1]} ${device.hostName}`]);
  });

  test('a task is overdue when its time has come, though nothing changes on the NAS', async () => {
    const { nas, feed } = await begun({ now: saturdayNoon }, { overdueHours: 24 });
    const { name } = nas.state.task(1);
    nas.state.setSchedule(1, schedule({ run_weekday: [0], run_hour: 3 }));
    run(nas, 1);
    await feed.look();
    const asked = nas.received('list_result').length;
    expect(await feed.look(23 * HOUR)).toEqual([]);
    expect(await feed.look(HOUR)).toEqual([`backup_overdue ${name}`]);
    expect(feed.events[0]?.task?.overdue).toBe(true);
    expect(await feed.look(HOUR)).toEqual([]);
    expect(nas.received('list_result')).toHaveLength(asked);
    nas.state.startRun(1);
    expect(await feed.look(60)).toContain(`backup_started ${name}`);
    expect(feed.events.at(-1)).toMatchObject({ event: 'backup_progress', task: { overdue: true } });
    nas.state.endRun(1, 'success');
    expect((await feed.look()).map((event) => event.split(' ')[0])).toEqual(['backup_succeeded', 'backup_recovered']);
  });
});

describe('storages', () => {
  const fill = (nas: Nas, usedPercent: number): void => {
    for (const volume of nas.state.volumes) volume.usedBytes = Math.floor((volume.totalBytes * usedPercent) / 100);
  };
  const reads = (nas: Nas): number => nas.received('list_volume').length;

  test('are looked at every 15 minutes, low once and well again two percent above', async () => {
    const { nas, feed } = await begun();
    expect(reads(nas)).toBe(1);
    fill(nas, 91);
    for (let seconds = 0; seconds < 890; seconds += 10) expect(await feed.look(10)).toEqual([]);
    expect(reads(nas)).toBe(1);
    const low = await feed.look(20);
    expect(low).toEqual(nas.state.storages.map(({ shareName }) => `storage_low ${shareName}`));
    expect(feed.events[0]).toMatchObject({ storage: { volume: { freeBytes: expect.any(Number) as number } } });
    fill(nas, 89);
    expect(await feed.look(900)).toEqual([]);
    fill(nas, 80);
    expect(await feed.look(900)).toEqual(low.map((event) => event.replace('low', 'ok')));
    expect(reads(nas)).toBe(4);
  });

  test('are not told low again after a restart', async () => {
    const { nas, feed } = await begun();
    fill(nas, 95);
    expect(await feed.look(900)).not.toEqual([]);
    feed.restart();
    expect(await feed.look(900)).toEqual([]);
  });

  test('are told to each by its own limit', async () => {
    const { nas, feed } = await begun({}, { storageLowPercent: 5 });
    const heard: string[] = [];
    feed.feed.onEvent({ id: 'a', storageLowPercent: 20, onEvent: (event) => heard.push(event.event) });
    fill(nas, 85);
    expect(await feed.look(900)).toEqual([]);
    expect(new Set(heard)).toEqual(new Set(['storage_low']));
  });

  test('of a NAS that refuses are not asked for at every look', async () => {
    const { nas, feed } = await begun();
    nas.fail({ on: { method: 'list_volume' }, do: 'refuse', code: 105 });
    const before = reads(nas);
    for (let i = 0; i < 20; i += 1) await feed.look(60);
    expect(reads(nas) - before).toBeLessThanOrEqual(4);
  });
});

describe('what was told', () => {
  test('is stored when those who were told have had their turn: a process that dies before loses nothing', async () => {
    const order: string[] = [];
    let saved: MonitorState | null = null;
    const store: StateStore = {
      load: () => saved,
      save: (memory) => {
        order.push('saved');
        saved = memory;
      },
    };
    const { nas, feed } = await begun({}, { store });
    // As Node-RED hands a message on: in a turn of its own.
    feed.feed.onEvent({
      id: 'a',
      storageLowPercent: 10,
      onEvent: ({ event }) => void setImmediate(() => order.push(event)),
    });
    await feed.look();
    order.length = 0;
    const id = run(nas, 1);
    const before = saved as MonitorState | null;
    await feed.look();
    expect(order).toEqual(['backup_succeeded', 'saved']);
    // The process died between the two: only `before` is on the disk.
    saved = before;
    feed.restart();
    saved = before;
    feed.restart();
    expect(await feed.look()).toEqual([`backup_succeeded ${id} late`]);
  });

  test('is stored at once when the last listener goes', async () => {
    const store = new InMemoryStateStore();
    const { nas, activeBackup } = await connect();
    const watch = watchOf(activeBackup, 5);
    const feed = new NasMonitor({
      poller: watch,
      client: createMonitorClient(activeBackup),
      store,
      overdueHours: 0,
      nas: nas.url,
    });
    const told: string[] = [];
    const onEvent = (event: NasEvent): void => {
      told.push(named(event));
      if (event.event === 'backup_succeeded') stop();
    };
    const stop = feed.onEvent({ id: 'a', storageLowPercent: 10, onEvent });
    await vi.waitUntil(() => store.load() !== null);
    const id = run(nas, 1);
    await vi.waitUntil(() => told.length > 0);
    expect(Object.keys(store.load()?.ends ?? {}).some((key) => key.startsWith(`${id}@`))).toBe(true);
  });

  test('is not written again while nothing changes', async () => {
    let saves = 0;
    const { feed } = await begun({}, { store: { load: () => null, save: () => (saves += 1) } });
    for (let i = 0; i < 10; i += 1) await feed.look(HOUR);
    const before = saves;
    for (let i = 0; i < 10; i += 1) await feed.look(60);
    expect(saves).toBe(before);
  });
});

describe('listeners', () => {
  test.each([1, 10, 100])('%i cost the NAS the same requests, and each hears everything', async (count) => {
    const { nas, activeBackup } = await connect();
    const watch = watchOf(activeBackup, 5);
    const feed = new NasMonitor({
      poller: watch,
      client: createMonitorClient(activeBackup),
      store: new InMemoryStateStore(),
      overdueHours: 0,
      nas: nas.url,
    });
    const heard = Array.from({ length: count }, () => [] as NasEvent[]);
    let looks = 0;
    for (const [id, each] of heard.entries()) {
      feed.onEvent({ id: String(id), storageLowPercent: 10, onEvent: (event) => each.push(event) });
    }
    watch.subscribe(() => (looks += 1));
    await vi.waitUntil(() => nas.received('list_volume').length > 0, { interval: 2 });
    const id = run(nas, 4, 'failed');
    await vi.waitUntil(() => heard[0]!.length > 0, { interval: 2, timeout: 5000 });
    const from = looks;
    await vi.waitUntil(() => looks >= from + 20, { interval: 2, timeout: 5000 });
    for (const each of heard) expect(each.map(named)).toEqual([`backup_failed ${id}`]);
    const requests = ['login', 'list_result', 'list_result_detail', 'list_volume'].map(
      (method) => nas.received(method).length,
    );
    expect(requests).toEqual([1, 2, 1, 1]);
    expect(nas.received('list', ON_TASKS.api).length - looks).toBeLessThanOrEqual(1);
  });

  test('that come and go start and stop it; nothing is told twice or lost', async () => {
    const { nas, activeBackup } = await connect();
    const watch = watchOf(activeBackup, 2);
    const store = new InMemoryStateStore();
    const feed = new NasMonitor({
      poller: watch,
      client: createMonitorClient(activeBackup),
      store,
      overdueHours: 0,
      nas: nas.url,
    });
    const told: string[] = [];
    const ids: number[] = [];
    const subscribe = (onEvent: (event: NasEvent) => void): (() => void) =>
      feed.onEvent({ id: 'a', storageLowPercent: 10, onEvent });
    let stop = subscribe(() => undefined);
    await vi.waitUntil(() => store.load() !== null);
    for (let i = 0; i < 30; i += 1) {
      stop();
      ids.push(run(nas, 1 + (i % 3)));
      stop = subscribe((event) => told.push(named(event).replace(' late', '')));
      await vi.waitUntil(() => told.includes(`backup_succeeded ${ids[i]}`), { interval: 2, timeout: 5000 });
    }
    stop();
    expect(told.filter((event) => event.startsWith('backup_s'))).toEqual(ids.map((id) => `backup_succeeded ${id}`));
  });

  test('a log that takes long delays the news, and holds up no more than one look', async () => {
    const { nas, feed } = await begun();
    const undo = nas.fail({ on: ON_LOG, do: 'delay', ms: 100 });
    const first = run(nas, 1);
    for (let i = 0; i < 10; i += 1) await feed.glance();
    const second = run(nas, 2);
    await feed.glance();
    await feed.settled();
    undo();
    await feed.look();
    expect(nas.received('list_result').length).toBeLessThanOrEqual(4);
    const ends = nas.state.results.slice(-2).map(({ id }) => id);
    expect(ends).toEqual([first, second]);
  });
});
