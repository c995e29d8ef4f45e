import { isDeepStrictEqual } from 'node:util';
import { expect, test } from 'vitest';
import type { Device, Result, Schedule, Task } from '../../src/active-backup/types';
import { DsmError } from '../../src/dsm/errors';
import type { NasEvent } from '../../src/monitor/events';
import type { MonitorClient } from '../../src/monitor/monitor-client';
import { InMemoryStateStore } from '../../src/monitor/monitor-state';
import { NasMonitor } from '../../src/monitor/nas-monitor';
import type { PollResult } from '../../src/monitor/poller';
import type { NasSnapshot } from '../../src/monitor/snapshot';
import { createRandom } from '../nas/random';
import { rawResult, task } from './support/builders';
import { whenIdle } from './support/scripted-nas';

/** The same in each run of the suite; others are tried with the variable. */
const SEED = Number(process.env['SEED'] ?? 505_726);
/** 50 sequences are 10,000 polls, for which the whole suite has no time. */
const SEQUENCES = Number(process.env['MONITOR_SEQUENCES'] ?? 5);
const STEPS = 200;
const BEGIN = Date.parse('2026-03-01T00:00:00Z');
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

type Random = ReturnType<typeof createRandom>;

/** A NAS whose unchanged tasks stay the very same objects from poll to poll. Odd responses are frequent. */
class RandomNas {
  now = BEGIN;
  isLogAvailable = true;
  areReasonsAvailable = true;
  isOffline = false;
  tasks: readonly Task[] = [];
  readonly results: Result[] = [];
  versions: readonly Pick<Task, 'id' | 'versionCount' | 'lastSuccessAt'>[] = [];
  readonly #random: Random;
  #lastId = 100;

  constructor(random: Random) {
    this.#random = random;
    for (let i = 0; i < 5; i += 1) this.add();
  }

  get later(): ReadonlyMap<number, Result> {
    const hidden = this.tasks.filter(({ id, lastResult }) => id !== null && id % 5 === 0 && lastResult === null);
    return new Map(hidden.map(({ id }) => [id ?? 0, rawResult({ result_id: 1, task_id: id })]));
  }

