import { describe, expect, test } from 'vitest';
import type { Device, DeviceResult, Schedule, Task } from '../../src/active-backup/types';
import { DeviceHistory } from '../../src/monitor/device-history';
import type { StoredDevices } from '../../src/monitor/device-history-state';
import type { MonitorState } from '../../src/monitor/monitor-state';
import type { DeviceProtection } from '../../src/monitor/protection-types';
import { Protections, type Judgement, type ProtectionsInput } from '../../src/monitor/protections';
import { updateTask } from '../../src/monitor/stored-task';
import { InMemoryStore } from '../../src/storage/json-file';
import { rawResult, scheduledTask } from './support/builders';
import { deviceResult, resultsAt } from './support/device-results';
import { at, DAY_MS, device, iso } from './support/protection-cases';

const HOUR_MS = 3600_000;
const QUARTER_MS = HOUR_MS / 4;
const NOON = at(30, 12);
const none = { results: [], finished: [], isHidden: null };
const daily: Partial<Schedule> = {
  kind: 'weekly',
  weekdays: [0, 1, 2, 3, 4, 5, 6],
  hour: 10,
  minute: 0,
  repeatHours: null,
};

/** A NAS whose tasks are judged poll by poll. */
class Judged {
  now = NOON;
  tasks: readonly Task[] = [];
  devices: readonly Device[] | null = null;
  stored: MonitorState['tasks'] = {};
  readonly rows = new Map<number, { device: Device; results: DeviceResult[] }>();
  readonly history = new DeviceHistory(
    () => Promise.resolve([...this.rows.values()]),
    new InMemoryStore<StoredDevices>(),
  );
  readonly #protections = new Protections(this.history);

  /** Lists another task in place of the one with this id, or in addition. */
  list(id: number, devices: readonly Device[], fields: Partial<Task> = {}): void {
    const task = { ...scheduledTask(daily, at(31, 10)), id, devices: [...devices], ...fields };
    const known = this.tasks.some((each) => each.id === id);
    this.tasks = known ? this.tasks.map((each) => (each.id === id ? task : each)) : [...this.tasks, task];
    const context = { at: new Date(this.now), overdueHours: 0 };
    this.stored = { ...this.stored, [id]: updateTask(task, this.stored[id], none, context) };
  }

  /** @returns how many devices were judged, and the protections */
  async poll(hasEnded = false): Promise<{ steps: number; protections: readonly DeviceProtection[] }> {
    this.now += 60_000;
    const { tasks, stored, devices } = this;
    const poll = { at: new Date(this.now), tasks };
    this.history.use('nas', true);
    await this.history.read({ ...poll, ended: hasEnded ? [rawResult({ time_end: this.now / 1000 })] : [] });
    return this.#counted({ ...poll, stored, devices, overdueHours: 0 });
  }

  /** Polls without a break until a time (epoch ms). */
  async pollUntil(time: number): Promise<void> {
    while (this.now + QUARTER_MS < time) {
      this.now += QUARTER_MS;
      await this.poll();
    }
    this.now = time;
  }

  #counted(input: ProtectionsInput): { steps: number; protections: readonly DeviceProtection[] } {
    const judging = this.#protections.update(input);
    for (let steps = 0; ; steps += 1) {
      const step: IteratorResult<undefined, Judgement> = judging.next();
      if (step.done === true) return { steps, protections: step.value.protections };
    }
  }
}

function server(id: number): Device {
  return device({ id, uuid: `u${id}`, type: 'physical_server' });
}

/** Tasks of three machines each, all of which succeeded each day. */
async function judgedFleet(tasks: number): Promise<Judged> {
  const nas = new Judged();
  for (let id = 1; id <= tasks; id += 1) {
    const own = [0, 1, 2].map((index) => server(3 * id + index));
    nas.list(id, own);
    for (const each of own) nas.rows.set(each.id ?? 0, { device: each, results: dailyUntil(30) });
  }
  expect((await nas.poll()).steps).toBe(3 * tasks);
  return nas;
}

function dailyUntil(day: number): DeviceResult[] {
  return resultsAt(Array.from({ length: day + 1 }, (_, index) => at(index, 10)));
}

