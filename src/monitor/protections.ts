import { isDeepStrictEqual } from 'node:util';
import type { Device, Task } from '../active-backup/types';
import type { DeviceHistory } from './device-history';
import type { LateDevice } from './device-history-state';
import { isRecordOf, resultsOf, type DeviceRecord } from './device-record';
import { reasonOf } from './failure-reason';
import { isSameBasis, protectionsForTasks, withReason, type Basis, type JudgedDevice } from './judged-device';
import { partOf, type MonitorState } from './monitor-state';
import { protectionOf, type ProtectionInput } from './protection';
import type { DeviceProtection } from './protection-types';
import type { KnownOutcomes } from './run-outcomes';
import { sameList } from './same-list';
import type { Steps } from './slices';
import { overdueByHabit, type OverdueByHabit, type OverdueTasks } from './task-overdue';
import { followsHabit } from './task-timing';
import { TasksOfDevices } from './tasks-of-devices';
import { UtcOffsets } from './utc-offsets';

/** What the devices of a NAS are judged by. */
export interface ProtectionsInput {
  readonly at: Date;
  /** With `overdueHours` of the NAS node; 0: by the habit of each device. */
  readonly overdueHours: number;
  readonly tasks: readonly Task[];
  /** Data of the tasks by id. */
  readonly stored: MonitorState['tasks'];
  /** All devices known to the NAS; null: unknown. */
  readonly devices: readonly Device[] | null;
}

/** What is said of the devices of a NAS, and of the tasks that follow their habits; the very same object until it changes. */
export interface Judgement {
  readonly protections: readonly DeviceProtection[];
  readonly overdue: OverdueTasks;
}

/** The last judgement of all devices. */
interface LastJudgement extends Omit<ProtectionsInput, 'at' | 'overdueHours'> {
  readonly outcomes: KnownOutcomes;
  readonly online: DeviceHistory['online'];
  readonly isCurrent: boolean;
  readonly polledSince: string | null;
  readonly utcOffset: number | undefined;
  readonly at: number;
  /** When any of them must be judged again (epoch ms). */
  readonly nextAt: number;
  readonly judgement: Judgement;
}

/**
 * The protection of each device of a NAS. A device is judged again only when something of it has changed, or its deadline has
 * passed; what has not changed is the same object. Of all other devices and tasks only objects are compared.
 */
export class Protections {
  readonly #history: DeviceHistory;
  readonly #tasksOf = new TasksOfDevices();
  readonly #utcOffsets = new UtcOffsets();
  /** In the order of the devices. */
  #judged = new Map<Device['id'], JudgedDevice>();
  #last: LastJudgement | null = null;

  constructor(history: DeviceHistory) {
    this.#history = history;
  }

