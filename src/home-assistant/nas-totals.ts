import type { DeviceProtection } from '../monitor/protection-types';
import type { NasSnapshot, TaskSnapshot } from '../monitor/snapshot';
import { earliest, latest } from '../active-backup/known-values';
import { MAX_NAMES } from './entity';
import { sanitizeText } from './text';
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
  /** The first {@link MAX_NAMES} of each. */
  readonly failingNames: readonly string[];
  readonly overdueNames: readonly string[];
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
  /** The first {@link MAX_NAMES} of each. */
  readonly lateNames: readonly string[];
  readonly failingNames: readonly string[];
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
  readonly transferredBytes: NasSnapshot['transferredBytes'];
  /** Storages that are low on space; null until they have been read. */
  readonly storagesLow: number | null;
  /** Whether any storage is low; while they are unknown, as last known: a failed read resolves no problem. */
  readonly isAnyLow: boolean;
  /** The first {@link MAX_NAMES} of those that are low; null until they have been read. */
  readonly lowNames: readonly string[] | null;
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

/** Counts the protections of a snapshot, and repeats its values that are no counts. */
export function outcomeTotals({
  protections,
  lastVerification,
  lastRestore,
  transferredBytes,
}: NasSnapshot): Pick<NasTotals, 'protections' | 'lastVerification' | 'lastRestore' | 'transferredBytes'> {
  return {
    protections: protections && protectionTotals(protections),
    lastVerification,
    lastRestore,
    transferredBytes,
  };
}

function protectionTotals(protections: readonly DeviceProtection[]): ProtectionTotals | null {
  const counts = { late: 0, failing: 0, never: 0, unprotected: 0, protected: 0, unknown: 0 };
  for (const { protection } of protections) counts[protection] += 1;
  // Without a single known outcome, nothing can be said of any device; 0 would say that none is late.
  const isUnknown = counts.unknown > 0 && counts.unknown + counts.unprotected === protections.length;
  if (isUnknown) return null;
  const names = (of: DeviceProtection['protection']): string[] =>
    namesOf(protections.filter(({ protection }) => protection === of).map(({ device }) => device));
  const { late, failing, never } = counts;
  return { late, failing, never, lateNames: names('late'), failingNames: names('failing') };
}

/** Counts the devices of a snapshot; null until both tasks and devices have been read. */
export function deviceTotals(snapshot: NasSnapshot, devices = protectedDevices(snapshot)): DeviceTotals | null {
  if (snapshot.tasks === null || snapshot.devices === null || devices === null) return null;
  const withTask = devices.filter(({ source: { tasks } }) => tasks !== null && tasks.length > 0).length;
  return { total: devices.length, withTask, withoutTask: devices.length - withTask };
}

/** Counts the storages of a snapshot. */
export function storageTotals(snapshot: NasSnapshot): Pick<NasTotals, 'storagesLow' | 'isAnyLow' | 'lowNames'> {
  const low = storagesOf(snapshot)?.filter(({ source }) => source.low) ?? null;
  return {
    storagesLow: low?.length ?? null,
    isAnyLow: low === null ? snapshot.storageWasLow : low.length > 0,
    lowNames: low && namesOf(low.map(({ id, source }) => ({ id, name: source.shareName }))),
  };
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
    failingNames: namesOf(tasks.filter(({ failing }) => failing === true).map(({ task }) => task)),
    overdueNames: namesOf(tasks.filter(({ task }) => task.overdue === true).map(({ task }) => task)),
  };
}

/** The first {@link MAX_NAMES} names; of an item without a name, its number. */
function namesOf(items: readonly { readonly id: number | null; readonly name: string | null }[]): string[] {
  return items.slice(0, MAX_NAMES).map(({ id, name }) => sanitizeText(name) ?? `#${id}`);
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
    failingNames: parts.flatMap(({ failingNames }) => failingNames).slice(0, MAX_NAMES),
    overdueNames: parts.flatMap(({ overdueNames }) => overdueNames).slice(0, MAX_NAMES),
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
