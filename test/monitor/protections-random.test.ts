import { expect, test } from 'vitest';
import type { DeviceResults } from '../../src/active-backup/model/device-result';
import type { Device, DeviceResult, Result, Task } from '../../src/active-backup/types';
import { DeviceHistory } from '../../src/monitor/device-history';
import type { StoredDevices } from '../../src/monitor/device-history-state';
import type { MonitorState, StoredTask } from '../../src/monitor/monitor-state';
import { Protections, type Judgement } from '../../src/monitor/protections';
import { PROTECTIONS } from '../../src/monitor/protection-types';
import { atOnce } from '../../src/monitor/slices';
import { updateTask } from '../../src/monitor/stored-task';
import { InMemoryStore } from '../../src/storage/json-file';
import { createRandom, type Random } from '../nas/random';
import { rawResult, scheduledTask } from './support/builders';
import { deviceResult } from './support/device-results';
import { device, iso } from './support/protection-cases';

const SEED = Number(process.env['SEED'] ?? Date.now() % 1_000_000);
/** 50 sequences are 10,000 polls, for which the whole suite has no time. */
const SEQUENCES = Number(process.env['PROTECTION_SEQUENCES'] ?? 15);
/** Sequences that found a fault: a PC off line by one of its tasks, but on line by another one. */
const FAULTS = [705_044];
const STEPS = 200;
const HOUR_MS = 3600_000;
const BEGIN = Date.parse('2026-03-01T00:00:00Z');
const ODD_TIMES = [Date.parse('2009-01-01T00:00Z'), Date.parse('2037-06-01T00:00Z')];
const STATUS_CODES: Readonly<Record<string, number>> = { success: 2, failed: 4, partial: 3, cancelled: 5, running: 1 };
const ZONES_S = [0, 3600, -12_600, 34_200, 46_800];

/** A NAS with a few devices and tasks, that answers oddly: it leaves fields out, repeats rows, and its clock is wrong at times. */
class OddNas {
  now = BEGIN;
  tasks: readonly Task[] = [];
  devices: readonly Device[] | null = null;
  stored: MonitorState['tasks'] = {};
  ended: Result[] = [];
  isRefused = false;
  readonly overdueHours: number;
  readonly #random: Random;
  readonly #zone: number;
  readonly #rows = new Map<number, DeviceResult[]>();
  #lastId = 100;

