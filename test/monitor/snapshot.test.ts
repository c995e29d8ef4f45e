import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { NasMonitor } from '../../src/monitor/nas-monitor';
import type { MonitorState } from '../../src/monitor/monitor-state';
import { InMemoryStateStore } from '../../src/monitor/state-store';
import type { NasSnapshot, TaskSnapshot } from '../../src/monitor/snapshot';
import { schedule, type Nas, type NasOptions } from '../nas';
import { createMonitorClient } from '../../src/monitor/monitor-client';
import { connect, feedOf, named, watchOf, type FeedByHand } from './support/connect';

const HOUR = 3600;
/** The day before the weekly run of the test, so that its new schedule is due by hours alone. */
const saturdayNoon = (): number => Date.parse('2026-11-14T12:00:00Z');
const DAY = 24 * HOUR;
const ON_LOG = { api: 'SYNO.ActiveBackup.Log', method: 'list_result' };
const ON_DEVICES = { api: 'SYNO.ActiveBackup.Device' };

interface Observed {
  nas: Nas;
  feed: FeedByHand;
  /** All that was shown, oldest first. */
  pictures: NasSnapshot[];
  last: () => NasSnapshot;
}

/** An observer from the first look on, which has been. */
async function observed(options: NasOptions = {}, settings: Parameters<typeof feedOf>[2] = {}): Promise<Observed> {
  const { nas, activeBackup } = await connect(options);
  const feed = feedOf(nas, activeBackup, settings);
  const seen = observe(feed);
  await feed.look();
  return { nas, feed, ...seen };
}

function observe(feed: FeedByHand, storageLowPercent = 10): Pick<Observed, 'pictures' | 'last'> & { stop: () => void } {
  const pictures: NasSnapshot[] = [];
  const stop = feed.feed.onSnapshot((picture) => pictures.push(picture), storageLowPercent);
  return { pictures, last: () => pictures.at(-1)!, stop };
}

/** Whether the NAS is on line, and how many there are of everything; null: unknown. */
function counts({ online, tasks, storages, devices }: NasSnapshot): object {
  return {
    online,
    tasks: tasks?.length ?? null,
    storages: storages?.length ?? null,
    devices: devices?.length ?? null,
  };
}

/** The newest ends of a task, as `12 failed, explained`. */
function endsOf(picture: NasSnapshot, taskId: number, count: number): string[] {
  const newest = taskOf(picture, taskId).recent.slice(0, count);
  return newest.map(({ id, status, reason }) => `${id} ${status}${reason === null ? '' : ', explained'}`);
}

function taskOf({ tasks }: NasSnapshot, id: number): TaskSnapshot {
  return tasks!.find(({ task }) => task.id === id)!;
}

/** Lets every task run: none waits for a machine that is off line. */
function allOnline(nas: Nas): void {
  for (const { id } of nas.state.tasks) nas.state.setOnline(id, true);
}

/** Runs a task to its end. @returns the id of the result */
function run(nas: Nas, taskId: number, outcome: Parameters<Nas['state']['endRun']>[1] = 'success'): number {
  nas.state.startRun(taskId);
  nas.clock.advance(60);
  nas.state.endRun(taskId, outcome);
  return nas.state.resultsOf(taskId).at(-1)!.id;
}

/** How often the NAS was asked for the versions of all tasks, and of single ones. */
function versionReads(nas: Nas): { all: number; single: number } {
  const reads = nas.received('list').filter(({ parameters }) => parameters['load_versions'] === 'true');
  const single = reads.filter(({ parameters }) => parameters['filter'] !== undefined).length;
  return { all: reads.length - single, single };
}

const nowOf = (nas: Nas): string => new Date(nas.clock.now() * 1000).toISOString();
const timeOf = (epochSeconds: number): string => new Date(Math.floor(epochSeconds) * 1000).toISOString();

