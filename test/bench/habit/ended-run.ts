import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseDeviceResults, type DeviceResults } from '../../../src/active-backup/model/device-result';
import type { Device, Task } from '../../../src/active-backup/types';
import type { JsonObject } from '../../../src/dsm/json';
import { DeviceHistory } from '../../../src/monitor/device-history';
import { DEVICES_FILE, type StoredDevices } from '../../../src/monitor/device-history-state';
import type { MonitorState, StoredTask } from '../../../src/monitor/monitor-state';
import { protectionEvents, type ReportedProtections } from '../../../src/monitor/protection-events';
import { Protections } from '../../../src/monitor/protections';
import { atOnce } from '../../../src/monitor/slices';
import { updateTask } from '../../../src/monitor/stored-task';
import { applyHabit } from '../../../src/monitor/task-overdue';
import { JsonFile } from '../../../src/storage/json-file';
import { rawResult, scheduledTask } from '../../monitor/support/builders';
import { device } from '../../monitor/support/protection-cases';
import { fleetOf, isWithin, type Attempt, type Machine } from './fleet';
import { DAY_MS, HOUR_MS, START } from './zone';

/** Limits of issue 14: CPU of what follows one ended run, and the size of the file. */
const GOALS = { cpuMs: 20, megabytes: 6 };
/** Outcomes are kept for 90 days. */
const DAYS = 95;
const MINUTE_MS = 60_000;
const ROUNDS = 60;
const STATUS = { success: 2, partial: 3, failed: 4, cancelled: 5 } as const satisfies Record<Attempt['status'], number>;
/** DSM sends about as much of each device that is not used. */
const MORE_FIELDS = Object.fromEntries(Array.from({ length: 14 }, (_, index) => [`other_field_${index}`, 'any value']));

/** A backup of one machine. */
interface Run {
  readonly id: number;
  readonly machine: Machine;
  readonly status: Attempt['status'];
  /** Epoch ms. */
  readonly start: number;
  readonly end: number;
}

/** CPU in milliseconds of what the monitor does after a poll. */
interface Cost {
  readonly read: number;
  readonly judge: number;
  readonly save: number;
}

