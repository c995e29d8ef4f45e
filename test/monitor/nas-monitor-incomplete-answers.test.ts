import { describe, expect, test } from 'vitest';
import type { Task } from '../../src/active-backup/types';
import { parseTasks } from '../../src/active-backup/model/task';
import { DsmError } from '../../src/dsm/errors';
import { ENTITIES } from '../../src/home-assistant/entities';
import { nasTotals } from '../../src/home-assistant/nas-totals';
import { buildState } from '../../src/home-assistant/entity';
import type { MonitorClient } from '../../src/monitor/monitor-client';
import { NasMonitor } from '../../src/monitor/nas-monitor';
import { InMemoryStateStore } from '../../src/monitor/monitor-state';
import type { NasSnapshot } from '../../src/monitor/snapshot';
import type { StorageWithVolume } from '../../src/monitor/storage-space';
import type { PollListener } from '../../src/monitor/poller';
import { NAS } from '../home-assistant/examples';
import { describeEvent } from './support/connect';

const MINUTE_MS = 60_000;
const START = Date.parse('2026-11-10T12:00:00Z');

/** A storage with so much free space. */
const storage = (freePercent: number, id = 1): StorageWithVolume =>
  ({
    id,
    shareName: `Store ${id}`,
    volume: { totalBytes: 100, freeBytes: freePercent },
  }) as unknown as StorageWithVolume;

/** An idle task whose last backup ended so. */
function task(id: number, status: number): Task {
  const last_result = {
    result_id: id,
    task_id: id,
    job_action: 1,
    status,
    time_start: 1_790_000_000,
    time_end: 1_790_000_100,
  };
  return parseTasks({ tasks: [{ task_id: id, unikey: `u${id}`, task_name: `T${id}`, last_result }] }, null)[0]!;
}

/** A monitor of a NAS that answers what a test lets it answer, one poll a minute. */
function monitor(answers: Partial<MonitorClient> = {}): {
  poll: (tasks: readonly Task[] | null) => Promise<string[]>;
  last: () => NasSnapshot;
  /** @param address of the NAS from then on; default: the same */
  restart: (address?: string) => void;
} {
  const store = new InMemoryStateStore();
  let listener: PollListener = () => undefined;
  let now = START;
  let nas = 'http://nas/';
  let events: string[] = [];
  let snapshots: NasSnapshot[] = [];
  let stop: () => void = () => undefined;
  const source: MonitorClient = {
    jobsSince: () => Promise.resolve([]),
    withReason: (result) => Promise.resolve(result),
    deviceResults: () => Promise.resolve([]),
    storages: () => Promise.resolve([]),
    devices: () => Promise.resolve([]),
    versions: () => Promise.resolve([]),
    ...answers,
  };
  const start = (): void => {
    const poller = {
      subscribe: (each: PollListener) => {
        listener = each;
        return () => undefined;
      },
    };
    const monitor = new NasMonitor({ poller, client: source, store, overdueHours: 0, nas });
    const undo = [
      monitor.onEvent({ id: 'a', storageLowPercent: 10, onEvent: (event) => events.push(describeEvent(event)) }),
      monitor.onSnapshot((snapshot) => snapshots.push(snapshot), 10),
    ];
    stop = () => {
      for (const each of undo) each();
    };
  };
  start();
  return {
    poll: async (tasks) => {
      events = [];
      now += MINUTE_MS;
      const at = new Date(now);
      const away = new DsmError('EUNREACHABLE', 'away');
      listener(tasks === null ? { at, error: away } : { at, tasks, laterJobs: new Map() });
      for (let turn = 0; turn < 5; turn += 1) await new Promise((resolve) => setImmediate(resolve));
      return events;
    },
    last: () => snapshots.at(-1)!,
    restart: (address = nas) => {
      stop();
      nas = address;
      snapshots = [];
      start();
    },
  };
}

/** The state document of the NAS for Home Assistant. */
const nasState = (snapshot: NasSnapshot): Record<string, unknown> =>
  buildState(ENTITIES.nas, { totals: nasTotals(snapshot), nas: NAS });
const hasProblem = (snapshot: NasSnapshot): unknown => nasState(snapshot)['problem'];
const overallStatus = (snapshot: NasSnapshot): unknown => nasState(snapshot)['overall_status'];

const idsOf = ({ tasks }: NasSnapshot): (number | null)[] | undefined => tasks?.map((each) => each.task.id);