describe('the first picture', () => {
  test('is whole', async () => {
    const { nas, pictures, last } = await observed();
    expect(pictures).toHaveLength(1);
    const { at, online, tasks, storages, devices } = last();
    expect({ at, online }).toEqual({ at: nowOf(nas), online: true });
    expect(tasks?.map(({ task }) => [task.id, task.versionCount, task.overdue])).toEqual(
      nas.state.tasks.map(({ id }) => [id, nas.state.versions(id).length, false]),
    );
    expect(storages?.map(({ id, low, volume }) => [id, low, typeof volume?.freeBytes])).toEqual(
      nas.state.storages.map(({ id }) => [id, false, 'number']),
    );
    expect(devices?.map(({ id, name }) => [id, name])).toEqual(
      nas.state.devices.map(({ id, hostName }) => [id, hostName]),
    );
  });

  test('tells what the log and the tasks know of the past, with the reasons of failures', async () => {
    const { nas, activeBackup } = await connect({ tasks: 6 });
    const fresh = nas.state.addTask({ name: 'Fresh' });
    const ids = {
      success: [run(nas, 1, 'failed'), run(nas, 1)],
      failed: [run(nas, 2), run(nas, 2, 'failed')],
      partial: [run(nas, 3), run(nas, 3, 'partial')],
    };
    const feed = feedOf(nas, activeBackup);
    const { last } = observe(feed);
    await feed.look();
    expect([1, 2, 3].map((id) => taskOf(last(), id).failing)).toEqual([false, true, false]);
    expect(endsOf(last(), 1, 2)).toEqual([`${ids.success[1]} success`, `${ids.success[0]} failed, explained`]);
    expect(endsOf(last(), 2, 2)).toEqual([`${ids.failed[1]} failed, explained`, `${ids.failed[0]} success`]);
    expect(endsOf(last(), 3, 2)).toEqual([`${ids.partial[1]} partial, explained`, `${ids.partial[0]} success`]);
    expect(taskOf(last(), 2).task.lastSuccessAt).toBe(timeOf(nas.state.resultsOf(2).at(-2)!.endedAt!));
    expect(taskOf(last(), fresh.id)).toMatchObject({ failing: false, recent: [], task: { lastSuccessAt: null } });
  });

  test('asks for the reasons of 20 tasks at most', async () => {
    const { nas, activeBackup } = await connect({ tasks: 30 });
    allOnline(nas);
    for (const { id } of nas.state.tasks) run(nas, id, 'failed');
    const feed = feedOf(nas, activeBackup);
    const { last } = observe(feed);
    await feed.look();
    expect(nas.received('list_result_detail')).toHaveLength(20);
    expect(last().tasks?.filter(({ recent }) => recent[0]?.reason !== null)).toHaveLength(20);
    await feed.look(HOUR);
    expect(nas.received('list_result_detail')).toHaveLength(20);
  });

  test('knows an older success from the versions, when neither log nor task tells it', async () => {
    const { nas, activeBackup } = await connect();
    run(nas, 1);
    const success = nas.state.versions(1).at(-1)!.endedAt;
    nas.clock.advance(10 * DAY);
    run(nas, 1, 'failed');
    const feed = feedOf(nas, activeBackup);
    const { last } = observe(feed);
    await feed.look();
    expect(taskOf(last(), 1)).toMatchObject({ failing: true, task: { lastSuccessAt: timeOf(success) } });
  });
});

describe('what does not change is the very same', () => {
  test('all of it, at looks that bring nothing new, which cost no request either', async () => {
    const { nas, feed, pictures } = await observed();
    const requests = nas.requests.length;
    for (let i = 0; i < 10; i += 1) await feed.look(60);
    expect(pictures).toHaveLength(11);
    expect(nas.requests.length - requests).toBe(10);
    for (const part of ['tasks', 'storages', 'devices', 'online'] as const) {
      expect(new Set(pictures.map((picture) => picture[part]))).toHaveProperty('size', 1);
    }
  });

  test('also when everything was read again', async () => {
    const { nas, feed, pictures } = await observed();
    const requests = nas.requests.length;
    await feed.look(900);
    expect(nas.requests.length - requests).toBeGreaterThan(4);
    const [one, other] = pictures;
    for (const part of ['tasks', 'storages', 'devices'] as const) expect(other![part]).toBe(one![part]);
  });

  test('the other tasks, while one runs', async () => {
    const { nas, feed, pictures } = await observed({ runSeconds: HOUR });
    nas.state.startRun(2);
    for (let i = 0; i < 5; i += 1) await feed.look(60);
    const sets = [1, 2, 3, 4, 5].map((id) => new Set(pictures.map((picture) => taskOf(picture, id))).size);
    expect(sets).toEqual([1, 6, 1, 1, 1]);
    const percents = pictures.slice(1).map((picture) => taskOf(picture, 2).task.progress?.percent ?? 0);
    expect(percents).toEqual([...percents].sort((one, other) => one - other));
    expect(new Set(percents).size).toBe(5);
    expect(new Set(pictures.map((picture) => taskOf(picture, 2).recent)).size).toBeLessThanOrEqual(pictures.length);
  });

  test('a task whose own state stays, while only its past changes', async () => {
    const { nas, feed, last } = await observed();
    run(nas, 1, 'cancelled');
    await feed.look();
    const before = last();
    run(nas, 2);
    await feed.look();
    expect(last().tasks).not.toBe(before.tasks);
    expect(taskOf(last(), 1)).toBe(taskOf(before, 1));
    expect(last().devices).toBe(before.devices);
  });
});