/** Measures what one ended run costs with 90 days of a fleet, and how large its file becomes. */
export async function endedRunText(seed: number, size: number): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'bench-habit-'));
  try {
    const fleet = new MonitoredFleet(fleetOf(seed, size, DAYS + 1), join(folder, 'devices.json'));
    const largest = await fleet.passDays();
    const idle = await fleet.measure(false);
    const ended = await fleet.measure(true);
    const [cpu, whole] = [quantile(ended.map(allOf), 0.5), fleet.wholeBytes()];
    return [
      `| ${size} machines, CPU in ms, median of ${ROUNDS} (nine tenths below) | read | judge | save | all |`,
      '| --- | --- | --- | --- | --- |',
      rowOf('one run has ended', ended),
      rowOf('nothing has changed', idle),
      '',
      `JSON.parse of the answer alone, ${(fleet.answer.length / 1e3).toFixed(0)} kB: ${fleet.parseMs().toFixed(1)} ms`,
      `one ended run ≤ ${GOALS.cpuMs} ms: ${cpu.toFixed(1)}, ${wordOf(cpu <= GOALS.cpuMs)}`,
      `file ≤ ${GOALS.megabytes} MB: ${megabytes(largest)} at most, ${megabytes(whole)} without appended changes, ${wordOf(largest <= GOALS.megabytes * 1e6)}`,
    ].join('\n');
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A NAS with a task for each machine, and what the monitor does with it. */
class MonitoredFleet {
  readonly #machines: readonly Machine[];
  /** Those that are to come, by their end. */
  readonly #coming: Run[];
  readonly #runs = new Map<Machine, Run[]>();
  readonly #path: string;
  readonly #store: JsonFile<StoredDevices>;
  readonly #history: DeviceHistory;
  readonly #protections: Protections;
  #now = START + HOUR_MS;
  #lastId: number;
  #tasks: readonly Task[] = [];
  #stored: MonitorState['tasks'] = {};
  #reported: ReportedProtections | null = null;
  #answer = '';

  constructor(machines: readonly Machine[], path: string) {
    this.#machines = machines;
    this.#coming = runsOf(machines);
    this.#lastId = this.#coming.length;
    this.#path = path;
    this.#store = new JsonFile<StoredDevices>({ path, warn: console.error, ...DEVICES_FILE });
    this.#history = new DeviceHistory((from, to) => this.#read(from, to), this.#store);
    this.#protections = new Protections(this.#history);
  }

  /** The last response of the NAS. */
  get answer(): string {
    return this.#answer;
  }

  /** Passes all days, with a poll each two hours; machines are judged on the last day only. @returns the largest size of the file in bytes */
  async passDays(): Promise<number> {
    let largest = 0;
    for (; this.#now < START + DAYS * DAY_MS; this.#now += 2 * HOUR_MS) {
      const isJudged = this.#now >= START + (DAYS - 1) * DAY_MS;
      await this.#poll(this.#endedRuns(), isJudged);
      largest = Math.max(largest, statSync(this.#path).size);
    }
    return largest;
  }

  /** Passes minutes, with a poll a minute. @param isEnded whether a run of one machine ends in each */
  async measure(isEnded: boolean): Promise<Cost[]> {
    const costs: Cost[] = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      this.#now += MINUTE_MS;
      const machine = this.#machines[(round * 37) % this.#machines.length];
      costs.push(await this.#poll(isEnded && machine !== undefined ? [this.#endNow(machine)] : []));
    }
    return costs;
  }

  parseMs(): number {
    const costs = Array.from({ length: ROUNDS }, () => cpuOf(() => JSON.parse(this.#answer) as unknown));
    return quantile(costs, 0.5);
  }

  /** Size of the file when it is written as a whole. */
  wholeBytes(): number {
    this.#store.close();
    return statSync(this.#path).size;
  }

  async #poll(ended: readonly Run[], isJudged = true): Promise<Cost> {
    const at = new Date(this.#now);
    this.#list(at, ended);
    const [tasks, stored] = [this.#tasks, this.#stored];
    const results = ended.map(resultOf);
    // The simulated NAS builds its response before.
    const from = process.cpuUsage();
    this.#history.use('nas', true);
    await this.#history.read({ at, tasks, ended: results });
    const read = cpuSince(from) - this.#buildMs;
    this.#buildMs = 0;
    const judge = cpuOf(() => {
      if (!isJudged) return;
      const input = { at, tasks, stored, devices: null, overdueHours: 0 };
      const { protections, overdue } = atOnce(this.#protections.update(input));
      this.#reported = protectionEvents(this.#reported, protections, at).after;
      this.#stored = applyHabit(stored, overdue, false).tasks;
    });
    const save = cpuOf(() => {
      this.#history.save();
    });
    return { read, judge, save };
  }
  #buildMs = 0;

  #read(from: Date, to: Date): Promise<DeviceResults[]> {
    const begin = process.cpuUsage();
    const list = this.#machines.map((machine) => ({
      device: { ...rawDevice(machine), ...MORE_FIELDS },
      transfer_list: (this.#runs.get(machine) ?? [])
        .filter(({ end }) => end >= from.getTime() && end <= to.getTime())
        .map(rawTransfer),
    }));
    this.#answer = JSON.stringify({ device_list: list });
    this.#buildMs += cpuSince(begin);
    return Promise.resolve(parseDeviceResults(JSON.parse(this.#answer)));
  }

  #endedRuns(): Run[] {
    const next = this.#coming.findIndex(({ end }) => end > this.#now);
    const ended = this.#coming.splice(0, next < 0 ? this.#coming.length : next);
    for (const run of ended) this.#add(run);
    return ended;
  }

  #endNow(machine: Machine): Run {
    this.#lastId += 1;
    const run = { id: this.#lastId, machine, status: 'success', start: this.#now - 600_000, end: this.#now } as const;
    this.#add(run);
    return run;
  }

  #add(run: Run): void {
    const known = this.#runs.get(run.machine) ?? [];
    known.push(run);
    this.#runs.set(run.machine, known);
  }

  /** The list of the tasks, and what is stored of them; the same objects where nothing has changed. */
  #list(at: Date, ended: readonly Run[]): void {
    const last = new Map(ended.map((run) => [run.machine, run]));
    const tasks = this.#machines.map((machine, index) => {
      const known = this.#tasks[index];
      const online = isWithin(machine.presence, this.#now);
      const run = last.get(machine);
      if (known !== undefined && run === undefined && known.devices[0]?.online === online) return known;
      const lastResult = run === undefined ? (known?.lastResult ?? null) : resultOf(run);
      const next = machine.runs.find((time) => time > this.#now) ?? null;
      return {
        ...scheduledTask(machine.schedule, next),
        id: machine.id + 1,
        lastResult,
        devices: [deviceOf(machine, online)],
      };
    });
    if (tasks.every((task, index) => task === this.#tasks[index])) return;
    const changed = tasks.filter((task, index) => task !== this.#tasks[index]);
    this.#tasks = tasks;
    const none = { results: [], finished: [], isHidden: null };
    const parts = changed.map((task): [string, StoredTask] => {
      const id = String(task.id);
      return [id, updateTask(task, this.#stored[id], none, { at, overdueHours: 0 })];
    });
    this.#stored = { ...this.#stored, ...Object.fromEntries(parts) };
  }
}

function runsOf(machines: readonly Machine[]): Run[] {
  const runs = machines.flatMap((machine) =>
    machine.attempts.map(({ at, duration, status }) => ({ machine, status, start: at, end: at + duration })),
  );
  const byStart = runs.sort((one, other) => one.start - other.start).map((run, index) => ({ id: index + 1, ...run }));
  return byStart.sort((one, other) => one.end - other.end);
}

function rawDevice({ id, type }: Machine): JsonObject {
  const backup_type = type === 'pc' ? 2 : 3;
  return { device_id: id + 1, device_uuid: `00000000-0000-4000-8000-${id}`, host_name: `MACHINE-${id}`, backup_type };
}

function deviceOf({ id, type }: Machine, online: boolean): Device {
  return device({ id: id + 1, uuid: `00000000-0000-4000-8000-${id}`, name: `MACHINE-${id}`, type, online });
}

function rawTransfer({ id, machine, status, start, end }: Run): JsonObject {
  return {
    ...{ config_device_id: machine.id + 1, device_name: `MACHINE-${machine.id}`, device_result_id: id, result_id: id },
    ...{ processed_bytes: 0, status: STATUS[status], transfered_bytes: 1_234_567_890 },
    ...{ time_start: Math.floor(start / 1000), time_end: Math.floor(end / 1000) },
  };
}

function resultOf(run: Run): ReturnType<typeof rawResult> {
  return rawResult({ ...rawTransfer(run), task_id: run.machine.id + 1 });
}

function rowOf(name: string, costs: readonly Cost[]): string {
  const parts = [costs.map(({ read }) => read), costs.map(({ judge }) => judge), costs.map(({ save }) => save)];
  const cells = [...parts, costs.map(allOf)].map(
    (each) => `${quantile(each, 0.5).toFixed(1)} (${quantile(each, 0.9).toFixed(1)})`,
  );
  return `| ${[name, ...cells].join(' | ')} |`;
}

function allOf({ read, judge, save }: Cost): number {
  return read + judge + save;
}

function wordOf(isMet: boolean): string {
  return isMet ? 'met' : 'NOT met';
}

function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(2);
}

function cpuOf(work: () => unknown): number {
  const begin = process.cpuUsage();
  work();
  return cpuSince(begin);
}

function cpuSince(begin: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(begin);
  return (user + system) / 1000;
}

function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor((sorted.length - 1) * share)] ?? NaN;
}
