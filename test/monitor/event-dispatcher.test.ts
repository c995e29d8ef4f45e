import { describe, expect, test } from 'vitest';
import { parseDevices } from '../../src/active-backup/model/task';
import type { Device } from '../../src/active-backup/types';
import type { NasMonitor } from '../../src/monitor/nas-monitor';
import { type MonitorState, InMemoryStateStore } from '../../src/monitor/monitor-state';
import { ScriptedNas, Recorder, whenIdle } from './support/scripted-nas';

const DAY = 24 * 3600;

interface Stage {
  readonly nas: ScriptedNas;
  readonly store: InMemoryStateStore;
  readonly a: Recorder;
  readonly b: Recorder;
  readonly warnings: string[];
  monitor: NasMonitor;
  /** Polls, and waits for what follows. */
  readonly poll: () => Promise<void>;
  /** Node-RED goes and comes again, in good order. */
  readonly restart: () => void;
}

/** Two listeners of one NAS that have had their first poll. */
async function staged(tasks = 3): Promise<Stage> {
  const nas = new ScriptedNas(tasks);
  const store = new InMemoryStateStore();
  const warnings: string[] = [];
  const warn = (message: string): void => void warnings.push(message);
  const [a, b] = [new Recorder('a'), new Recorder('b')];
  const stage: Stage = {
    ...{ nas, store, a, b, warnings, monitor: nas.createMonitor(store, warn) },
    poll: async () => {
      nas.poll();
      await whenIdle();
    },
    restart: () => {
      for (const listener of [a, b]) listener.unsubscribe();
      nas.removeListeners();
      stage.monitor = nas.createMonitor(store, warn);
      for (const listener of [a, b]) listener.subscribe(stage.monitor);
    },
  };
  nas.end(1);
  for (const listener of [a, b]) listener.subscribe(stage.monitor);
  await stage.poll();
  expect([a.takeEvents(), b.takeEvents()]).toEqual([[], []]);
  return stage;
}

describe('a listener that was away while others were subscribed', () => {
  test('gets every missed backup once, late, at its next poll; the others do not get it again', async () => {
    const { nas, a, b, monitor, poll } = await staged();
    b.unsubscribe();
    const missed = [nas.end(1, 4), nas.end(2)];
    await poll();
    b.subscribe(monitor);
    await poll();
    const [reported] = a.events;
    expect(a.takeEvents()).toEqual([`backup_failed ${missed[0]}`, `backup_succeeded ${missed[1]}`]);
    expect(b.events[0]).toEqual({ ...reported, late: true });
    expect(b.takeEvents()).toEqual([`backup_failed ${missed[0]} late`, `backup_succeeded ${missed[1]} late`]);
    await poll();
    expect([a.takeEvents(), b.takeEvents()]).toEqual([[], []]);
  });

  test('gets late what finished before its return, also if no other listener got it before', async () => {
    const { nas, a, b, monitor, poll } = await staged();
    b.unsubscribe();
    const id = nas.end(1);
    b.subscribe(monitor);
    await poll();
    expect([a.takeEvents(), b.takeEvents()]).toEqual([[`backup_succeeded ${id}`], [`backup_succeeded ${id} late`]]);
  });

  test('loses nothing by two deploys in a row, a restart, and a NAS that is offline meanwhile', async () => {
    const { nas, a, b, poll, restart, ...stage } = await staged();
    b.unsubscribe();
    const id = nas.end(2, 4);
    await poll();
    for (let i = 0; i < 2; i += 1) {
      b.subscribe(stage.monitor);
      b.unsubscribe();
    }
    expect(a.takeEvents()).toEqual([`backup_failed ${id}`]);
    nas.isOffline = true;
    restart();
    await poll();
    expect([a.takeEvents(), b.takeEvents()]).toEqual([[], []]);
    nas.isOffline = false;
    await poll();
    expect([a.takeEvents(), b.takeEvents()]).toEqual([[], [`backup_failed ${id} late`]]);
  });

  test('gets the backup of a task that was removed meanwhile', async () => {
    const { nas, b, monitor, poll } = await staged();
    b.unsubscribe();
    const id = nas.end(3, 4);
    await poll();
    nas.results.push({ ...nas.results.pop()!, taskId: 99 });
    b.subscribe(monitor);
    await poll();
    expect(b.takeEvents()).toEqual([`backup_failed ${id} late`]);
  });
});