describe('a backup', () => {
  test('that fails, and succeeds again', async () => {
    const { nas, feed, last } = await observed();
    const failed = run(nas, 1, 'failed');
    await feed.look();
    expect(taskOf(last(), 1).failing).toBe(true);
    expect(endsOf(last(), 1, 1)).toEqual([`${failed} failed, explained`]);
    const cancelled = run(nas, 1, 'cancelled');
    await feed.look();
    expect(taskOf(last(), 1).failing).toBe(true);
    expect(endsOf(last(), 1, 2)).toEqual([`${cancelled} cancelled`, `${failed} failed, explained`]);
    const success = run(nas, 1);
    await feed.look();
    expect(taskOf(last(), 1).failing).toBe(false);
    expect(endsOf(last(), 1, 3)).toEqual([
      `${success} success`,
      `${cancelled} cancelled`,
      `${failed} failed, explained`,
    ]);
    expect(taskOf(last(), 1).recent[0]?.transferredBytes).toBe(nas.state.task(1).plan.totalBytes);
    expect(taskOf(last(), 1).task.lastSuccessAt).toBe(timeOf(nas.state.resultsOf(1).at(-1)!.endedAt!));
  });

  test('with nothing to back up is the last one, though no news', async () => {
    const { nas, feed, last } = await observed();
    const id = run(nas, 1, 'no_backup');
    expect(await feed.look()).toEqual([]);
    expect(taskOf(last(), 1).recent[0]).toMatchObject({ id, status: 'no_backup' });
  });

  test('has its version counted at its end, by a question for its task alone', async () => {
    const { nas, feed, last } = await observed();
    expect(versionReads(nas)).toEqual({ all: 1, single: 0 });
    const count = taskOf(last(), 1).task.versionCount!;
    run(nas, 1);
    await feed.look();
    expect(taskOf(last(), 1).task.versionCount).toBe(count + 1);
    expect(versionReads(nas)).toEqual({ all: 1, single: 1 });
    await feed.look();
    expect(versionReads(nas)).toEqual({ all: 1, single: 1 });
  });

  test('is one of many that end at once: one question is for all', async () => {
    const { nas, feed, last } = await observed({ tasks: 12 });
    allOnline(nas);
    for (const { id } of nas.state.tasks) run(nas, id);
    await feed.look();
    expect(versionReads(nas)).toEqual({ all: 2, single: 0 });
    expect(last().tasks?.map(({ task }) => task.versionCount)).toEqual(
      nas.state.tasks.map(({ id }) => nas.state.versions(id).length),
    );
  });

  test('of a NAS that restarts has failed, and the past is kept', async () => {
    const { nas, feed, last } = await observed({ runSeconds: HOUR });
    const before = run(nas, 1);
    await feed.look();
    nas.state.startRun(1);
    await feed.look(60);
    nas.restart();
    for (let i = 0; i < 3; i += 1) await feed.look();
    const broken = nas.state.resultsOf(1).at(-1)!.id;
    expect(taskOf(last(), 1).failing).toBe(true);
    expect(endsOf(last(), 1, 2)).toEqual([`${broken} failed, explained`, `${before} success`]);
  });
});