  /** The protections at a time, with a step for each device that is judged. */
  *update(input: ProtectionsInput): Steps<Judgement> {
    const { at, tasks, stored, devices } = input;
    const last = this.#last;
    const { outcomes, online } = this.#history;
    const { polledSince } = this.#history;
    const current = { tasks, stored, devices, outcomes, online, isCurrent: this.#history.isCurrent(at), polledSince };
    const now = at.getTime();
    if (last !== null && isSameInput(last, current) && now >= last.at && now < last.nextAt) return last.judgement;
    // Should judging fail, all devices are compared the next time.
    this.#last = null;
    const offsets = this.#utcOffsets.of(input);
    const basis = { ...current, utcOffset: offsets[0], at: now };
    const ofChangedTasks = this.#tasksOf.update(tasks);
    const isPartly = last !== null && ofChangedTasks !== null && isSameNas(last, basis);
    const known = this.#judged;
    if (!isPartly) this.#judged = new Map();
    const concerned = isPartly ? this.#concerned(last, basis, ofChangedTasks) : knownDevices(devices, tasks);
    const judged = yield* this.#judgeThese(concerned, known, input, offsets);
    const all = [...this.#judged.values()];
    const protections = sameList(
      last?.judgement.protections ?? null,
      all.map(({ protection }) => protection),
    );
    const nextAt = all.reduce((next, each) => Math.min(next, each.nextAt), Infinity);
    const judgement = { protections, overdue: this.#overdueTasks(input, last?.judgement.overdue, judged) };
    this.#last = { ...basis, nextAt, judgement };
    return judgement;
  }

  /** Judges those of the devices that have changed, or whose time has come. @returns their ids */
  *#judgeThese(
    devices: Iterable<Device>,
    known: ReadonlyMap<Device['id'], JudgedDevice>,
    input: ProtectionsInput,
    offsets: readonly number[],
  ): Steps<ReadonlySet<Device['id']>> {
    const judged = new Set<Device['id']>();
    const late: Record<string, LateDevice | undefined> = {};
    const isCurrent = this.#history.isCurrent(input.at);
    for (const device of devices) {
      const basis = this.#basisOf(device, input, isCurrent, offsets[0]);
      const before = known.get(device.id);
      if (before !== undefined && isSameBasis(before, basis) && this.#holds(before, basis.known, input.at)) {
        this.#judged.set(device.id, before);
        continue;
      }
      const one = this.#judge(basis, before, input, offsets);
      this.#judged.set(device.id, one);
      judged.add(device.id);
      if (device.id !== null && isCurrent) Object.assign(late, this.#lateChange(device.id, one));
      yield;
    }
    if (Object.keys(late).length > 0) this.#history.setLate(late);
    return judged;
  }

  /** Of the devices that were judged last, those of which something may have changed, or whose time has come. */
  *#concerned(
    last: LastJudgement,
    now: Pick<LastJudgement, 'tasks' | 'stored' | 'outcomes' | 'online' | 'at'>,
    ofChangedTasks: ReadonlySet<Device['id']>,
  ): Generator<Device> {
    const ids = new Set([...ofChangedTasks, ...changedDevices(last, now)]);
    const { at } = now;
    if (now.outcomes === last.outcomes && at >= last.at && at < last.nextAt) {
      for (const id of ids) {
        const one = this.#judged.get(id);
        if (one !== undefined) yield this.#listed(one.device);
      }
      return;
    }
    for (const one of this.#judged.values()) {
      const { device, record, onlineFrom, known } = one;
      const isSame = record === this.#recordOf(device) && onlineFrom === this.#onlinePeriodsOf(device).at(-1)?.from;
      if (!isSame || ids.has(device.id) || !this.#holds(one, known, new Date(at))) yield this.#listed(device);
    }
  }

  /** A device as the last of its tasks lists it now. */
  #listed(device: Device): Device {
    const task = this.#tasksOf.of(device.id).at(-1);
    return task?.devices.findLast(({ id }) => id === device.id) ?? device;
  }

  /** Whether a judgement still holds if the device has not changed. */
  #holds({ at, nextAt, protection, reason }: JudgedDevice, known: Basis['known'], now: Date): boolean {
    const time = now.getTime();
    return time >= at && time < nextAt && reason === reasonOf(protection.lastResult, known, this.#history.outcomes);
  }

  /** @param last before @param judged the devices judged since */
  #overdueTasks(
    { at, tasks, overdueHours }: ProtectionsInput,
    last: OverdueTasks | undefined,
    judged: ReadonlySet<Device['id']>,
  ): OverdueTasks {
    const overdue = new Map<Task, OverdueByHabit>();
    const protectionFor =
      (task: Task) =>
      ({ id }: Device): DeviceProtection | undefined => {
        const one = id === null ? undefined : this.#judged.get(id);
        return one === undefined || one.tasks.length < 2 ? one?.protection : one.ofTasks.get(task.id);
      };
    for (const task of tasks) {
      if (!followsHabit(task, overdueHours)) continue;
      const before = task.devices.some(({ id }) => judged.has(id)) ? undefined : last?.get(task);
      overdue.set(task, before ?? overdueByHabit(task, protectionFor(task), at.getTime()));
    }
    return overdue;
  }

  /** What is stored of a device; not of another one that had its id before. */
  #recordOf(device: Device): DeviceRecord | undefined {
    const record = device.id === null ? undefined : this.#history.recordOf(device.id);
    return record !== undefined && isRecordOf(record, device) ? record : undefined;
  }

