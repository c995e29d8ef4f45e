import type { DeviceResults } from '../active-backup/model/device-result';
import type { Device, DeviceResult, NamedDeviceResult, Result, Task } from '../active-backup/types';
import type { Store } from '../storage/json-file';
import { DeviceHistoryReader, type OutcomesRead } from './device-history-reader';
import { noDevices, type LateDevice, type StoredDevices } from './device-history-state';
import { isRecordOf, mergeOutcomes, newRecord, resultsSince, rowLimit, type DeviceRecord } from './device-record';
import type { MonitorClient } from './monitor-client';
import { updateOnlinePeriods, type OnlinePeriod } from './online-periods';
import { RunOutcomes, type KnownOutcomes } from './run-outcomes';
import { followsHabit } from './task-timing';
import { TasksOfDevices } from './tasks-of-devices';

/** Being on line is stored this often, which must be less than the absence that ends a period. */
const ONLINE_PERIOD_MS = 3600_000;
/** Outcomes are read every 15 minutes: after a longer time than this, the NAS or Node-RED was off. */
const BREAK_MS = 30 * 60_000;
/** A last result dated longer ago, or further in the future, than this comes from a wrong clock. */
const OLDEST_RESULT_MS = 365 * 24 * 3600_000;
const FUTURE_MS = 24 * 3600_000;

/** A poll, as far as it matters for outcomes. */
export interface OutcomesPoll {
  readonly at: Date;
  /** All tasks of the NAS; null: not all are known. */
  readonly tasks: readonly Task[] | null;
  /** The backups that have ended since the poll before. */
  readonly ended: readonly Result[];
}

/**
 * The outcomes of the backups of each device of one NAS, at most 90 days of them, on disk. What has not changed is the same
 * object as before.
 */
export class DeviceHistory {
  readonly #store: Pick<Store<StoredDevices>, 'load' | 'save'>;
  readonly #reader: DeviceHistoryReader;
  readonly #runs = new RunOutcomes();
  #stored = noDevices('');
  /** What the store contains. */
  #saved: StoredDevices | null = null;
  #known: KnownOutcomes & { readonly devices: StoredDevices['devices'] } = { devices: {}, of: () => null };
  #isLoaded = false;
  #isFirstRead = true;
  /** The tasks of the last poll, and when all their devices were last checked for being on line (epoch ms). */
  #checked: { readonly tasks: readonly Task[]; readonly at: number } = { tasks: [], at: -Infinity };
  /** Ids of the results that {@link takeUnread} has returned. */
  readonly #requested = new Set<number>();
  readonly #tasksOf = new TasksOfDevices();

  /** @param read see {@link MonitorClient} */
  constructor(read: MonitorClient['deviceResults'], store: Pick<Store<StoredDevices>, 'load' | 'save'>) {
    this.#reader = new DeviceHistoryReader(read);
    this.#store = store;
  }

  /** Call when the monitor starts: everything that may be new is read again. */
  restart(): void {
    this.#reader.restart();
    this.#isFirstRead = true;
  }

  /** When outcomes were read last (epoch ms), and the time between the last two reads. */
  #lastRead = { at: NaN, periodMs: 0 };

  /** Makes the next poll read the outcomes. */
  expire(): void {
    this.#reader.expire();
  }

  /** Whether the outcomes of the last hour are known; without them nothing can be said about a device. */
  isCurrent(at: Date): boolean {
    return this.#isLoaded && this.#reader.isCurrent(at);
  }

  /** What is stored of a device; undefined: nothing. */
  recordOf(id: number): DeviceRecord | undefined {
    return this.#stored.devices[id];
  }