describe('over a restart of Node-RED', () => {
  test('the past is kept, and what ended meanwhile is in it', async () => {
    const { nas, feed } = await observed();
    const failed = run(nas, 1, 'failed');
    await feed.look();
    const missed = run(nas, 2, 'partial');
    feed.restart();
    const { last } = observe(feed);
    await feed.look(3 * DAY);
    expect(taskOf(last(), 1).failing).toBe(true);
    expect(endsOf(last(), 1, 1)).toEqual([`${failed} failed, explained`]);
    expect(endsOf(last(), 2, 1)).toEqual([`${missed} partial, explained`]);
  });

  test('a memory of a release that knew less is filled in', async () => {
    const store = new InMemoryStateStore();
    const { nas, feed } = await observed({}, { store });
    const ids = [run(nas, 1), run(nas, 1, 'failed')];
    await feed.look();
    feed.feed.onEvent({ id: 'a', storageLowPercent: 10, onEvent: () => undefined })();
    const { tasks, ...rest } = store.load()!;
    const forgotten = { lastSuccessAt: null, recent: [], failing: null };
    const poor = Object.entries(tasks).map(([id, task]) => [id, { ...task, ...forgotten }] as const);
    const memory: MonitorState = { ...rest, tasks: Object.fromEntries(poor) };
    store.save(memory);
    feed.restart();
    store.save(memory);
    feed.restart();
    const { last } = observe(feed);
    expect(await feed.look()).toEqual([]);
    expect(taskOf(last(), 1).failing).toBe(true);
    expect(endsOf(last(), 1, 2)).toEqual([`${ids[1]} failed, explained`, `${ids[0]} success`]);
    expect(taskOf(last(), 1).task.lastSuccessAt).toBe(timeOf(nas.state.resultsOf(1).at(-2)!.endedAt!));
  });

  test('a memory of another NAS is not shown', async () => {
    const store = new InMemoryStateStore();
    const { nas, feed } = await observed({}, { store });
    allOnline(nas);
    for (const { id } of nas.state.tasks) run(nas, id, 'failed');
    await feed.look();
    const other = await connect({ seed: 2 });
    const id = run(other.nas, 1);
    const feedOfOther = feedOf(other.nas, other.activeBackup, { store });
    const { last } = observe(feedOfOther);
    await feedOfOther.look();
    expect(taskOf(last(), 1)).toMatchObject({ failing: false });
    expect(taskOf(last(), 1).recent[0]?.id).toBe(id);
  });

  test('a task that was removed and added anew under the same id has no past', async () => {
    const { nas, feed, last } = await observed();
    run(nas, 1, 'failed');
    await feed.look();
    expect(taskOf(last(), 1).failing).toBe(true);
    const task = nas.state.task(1);
    Object.assign(task, { uuid: 'another', lastResultId: null });
    expect(await feed.look()).toEqual([`task_added ${task.name}`, `task_removed ${task.name}`]);
    expect(taskOf(last(), 1)).toMatchObject({ failing: false, recent: [] });
    const id = run(nas, 1, 'cancelled');
    await feed.look();
    feed.restart();
    const { last: lastOfNext } = observe(feed);
    await feed.look();
    for (const shown of [last, lastOfNext]) {
      expect(endsOf(shown(), 1, 9)).toEqual([`${id} cancelled`]);
      expect(taskOf(shown(), 1).failing).toBe(false);
    }
  });
});

describe('overdue', () => {
  test('comes with the time alone', async () => {
    const { nas, feed, pictures, last } = await observed({ now: saturdayNoon }, { overdueHours: 24 });
    nas.state.setSchedule(1, schedule({ run_weekday: [0], run_hour: 3 }));
    run(nas, 1);
    await feed.look();
    const before = last();
    await feed.look(23 * HOUR);
    expect(last().tasks).toBe(before.tasks);
    await feed.look(HOUR);
    expect(taskOf(last(), 1).task.overdue).toBe(true);
    expect(taskOf(last(), 2)).toBe(taskOf(before, 2));
    expect(pictures).toHaveLength(4);
  });
});

