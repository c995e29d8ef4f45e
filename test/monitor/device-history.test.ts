import { describe, expect, test } from 'vitest';
import type { Json } from '../../src/dsm/json';
import { DeviceHistory } from '../../src/monitor/device-history';
import type { StoredDevices } from '../../src/monitor/device-history-state';
import { InMemoryStateStore } from '../../src/monitor/monitor-state';
import type { NasSnapshot } from '../../src/monitor/snapshot';
import { InMemoryStore } from '../../src/storage/json-file';
import {
  manyRows,
  missingFields,
  shuffled,
  timesUntil,
  unknownIds,
  wrongTypes,
  type Nas,
  type NasOptions,
} from '../nas/index';
import {
  connect,
  createMonitor,
  run,
  startMonitored,
  type ManualMonitor,
  type MonitorSettings,
} from './support/connect';
import { task } from './support/builders';
import { device } from './support/protection-cases';

const OUTCOMES = { api: 'SYNO.ActiveBackup.Overview', method: 'list_device_transfer_size' } as const;
const MINUTE = 60;
const QUARTER = 15 * MINUTE;

/** How often the NAS was asked for outcomes. */
const reads = (nas: Nas): number => nas.received(OUTCOMES.method).length;

/** A NAS with one task of many machines, all on line. */
const MANY = { tasks: 1, devices: 40, showsOpenDeviceResults: true } as const;

async function observed(
  options: NasOptions = MANY,
  settings: MonitorSettings = {},
): Promise<{ nas: Nas; monitor: ManualMonitor; last: () => NasSnapshot }> {
  const { nas, monitor } = await startMonitored(options, settings);
  const snapshots: NasSnapshot[] = [];
  monitor.nasMonitor.onSnapshot((snapshot) => snapshots.push(snapshot), 10);
  await monitor.poll();
  return { nas, monitor, last: () => snapshots.at(-1)! };
}

describe('a backup of 40 machines of which one fails', () => {
  test('is reported with the machine that failed, in the event, the snapshot and a list', async () => {
    const { nas, monitor, last } = await observed();
    const [machine] = nas.state.task(1).deviceIds;
    nas.state.setDeviceOutcome(1, machine!, 'failed');
    const id = run(nas, 1);
    expect(await monitor.poll()).toEqual([`backup_partial ${id}`]);
    const { hostName: name } = nas.state.device(machine!);
    const { task, result } = monitor.events[0]!;
    expect(task?.devicesFailed).toEqual([name]);
    expect(result?.devices).toHaveLength(40);
    expect(result?.devices?.filter(({ status }) => status === 'failed')).toMatchObject([
      { name, resultId: id, taskId: 1, durationSeconds: expect.any(Number) as number },
    ]);
    expect(last().tasks?.[0]?.task).toMatchObject({ devicesFailed: [name], lastResult: { devices: result?.devices } });
    const words = last().protections?.map(({ device, protection }) => [device.id, protection]) ?? [];
    expect(words).toHaveLength(40);
    expect(words.filter(([, protection]) => protection === 'failing')).toEqual([[machine, 'failing']]);
    expect(words.filter(([, protection]) => protection === 'protected')).toHaveLength(39);
    const [listed] = await monitor.nasMonitor.complete(new Date(nas.clock.now() * 1000), [task!]);
    expect(listed).toMatchObject({ devicesFailed: [name], lastResult: { devices: result?.devices } });
  });

  test('names none once it succeeds again', async () => {
    const { nas, monitor } = await observed();
    nas.state.setDeviceOutcome(1, nas.state.task(1).deviceIds[0]!, 'failed');
    run(nas, 1);
    await monitor.poll();
    nas.state.setDeviceOutcome(1, nas.state.task(1).deviceIds[0]!, 'success');
    const id = run(nas, 1);
    expect(await monitor.poll()).toEqual([`backup_succeeded ${id}`]);
    expect(monitor.events[0]?.task?.devicesFailed).toEqual([]);
  });
});