describe('of events about a state, a listener that was away gets those that still hold, once and late', () => {
  const device = (online: boolean): Device[] => {
    const raw = { device_id: 7, host_name: 'PC', agent_status: online ? 'online' : 'offline' };
    return parseDevices({ devices: [raw] }).map((each) => ({ ...each, online }));
  };

  test.each<[string, (nas: ScriptedNas) => void, (nas: ScriptedNas) => void, string[]]>([
    ['a run that goes on', (nas) => nas.running.add(1), () => undefined, ['backup_started task 1 late']],
    [
      'a run that has ended',
      (nas) => nas.running.add(1),
      (nas) => nas.running.delete(1) && nas.end(1),
      ['backup_succeeded 2 late'],
    ],
    [
      'a device that is still offline',
      (nas) => (nas.devices = device(false)),
      () => undefined,
      ['device_offline PC late'],
    ],
    [
      'a device that is online again',
      (nas) => (nas.devices = device(false)),
      (nas) => (nas.devices = device(true)),
      [],
    ],
  ])('%s', async (_name, change, changeAgain, reported) => {
    const { nas, a, b, monitor, poll } = await staged();
    nas.devices = device(true);
    await poll();
    b.unsubscribe();
    for (const each of [change, changeAgain]) {
      each(nas);
      await poll();
    }
    b.subscribe(monitor);
    await poll();
    expect(b.takeEvents().filter((event) => !event.startsWith('backup_progress'))).toEqual(reported);
    expect(a.takeEvents()).not.toEqual([]);
    await poll();
    expect(b.takeEvents().filter((event) => !event.startsWith('backup_progress'))).toEqual([]);
  });

  test('a NAS that is still offline, also over a restart', async () => {
    const { nas, a, b, poll, restart } = await staged();
    b.unsubscribe();
    nas.isOffline = true;
    for (let i = 0; i < 3; i += 1) await poll();
    expect(a.takeEvents()).toEqual(['nas_offline']);
    restart();
    await poll();
    expect([a.takeEvents(), b.takeEvents()]).toEqual([[], ['nas_offline late']]);
    nas.isOffline = false;
    await poll();
    expect([a.takeEvents(), b.takeEvents()]).toEqual([['nas_online'], ['nas_online']]);
  });

  test('a NAS that is online again: neither of the two events', async () => {
    const { nas, b, monitor, poll } = await staged();
    b.unsubscribe();
    nas.isOffline = true;
    for (let i = 0; i < 3; i += 1) await poll();
    nas.isOffline = false;
    await poll();
    b.subscribe(monitor);
    await poll();
    expect(b.takeEvents()).toEqual([]);
  });
});

describe('a new listener on a NAS that has other listeners', () => {
  test('begins with its first poll: nothing of before, everything after, also over a restart', async () => {
    const stage = await staged();
    const { nas, a, poll, restart } = stage;
    nas.end(1);
    await poll();
    nas.end(2); // not reported to any listener yet
    const c = new Recorder('c');
    c.subscribe(stage.monitor);
    await poll();
    expect(a.takeEvents()).toHaveLength(2);
    expect(c.takeEvents()).toEqual([]);
    const id = nas.end(3);
    await poll();
    expect(c.takeEvents()).toEqual([`backup_succeeded ${id}`]);
    c.unsubscribe();
    restart();
    const late = nas.end(1, 4);
    await poll();
    c.subscribe(stage.monitor);
    await poll();
    expect(c.takeEvents()).toEqual([`backup_failed ${late} late`]);
    expect(a.takeEvents()).toEqual([`backup_succeeded ${id}`, `backup_failed ${late} late`]);
  });

  test('does not begin with a poll that was under way when it came, nor with one whose log is missing', async () => {
    const { nas, monitor, poll } = await staged();
    const c = new Recorder('c');
    nas.poll();
    c.subscribe(monitor);
    await whenIdle();
    nas.end(1);
    nas.isLogAvailable = false;
    await poll();
    nas.isLogAvailable = true;
    await poll();
    expect(c.takeEvents()).toEqual([]);
    const id = nas.end(1);
    await poll();
    expect(c.takeEvents()).toEqual([`backup_succeeded ${id}`]);
  });
});

describe('a listener that cannot take an event', () => {
  test('gets it again, late, and everything else in between; the others notice nothing', async () => {
    const { nas, a, b, poll } = await staged();
    const [first, second] = [nas.end(1, 4), nas.end(2)];
    b.rejects = ({ result }) => result?.id === first;
    await poll();
    await poll();
    expect(a.takeEvents()).toEqual([`backup_failed ${first}`, `backup_succeeded ${second}`]);
    expect(b.takeEvents()).toEqual([`backup_succeeded ${second}`]);
    b.rejects = () => false;
    await poll();
    await poll();
    expect(b.takeEvents()).toEqual([`backup_failed ${first} late`]);
  });

  test('gets it over a restart too', async () => {
    const { nas, b, poll, restart } = await staged();
    const id = nas.end(1);
    b.rejects = () => true;
    await poll();
    b.rejects = () => false;
    restart();
    await poll();
    expect(b.takeEvents()).toEqual([`backup_succeeded ${id} late`]);
  });
});

