import { isDeepStrictEqual } from 'node:util';
import { isEqualData } from '../active-backup/json-fields';
import type { Device, Task } from '../active-backup/types';
import { tasksByDevice, type DeviceHistory } from './device-history';
import type { LateDevice } from './device-history-state';
import { resultsOf, type DeviceRecord } from './device-record';
import { partOf, type MonitorState, type StoredTask } from './monitor-state';
import { protectionOf, type JudgedProtection, type ProtectionContext, type ProtectionInput } from './protection';
import type { DeviceProtection } from './protection-types';
import type { KnownOutcomes } from './run-outcomes';
import { sameList } from './same-list';
import type { Steps } from './slices';
import { overdueByHabit, type OverdueByHabit, type OverdueTasks } from './task-overdue';
import { followsHabit } from './task-timing';

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

/** A device and what it was judged by. */
interface JudgedDevice extends JudgedProtection {
  /** By task id, if it has several tasks: by the backups of one that follows its habit alone. */
  readonly ofTasks: ReadonlyMap<Task['id'], DeviceProtection>;
  readonly device: Device;
  readonly tasks: readonly Task[];
  readonly known: readonly (StoredTask | undefined)[];
  readonly record: DeviceRecord | undefined;
  /** Begin of the last time it was on line. */
  readonly onlineFrom: string | undefined;
  readonly isCurrent: boolean;
  /** Most likely UTC offset of the NAS, which any of its tasks may change (milliseconds); undefined: unknown. */
  readonly utcOffset: number | undefined;
  readonly at: number;
}

/** The last judgement of all devices. */
interface LastJudgement extends Omit<ProtectionsInput, 'at' | 'overdueHours'> {
  readonly outcomes: KnownOutcomes;
  readonly isCurrent: boolean;
  readonly at: number;
  /** When any of them must be judged again (epoch ms). */
  readonly nextAt: number;
  readonly judgement: Judgement;
}

/** What a device is judged by. */
type Basis = Omit<JudgedDevice, keyof JudgedProtection | 'at' | 'ofTasks'>;

/**
 * The protection of each device of a NAS. A device is judged again only when something of it has changed, or its deadline has
 * passed; what has not changed is the same object.
 */
export class Protections {
  readonly #history: DeviceHistory;
  #judged: ReadonlyMap<Device['id'], JudgedDevice> = new Map();
  #tasksOf: ReadonlyMap<number, readonly Task[]> = new Map();
  #last: LastJudgement | null = null;

  constructor(history: DeviceHistory) {
    this.#history = history;
  }