describe('the NAS', () => {
  test('is away after two looks, and the rest stays as it was known', async () => {
    const { nas, feed, pictures, last } = await observed();
    const undo = nas.fail({ do: 'reset-before' });
    for (let i = 0; i < 3; i += 1) await feed.look(60);
    expect(pictures.map(({ online }) => online)).toEqual([true, true, false, false]);
    const [{ tasks, storages, devices }] = pictures as [NasSnapshot];
    expect(last()).toEqual({ at: nowOf(nas), online: false, tasks, storages, storageWasLow: false, devices });
    expect(last().tasks).toBe(tasks);
    undo();
    await feed.look(60);
    expect(last()).toMatchObject({ online: true });
    expect(last().tasks).toBe(tasks);
  });

  test('that is away from the beginning is shown as soon as that is known, and whole when it comes', async () => {
    const { nas, activeBackup } = await connect();
    const undo = nas.fail({ do: 'reset-before' });
    const feed = feedOf(nas, activeBackup);
    const { pictures, last } = observe(feed);
    await feed.look();
    expect(pictures).toEqual([]);
    await feed.look();
    expect(pictures.map(counts)).toEqual([{ online: false, tasks: null, storages: null, devices: null }]);
    undo();
    await feed.look();
    expect(counts(last())).toEqual({ online: true, tasks: 5, storages: 1, devices: 5 });
  });

  test('stays away over a restart of Node-RED', async () => {
    const { nas, feed } = await observed();
    nas.fail({ do: 'reset-before' });
    await feed.look();
    await feed.look();
    feed.restart();
    const { pictures } = observe(feed);
    await feed.look();
    expect(pictures).toMatchObject([{ online: false }]);
  });
});

describe('with a log that does not answer', () => {
  test('an end is shown when it is told', async () => {
    const { nas, feed, pictures, last } = await observed();
    const undo = nas.fail({ on: ON_LOG, do: 'html' });
    const id = run(nas, 1, 'failed');
    await feed.look();
    expect(last().tasks).toBe(pictures[0]?.tasks);
    undo();
    expect(await feed.look()).toEqual([`backup_failed ${id}`]);
    expect(taskOf(last(), 1).failing).toBe(true);
    expect(endsOf(last(), 1, 1)).toEqual([`${id} failed, explained`]);
  });

  test('from the beginning, the tasks are shown after a while as far as they tell themselves', async () => {
    const { nas, activeBackup } = await connect();
    nas.fail({ on: ON_LOG, do: 'html' });
    const id = run(nas, 1, 'failed');
    const feed = feedOf(nas, activeBackup);
    const { pictures, last } = observe(feed);
    for (let i = 0; i < 5; i += 1) await feed.look();
    expect(pictures.slice(0, 2).map(({ tasks }) => tasks)).toEqual([null, null]);
    expect(taskOf(last(), 1).failing).toBe(true);
    expect(endsOf(last(), 1, 1)).toEqual([`${id} failed`]);
    expect(new Set(pictures.slice(2).map(({ tasks }) => tasks)).size).toBe(1);
  });
});

describe('storages', () => {
  const fill = (nas: Nas, usedPercent: number): void => {
    for (const volume of nas.state.volumes) volume.usedBytes = Math.floor((volume.totalBytes * usedPercent) / 100);
  };
  const lows = ({ storages }: NasSnapshot): boolean[] => [...new Set(storages!.map(({ low }) => low))];

  test('are low by the limit of each observer, and well again two percent above', async () => {
    const { nas, feed, last } = await observed();
    const other = observe(feed, 20);
    const shown = async (usedPercent: number): Promise<unknown> => {
      fill(nas, usedPercent);
      await feed.look(900);
      return [...lows(last()), ...lows(other.last())];
    };
    expect(await shown(75)).toEqual([false, false]);
    expect(await shown(81)).toEqual([false, true]);
    expect(await shown(91)).toEqual([true, true]);
    expect(await shown(89)).toEqual([true, true]);
    expect(await shown(87)).toEqual([false, true]);
    expect(await shown(79)).toEqual([false, true]);
    expect(await shown(70)).toEqual([false, false]);
  });

  test('that are low are so still after a restart, within the two percent', async () => {
    const { nas, feed } = await observed();
    fill(nas, 91);
    await feed.look(900);
    fill(nas, 89);
    feed.restart();
    const { last } = observe(feed);
    await feed.look(900);
    expect(lows(last())).toEqual([true]);
  });

  test('that change are new, the others are not', async () => {
    const { nas, feed, pictures } = await observed();
    nas.state.storages.push({ ...nas.state.storages[0]!, id: 2 });
    await feed.look(900);
    pictures.shift();
    nas.state.storages[0]!.dedupBytes += 1000;
    await feed.look(900);
    const [one, other] = pictures.map(({ storages }) => storages!);
    expect(other).not.toBe(one);
    expect(other!.map((storage, index) => storage === one![index])).toEqual([false, true]);
  });
});

