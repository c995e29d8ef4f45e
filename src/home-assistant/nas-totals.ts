import type { DeviceProtection } from '../monitor/protection-types';
import type { NasSnapshot, TaskSnapshot } from '../monitor/snapshot';
import { earliest, latest } from '../active-backup/known-values';
import { isBackupRunning, isScheduled, lastResult } from './backups';
import { protectedDevices, storagesOf, tasksOf } from './published-items';

/** Counts and times of all tasks of a NAS. */
interface TaskTotals {
  readonly total: number;
  readonly running: number;
  /** Tasks whose backups fail. */
  readonly failed: number;
  readonly overdue: number;
  /** Tasks whose backups fail or are overdue. */
  readonly withProblem: number;
  /** Tasks whose last backup was partial. */
  readonly partial: number;
  /** ISO 8601, as all times here; null when none is known. */
  readonly lastSuccess: string | null;
  /** The earliest last success of all tasks that are not known to be unscheduled. */
  readonly oldestSuccess: string | null;
  readonly nextRun: string | null;
}

/** Counts of all devices of a NAS. */
export interface DeviceTotals {
  readonly total: number;
  /** Devices with a task. */
  readonly withTask: number;
  readonly withoutTask: number;
}

/** Counts of the devices whose outcomes the NAS reports. */
interface ProtectionTotals {
  readonly late: number;
  readonly failing: number;
  /** Devices with a task, but without any success. */
  readonly never: number;
}

/** Counts of the items of a NAS that are published, each id once. */
export interface NasTotals {
  /** Null until the tasks have been read. */
  readonly tasks: TaskTotals | null;
  /** Null until both tasks and devices have been read. */
  readonly devices: DeviceTotals | null;
  /** Null until outcomes have been read, and where the NAS reports none. */
  readonly protections: ProtectionTotals | null;
  /** The last ones that have ended; null when none is known. */
  readonly lastVerification: NasSnapshot['lastVerification'];
  readonly lastRestore: NasSnapshot['lastRestore'];
  /** Storages that are low on space; null until they have been read. */
  readonly storagesLow: number | null;
  /** Whether any storage is low; while they are unknown, as last known: a failed read resolves no problem. */
  readonly isAnyLow: boolean;
}

/** Counts all items of a snapshot. */
export function nasTotals(snapshot: NasSnapshot): NasTotals {
  const tasks = tasksOf(snapshot)?.map(({ source }) => source) ?? null;
  return {
    tasks: tasks && taskTotals(tasks),
    devices: deviceTotals(snapshot),
    ...storageTotals(snapshot),
    ...outcomeTotals(snapshot),
  };
}

/** Counts the protections of a snapshot, and repeats its last verification and restore. */
export function outcomeTotals({
  protections,
  lastVerification,
  lastRestore,
}: NasSnapshot): Pick<NasTotals, 'protections' | 'lastVerification' | 'lastRestore'> {
  return { protections: protections && protectionTotals(protections), lastVerification, lastRestore };
}

function protectionTotals(protections: readonly DeviceProtection[]): ProtectionTotals | null {
  const counts = { late: 0, failing: 0, never: 0, unprotected: 0, protected: 0, unknown: 0 };
  for (const { protection } of protections) counts[protection] += 1;
  // Without a single known outcome, nothing can be said of any device; 0 would say that none is late.
  const isUnknown = counts.unknown > 0 && counts.unknown + counts.unprotected === protections.length;
  return isUnknown ? null : { late: counts.late, failing: counts.failing, never: counts.never };
}

/** Counts the devices of a snapshot; null until both tasks and devices have been read. */
export function deviceTotals(snapshot: NasSnapshot, devices = protectedDevices(snapshot)): DeviceTotals | null {
  if (snapshot.tasks === null || snapshot.devices === null || devices === null) return null;
  const withTask = devices.filter(({ source: { tasks } }) => tasks !== null && tasks.length > 0).length;
  return { total: devices.length, withTask, withoutTask: devices.length - withTask };
}

/** Counts the storages of a snapshot. */
export function storageTotals(snapshot: NasSnapshot): Pick<NasTotals, 'storagesLow' | 'isAnyLow'> {
  const low = storagesOf(snapshot)?.filter(({ source }) => source.low).length ?? null;
  return { storagesLow: low, isAnyLow: low === null ? snapshot.storageWasLow : low > 0 };
}

function taskTotals(tasks: readonly TaskSnapshot[]): TaskTotals {
  const count = (isCounted: (task: TaskSnapshot) => boolean): number => tasks.filter(isCounted).length;
  const scheduled = tasks.filter((task) => isScheduled(task) !== false);
  return {
    total: tasks.length,
    running: count(isBackupRunning),
    failed: count(({ failing }) => failing === true),
    overdue: count(({ task }) => task.overdue === true),
    withProblem: count(({ task, failing }) => failing === true || task.overdue === true),
    partial: count((task) => lastResult(task) === 'partial'),
    lastSuccess: latest(tasks.map(({ task }) => task.lastSuccessAt)),
    oldestSuccess: earliest(scheduled.map(({ task }) => task.lastSuccessAt)),
    nextRun: earliest(tasks.map(({ task }) => task.nextRunAt)),
  };
}

function sumOf(parts: readonly TaskTotals[]): TaskTotals {
  const sum = (key: 'total' | 'running' | 'failed' | 'overdue' | 'withProblem' | 'partial'): number =>
    parts.reduce((total, part) => total + part[key], 0);
  return {
    total: sum('total'),
    running: sum('running'),
    failed: sum('failed'),
    overdue: sum('overdue'),
    withProblem: sum('withProblem'),
    partial: sum('partial'),
    lastSuccess: latest(parts.map(({ lastSuccess }) => lastSuccess)),
    oldestSuccess: earliest(parts.map(({ oldestSuccess }) => oldestSuccess)),
    nextRun: earliest(parts.map(({ nextRun }) => nextRun)),
  };
}

const PART_LENGTH = 64;

/** The totals of a list of tasks of which single ones are replaced: only the part of the list around them is counted again. */
export class TaskTotalsInParts {
  readonly #tasks: TaskSnapshot[];
  readonly #parts: TaskTotals[] = [];

  constructor(tasks: readonly TaskSnapshot[]) {
    this.#tasks = [...tasks];
    for (let start = 0; start < tasks.length; start += PART_LENGTH) this.#parts.push(this.#countPart(start));
  }

  /** Equal to {@link nasTotals} of the same tasks. */
  get totals(): TaskTotals {
    return sumOf(this.#parts);
  }

  replace(index: number, task: TaskSnapshot): void {
    this.#tasks[index] = task;
    const start = index - (index % PART_LENGTH);
    this.#parts[start / PART_LENGTH] = this.#countPart(start);
  }

  #countPart(start: number): TaskTotals {
    return taskTotals(this.#tasks.slice(start, start + PART_LENGTH));
  }
}
