import { describe, expect, test } from 'vitest';
import type { NasEvent } from '../../src/monitor/events';
import { createMonitorClient } from '../../src/monitor/monitor-client';
import { type MonitorState, InMemoryStateStore, type StateStore } from '../../src/monitor/monitor-state';
import { NasMonitor } from '../../src/monitor/nas-monitor';
import { schedule } from '../nas/index';
import { connect, createPoller, describeEvent, run, startMonitored } from './support/connect';
import { until } from '../support/until';

const HOUR = 3600;

/** The day before the weekly run of the test, so that its new schedule is due by hours alone. */
const saturdayNoon = (): number => Date.parse('2026-11-14T12:00:00Z');

const DAY = 24 * HOUR;

const LOG = 'SYNO.ActiveBackup.Log';

const ON_LOG = { api: LOG, method: 'list_result' };

const ON_TASKS = { api: 'SYNO.ActiveBackup.Task' };

describe('a backup', () => {
  test('starts, goes on and succeeds', async () => {
    const { nas, monitor } = await startMonitored({ runSeconds: 600 });
    const { name } = nas.state.task(1);
    nas.state.startRun(1);
    expect(await monitor.poll(60)).toEqual([`backup_started ${name}`, `backup_progress ${name}`]);
    expect(await monitor.poll(60)).toEqual([`backup_progress ${name}`]);
    expect(monitor.events[0]).toMatchObject({
      task: { progress: { percent: expect.closeTo(20, -1) as number }, overdue: false },
    });
    const { id } = nas.state.resultsOf(1).at(-1)!;
    expect(await monitor.poll(600)).toEqual([`backup_succeeded ${id}`]);
    expect(monitor.events[0]).toMatchObject({
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
    expect(await monitor.poll()).toEqual([]);
  });

  test.each([
    { outcome: 'success', event: 'backup_succeeded', reason: null },
    { outcome: 'partial', event: 'backup_partial', reason: /no permission/ },
    { outcome: 'failed', event: 'backup_failed', reason: /no permission/ },
    { outcome: 'cancelled', event: 'backup_cancelled', reason: null },
    { outcome: 'incomplete', event: 'backup_failed', reason: /stopped|unexpected/i },
  ] as const)('$outcome is reported as $event, with the reason if there is one', async ({ outcome, event, reason }) => {
    const { nas, monitor } = await startMonitored();
    const id = run(nas, 4, outcome);
    // Its machine was late already at the first poll, because it has no backup of its own, and so the task was overdue.
    const { name, deviceIds } = nas.state.task(4);
    const machine = nas.state.device(deviceIds[0]!).hostName;
    const recovered = outcome === 'success' ? [`backup_recovered ${name}`, `device_recovered ${machine}`] : [];
    expect(await monitor.poll()).toEqual([`${event} ${id}`, ...recovered]);
    const [reported] = monitor.events;
    if (reason === null) expect(reported?.result?.reason).toBeNull();
    else expect(reported?.result?.reason).toMatch(reason);
  });

  test('nothing to back up is no event', async () => {
    const { nas, monitor } = await startMonitored();
    run(nas, 1, 'no_backup');
    expect(await monitor.poll()).toEqual([]);
  });

  test('the event has no reason when the details cannot be read', async () => {
    const { nas, monitor } = await startMonitored();
    const id = run(nas, 4, 'failed');
    nas.fail({ on: { method: 'list_result_detail' }, do: 'refuse', code: 105 });
    expect(await monitor.poll()).toEqual([`backup_failed ${id}`]);
    expect(monitor.events[0]?.result?.reason).toBeNull();
  });
});

describe.each([
  { showsOpenResults: true, newestFirst: false },
  { showsOpenResults: true, newestFirst: true },
  { showsOpenResults: false, newestFirst: false },
  { showsOpenResults: false, newestFirst: true },
])('each backup once on a NAS whose log shows open runs: $showsOpenResults, newest first: $newestFirst', (log) => {
  test('runs that started and finished between two polls, also several of one task', async () => {
    const { nas, monitor } = await startMonitored(log);
    const ids = [run(nas, 1), run(nas, 1, 'failed'), run(nas, 2, 'cancelled'), run(nas, 1)];
    const events = ['backup_succeeded', 'backup_failed', 'backup_cancelled', 'backup_succeeded'];
    expect(await monitor.poll()).toEqual(events.map((event, index) => `${event} ${ids[index]}`));
    expect(await monitor.poll()).toEqual([]);
  });

  test('overlapping runs that finish in another order than they started', async () => {
    const { nas, monitor } = await startMonitored({ ...log, runSeconds: 10 * HOUR });
    for (const id of [1, 2, 3]) nas.state.startRun(id);
    await monitor.poll(60);
    const idOf = (taskId: number): number => nas.state.resultsOf(taskId).at(-1)!.id;
    const reported: string[] = [];
    for (const task of [3, 1, 2]) {
      nas.state.endRun(task, 'success');
      reported.push(...(await monitor.poll(60)).filter((event) => event.startsWith('backup_s')));
    }
    expect(reported).toEqual([3, 1, 2].map((task) => `backup_succeeded ${idOf(task)}`));
  });

  test('a run of three days, with 100 others meanwhile', async () => {
    const { nas, monitor } = await startMonitored({ ...log, runSeconds: 3 * DAY });
    nas.state.startRun(1);
    await monitor.poll(60);
    const reported: string[] = [];
    const ids: number[] = [];
    for (let i = 0; i < 100; i += 1) {
      ids.push(run(nas, 2));
      reported.push(...(await monitor.poll(2400)).filter((event) => event.startsWith('backup_s')));
    }
    expect(reported).toEqual(ids.map((id) => `backup_succeeded ${id}`));
    const long = nas.state.resultsOf(1).at(-1)!.id;
    expect(await monitor.poll(DAY)).toEqual([`backup_succeeded ${long}`]);
  });

  test('a deletion of versions that hides the last backup', async () => {
    const { nas, monitor } = await startMonitored(log);
    const id = run(nas, 1, 'partial');
    nas.state.deleteVersions(1);
    expect(await monitor.poll()).toEqual([`backup_partial ${id}`]);
    nas.state.deleteVersions(1);
    expect(await monitor.poll()).toEqual([]);
    const next = run(nas, 1);
    nas.state.deleteVersions(1);
    expect(await monitor.poll()).toEqual([`backup_succeeded ${next}`]);
  });

  test('backups finished while Node-RED was down are late, and only those', async () => {
    const { nas, monitor } = await startMonitored(log);
    const reported = run(nas, 1);
    expect(await monitor.poll()).toEqual([`backup_succeeded ${reported}`]);
    const missed = [run(nas, 2), run(nas, 1, 'failed')];
    nas.state.deleteVersions(1);
    monitor.restart();
    // The virtual machine, which nobody switches off, counts as on line meanwhile: it is late by its habit.
    expect(await monitor.poll(DAY)).toEqual([
      `backup_succeeded ${missed[0]} late`,
      `backup_failed ${missed[1]} late`,
      `backup_overdue ${nas.state.task(3).name} late`,
      'device_overdue vm-projects late',
    ]);
    monitor.restart();
    expect(await monitor.poll(DAY)).toEqual([]);
  });
});

describe('tasks and devices', () => {
  test('come and go', async () => {
    const { nas, monitor } = await startMonitored();
    const added = nas.state.addTask({ name: 'New' });
    expect(await monitor.poll()).toEqual(['task_added New']);
    nas.state.task(added.id).name = 'Renamed';
    expect(await monitor.poll()).toEqual([]);
    nas.state.removeTask(added.id);
    expect([await monitor.poll(), await monitor.poll(), await monitor.poll()]).toEqual([
      [],
      [],
      ['task_removed Renamed'],
    ]);
  });

  test('a task removed while it runs: its run is cancelled', async () => {
    const { nas, monitor } = await startMonitored({ runSeconds: HOUR });
    nas.state.startRun(1);
    await monitor.poll(60);
    const { id, taskName } = nas.state.resultsOf(1).at(-1)!;
    nas.state.removeTask(1);
    const reported = [await monitor.poll(), await monitor.poll(), await monitor.poll()];
    expect(reported).toEqual([[`backup_cancelled ${id}`], [], [`task_removed ${taskName}`]]);
  });

  test('go offline and online', async () => {
    const { nas, monitor } = await startMonitored();
    const device = nas.state.device(nas.state.task(1).deviceIds[0]!);
    const was = device.online;
    nas.state.setOnline(1, !was);
    const names = was ? ['device_offline', 'device_online'] : ['device_online', 'device_offline'];
    expect(await monitor.poll()).toEqual([`${names[0]} ${device.hostName}`]);
    nas.state.setOnline(1, was);
    expect(await monitor.poll()).toEqual([`${names[1]} ${device.hostName}`]);
  });

  test('a task becomes overdue by time alone, without a change on the NAS', async () => {
    const { nas, monitor } = await startMonitored({ now: saturdayNoon }, { overdueHours: 24 });
    const { name } = nas.state.task(1);
    const device = nas.state.device(nas.state.task(1).deviceIds[0]!).hostName;
    nas.state.setSchedule(1, schedule({ run_weekday: [0], run_hour: 3 }));
    run(nas, 1);
    await monitor.poll();
    const requests = nas.received('list_result').length;
    expect(await monitor.poll(23 * HOUR)).toEqual([]);
    expect(await monitor.poll(HOUR)).toEqual([`backup_overdue ${name}`, `device_overdue ${device}`]);
    expect(monitor.events[0]?.task?.overdue).toBe(true);
    // The virtual machine, which was on line all the time, is late by its habit: nothing starts its task.
    expect(await monitor.poll(HOUR)).toEqual(['device_overdue vm-projects']);
    expect(nas.received('list_result')).toHaveLength(requests);
    nas.state.startRun(1);
    expect(await monitor.poll(60)).toContain(`backup_started ${name}`);
    expect(monitor.events.at(-1)).toMatchObject({ event: 'backup_progress', task: { overdue: true } });
    nas.state.endRun(1, 'success');
    expect((await monitor.poll()).map((event) => event.split(' ')[0])).toEqual([
      'backup_succeeded',
      'backup_recovered',
      'device_recovered',
    ]);
  });
});

describe('the state', () => {
  test('is stored after the listeners have handled their events: a process killed before loses nothing', async () => {
    const order: string[] = [];
    let saved: MonitorState | null = null;
    const store: StateStore = {
      load: () => saved,
      save: (state) => {
        order.push('saved');
        saved = state;
      },
    };
    const { nas, monitor } = await startMonitored({}, { store });
    // As Node-RED hands a message on: in a turn of its own.
    monitor.nasMonitor.onEvent({
      id: 'a',
      storageLowPercent: 10,
      onEvent: ({ event }) => void setImmediate(() => order.push(event)),
    });
    await monitor.poll();
    order.length = 0;
    const id = run(nas, 1);
    const before = saved as MonitorState | null;
    await monitor.poll();
    expect(order).toEqual(['backup_succeeded', 'saved']);
    // The process died between the two: only `before` is on the disk.
    saved = before;
    monitor.restart();
    saved = before;
    monitor.restart();
    expect(await monitor.poll()).toEqual([`backup_succeeded ${id} late`]);
  });

  test('is stored at once when the last listener goes', async () => {
    const store = new InMemoryStateStore();
    const { nas, activeBackup } = await connect();
    const poller = createPoller(activeBackup, 5, 5, () => new Date(nas.clock.now() * 1000));
    const monitor = new NasMonitor({
      poller,
      client: createMonitorClient(activeBackup),
      store,
      overdueHours: 0,
      nas: nas.url,
    });
    const reported: string[] = [];
    const onEvent = (event: NasEvent): void => {
      reported.push(describeEvent(event));
      if (event.event === 'backup_succeeded') stop();
    };
    const stop = monitor.onEvent({ id: 'a', storageLowPercent: 10, onEvent });
    await until(() => store.load() !== null);
    const id = run(nas, 1);
    await until(() => reported.length > 0);
    expect(Object.keys(store.load()?.ends ?? {}).some((key) => key.startsWith(`${id}@`))).toBe(true);
  });

  test('is not written again while nothing changes', async () => {
    let saves = 0;
    const { monitor } = await startMonitored({}, { store: { load: () => null, save: () => (saves += 1) } });
    for (let i = 0; i < 10; i += 1) await monitor.poll(HOUR);
    const before = saves;
    for (let i = 0; i < 10; i += 1) await monitor.poll(60);
    expect(saves).toBe(before);
  });
});

describe('listeners', () => {
  test.each([1, 10, 100])('%i cost the NAS the same requests, and each gets everything', async (count) => {
    const { nas, activeBackup } = await connect();
    const poller = createPoller(activeBackup, 5, 5, () => new Date(nas.clock.now() * 1000));
    const monitor = new NasMonitor({
      poller,
      client: createMonitorClient(activeBackup),
      store: new InMemoryStateStore(),
      overdueHours: 0,
      nas: nas.url,
    });
    const received = Array.from({ length: count }, () => [] as NasEvent[]);
    let polls = 0;
    for (const [id, each] of received.entries()) {
      monitor.onEvent({ id: String(id), storageLowPercent: 10, onEvent: (event) => each.push(event) });
    }
    poller.subscribe(() => (polls += 1));
    await until(() => nas.received('list_volume').length > 0, { interval: 2 });
    const id = run(nas, 4, 'failed');
    await until(() => received[0]!.length > 0, { interval: 2 });
    const from = polls;
    await until(() => polls >= from + 20, { interval: 2 });
    for (const each of received) expect(each.map(describeEvent)).toEqual([`backup_failed ${id}`]);
    const requests = ['login', 'list_result', 'list_result_detail', 'list_volume'].map(
      (method) => nas.received(method).length,
    );
    expect(requests).toEqual([1, 2, 1, 1]);
    expect(nas.received('list', ON_TASKS.api).length - polls).toBeLessThanOrEqual(1);
  });

  test('that come and go start and stop the monitor; nothing is lost or repeated', async () => {
    const { nas, activeBackup } = await connect();
    const poller = createPoller(activeBackup, 2, 2, () => new Date(nas.clock.now() * 1000));
    const store = new InMemoryStateStore();
    const monitor = new NasMonitor({
      poller,
      client: createMonitorClient(activeBackup),
      store,
      overdueHours: 0,
      nas: nas.url,
    });
    const reported: string[] = [];
    const ids: number[] = [];
    const subscribe = (onEvent: (event: NasEvent) => void): (() => void) =>
      monitor.onEvent({ id: 'a', storageLowPercent: 10, onEvent });
    let stop = subscribe(() => undefined);
    await until(() => store.load() !== null);
    for (let i = 0; i < 30; i += 1) {
      stop();
      ids.push(run(nas, 1 + (i % 3)));
      stop = subscribe((event) => reported.push(describeEvent(event).replace(' late', '')));
      await until(() => reported.includes(`backup_succeeded ${ids[i]}`), { interval: 2 });
    }
    stop();
    expect(reported.filter((event) => event.startsWith('backup_s'))).toEqual(ids.map((id) => `backup_succeeded ${id}`));
  });

  test('a slow log delays the events by at most one poll', async () => {
    const { nas, monitor } = await startMonitored();
    const undo = nas.fail({ on: ON_LOG, do: 'delay', ms: 100 });
    const first = run(nas, 1);
    for (let i = 0; i < 10; i += 1) await monitor.sendPoll();
    const second = run(nas, 2);
    await monitor.sendPoll();
    await monitor.whenIdle();
    undo();
    await monitor.poll();
    expect(nas.received('list_result').length).toBeLessThanOrEqual(4);
    const ends = nas.state.results.slice(-2).map(({ id }) => id);
    expect(ends).toEqual([first, second]);
  });
});