describe('the outcomes are read', () => {
  test('once when several backups ended, and every 15 minutes otherwise', async () => {
    const { nas, monitor } = await observed({ tasks: 5 });
    const before = reads(nas);
    for (const id of [1, 2, 3]) run(nas, id);
    await monitor.poll();
    expect(reads(nas) - before).toBe(1);
    for (let minute = 1; minute < 15; minute += 1) await monitor.poll(MINUTE - 5);
    expect(reads(nas) - before).toBe(1);
    await monitor.poll(3 * MINUTE);
    expect(reads(nas) - before).toBe(2);
  });

  test('at most four times an hour while nothing ends', async () => {
    const { nas, monitor } = await observed({ tasks: 1 });
    const before = reads(nas);
    for (let minute = 0; minute < 120; minute += 1) await monitor.poll(MINUTE);
    expect(reads(nas) - before).toBeLessThanOrEqual(8);
  });

  test('at most once more for each poll in which backups ended, whatever their number', async () => {
    const { nas, monitor } = await observed({ tasks: 5 });
    const before = reads(nas);
    let polls = 0;
    for (let minute = 0; minute < 180; minute += 1) {
      const ending = [1, 2, 3].filter((id) => minute % (7 * id) === 0);
      for (const id of ending) run(nas, id);
      if (ending.length > 0) polls += 1;
      await monitor.poll(MINUTE);
    }
    expect(polls).toBeGreaterThan(20);
    expect(reads(nas) - before).toBeLessThanOrEqual(polls + 3 * 4);
  });

  test('for 90 days at first, and not again after a restart', async () => {
    const [store, deviceStore] = [new InMemoryStateStore(), new InMemoryStore<StoredDevices>()];
    const { nas, monitor } = await observed({ tasks: 1, pastDays: 80 }, { store, deviceStore });
    expect(reads(nas)).toBe(3);
    const known = deviceStore.load();
    expect(Object.values(known!.devices)[0]!.rows.length).toBeGreaterThan(10);
    monitor.restart();
    await monitor.poll();
    expect(reads(nas)).toBe(4);
    expect(deviceStore.load()!.devices).toEqual(known!.devices);
  });

  test('at every 15 minutes, and never at the end of a backup, while the API is refused', async () => {
    const { nas, monitor, last } = await observed({ tasks: 1 });
    nas.fail({ on: OUTCOMES, do: 'refuse', code: 102 });
    await monitor.poll(QUARTER);
    const before = reads(nas);
    for (let count = 0; count < 5; count += 1) {
      const id = run(nas, 1);
      expect(await monitor.poll()).toEqual([`backup_succeeded ${id}`]);
      expect(monitor.events[0]?.result?.devices).toBeNull();
      expect(monitor.events[0]?.task?.devicesFailed).toBeNull();
    }
    expect(reads(nas)).toBe(before);
    expect(last().protections?.map(({ protection }) => protection)).toEqual(['unknown']);
  });

  test('at the next poll after a read that failed', async () => {
    const { nas, monitor, last } = await observed({ tasks: 1 });
    nas.fail({ on: OUTCOMES, do: 'refuse', code: 117, times: 1 });
    const id = run(nas, 1);
    expect(await monitor.poll()).toEqual([`backup_succeeded ${id}`]);
    expect(monitor.events[0]?.result?.devices).toBeNull();
    await monitor.poll();
    expect(last().tasks?.[0]?.task.lastResult).toMatchObject({ id, devices: [{ status: 'success' }] });
  });
});