describe('devices', () => {
  test('without a task are there, those with one as their tasks tell', async () => {
    const { nas, activeBackup } = await connect();
    const idle = nas.state.addDevice({ hostName: 'IDLE-PC' });
    const feed = feedOf(nas, activeBackup);
    const { last } = observe(feed);
    await feed.look();
    const { deviceIds } = nas.state.task(1);
    nas.state.setOnline(1, false);
    await feed.look();
    const found = new Map(last().devices?.map((device) => [device.id, device]));
    expect(found.get(idle.id)).toMatchObject({ name: 'IDLE-PC', online: null });
    expect(found.get(deviceIds[0]!)).toMatchObject({ online: false, platformCode: expect.any(Number) as number });
    nas.state.setOnline(1, true);
    const before = last();
    await feed.look();
    expect(last().devices?.find(({ id }) => id === deviceIds[0])?.online).toBe(true);
    expect(last().devices?.find(({ id }) => id === idle.id)).toBe(before.devices?.find(({ id }) => id === idle.id));
  });

  test('of a new task are there with it', async () => {
    const { nas, feed, last } = await observed();
    const device = nas.state.addDevice({ hostName: 'NEW-PC' });
    const { id } = nas.state.addTask({ name: 'New', deviceIds: [device.id] });
    await feed.look();
    expect(last().devices?.some(({ name }) => name === 'NEW-PC')).toBe(true);
    expect(taskOf(last(), id).task.versionCount).toBe(0);
  });
});

describe('what the NAS refuses', () => {
  const ON_VERSIONS = { api: 'SYNO.ActiveBackup.Task', method: 'list' };

  test.each([
    { what: 'storages', on: { method: 'list_volume' } },
    { what: 'devices', on: ON_DEVICES },
  ] as const)('$what are null, and the rest is there', async ({ what, on }) => {
    const { nas, activeBackup } = await connect();
    nas.fail({ on, do: 'refuse', code: 105 });
    const feed = feedOf(nas, activeBackup);
    const { last } = observe(feed);
    await feed.look();
    expect(counts(last())).toEqual({ online: true, tasks: 5, storages: 1, devices: 5, [what]: null });
    const asked = nas.requests.length;
    for (let i = 0; i < 10; i += 1) await feed.look(60);
    expect(nas.requests.length - asked).toBe(10);
  });

  test.each([
    { what: 'storages', on: { method: 'list_volume' } },
    { what: 'devices', on: ON_DEVICES },
  ] as const)(
    '$what stay when they only fail at the moment, and are null when they are refused later',
    async ({ what, on }) => {
      const { nas, feed, pictures, last } = await observed();
      const undo = nas.fail({ on, do: 'html' });
      await feed.look(900);
      expect(last()[what]).toBe(pictures[0]![what]);
      undo();
      nas.fail({ on, do: 'refuse', code: 105 });
      await feed.look(900);
      expect(last()[what]).toBeNull();
    },
  );

  test('versions are not counted then', async () => {
    const { nas, activeBackup } = await connect();
    const feed = feedOf(nas, activeBackup);
    await feed.look();
    const { last } = observe(feed);
    const undo = nas.fail({ on: ON_VERSIONS, do: 'refuse', code: 105 });
    await feed.settled();
    undo();
    expect(last().tasks?.map(({ task }) => task.versionCount)).toEqual([null, null, null, null, null]);
    run(nas, 1);
    await feed.look();
    expect(taskOf(last(), 1).task.versionCount).toBe(nas.state.versions(1).length);
  });
});