  #onlinePeriodsOf(device: Device): ProtectionInput['onlinePeriods'] {
    return device.id === null || this.#recordOf(device) === undefined ? [] : this.#history.onlinePeriodsOf(device.id);
  }

  #basisOf(device: Device, { stored }: ProtectionsInput, isCurrent: boolean, utcOffset: number | undefined): Basis {
    const tasks = device.id === null ? [] : this.#tasksOf.of(device.id);
    const lastOnline = this.#onlinePeriodsOf(device).at(-1);
    return {
      device,
      tasks,
      known: tasks.map((task) => partOf(stored, task.id)),
      record: this.#recordOf(device),
      onlineFrom: lastOnline?.from,
      onlineTo: device.online === false ? lastOnline?.to : undefined,
      isCurrent,
      utcOffset,
      polledSince: this.#history.polledSince,
    };
  }

  #judge(
    basis: Basis,
    before: JudgedDevice | undefined,
    { at, overdueHours }: ProtectionsInput,
    utcOffsets: readonly number[],
  ): JudgedDevice {
    const { device, tasks, known, record, isCurrent, polledSince } = basis;
    const { id } = device;
    const isOther = before !== undefined && !isRecordOf(before.device, device);
    const last = isOther ? undefined : before?.protection;
    const late = id === null || record === undefined ? undefined : this.#history.lateOf(id);
    const judgedBy: ProtectionInput = {
      device,
      tasks: tasks.map((task, index) => ({ task, known: known[index] ?? null })),
      results: isCurrent && id !== null ? (record === undefined ? [] : resultsOf(record)) : null,
      lastSuccessAt: record?.lastSuccessAt ?? null,
      knownSince: record?.knownSince ?? null,
      onlinePeriods: this.#onlinePeriodsOf(device),
      previous: late === undefined ? (last ?? null) : { protection: 'late', ...late },
    };
    const context = { overdueHours, now: at, utcOffsets, polledSince };
    const { protection, nextAt } = protectionOf(judgedBy, context);
    const ofTasks = tasks.length < 2 ? [] : protectionsForTasks(judgedBy, context);
    const reason = reasonOf(protection.lastResult, known, this.#history.outcomes);
    const explained = withReason(protection, reason);
    const same = last !== undefined && isDeepStrictEqual(last, explained) ? last : explained;
    return {
      ...basis,
      protection: same,
      reason,
      ofTasks: new Map(ofTasks.map((each) => [each.taskId, each.protection])),
      nextAt: ofTasks.reduce((next, each) => Math.min(next, each.nextAt), nextAt),
      at: at.getTime(),
    };
  }

  #lateChange(id: number, { protection: now, at }: JudgedDevice): Readonly<Record<string, LateDevice | undefined>> {
    const { protection, expectedBy, lastSuccessAt, habit } = now;
    const before = this.#history.lateOf(id);
    // A failure does not end it.
    const isPast = expectedBy !== null && Date.parse(expectedBy) <= at;
    const isLate = protection === 'late' || (protection === 'failing' && isPast);
    const after = isLate ? { expectedBy, lastSuccessAt, habit } : undefined;
    return isDeepStrictEqual(before, after) ? {} : { [id]: after };
  }
}

/** The devices of which the stored data of a task, or the time on line, has changed. */
function* changedDevices(
  last: Pick<LastJudgement, 'stored' | 'online'>,
  { tasks, stored, online }: Pick<LastJudgement, 'tasks' | 'stored' | 'online'>,
): Generator<Device['id']> {
  if (stored !== last.stored)
    for (const { id, devices } of tasks)
      if (partOf(stored, id) !== partOf(last.stored, id)) for (const device of devices) yield device.id;
  if (online !== last.online)
    for (const id of new Set([...Object.keys(online), ...Object.keys(last.online)]))
      if (online[id] !== last.online[id]) yield Number(id);
}

/** Whether all that concerns every device is the same. */
function isSameNas(
  last: LastJudgement,
  {
    devices,
    isCurrent,
    polledSince,
    utcOffset,
  }: Pick<LastJudgement, 'devices' | 'isCurrent' | 'polledSince' | 'utcOffset'>,
): boolean {
  const isSame = last.devices === devices && last.isCurrent === isCurrent && last.utcOffset === utcOffset;
  return isSame && last.polledSince === polledSince;
}

function isSameInput(
  last: LastJudgement,
  now: Pick<LastJudgement, 'tasks' | 'stored' | 'devices' | 'outcomes' | 'online' | 'isCurrent' | 'polledSince'>,
): boolean {
  return (
    last.online === now.online &&
    last.tasks === now.tasks &&
    last.stored === now.stored &&
    last.devices === now.devices &&
    last.outcomes === now.outcomes &&
    last.isCurrent === now.isCurrent &&
    last.polledSince === now.polledSince
  );
}

/** Devices of tasks replace those of `Device.list`, which does not contain `online`. */
export function knownDevices(
  listed: readonly Device[] | null,
  tasks: readonly Pick<Task, 'devices'>[],
): Iterable<Device> {
  const devices = new Map((listed ?? []).map((device) => [device.id, device]));
  for (const task of tasks) for (const device of task.devices) devices.set(device.id, device);
  return devices.values();
}