describe('a break of the polls', () => {
  /** A history of a NAS that answers, read at these minutes. @returns the minute since which it is polled, or null, after each */
  async function polledSince(minutes: readonly number[], restartAfter = Infinity): Promise<(number | null)[]> {
    const store = new InMemoryStore<StoredDevices>();
    const begin = Date.parse('2026-03-02T00:00Z');
    let history: DeviceHistory | null = null;
    const found: (number | null)[] = [];
    for (const [index, minute] of minutes.entries()) {
      if (index === restartAfter) history = null;
      history ??= new DeviceHistory(() => Promise.resolve([]), store);
      history.use('nas', true);
      await history.read({ at: new Date(begin + minute * 60_000), tasks: [], ended: [] });
      history.save();
      found.push(history.polledSince === null ? null : (Date.parse(history.polledSince) - begin) / 60_000);
    }
    return found;
  }

  test.each([
    { what: 'none with a poll each minute or quarter', minutes: [0, 1, 2, 15, 30, 45], expected: Array(6).fill(null) },
    { what: 'one of more than half an hour', minutes: [0, 15, 30, 61, 62], expected: [null, null, null, 61, 61] },
    { what: 'the last of several', minutes: [0, 15, 50, 65, 80, 300], expected: [null, null, 50, 50, 50, 300] },
    { what: 'a poll interval of hours is none', minutes: [0, 120, 240, 360], expected: [null, 120, 120, 120] },
    { what: 'twice a poll interval of hours is one', minutes: [0, 120, 240, 500], expected: [null, 120, 120, 500] },
  ])('begins the time since which the NAS is polled: $what', async ({ minutes, expected }) => {
    expect(await polledSince(minutes)).toEqual(expected);
  });

  test('is noticed, and kept, over a restart of Node-RED', async () => {
    expect(await polledSince([0, 15, 300, 315], 2)).toEqual([null, null, 300, 300]);
    expect(await polledSince([0, 15, 300, 315], 3)).toEqual([null, null, 300, 300]);
  });
});

test('outcomes of another NAS are dropped', async () => {
  const [store, deviceStore] = [new InMemoryStateStore(), new InMemoryStore<StoredDevices>()];
  await observed({ tasks: 1 }, { store, deviceStore });
  const other = await connect({ seed: 2, tasks: 1, pastDays: 0 });
  const monitor = createMonitor(other.nas, other.activeBackup, { store, deviceStore });
  await monitor.poll();
  expect(deviceStore.load()?.nas).toBe(other.nas.url);
  expect(Object.values(deviceStore.load()!.devices).flatMap(({ rows }) => rows)).toHaveLength(
    other.nas.state.resultsOf(1).length,
  );
});

describe('an odd answer neither throws nor names a machine as failed', () => {
  const year = (of: number): number => Date.UTC(of, 0, 1) / 1000;
  test.each([
    ['missing fields', missingFields(1)],
    ['wrong types', wrongTypes(1)],
    ['unknown ids', unknownIds],
    ['times of 2009', timesUntil(year(2009))],
    ['times of 2037', timesUntil(year(2037))],
    ['10,000 rows', manyRows('transfer_list', 10_000)],
    ['another order', shuffled(1)],
    ['no list', (): Json => ({})],
  ])('%s', async (_name, change) => {
    const { nas, monitor, last } = await observed({ tasks: 1, devices: 3 });
    nas.fail({ on: OUTCOMES, do: 'change', with: change });
    const id = run(nas, 1);
    expect(await monitor.poll()).toEqual([`backup_succeeded ${id}`]);
    expect(monitor.events[0]?.task?.devicesFailed ?? []).toEqual([]);
    expect(last().tasks).toHaveLength(1);
    const words = last().protections?.map(({ protection }) => protection) ?? [];
    expect(words).toHaveLength(3);
    expect(words).not.toContain('failing');
    expect(words).not.toContain('late');
    await monitor.poll(QUARTER);
  });
});

test('what has not changed is the same object, and only the devices of a run that ended change', async () => {
  const { nas, monitor, last } = await observed({ tasks: 5 });
  const before = last().protections;
  await monitor.poll();
  expect(last().protections).toBe(before);
  run(nas, 1);
  await monitor.poll();
  const changed = last().protections!.filter((each) => !before!.includes(each));
  expect(changed.map(({ device }) => device.id)).toEqual(nas.state.task(1).deviceIds);
});

test.each([
  ['the first', [true, false]],
  ['the last', [false, true]],
])('a machine is on line if %s of two tasks that disagree says so', async (_, states) => {
  const history = new DeviceHistory(() => Promise.resolve([]), new InMemoryStore<StoredDevices>());
  const machine = device({ id: 4 });
  const tasks = states.map((online, index) => ({ ...task(null, null, index + 1), devices: [{ ...machine, online }] }));
  const at = new Date('2026-03-02T08:00:00Z');
  history.use('nas', false);
  await history.read({ at, tasks, ended: [] });
  expect(history.onlinePeriodsOf(4)).toEqual([{ from: at.toISOString(), to: at.toISOString() }]);
});