describe('a list of tasks that is not whole', () => {
  const [good, bad] = [task(1, 2), task(2, 4)];
  const failing = ({ tasks }: NasSnapshot): boolean | null | undefined =>
    tasks?.find((each) => each.task.id === 2)?.failing;

  test.each([
    { list: 'without one task', left: [good] },
    { list: 'that is empty', left: [] },
  ])('$list: no event, and the snapshot keeps the last values, until three polls in a row', async ({ left }) => {
    const { poll, last } = monitor();
    await poll([good, bad]);
    const problem = hasProblem(last());
    expect(problem).toBe('ON');
    for (let polls = 0; polls < 2; polls += 1) {
      expect(await poll(left)).toEqual([]);
      expect(new Set(idsOf(last()))).toEqual(new Set([1, 2]));
      expect(hasProblem(last())).toBe(problem);
    }
    expect(await poll([good, bad])).toEqual([]);
    for (let polls = 0; polls < 2; polls += 1) expect(await poll(left)).toEqual([]);
    expect(await poll(left)).toEqual(
      [good, bad].filter((each) => !left.includes(each)).map(({ name }) => `task_removed ${name}`),
    );
    expect(idsOf(last())).toEqual(left.map(({ id }) => id));
  });

  test('right after a restart clears no problem: a task that is not listed yet comes from the stored state', async () => {
    const { poll, last, restart } = monitor();
    await poll([good, bad]);
    restart();
    expect(await poll([])).toEqual([]);
    expect(failing(last())).toBe(true);
    expect(last().tasks?.map((each) => each.task.state)).toEqual(['unknown', 'unknown']);
    expect(hasProblem(last())).toBe('ON');
    expect(overallStatus(last())).toBe('error');
  });

  test('at the first start ever is no baseline: a NAS that is starting has not added all its tasks', async () => {
    const { poll, last } = monitor();
    for (let polls = 0; polls < 2; polls += 1) {
      expect(await poll([])).toEqual([]);
      expect(last().tasks).toBeNull();
    }
    expect(await poll([good, bad])).toEqual([]);
    expect(idsOf(last())).toEqual([1, 2]);
    expect(hasProblem(last())).toBe('ON');
  });

  test('counts after three polls: a NAS without tasks has none, and its first is reported', async () => {
    const { poll, last } = monitor();
    await poll([]);
    await poll(null);
    await poll([]);
    expect(last().tasks).toBeNull();
    await poll([]);
    expect(last().tasks).toEqual([]);
    expect(await poll([good])).toEqual(['task_added T1']);
  });

  test('at a new address belongs to the same NAS: its stored state is used', async () => {
    const { poll, last, restart } = monitor();
    await poll([good, task(2, 2)]);
    restart('http://nas.example/');
    expect(await poll([])).toEqual([]);
    const failed = { ...bad, lastResult: { ...bad.lastResult!, id: 3 } };
    expect(await poll([good, failed])).toEqual(['backup_failed 3 late']);
    expect(failing(last())).toBe(true);
  });

  test('polls without an answer do not count', async () => {
    const { poll, last } = monitor();
    const left = [good];
    await poll([good, bad]);
    await poll(left);
    for (let polls = 0; polls < 5; polls += 1) await poll(null);
    await poll(left);
    expect(idsOf(last())).toEqual([1, 2]);
    expect(await poll(left)).toContain('task_removed T2');
  });
});

describe('a read besides the tasks that fails', () => {
  const busy = (): Promise<never> => Promise.reject(new DsmError('EBUSY', 'busy'));
  const tasks = [task(1, 2)];

  test('calls no problem off over a restart: the storage that was low is so until it is known to be otherwise', async () => {
    let storages: MonitorClient['storages'] = () => Promise.resolve([storage(3)]);
    const { poll, last, restart } = monitor({ storages: () => storages() });
    expect(await poll(tasks)).toEqual(['storage_low Store 1']);
    storages = busy;
    restart();
    await poll(tasks);
    expect(last().storages).toBeNull();
    expect([hasProblem(last()), overallStatus(last())]).toEqual(['ON', 'warning']);
    storages = () => Promise.resolve([storage(50)]);
    expect(await poll(tasks)).toEqual(['storage_ok Store 1 late']);
    expect([hasProblem(last()), overallStatus(last())]).toEqual(['OFF', 'ok']);
  });

  test('is tried again at the next poll, and less and less often if it fails on', async () => {
    let requests = 0;
    const { poll, last } = monitor({
      devices: () => {
        requests += 1;
        return requests === 2 ? Promise.resolve([]) : busy();
      },
    });
    await poll(tasks);
    expect(last().devices).toBeNull();
    await poll(tasks);
    expect(last().devices).toEqual([]);
    for (let minutes = 0; minutes < 14; minutes += 1) await poll(tasks);
    expect(requests).toBe(2);
    for (let minutes = 0; minutes < 60; minutes += 1) await poll(tasks);
    expect(requests).toBeLessThanOrEqual(2 + 10);
  });

  test('a storage that one read leaves out is still there', async () => {
    let read = [storage(50), storage(60, 2)];
    const { poll, last } = monitor({ storages: () => Promise.resolve(read) });
    await poll(tasks);
    read = [storage(50)];
    const idsAfter = async (minutes: number): Promise<unknown> => {
      for (let minute = 0; minute < minutes; minute += 1) await poll(tasks);
      return last().storages?.map(({ id }) => id);
    };
    expect([await idsAfter(15), await idsAfter(15), await idsAfter(15)]).toEqual([[1, 2], [1, 2], [1]]);
  });

  test('a reason that could not be read is read at a later poll, and not requested again then', async () => {
    let requests = 0;
    const { poll, last } = monitor({
      withReason: (result) => {
        requests += 1;
        return requests <= 2 ? busy() : Promise.resolve({ ...result, reason: 'No permission' });
      },
    });
    await poll([task(1, 4)]);
    expect(last().tasks?.[0]?.recent[0]?.reason).toBeNull();
    await poll([task(1, 4)]);
    await poll([task(1, 4)]);
    expect(last().tasks?.[0]?.recent[0]?.reason).toBe('No permission');
    await poll([task(1, 4)]);
    expect(requests).toBe(3);
  });

  test('a reason that the NAS denies is not requested again', async () => {
    let requests = 0;
    const { poll } = monitor({
      withReason: () => {
        requests += 1;
        return Promise.reject(new DsmError('EPERMISSION', 'refused'));
      },
    });
    for (let polls = 0; polls < 5; polls += 1) await poll([task(1, 4)]);
    expect(requests).toBe(1);
  });
});