  add(id = this.#random.integer(1, 9)): void {
    const uuid = this.#random.fraction() < 0.8 ? `uuid ${this.#random.integer(1, 99)}` : null;
    const added = { ...task(null, null, id), uuid, schedule: this.#schedule(), nextRunAt: this.#time(48) };
    this.tasks = [...this.tasks, added];
  }

  change(): void {
    if (this.tasks.length === 0) this.add();
    const at = this.#random.integer(0, this.tasks.length - 1);
    this.tasks = this.tasks.map((each, index) => (index === at ? this.#changed(each) : each));
  }

  remove(): void {
    const at = this.#random.integer(0, this.tasks.length);
    this.tasks = this.tasks.filter((_, index) => index !== at);
  }

  /** Another order, or some tasks twice. */
  mix(): void {
    const [first, ...rest] = this.tasks;
    if (first !== undefined)
      this.tasks = this.#random.fraction() < 0.7 ? [...rest, first] : [...this.tasks, { ...first }];
  }

  #changed(each: Task): Task {
    const random = this.#random;
    const changes: (() => Partial<Task>)[] = [
      () => this.#end(each, random.pick([1, 2, 2, 2, 3, 4, 5, 6, 99])),
      () => this.#end(each, random.pick([2, 4])),
      () => ({ state: random.pick(['idle', 'queued', 'running', 'running', 'pausing', 'unknown'] as const) }),
      () => ({ schedule: this.#schedule() }),
      () => ({ nextRunAt: random.fraction() < 0.7 ? this.#time(72) : null }),
      () => ({ lastSuccessAt: this.#time(48) }),
      () => ({ lastResult: null }),
      () => ({ uuid: random.pick([null, 'uuid 1', `uuid ${random.integer(1, 99)}`]) }),
      () => ({ id: random.pick([null, 1, random.integer(1, 9)]) }),
      () => ({ name: `task ${random.integer(1, 99)}` }),
      () => ({ devices: this.#devices() }),
      () => ({ devices: this.#devices() }),
    ];
    return { ...each, ...random.pick(changes)() };
  }

  #end({ id }: Task, status: number): Partial<Task> {
    const random = this.#random;
    this.#lastId = random.fraction() < 0.05 ? random.integer(1, 200) : this.#lastId + 1;
    const end = Math.round((this.now + (random.fraction() < 0.1 ? random.integer(-72, 72) * HOUR : 0)) / 1000);
    const result = rawResult({
      result_id: this.#lastId,
      task_id: id,
      status,
      job_action: random.fraction() < 0.05 ? 4 : 1,
      time_start: end - random.integer(1, 600),
      time_end: status === 1 ? 0 : end,
    });
    if (random.fraction() < 0.9)
      this.results.push(random.fraction() < 0.5 ? result : { ...result, transferredBytes: null });
    return { lastResult: result, ...(status === 2 && { lastSuccessAt: result.endedAt }) };
  }

  #schedule(): Schedule {
    const random = this.#random;
    const kind = random.pick(['weekly', 'daily', 'daily', 'once', 'manual', 'event', 'unknown'] as const);
    const weekdays = kind === 'weekly' ? [1, 3, 5].slice(random.integer(0, 2)) : [];
    const changedAt = random.fraction() < 0.3 ? this.#time(60) : null;
    const repeatHours = random.fraction() < 0.2 ? 6 : null;
    const utcOffsets = random.fraction() < 0.3 ? [3600] : [];
    const { schedule } = task(null, null);
    return { ...schedule, kind, weekdays, hour: random.integer(0, 23), minute: 0, repeatHours, changedAt, utcOffsets };
  }

  #devices(): Device[] {
    const ids = [1, 2, 3, 4].filter(() => this.#random.fraction() < 0.5);
    return ids.map((id) => deviceOf(id, this.#random.pick([true, true, false, null])));
  }

  /** A time around now, mostly on the hour. */
  #time(hours: number): string {
    const time = this.now + this.#random.integer(-hours, hours) * HOUR;
    const isExact = this.#random.fraction() < 0.8;
    return new Date(isExact ? Math.floor(time / HOUR) * HOUR : time).toISOString();
  }
}

function deviceOf(id: number, online: boolean | null): Device {
  const unknown = {
    os: null,
    address: null,
    agentCanBackup: null,
    loginUser: null,
    createdAt: null,
    lastLoginAt: null,
  };
  const kind = { type: 'pc', typeCode: 2, platform: 'windows', platformCode: 1 } as const;
  return { id, uuid: `device ${id}`, name: `PC ${id}`, online, ...kind, ...unknown };
}

/** A monitor with two event listeners and a snapshot listener. */
class Observed {
  readonly events: NasEvent[] = [];
  readonly store = new InMemoryStateStore();
  snapshot: NasSnapshot | null = null;
  rejects = false;
  #emit: (poll: PollResult) => void = () => undefined;
  readonly #monitor: NasMonitor;
  #unsubscribe: (() => void) | null = null;

  constructor(nas: RandomNas, overdueHours: number, of: (tasks: readonly Task[]) => readonly Task[]) {
    const poller = {
      subscribe: (listener: (poll: PollResult) => void): (() => void) => {
        this.#emit = (poll): void => {
          listener('tasks' in poll ? { ...poll, tasks: of(poll.tasks) } : poll);
        };
        return () => undefined;
      },
    };
    this.#monitor = new NasMonitor({ poller, client: clientOf(nas), store: this.store, nas: 'nas', overdueHours });
    this.#monitor.onEvent({ id: 'a', storageLowPercent: 10, onEvent: (event) => void this.events.push(event) });
    this.#monitor.onSnapshot((snapshot) => (this.snapshot = snapshot), 10);
  }

  poll(poll: PollResult): void {
    this.events.length = 0;
    this.#emit(poll);
  }

  toggle(): void {
    this.#unsubscribe?.();
    const onEvent = (event: NasEvent): void => {
      if (this.rejects) throw new Error('not now');
      this.events.push(event);
    };
    const subscribe = (): (() => void) => this.#monitor.onEvent({ id: 'b', storageLowPercent: 10, onEvent });
    this.#unsubscribe = this.#unsubscribe === null ? subscribe() : null;
  }

  refresh(): void {
    this.#monitor.expireReads();
  }

  get report(): unknown {
    return { events: this.events, snapshot: this.snapshot, stored: this.store.load() };
  }
}

function clientOf(nas: RandomNas): MonitorClient {
  const fail = (): Promise<never> => Promise.reject(new DsmError('EBUSY', 'no answer'));
  return {
    jobsSince: (since) =>
      nas.isLogAvailable
        ? Promise.resolve(nas.results.filter(({ endedAt }) => (endedAt ?? '') >= since.toISOString()))
        : fail(),
    withReason: (result) =>
      nas.areReasonsAvailable ? Promise.resolve({ ...result, reason: `reason ${result.id ?? '?'}` }) : fail(),
    deviceResults: () => Promise.resolve([]),
    storages: () => Promise.resolve([]),
    devices: () => Promise.resolve([deviceOf(1, null), deviceOf(9, null)]),
    versions: () => Promise.resolve(nas.versions),
  };
}

/** A copy of each list, so that nothing of the poll before is the same object; the same copy for the same list. */
function copies(): (tasks: readonly Task[]) => readonly Task[] {
  let last: { of: readonly Task[]; copy: readonly Task[] } | null = null;
  return (tasks) => {
    if (last?.of !== tasks) last = { of: tasks, copy: structuredClone(tasks) };
    return last.copy;
  };
}

/** What is equal to before is the very same object. Tasks with the same id cannot be distinguished. */
function checkIdentity(before: NasSnapshot | null, now: NasSnapshot | null): void {
  const areUnique = [before, now].every(
    (each) => new Set(each?.tasks?.map(({ task: { id } }) => id)).size === (each?.tasks?.length ?? 0),
  );
  if (!areUnique) return;
  const known = new Map(before?.tasks?.map((each) => [each.task.id, each]));
  for (const each of now?.tasks ?? []) {
    const last = known.get(each.task.id);
    expect(last === each || !isDeepStrictEqual(last, each)).toBe(true);
  }
  for (const part of ['tasks', 'devices'] as const)
    expect(before?.[part] === now?.[part] || !isDeepStrictEqual(before?.[part], now?.[part])).toBe(true);
}

async function sequence(random: Random): Promise<void> {
  const nas = new RandomNas(random);
  const overdueHours = random.pick([0, 0, 30]);
  const monitors = [
    new Observed(nas, overdueHours, (tasks) => tasks),
    new Observed(nas, overdueHours, copies()),
  ] as const;
  const steps: (() => void)[] = [
    () => undefined,
    () => nas.change(),
    () => nas.change(),
    () => nas.change(),
    () => nas.change(),
    () => nas.add(),
    () => nas.remove(),
    () => nas.mix(),
    () => void (nas.isLogAvailable = random.fraction() < 0.8),
    () => void (nas.areReasonsAvailable = random.fraction() < 0.8),
    () => void (nas.isOffline = random.fraction() < 0.2),
    () => {
      nas.versions = nas.tasks.map(({ id }) => ({
        id,
        versionCount: 1,
        lastSuccessAt: new Date(nas.now).toISOString(),
      }));
      for (const each of monitors) each.refresh();
    },
    () => {
      const rejects = random.fraction() < 0.3;
      for (const each of monitors) {
        each.rejects = rejects;
        each.toggle();
      }
    },
  ];
  const pauses = [MINUTE, MINUTE, 5 * MINUTE, HOUR, 6 * HOUR, 30 * HOUR, -10 * MINUTE, -5 * HOUR, -60 * HOUR];
  for (let i = 0; i < STEPS; i += 1) {
    random.pick(steps)();
    nas.now += random.fraction() < 0.8 ? MINUTE : random.pick(pauses);
    const at = new Date(nas.now);
    const poll: PollResult = nas.isOffline
      ? { at, error: new DsmError('EUNREACHABLE', 'away') }
      : { at, tasks: nas.tasks, laterJobs: nas.later };
    const before = monitors[0].snapshot;
    for (const each of monitors) each.poll(poll);
    await whenIdle();
    const [incremental, whole] = monitors.map(({ report }) => report);
    if (!isDeepStrictEqual(incremental, whole))
      expect({ step: i, report: incremental }).toEqual({ step: i, report: whole });
    checkIdentity(before, monitors[0].snapshot);
  }
}

test(`${SEQUENCES * STEPS} random polls: a monitor that gets the same objects for unchanged tasks reports, shows and stores the same as one that gets copies`, async () => {
  for (let i = 0; i < SEQUENCES; i += 1) {
    const seed = SEED + i;
    await sequence(createRandom(seed)).catch((error: unknown) => {
      throw new Error(`SEED=${seed}: ${String(error)}`, { cause: error });
    });
  }
}, 120_000);
