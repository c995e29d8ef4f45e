import type { DeviceProtection } from '../monitor/protection-types';
import type { NasSnapshot, TaskSnapshot } from '../monitor/snapshot';
import { earliest, latest } from '../active-backup/known-values';
import { MAX_NAMES } from './entity';
import { sanitizeText } from './text';
import { isBackupRunning, isScheduled, lastResult } from './backups';
import { PROTECTION_WORDS } from './protected-device';
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
    protections: snapshot.protections && protectionTotals(countProtections(snapshot.protections)),
    ...otherValues(snapshot),
  };
}

/** The values of a snapshot that are no counts. */
export function otherValues({
  lastVerification,
  lastRestore,
  transferredBytes,
}: NasSnapshot): Pick<NasTotals, 'lastVerification' | 'lastRestore' | 'transferredBytes'> {
  return { lastVerification, lastRestore, transferredBytes };
}

/** Counts of devices by their protection, with the names of which some are shown. */
interface ProtectionCounts {
  readonly counts: Readonly<Record<DeviceProtection['protection'], number>>;
  readonly total: number;
  readonly lateNames: readonly string[];
  readonly failingNames: readonly string[];
}

function countProtections(protections: readonly DeviceProtection[]): ProtectionCounts {
  const counts = { late: 0, failing: 0, never: 0, unprotected: 0, protected: 0, unknown: 0 };
  for (const { protection } of protections) counts[protection] += 1;
  const names = (of: DeviceProtection['protection']): string[] =>
    counts[of] === 0
      ? []
      : namesOf(protections.filter(({ protection }) => protection === of).map(({ device }) => device));
  return { counts, total: protections.length, lateNames: names('late'), failingNames: names('failing') };
}

function sumOfCounts(parts: readonly ProtectionCounts[]): ProtectionCounts {
  const counts = { late: 0, failing: 0, never: 0, unprotected: 0, protected: 0, unknown: 0 };
  for (const part of parts) for (const protection of PROTECTION_WORDS) counts[protection] += part.counts[protection];
  return {
    counts,
    total: parts.reduce((sum, part) => sum + part.total, 0),
    lateNames: parts.flatMap(({ lateNames }) => lateNames).slice(0, MAX_NAMES),
    failingNames: parts.flatMap(({ failingNames }) => failingNames).slice(0, MAX_NAMES),
  };
}

/** Null without a single known outcome: nothing can be said of any device, and 0 would say that none is late. */
function protectionTotals({ counts, total, lateNames, failingNames }: ProtectionCounts): ProtectionTotals | null {
  const { late, failing, never, unknown, unprotected } = counts;
  if (unknown > 0 && unknown + unprotected === total) return null;
  return { late, failing, never, lateNames, failingNames };
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

const PART_LENGTH = 16;

/** The totals of a list of which single items are replaced: only the parts of the list around them are counted again. */
class TotalsInParts<Item, Totals> {
  readonly #items: Item[];
  readonly #count: (items: readonly Item[]) => Totals;
  readonly #sum: (parts: readonly Totals[]) => Totals;
  /** First the totals of parts of the list, then in each level those of parts of the level before; the last level has one. */
  readonly #levels: Totals[][] = [];

  constructor(
    items: readonly Item[],
    count: (items: readonly Item[]) => Totals,
    sum: (parts: readonly Totals[]) => Totals,
  ) {
    this.#items = [...items];
    this.#count = count;
    this.#sum = sum;
    let level = partsOf(this.#items).map(count);
    this.#levels.push(level);
    while (level.length > 1) {
      level = partsOf(level).map(sum);
      this.#levels.push(level);
    }
  }

  protected get sum(): Totals {
    return this.#levels.at(-1)?.[0] ?? this.#count([]);
  }

  replace(index: number, item: Item): void {
    this.#items[index] = item;
    let part = Math.floor(index / PART_LENGTH);
    let totals = this.#count(partOf(this.#items, part));
    for (const [number, level] of this.#levels.entries()) {
      level[part] = totals;
      part = Math.floor(part / PART_LENGTH);
      if (number < this.#levels.length - 1) totals = this.#sum(partOf(level, part));
    }
  }
}

function partOf<T>(list: readonly T[], part: number): readonly T[] {
  return list.slice(part * PART_LENGTH, (part + 1) * PART_LENGTH);
}

function partsOf<T>(list: readonly T[]): (readonly T[])[] {
  return Array.from({ length: Math.ceil(list.length / PART_LENGTH) }, (_, part) => partOf(list, part));
}

/** The totals of tasks of which single ones are replaced, at a cost that hardly grows with their number. */
export class TaskTotalsInParts extends TotalsInParts<TaskSnapshot, TaskTotals> {
  constructor(tasks: readonly TaskSnapshot[]) {
    super(tasks, taskTotals, sumOf);
  }

  /** Equal to {@link nasTotals} of the same tasks. */
  get totals(): TaskTotals {
    return this.sum;
  }
}

/** The same for the protections of devices. */
export class ProtectionTotalsInParts extends TotalsInParts<DeviceProtection, ProtectionCounts> {
  constructor(protections: readonly DeviceProtection[]) {
    super(protections, countProtections, sumOfCounts);
  }

  /** Equal to {@link nasTotals} of the same protections. */
  get totals(): ProtectionTotals | null {
    return protectionTotals(this.sum);
  }
}