describe('what is kept for a listener that does not come back', () => {
  const kept = (store: InMemoryStateStore): Pick<MonitorState, 'listeners' | 'undelivered'> => {
    const { listeners, undelivered } = store.load()!;
    return { listeners, undelivered };
  };

  test('is dropped with its node', async () => {
    const { nas, a, b, monitor, store, poll } = await staged();
    b.unsubscribe();
    nas.end(1);
    await poll();
    expect(Object.keys(kept(store).undelivered)).toHaveLength(1);
    monitor.forget('b');
    expect(kept(store)).toEqual({ listeners: { a: expect.anything() as unknown }, undelivered: {} });
    a.unsubscribe();
    monitor.forget('a');
    expect(kept(store)).toEqual({ listeners: {}, undelivered: {} });
  });

  test('is dropped after 30 days', async () => {
    const { nas, b, store, poll } = await staged();
    b.unsubscribe();
    nas.end(1);
    await poll();
    nas.now += 31 * DAY;
    await poll();
    expect(kept(store)).toEqual({ listeners: { a: expect.anything() as unknown }, undelivered: {} });
  });

  test('is at most 10,000 events, the newest, with one warning', async () => {
    const { nas, b, monitor, store, warnings, poll } = await staged();
    b.unsubscribe();
    for (let round = 0; round < 3; round += 1) {
      for (let i = 0; i < 4000; i += 1) nas.end(1 + (i % 3));
      await poll();
    }
    expect(Object.keys(kept(store).undelivered)).toHaveLength(10_000);
    expect(warnings).toEqual([expect.stringMatching(/more than 10000 events: the oldest are given up/)]);
    b.subscribe(monitor);
    await poll();
    expect(b.takeEvents()).toEqual(Array.from({ length: 10_000 }, (_, i) => `backup_succeeded ${2002 + i} late`));
    expect(kept(store).undelivered).toEqual({});
  });
});

test('after an update from a release that stored no listeners nothing is lost or repeated', async () => {
  const { nas, a, b, store, poll, restart } = await staged();
  const known = nas.end(1);
  await poll();
  expect(a.takeEvents()).toEqual([`backup_succeeded ${known}`]);
  b.takeEvents();
  for (const listener of [a, b]) listener.unsubscribe();
  store.save({ ...store.load()!, listeners: null });
  const id = nas.end(2, 4);
  restart();
  await poll();
  expect([a.takeEvents(), b.takeEvents()]).toEqual([[`backup_failed ${id} late`], [`backup_failed ${id} late`]]);
  await poll();
  expect([a.takeEvents(), b.takeEvents()]).toEqual([[], []]);
});

test('5,000 finished backups in one poll reach every listener, each once and in order, also one that was away', async () => {
  const { nas, a, b, monitor, poll } = await staged(50);
  b.unsubscribe();
  const ids = Array.from({ length: 5000 }, (_, i) => nas.end(1 + (i % 50), i % 7 === 0 ? 4 : 2));
  await poll();
  b.subscribe(monitor);
  await poll();
  expect(a.events.map(({ result }) => result?.id)).toEqual(ids);
  expect(b.events.map(({ result }) => result?.id)).toEqual(ids);
});

describe('while a listener could lose an event', () => {
  test('the state is not stored, so that the process after a kill reports the event again, late', async () => {
    const { nas, store, monitor, poll } = await staged();
    let areStored = true;
    const received: string[] = [];
    const listen = (to: NasMonitor): (() => void) =>
      to.onEvent({
        id: 'b',
        storageLowPercent: 10,
        onEvent: ({ event, late }) => received.push(`${event}${late ? ' late' : ''}`),
        areStored: () => areStored,
      });
    listen(monitor);
    await poll();
    const before = store.load();
    areStored = false;
    nas.end(1);
    await poll();
    await poll();
    expect(store.load()).toBe(before);

    nas.removeListeners(); // a kill
    areStored = true;
    listen(nas.createMonitor(store));
    await poll();
    expect(received).toEqual(['backup_succeeded', 'backup_succeeded late']);
    expect(store.load()).not.toBe(before);
  });

  test('the state is not stored either after that listener alone has left, as at a deploy of one node, until it returns', async () => {
    const { nas, store, monitor, poll } = await staged();
    const subscription = { id: 'b', storageLowPercent: 10, onEvent: () => undefined };
    const leave = monitor.onEvent({ ...subscription, areStored: () => false });
    await poll();
    const before = store.load();
    nas.end(1);
    await poll();
    leave();
    await poll();
    expect(store.load()).toBe(before);
    monitor.onEvent({ ...subscription, areStored: () => true });
    await poll();
    expect(store.load()).not.toBe(before);
  });

  test('the state is stored as soon as it could not any more', async () => {
    const { nas, store, monitor, poll } = await staged();
    let areStored = false;
    monitor.onEvent({ id: 'c', storageLowPercent: 10, onEvent: () => undefined, areStored: () => areStored });
    const id = nas.end(1);
    const keys = (): number[] => Object.keys(store.load()?.ends ?? {}).map((key) => Number.parseInt(key, 10));
    await poll();
    expect(keys()).not.toContain(id);
    areStored = true;
    await poll();
    expect(keys()).toContain(id);
  });
});