  /** The outcomes of runs for their devices. */
  get outcomes(): KnownOutcomes {
    const { devices } = this.#stored;
    if (this.#known.devices !== devices) this.#known = { devices, of: (id) => this.#runs.of(id, devices) };
    return this.#known;
  }

  /** The outcomes of backups that ended at this time or later, of each run for each of its devices. */
  outcomesSince(time: Date): NamedDeviceResult[] {
    return Object.values(this.#stored.devices).flatMap((record) =>
      resultsSince(record, time).map((result) => ({ ...result, name: record.name })),
    );
  }

  /** When the devices were on line, by id; the very same object until something changes. */
  get online(): StoredDevices['online'] {
    return this.#stored.online;
  }

  /** When a device was on line. */
  onlinePeriodsOf(id: number): readonly OnlinePeriod[] {
    return this.#stored.online[id] ?? [];
  }

  /**
   * Continues with what is stored, if it is of this NAS. Call it before each {@link read}.
   * @param isSame whether the stored state of the monitor, perhaps under another address, is of this NAS
   */
  use(nas: string, isSame: boolean): void {
    if (!this.#isLoaded) {
      this.#isLoaded = true;
      this.#saved = this.#store.load();
      this.#replace(this.#saved ?? noDevices(nas));
    }
    if (this.#stored.nas !== nas) this.#replace(isSame ? { ...this.#stored, nas } : noDevices(nas));
  }

  /** The last results of these tasks whose outcomes are not known, each returned once. */
  takeUnread(tasks: readonly Task[]): Result[] {
    return tasks.flatMap(({ lastResult: result }) => {
      const id = result?.id ?? null;
      if ((result?.endedAt ?? null) === null || id === null || this.#runs.has(id) || this.#requested.has(id)) return [];
      this.#requested.add(id);
      return result ?? [];
    });
  }

  /** Stores which devices are on line, and reads the outcomes when they are due; does not reject. */
  async read(poll: OutcomesPoll): Promise<void> {
    if (!this.#isLoaded) return;
    const { at, tasks, ended } = poll;
    if (tasks !== null) this.#check(at, tasks);
    this.#noteBreak(at);
    if (!this.#reader.isDue(at, ended.length > 0)) return;
    const basis = { readUntil: this.#stored.readUntil, openSince: openSince(this.#stored.devices) };
    const around = this.#isFirstRead ? [...ended, ...this.#misdated(poll)] : ended;
    await this.#reader.read(at, basis, around, (read) => {
      this.#isFirstRead = false;
      this.#noteRead(at.getTime());
      this.#merge(poll, read);
    });
  }

  /** Since when the NAS is polled without a break (ISO 8601); null: there was none. */
  get polledSince(): string | null {
    return this.#stored.polledSince ?? null;
  }

  /** A read in several parts is one. */
  #noteRead(at: number): void {
    const before = this.#lastRead.at;
    if (at !== before) this.#lastRead = { at, periodMs: Number.isNaN(before) ? 0 : at - before };
  }

  /** Notes that the NAS is polled again after it, or Node-RED, was off: backups that were due meanwhile are still to come. */
  #noteBreak(at: Date): void {
    const { readUntil, polledSince = '' } = this.#stored;
    // It may be polled more rarely.
    const longest = Math.max(BREAK_MS, 2 * this.#lastRead.periodMs);
    if (readUntil === null || polledSince > readUntil || at.getTime() - Date.parse(readUntil) <= longest) return;
    this.#stored = { ...this.#stored, polledSince: at.toISOString() };
  }

  /** The judgement of a device that was late; undefined: it was not. */
  lateOf(id: number): LateDevice | undefined {
    return this.#stored.late[id];
  }

  /** Stores the judgements of devices that are late, by id; undefined: no longer late. */
  setLate(changed: Readonly<Record<string, LateDevice | undefined>>): void {
    const all = Object.entries({ ...this.#stored.late, ...changed });
    const late = Object.fromEntries(all.flatMap(([id, each]) => (each === undefined ? [] : [[id, each] as const])));
    this.#stored = { ...this.#stored, late };
  }

  /** Writes what has changed. */
  save(): void {
    if (this.#isLoaded && this.#stored !== this.#saved && this.#store.save(this.#stored)) this.#saved = this.#stored;
  }

  #replace(stored: StoredDevices): void {
    this.#stored = stored;
    this.#checked = { tasks: [], at: -Infinity };
    this.#runs.reset(stored.devices);
    if (stored.readUntil === null) this.restart();
  }

  #set(changed: StoredDevices['devices'], more: Partial<StoredDevices> = {}): void {
    const { devices } = this.#stored;
    const isSame = Object.keys(changed).length === 0;
    this.#stored = { ...this.#stored, ...more, devices: isSame ? devices : { ...devices, ...changed } };
  }

  /** Checks the devices of the tasks that have changed; those of all tasks now and then. */
  #check(at: Date, tasks: readonly Task[]): void {
    const now = at.getTime();
    const last = this.#checked;
    const isAll = Math.abs(now - last.at) >= ONLINE_PERIOD_MS;
    if (tasks === last.tasks && !isAll) return;
    this.#tasksOf.update(tasks);
    this.#checked = { tasks, at: isAll ? now : last.at };
    const changed = tasks.filter((task, index) => isAll || task !== last.tasks[index]);
    const devices = changed.flatMap((task) => task.devices);
    this.#addRecords(devices, at);
    const online: Record<string, readonly OnlinePeriod[]> = {};
    for (const device of devices) {
      const known = device.id === null ? [] : this.onlinePeriodsOf(device.id);
      // Tasks that disagree about a device: it is on line if one of them says so, whichever of them has changed.
      if (device.id === null || device.online === false || !isOnlineDue(known, at)) continue;
      const periods = this.#onlinePeriods(device, known, at);
      if (periods !== known) online[device.id] = periods;
    }
    if (Object.keys(online).length > 0)
      this.#stored = { ...this.#stored, online: { ...this.#stored.online, ...online } };
  }

  #addRecords(devices: readonly Device[], at: Date): void {
    const added: Record<string, DeviceRecord> = {};
    for (const device of devices) {
      const { id } = device;
      const record = id === null ? undefined : (added[id] ?? this.recordOf(id));
      if (id !== null && (record === undefined || !isRecordOf(record, device))) added[id] = newRecord(device, at);
    }
    if (Object.keys(added).length === 0) return;
    this.#forgetEarlier(Object.keys(added));
    this.#set(added);
  }

  /** Removes what is known of earlier devices whose ids are used again, apart from their records. */
  #forgetEarlier(ids: readonly string[]): void {
    const { online, late } = this.#stored;
    if (!ids.some((id) => online[id] !== undefined || late[id] !== undefined)) return;
    this.#stored = { ...this.#stored, online: without(online, ids), late: without(late, ids) };
  }

  #onlinePeriods(device: Device, known: readonly OnlinePeriod[], at: Date): readonly OnlinePeriod[] {
    const { readUntil } = this.#stored;
    // A person switches a PC off, also while nobody polls.
    const lastPoll = readUntil === null || device.type === 'pc' ? undefined : Date.parse(readUntil);
    const isLearned = this.#tasksOf.of(device.id).some((each) => followsHabit(each, 0));
    return updateOnlinePeriods(known, device.online, at, { lastPoll, isLearned });
  }