describe('observers', () => {
  test('hear the picture first, then subscribers hear the events', async () => {
    const { nas, activeBackup } = await connect();
    const feed = feedOf(nas, activeBackup);
    const order: string[] = [];
    feed.feed.onEvent({ id: 'a', storageLowPercent: 10, onEvent: (event) => order.push(named(event)) });
    feed.feed.onSnapshot((picture) => order.push(`picture, ${picture.online ? 'on' : 'off'} line`), 10);
    await feed.look();
    const id = run(nas, 1);
    await feed.look();
    for (const volume of nas.state.volumes) volume.usedBytes = volume.totalBytes;
    await feed.look(900);
    const undo = nas.fail({ do: 'reset-before' });
    await feed.look();
    await feed.look();
    undo();
    await feed.look();
    const low = nas.state.storages.map(({ shareName }) => `storage_low ${shareName}`);
    expect(order).toEqual([
      'picture, on line',
      'picture, on line',
      `backup_succeeded ${id}`,
      'picture, on line',
      ...low,
      'picture, on line',
      'picture, off line',
      'nas_offline',
      'picture, on line',
      'nas_online',
    ]);
  });

  test('that come late are shown the last look, whole, without waiting for the next', async () => {
    const { nas, activeBackup } = await connect();
    const feed = feedOf(nas, activeBackup);
    await feed.look();
    expect(nas.received('list', ON_DEVICES.api)).toHaveLength(0);
    expect(versionReads(nas)).toEqual({ all: 0, single: 0 });
    const at = nowOf(nas);
    const { pictures, last } = observe(feed);
    expect(pictures).toEqual([]);
    await feed.settled();
    expect(pictures).toHaveLength(1);
    expect(last().at).toBe(at);
    expect(counts(last())).toEqual({ online: true, tasks: 5, storages: 1, devices: 5 });
    expect(last().tasks?.map(({ task }) => typeof task.versionCount)).toEqual(Array(5).fill('number'));
    const other = observe(feed);
    await feed.settled();
    expect(other.last().tasks).toBe(last().tasks);
    expect(other.last().storages).toEqual(last().storages);
  });

  test('that come while a look is worked on wait until there is a whole picture', async () => {
    const { nas, activeBackup } = await connect();
    nas.fail({ on: { method: 'list_volume' }, do: 'delay', ms: 50 });
    const feed = feedOf(nas, activeBackup);
    await feed.glance();
    await vi.waitUntil(() => nas.received('list_volume').length > 0, { interval: 1 });
    const { pictures } = observe(feed);
    await feed.settled();
    expect(pictures.map(counts)).toEqual([{ online: true, tasks: 5, storages: 1, devices: 5 }]);
  });

  test('that come while the NAS is away are told so', async () => {
    const { nas, feed } = await observed();
    nas.fail({ do: 'reset-before' });
    await feed.look();
    await feed.look();
    const { pictures } = observe(feed);
    await feed.settled();
    expect(pictures.map(counts)).toEqual([{ online: false, tasks: 5, storages: 1, devices: 5 }]);
  });

  test('that have gone are shown nothing, and nothing is read for them any more', async () => {
    const { nas, activeBackup } = await connect();
    const feed = feedOf(nas, activeBackup);
    const { pictures, stop } = observe(feed);
    await feed.look();
    stop();
    const reads = nas.received('list', ON_DEVICES.api).length;
    run(nas, 1);
    for (let i = 0; i < 4; i += 1) await feed.look(HOUR);
    expect(pictures).toHaveLength(1);
    expect(nas.received('list', ON_DEVICES.api)).toHaveLength(reads);
    expect(versionReads(nas)).toEqual({ all: 1, single: 0 });
  });

  test('alone keep a feed running, and stop it when the last one goes', async () => {
    const { nas, activeBackup } = await connect();
    const watch = watchOf(activeBackup, 5);
    const store = new InMemoryStateStore();
    const feed = new NasMonitor({
      poller: watch,
      client: createMonitorClient(activeBackup),
      store,
      overdueHours: 0,
      nas: nas.url,
    });
    const shown: NasSnapshot[][] = [[], []];
    const stops = shown.map((pictures) => feed.onSnapshot((picture) => pictures.push(picture), 10));
    onTestFinished(() => {
      for (const stop of stops) stop();
    });
    await vi.waitUntil(() => shown.every(({ length }) => length > 3), { interval: 2 });
    const id = run(nas, 1, 'failed');
    await vi.waitUntil(() => taskOf(shown[1]!.at(-1)!, 1).recent[0]?.id === id, { interval: 2 });
    expect(shown[0]!.at(-1)!.tasks).toBe(shown[1]!.at(-1)!.tasks);
    stops[0]!();
    stops[1]!();
    expect(store.load()?.tasks['1']?.failing).toBe(true);
    const requests = nas.requests.length;
    const { length } = shown[1]!;
    await vi.waitFor(() => {
      expect(nas.requests.length - requests).toBeLessThanOrEqual(1);
    });
    expect(shown[1]).toHaveLength(length);
  });
});