  constructor(random: Random) {
    this.#random = random;
    this.#zone = random.pick(ZONES_S);
    this.overdueHours = random.pick([0, 0, 0, 30]);
    this.tasks = [1, 2, 3, 4].map((id) => this.#task(id));
  }

  /** What `Overview.list_device_transfer_size` answers. */
  readonly read = (from: Date, to: Date): Promise<DeviceResults[]> => {
    const random = this.#random;
    if (this.isRefused) return Promise.reject(new Error('refused'));
    const isIn = ({ endedAt, startedAt }: DeviceResult): boolean => {
      const time = Date.parse(endedAt ?? startedAt ?? iso(this.now));
      return time >= from.getTime() && time <= to.getTime();
    };
    const answer = [...this.#rows].map(([id, rows]) => ({
      device: this.#device(id),
      results: rows.filter((each) => isIn(each) || random.fraction() < 0.1).map((each) => this.#odd(each)),
    }));
    const gone = { device: device({ id: random.integer(50, 60) }), results: [this.#result('success')] };
    const nameless = { device: device({ id: null }), results: [this.#result('failed')] };
    return Promise.resolve([...answer, ...answer.slice(0, random.integer(0, 1)), gone, nameless]);
  };

  step(): void {
    const random = this.#random;
    this.now += random.pick([60_000, 60_000, 900_000, HOUR_MS, 5 * HOUR_MS, 24 * HOUR_MS, 80 * HOUR_MS, -HOUR_MS]);
    const steps: (() => void)[] = [
      () => undefined,
      () => this.#run(),
      () => this.#run(),
      () => this.#run(),
      () => this.#run(),
      () => this.#change(),
      () => this.#change(),
      () => void (this.isRefused = random.fraction() < 0.3),
      () => void (this.devices = random.pick([null, [1, 2, 7, 8].map((id) => this.#device(id))])),
      () =>
        void (this.tasks = random.pick([[], this.tasks.slice(1), [...this.tasks, this.#task(random.integer(1, 6))]])),
    ];
    random.pick(steps)();
    this.#store();
  }

  #store(): void {
    const at = new Date(this.now);
    const entries = this.tasks.map((each): [string, StoredTask] => {
      const id = String(each.id);
      const none = { results: [], finished: [], isHidden: null };
      return [id, updateTask(each, this.stored[id], none, { at, overdueHours: this.overdueHours })];
    });
    const isSame = entries.every(([id, each]) => JSON.stringify(each) === JSON.stringify(this.stored[id]));
    if (!isSame) this.stored = { ...this.stored, ...Object.fromEntries(entries) };
  }

  #run(): void {
    const random = this.#random;
    const status = random.pick([
      'success',
      'success',
      'success',
      'success',
      'failed',
      'partial',
      'cancelled',
      'running',
    ] as const);
    const ids = [1, 2, 3, 4, 5].filter(() => random.fraction() < 0.6);
    this.#lastId += random.fraction() < 0.02 ? -50 : 1;
    for (const id of ids) {
      const result = this.#result(status);
      this.#rows.set(id, [...(this.#rows.get(id) ?? []), result]);
      if (random.fraction() < 0.9) continue;
      this.#rows.set(id, [...(this.#rows.get(id) ?? []), { ...result, status: 'failed' }]);
    }
    if (status === 'running') return;
    this.ended.push({
      ...rawResult({ result_id: this.#lastId, task_id: random.integer(1, 5) }),
      endedAt: iso(this.now),
    });
  }

  #result(status: DeviceResult['status']): DeviceResult {
    const random = this.#random;
    const base = random.fraction() < 0.08 ? random.pick(ODD_TIMES) : this.now;
    const end = Math.floor(base / 1000) * 1000;
    const times = {
      startedAt: iso(end - random.integer(1, 90) * 60_000),
      endedAt: status === 'running' ? null : iso(end),
    };
    const statusCode = STATUS_CODES[status] ?? null;
    return deviceResult({ resultId: this.#lastId, taskId: null, status, statusCode, ...times, transferredBytes: 1e9 });
  }

  #odd(each: DeviceResult): DeviceResult {
    const random = this.#random;
    if (random.fraction() < 0.97) return each;
    return {
      ...each,
      ...random.pick([{ resultId: null }, { startedAt: null }, { endedAt: null }, { transferredBytes: null }]),
    };
  }

  #device(id: number): Device {
    const random = this.#random;
    const type = id % 2 === 0 ? 'pc' : 'physical_server';
    return device({
      id,
      uuid: random.fraction() < 0.95 ? `u${id}` : null,
      name: `D${id}`,
      type,
      online: random.pick([true, true, false, null]),
    });
  }

  #task(id: number): Task {
    const random = this.#random;
    const kind = random.pick(['weekly', 'daily', 'event', 'event', 'continuous', 'manual', 'once', 'unknown'] as const);
    const weekdays = random.pick([
      [1, 2, 3, 4, 5],
      [0, 1, 2, 3, 4, 5, 6],
    ]);
    const hour = random.integer(0, 23);
    const next =
      random.fraction() < 0.1
        ? random.pick(ODD_TIMES)
        : Math.ceil(this.now / (24 * HOUR_MS)) * 24 * HOUR_MS + hour * HOUR_MS;
    const plan = { kind, weekdays, hour, minute: 0, repeatHours: null, utcOffsets: [this.#zone] };
    const isTimed = kind === 'weekly' || kind === 'daily' || kind === 'once';
    const devices = [1, 2, 3, 4, 5, 6].filter(() => random.fraction() < 0.35).map((each) => this.#device(each));
    const state = random.pick(['idle', 'idle', 'idle', 'queued', 'running', 'unknown'] as const);
    return { ...scheduledTask(plan, isTimed ? next - this.#zone * 1000 : null), id, uuid: `t${id}`, state, devices };
  }

  #change(): void {
    const at = this.#random.integer(0, Math.max(this.tasks.length - 1, 0));
    this.tasks = this.tasks.map((each, index) =>
      index === at ? { ...this.#task(each.id ?? 1), schedule: each.schedule } : each,
    );
  }
}

/** A monitored NAS: what is judged poll by poll. */
class Observed {
  readonly nas: OddNas;
  readonly #store = new InMemoryStore<StoredDevices>();
  #history: DeviceHistory;
  #protections: Protections;
  #last: Judgement | null = null;

  constructor(random: Random) {
    this.nas = new OddNas(random);
    this.#history = new DeviceHistory(this.nas.read, this.#store);
    this.#protections = new Protections(this.#history);
  }

  /** As after a restart of Node-RED. */
  restart(): void {
    this.#last = null;
    this.#history = new DeviceHistory(this.nas.read, this.#store);
    this.#protections = new Protections(this.#history);
  }

  async poll(name: string): Promise<void> {
    const { nas } = this;
    nas.step();
    const at = new Date(nas.now);
    const { tasks, stored, devices, overdueHours, ended } = nas;
    this.#history.use(name, true);
    await this.#history.read({ at, tasks, ended });
    nas.ended = [];
    const input = { at, tasks, stored, devices, overdueHours };
    const judged = atOnce(this.#protections.update(input));
    const whole = atOnce(new Protections(this.#history).update(input));
    this.#history.save();
    expect(judged.protections).toEqual(whole.protections);
    expect([...judged.overdue.values()]).toEqual([...whole.overdue.values()]);
    checkStates(judged, this.#history, at);
    if (this.#last !== null) checkReuse(this.#last, judged);
    this.#last = judged;
  }
}

/** No state is claimed that is not known. */
function checkStates({ protections, overdue }: Judgement, history: DeviceHistory, at: Date): void {
  for (const { protection, expectedBy, lastResult, lastSuccessAt, taskIds, failuresInRow } of protections) {
    expect(PROTECTIONS).toContain(protection);
    if (protection === 'late') expect(Date.parse(expectedBy ?? '')).toBeLessThanOrEqual(at.getTime());
    if (protection === 'protected') expect(lastSuccessAt).not.toBeNull();
    if (protection === 'failing') expect(failuresInRow).toBeGreaterThan(0);
    if (protection === 'unprotected') expect(taskIds).toEqual([]);
    if (protection === 'unknown') expect([lastResult, lastSuccessAt, expectedBy]).toEqual([null, null, null]);
    else if (protection !== 'unprotected') expect(history.isCurrent(at)).toBe(true);
    if (lastSuccessAt !== null) expect(Date.parse(lastSuccessAt)).toBeLessThanOrEqual(at.getTime() + 2 * HOUR_MS);
  }
  const byId = new Map(protections.map((each) => [each.device.id, each]));
  for (const [task, { overdue: is }] of overdue) {
    const known = task.devices.map(({ id }) => byId.get(id));
    const areUnknown = known.some((each) => each?.protection === 'unknown');
    if (areUnknown) expect(is).toBeNull();
    if (is === false && task.schedule.kind !== 'manual') expect(known.length).toBeGreaterThan(0);
  }
}

/** What is equal to before is the very same object. */
function checkReuse(before: Judgement, now: Judgement): void {
  const known = new Map(before.protections.map((each) => [each.device.id, each]));
  for (const each of now.protections) {
    const last = known.get(each.device.id);
    if (last !== each) expect(last).not.toEqual(each);
  }
}

// One test for each sequence: none takes long enough to time out on a busy machine.
test.each([...FAULTS, ...Array.from({ length: SEQUENCES }, (_, sequence) => SEED + sequence)])(
  'over odd answers of two NASes the protections of each poll are those of everything known (SEED=%i)',
  { timeout: 60_000 },
  async (seed) => {
    const random = createRandom(seed);
    const monitored = [new Observed(random), new Observed(random)];
    for (let step = 0; step < STEPS / monitored.length; step += 1) {
      for (const [index, each] of monitored.entries()) {
        if (random.fraction() < 0.02) each.restart();
        await each.poll(`nas ${index}`);
      }
    }
  },
);