  /** The protections at a time, with a step for each device that is judged. */
  *update(input: ProtectionsInput): Steps<Judgement> {
    const { at, tasks, stored, devices } = input;
    const last = this.#last;
    const now = at.getTime();
    const current = {
      tasks,
      stored,
      devices,
      outcomes: this.#history.outcomes,
      isCurrent: this.#history.isCurrent(at),
    };
    if (last !== null && isSameInput(last, current) && now >= last.at && now < last.nextAt) return last.judgement;
    if (tasks !== last?.tasks) this.#tasksOf = tasksByDevice(tasks);
    const judged = new Map<Device['id'], JudgedDevice>();
    const late: Record<string, LateDevice | undefined> = {};
    const offsets = utcOffsetsOf(tasks, stored);
    for (const device of knownDevices(devices, tasks)) {
      const basis = this.#basisOf(device, input, current.isCurrent, offsets[0]);
      const before = this.#judged.get(device.id);
      if (before !== undefined && isSameBasis(before, basis) && now >= before.at && now < before.nextAt) {
        judged.set(device.id, before);
        continue;
      }
      const one = this.#judge(basis, before, input, offsets);
      judged.set(device.id, one);
      if (device.id !== null && current.isCurrent) Object.assign(late, this.#lateChange(device.id, one));
      yield;
    }
    if (Object.keys(late).length > 0) this.#history.setLate(late);
    this.#judged = judged;
    const all = [...judged.values()];
    const protections = sameList(
      last?.judgement.protections ?? null,
      all.map(({ protection }) => protection),
    );
    const nextAt = all.reduce((next, each) => Math.min(next, each.nextAt), Infinity);
    const judgement = { protections, overdue: this.#overdueTasks(input) };
    this.#last = { ...current, at: now, nextAt, judgement };
    return judgement;
  }

  #overdueTasks({ at, tasks, overdueHours }: ProtectionsInput): OverdueTasks {
    const overdue = new Map<Task, OverdueByHabit>();
    const protectionFor =
      (task: Task) =>
      ({ id }: Device): DeviceProtection | undefined => {
        const judged = id === null ? undefined : this.#judged.get(id);
        return judged === undefined || judged.tasks.length < 2 ? judged?.protection : judged.ofTasks.get(task.id);
      };
    for (const task of tasks) {
      if (!followsHabit(task, overdueHours)) continue;
      overdue.set(task, overdueByHabit(task, protectionFor(task), at.getTime()));
    }
    return overdue;
  }

  #basisOf(device: Device, { stored }: ProtectionsInput, isCurrent: boolean, utcOffset: number | undefined): Basis {
    const { id } = device;
    const tasks = id === null ? [] : (this.#tasksOf.get(id) ?? []);
    return {
      device,
      tasks,
      known: tasks.map((task) => partOf(stored, task.id)),
      record: id === null ? undefined : this.#history.recordOf(id),
      onlineFrom: id === null ? undefined : this.#history.onlinePeriodsOf(id).at(-1)?.from,
      isCurrent,
      utcOffset,
    };
  }

  #judge(
    basis: Basis,
    before: JudgedDevice | undefined,
    { at, overdueHours }: ProtectionsInput,
    utcOffsets: readonly number[],
  ): JudgedDevice {
    const { device, tasks, known, record, isCurrent } = basis;
    const { id } = device;
    const late = id === null ? undefined : this.#history.lateOf(id);
    const judgedBy: ProtectionInput = {
      device,
      tasks: tasks.map((task, index) => ({ task, known: known[index] ?? null })),
      results: isCurrent && id !== null ? (record === undefined ? [] : resultsOf(record)) : null,
      lastSuccessAt: record?.lastSuccessAt ?? null,
      knownSince: record?.knownSince ?? null,
      onlinePeriods: id === null ? [] : this.#history.onlinePeriodsOf(id),
      previous: late === undefined ? (before?.protection ?? null) : { protection: 'late', ...late },
    };
    const context = { overdueHours, now: at, utcOffsets };
    const { protection, nextAt } = protectionOf(judgedBy, context);
    const ofTasks = tasks.length < 2 ? [] : protectionsForTasks(judgedBy, context);
    const explained = withReason(protection, known, this.#history.outcomes);
    const last = before?.protection;
    const same = last !== undefined && isDeepStrictEqual(last, explained) ? last : explained;
    return {
      ...basis,
      protection: same,
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

/**
 * The protections of a device by the backups of each of its tasks without a fixed schedule alone. None of a task while a success
 * may be of it or of another one.
 */
function protectionsForTasks(
  input: ProtectionInput,
  context: ProtectionContext,
): (JudgedProtection & { readonly taskId: Task['id'] })[] {
  return input.tasks.flatMap((each) => {
    const { id } = each.task;
    const all = input.results;
    if (all === null || id === null || !followsHabit(each.task, context.overdueHours)) return [];
    const isUncertain = all.some(({ taskId, status }) => taskId === null && status === 'success');
    const results = isUncertain ? null : all.filter(({ taskId }) => taskId === id);
    const own = { ...input, tasks: [each], results, lastSuccessAt: null, previous: null };
    return { taskId: id, ...protectionOf(own, context) };
  });
}

/** The reason of a run is that of a device if no other device of the run failed. */
function withReason(
  protection: DeviceProtection,
  known: readonly (StoredTask | undefined)[],
  outcomes: KnownOutcomes,
): DeviceProtection {
  const { lastResult } = protection;
  if (lastResult === null || (lastResult.status !== 'failed' && lastResult.status !== 'partial')) return protection;
  const { resultId } = lastResult;
  const bad = (outcomes.of(resultId) ?? []).filter(({ status }) => status === 'failed' || status === 'partial');
  const run = known.flatMap((task) => task?.recent ?? []).find(({ id }) => id === resultId);
  const reason = bad.length === 1 ? (run?.reason ?? null) : null;
  return reason === null ? protection : { ...protection, lastResult: { ...lastResult, reason } };
}

function isSameInput(
  last: LastJudgement,
  now: Pick<LastJudgement, 'tasks' | 'stored' | 'devices' | 'outcomes' | 'isCurrent'>,
): boolean {
  return (
    last.tasks === now.tasks &&
    last.stored === now.stored &&
    last.devices === now.devices &&
    last.outcomes === now.outcomes &&
    last.isCurrent === now.isCurrent
  );
}

function isSameBasis(before: JudgedDevice, now: Basis): boolean {
  return (
    before.record === now.record &&
    before.onlineFrom === now.onlineFrom &&
    before.isCurrent === now.isCurrent &&
    before.utcOffset === now.utcOffset &&
    before.tasks.length === now.tasks.length &&
    before.known.every((each, index) => each === now.known[index]) &&
    before.tasks.every((task, index) => isSameTask(task, now.tasks[index])) &&
    (before.device === now.device || isEqualData(before.device, now.device))
  );
}

/** Whether a task is the same in all that the protection of its devices depends on: not in the progress of a run. */
function isSameTask(one: Task, other: Task | undefined): boolean {
  if (other === undefined || one === other) return one === other;
  return (
    one.id === other.id &&
    one.state === other.state &&
    one.nextRunAt === other.nextRunAt &&
    one.lastSuccessAt === other.lastSuccessAt &&
    one.devices.length === other.devices.length &&
    one.lastResult?.id === other.lastResult?.id &&
    one.lastResult?.status === other.lastResult?.status &&
    isEqualData(one.schedule, other.schedule)
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

/** Possible UTC offsets of the NAS in milliseconds, those that fit most tasks first. */
function utcOffsetsOf(tasks: readonly Task[], stored: MonitorState['tasks']): readonly number[] {
  const counts = new Map<number, number>();
  const count = (offset: number, weight: number): void => void counts.set(offset, (counts.get(offset) ?? 0) + weight);
  for (const task of tasks) {
    const { offsets = [] } = partOf(stored, task.id)?.timing ?? {};
    for (const offset of offsets) count(offset, 2 / offsets.length);
    for (const seconds of task.schedule.utcOffsets) count(seconds * 1000, 1);
  }
  return [...counts].sort(([, one], [, other]) => other - one).map(([offset]) => offset);
}