describe('of 90 machines', () => {
  test('none is judged while nothing changes', async () => {
    const nas = await judgedFleet(30);
    expect((await nas.poll()).steps).toBe(0);
  });

  test('those of a changed task are judged, and all others are the same objects', async () => {
    const nas = await judgedFleet(30);
    const { protections: before } = await nas.poll();
    nas.list(
      50,
      [45, 46, 47].map((id) => ({ ...server(id), online: false })),
    );
    const { steps, protections } = await nas.poll();
    expect(steps).toBe(3);
    expect(protections.filter((each, index) => each !== before[index]).map((each) => each.device.id)).toEqual([
      45, 46, 47,
    ]);
  });

  test('one whose backup has ended is judged', async () => {
    const nas = await judgedFleet(30);
    const row = nas.rows.get(77);
    row?.results.push({ ...failureAt(NOON), resultId: 900 });
    const { steps, protections } = await nas.poll(true);
    expect(steps).toBe(1);
    expect(protections.filter(({ protection }) => protection === 'failing').map((each) => each.device.id)).toEqual([
      77,
    ]);
  });

  test('all are judged when their time has come', async () => {
    const nas = await judgedFleet(30);
    nas.now += DAY_MS;
    const { protections } = await nas.poll(true);
    nas.now += DAY_MS;
    const { steps, protections: later } = await nas.poll(true);
    expect(steps).toBe(90);
    expect(protections.every(({ protection }) => protection === 'protected')).toBe(true);
    expect(later.every(({ protection }) => protection === 'late')).toBe(true);
  });
});

test('a server is judged again when its backup waits for the NAS, and when that is given up', async () => {
  const nas = new Judged();
  const list = (state: Task['state']): void => {
    nas.list(1, [server(5)], { ...scheduledTask({ kind: 'continuous' }, null), id: 1, devices: [server(5)], state });
  };
  // Each two hours, the last time an hour and a half ago: it is late in another hour and a half.
  const last = NOON - 1.5 * HOUR_MS;
  const ends = Array.from({ length: 120 }, (_, index) => last - (119 - index) * 2 * HOUR_MS);
  nas.rows.set(5, { device: server(5), results: resultsAt(ends) });
  list('idle');
  expect((await nas.poll()).protections).toMatchObject([{ expectedBy: iso(last + 3 * HOUR_MS) }]);
  await nas.pollUntil(NOON + HOUR_MS);
  list('queued');
  const queuedAt = nas.now;
  expect((await nas.poll()).protections).toMatchObject([{ expectedBy: iso(queuedAt + 8 * HOUR_MS) }]);
  await nas.pollUntil(NOON + 2 * HOUR_MS);
  list('queued');
  expect((await nas.poll()).protections).toMatchObject([{ protection: 'protected' }]);
  list('idle');
  expect(await nas.poll()).toMatchObject({
    steps: 1,
    protections: [{ protection: 'late', expectedBy: iso(last + 3 * HOUR_MS) }],
  });
});

describe('a device with the id of an earlier one', () => {
  test('has none of its results, and is not late because that one was', async () => {
    const nas = new Judged();
    nas.list(1, [device({ id: 5, uuid: 'old' })]);
    nas.rows.set(5, { device: device({ id: 5, uuid: 'old' }), results: dailyUntil(25) });
    expect((await nas.poll()).protections).toMatchObject([{ protection: 'late' }]);
    nas.rows.delete(5);
    nas.list(1, [device({ id: 5, uuid: 'new' })]);
    expect((await nas.poll(true)).protections).toMatchObject([
      { protection: 'never', lastResult: null, lastSuccessAt: null },
    ]);
    expect(nas.history.onlinePeriodsOf(5)).toHaveLength(1);
    expect(nas.history.lateOf(5)).toBeUndefined();
  });

  test('has none of its results without a task, either', async () => {
    const nas = new Judged();
    nas.list(1, [device({ id: 5, uuid: 'old' })]);
    nas.rows.set(5, { device: device({ id: 5, uuid: 'old' }), results: [failureAt(NOON)] });
    await nas.poll();
    nas.rows.delete(5);
    nas.tasks = [];
    nas.devices = [device({ id: 5, uuid: 'new' })];
    expect((await nas.poll(true)).protections).toMatchObject([
      { protection: 'unprotected', lastResult: null, lastSuccessAt: null },
    ]);
  });
});

test('a reason is no longer given once another device of the same run has failed as well', async () => {
  const nas = new Judged();
  nas.list(1, [device({ id: 5, uuid: 'a' }), device({ id: 6, uuid: 'b' })]);
  nas.rows.set(5, { device: device({ id: 5, uuid: 'a' }), results: [failureAt(NOON)] });
  const times = { time_start: NOON / 1000 - 600, time_end: NOON / 1000 };
  const run = { ...rawResult({ result_id: 7, status: 4, ...times }), reason: 'The disk is full' };
  const stored = nas.stored['1'];
  if (stored !== undefined) nas.stored = { 1: { ...stored, recent: [run] } };
  expect((await nas.poll()).protections[0]?.lastResult?.reason).toBe('The disk is full');
  nas.rows.set(6, { device: device({ id: 6, uuid: 'b' }), results: [failureAt(NOON)] });
  const { protections } = await nas.poll(true);
  expect(protections.map(({ lastResult }) => lastResult?.reason)).toEqual([null, null]);
});

function failureAt(time: number): DeviceResult {
  const times = { startedAt: iso(time - 600_000), endedAt: iso(time), durationSeconds: 600 };
  return deviceResult({ resultId: 7, status: 'failed', statusCode: 4, ...times });
}