  /** Last results that no window contains, because the clock of the NAS was wrong when they ended. */
  #misdated({ at, tasks }: OutcomesPoll): Result[] {
    return (tasks ?? []).flatMap(({ lastResult: result }) => {
      const id = result?.id ?? null;
      const endedAt = result?.endedAt ?? null;
      if (id === null || endedAt === null || this.#runs.has(id)) return [];
      const age = at.getTime() - Date.parse(endedAt);
      return age > OLDEST_RESULT_MS || age < -FUTURE_MS ? (result ?? []) : [];
    });
  }

  #merge(poll: OutcomesPoll, { rows, readUntil }: OutcomesRead): void {
    const changed: Record<string, DeviceRecord> = {};
    const taskOfRun = new Map(poll.ended.map(({ id, taskId }) => [id, taskId]));
    const added: string[] = [];
    for (const { device, results } of rows) {
      const { id } = device;
      if (id === null) continue;
      const stored = changed[id] ?? this.recordOf(id);
      const isKnown = stored !== undefined && isRecordOf(stored, device);
      const known = isKnown ? stored : newRecord(device, poll.at);
      if (!isKnown) added.push(String(id));
      const taskIdOf = (result: DeviceResult): number | null => this.#taskIdOf(id, result, taskOfRun);
      const merged = mergeOutcomes(known, { device, results, taskIdOf }, poll.at);
      for (const resultId of merged.changed) this.#runs.add(String(id), resultId);
      if (merged.record !== stored) changed[id] = merged.record;
    }
    this.#forgetEarlier(added);
    this.#set(changed, { readUntil });
    if (Object.keys(changed).length > 0) this.#bound(rows);
  }

  /** By the known result of that id; else the only task of the device. */
  #taskIdOf(
    deviceId: number,
    { resultId }: DeviceResult,
    taskOfRun: ReadonlyMap<number | null, number | null>,
  ): number | null {
    const tasks = this.#tasksOf.of(deviceId);
    const ended = taskOfRun.get(resultId) ?? null;
    const last = tasks.find(({ lastResult }) => resultId !== null && lastResult?.id === resultId);
    return ended ?? last?.id ?? (tasks.length === 1 ? (tasks[0]?.id ?? null) : null);
  }

  /** Removes devices that are gone and have no outcomes, and the oldest outcomes of too many. */
  #bound(listed: readonly DeviceResults[]): void {
    const ids = new Set([
      ...listed.map(({ device }) => String(device.id)),
      ...Array.from(this.#tasksOf.devices, String),
    ]);
    const kept = Object.entries(this.#stored.devices).filter(([id, { rows }]) => rows.length > 0 || ids.has(id));
    const limit = rowLimit(kept.map(([, { rows }]) => rows.length));
    if (kept.length === Object.keys(this.#stored.devices).length && limit === Infinity) return;
    const devices = Object.fromEntries(
      kept.map(([id, record]) => [
        id,
        record.rows.length <= limit ? record : { ...record, rows: record.rows.slice(-limit) },
      ]),
    );
    const online = Object.fromEntries(Object.entries(this.#stored.online).filter(([id]) => devices[id] !== undefined));
    this.#stored = { ...this.#stored, devices, online };
    this.#runs.reset(devices);
  }
}

function without<T>(of: Readonly<Record<string, T>>, ids: readonly string[]): Record<string, T> {
  return Object.fromEntries(Object.entries(of).filter(([id]) => !ids.includes(id)));
}

function isOnlineDue(periods: readonly OnlinePeriod[], at: Date): boolean {
  const last = periods.at(-1);
  return last === undefined || Math.abs(at.getTime() - Date.parse(last.to)) >= ONLINE_PERIOD_MS;
}

/** The earliest start of a run that had not ended when it was read; null: none. */
function openSince(devices: StoredDevices['devices']): string | null {
  let earliest = Infinity;
  for (const { rows } of Object.values(devices)) {
    for (let index = rows.length - 1; index >= 0 && rows[index]?.[4] === null; index -= 1)
      earliest = Math.min(earliest, rows[index]?.[3] ?? Infinity);
  }
  return earliest === Infinity ? null : new Date(earliest * 1000).toISOString();
}
