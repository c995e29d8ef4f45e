import { latest } from '../active-backup/known-values';
import { statusOf } from '../active-backup/model/result';
import type { Device, DeviceResult } from '../active-backup/types';
import { CLOCK_TOLERANCE_MS } from './schedule';

const DAY_MS = 24 * 3600_000;
/** Outcomes are kept for this long. */
export const KEPT_MS = 90 * DAY_MS;
/** Backups of several tasks of a device may end in another order than they are read. */
const ANY_ORDER_MS = 2 * DAY_MS;

/** `[resultId, taskId, statusCode, start, end, bytes]`, times in epoch seconds: thousands of them are stored. */
type OutcomeRow = readonly [
  resultId: number | null,
  taskId: number | null,
  statusCode: number | null,
  start: number | null,
  end: number | null,
  bytes: number | null,
];

/** What is stored of a device. Times are ISO 8601 (UTC); the names are those of the file. */
export interface DeviceRecord {
  readonly uuid: string | null;
  readonly name: string | null;
  /** The outcomes of its backups in the order of the runs, running ones included. */
  readonly rows: readonly OutcomeRow[];
  /** Its last success, also when it is older than the rows. */
  readonly lastSuccessAt: string | null;
  /** The first poll that listed it. */
  readonly knownSince: string;
}

/** The record of a device without outcomes. @param at the first poll that listed it */
export function newRecord({ uuid, name }: Pick<Device, 'uuid' | 'name'>, at: Date): DeviceRecord {
  return { uuid, name, rows: [], lastSuccessAt: null, knownSince: at.toISOString() };
}

/** Whether a record is of this device: ids begin again when the package is reinstalled. */
export function isRecordOf(record: Pick<DeviceRecord, 'uuid'>, { uuid }: Pick<Device, 'uuid'>): boolean {
  return uuid === null || record.uuid === null || uuid === record.uuid;
}

/** The outcomes as results of the data model. */
export function resultsOf({ rows }: DeviceRecord): DeviceResult[] {
  return rows.map(resultOf);
}

/** The outcomes that ended at this time or later. */
export function resultsSince({ rows }: DeviceRecord, time: Date): DeviceResult[] {
  const since = time.getTime() / 1000;
  return rows.filter(([, , , , end]) => end !== null && end >= since).map(resultOf);
}

/** The outcome of a run; undefined: none is known. */
export function resultWithId({ rows }: DeviceRecord, resultId: number): DeviceResult | undefined {
  const row = rows.findLast(([id]) => id === resultId);
  return row === undefined ? undefined : resultOf(row);
}

function resultOf([resultId, taskId, statusCode, start, end, transferredBytes]: OutcomeRow): DeviceResult {
  return {
    resultId,
    taskId,
    status: statusOf(statusCode, end),
    statusCode,
    startedAt: isoOf(start),
    endedAt: isoOf(end),
    durationSeconds: start === null || end === null ? null : end - start,
    transferredBytes,
    reason: null,
  };
}

function isoOf(seconds: number | null): string | null {
  return seconds === null ? null : new Date(seconds * 1000).toISOString();
}

function secondsOf(time: string | null): number | null {
  return time === null ? null : Date.parse(time) / 1000;
}

/** The outcomes of a device in a response, and how to find the tasks of new ones. */
export interface FoundOutcomes {
  readonly device: Device;
  readonly results: readonly DeviceResult[];
  readonly taskIdOf: (result: DeviceResult) => number | null;
}

/** A record after a response, and the ids of the runs whose outcome is new or another one. */
interface MergedRecord {
  readonly record: DeviceRecord;
  readonly changed: readonly number[];
}

/** Merges the outcomes of a response into a record, which stays the same object when nothing is new. */
export function mergeOutcomes(known: DeviceRecord, found: FoundOutcomes, at: Date): MergedRecord {
  const { device, results, taskIdOf } = found;
  if (isUnchanged(known, found, at)) return { record: known, changed: [] };
  const before = new Map(known.rows.map((row) => [keyOf(row), row]));
  const changed = results.flatMap((result) => {
    const bare = rowOf(result, null);
    const old = before.get(keyOf(bare));
    if (isUnidentified(bare)) return [];
    const row = rowOf(result, old?.[1] ?? taskIdOf(result));
    return old !== undefined && isSameRow(old, row) ? [] : [{ result, row }];
  });
  const name = device.name ?? known.name;
  const uuid = device.uuid ?? known.uuid;
  const rows =
    changed.length === 0
      ? known.rows
      : merged(
          before,
          changed.map(({ row }) => row),
          results,
        );
  const kept = withoutOld(rows, at.getTime());
  if (kept === known.rows && name === known.name && uuid === known.uuid) return { record: known, changed: [] };
  const lastSuccessAt = lastSuccessOf(
    known.lastSuccessAt,
    changed.map(({ result }) => result),
    at,
  );
  return {
    record: { ...known, uuid, name, rows: kept, lastSuccessAt },
    changed: changed.flatMap(({ row: [id] }) => id ?? []),
  };
}

/** So many results of a device are looked up one by one. */
const FEW = 64;

/** Whether a response contains only what is known: most do for most devices, so nothing is built for these. */
function isUnchanged(known: DeviceRecord, { device, results }: FoundOutcomes, at: Date): boolean {
  // A usual response has the last few runs, which are found from the end at once; an odd one may have thousands.
  const byId = results.length > FEW ? new Map(known.rows.map((row) => [row[0], row])) : null;
  const rowWith = (id: number | null): OutcomeRow | undefined =>
    byId === null ? known.rows.findLast((row) => row[0] === id) : byId.get(id);
  const isKnown = (result: DeviceResult): boolean => {
    const row = result.resultId === null ? undefined : rowWith(result.resultId);
    const taskId = row?.[1] ?? null;
    return row !== undefined && taskId !== null && isSameRow(row, rowOf(result, taskId));
  };
  const isSameDevice = (device.name ?? known.name) === known.name && (device.uuid ?? known.uuid) === known.uuid;
  return isSameDevice && results.every(isKnown) && withoutOld(known.rows, at.getTime()) === known.rows;
}

function rowOf(result: DeviceResult, taskId: number | null): OutcomeRow {
  const { resultId, statusCode, startedAt, endedAt, transferredBytes } = result;
  return [resultId, taskId, statusCode, secondsOf(startedAt), secondsOf(endedAt), transferredBytes];
}

/** A run without an id is identified by its start. */
function keyOf([id, , , start]: OutcomeRow): string {
  return id === null ? `start ${start ?? ''}` : String(id);
}

function isUnidentified([id, , , start]: OutcomeRow): boolean {
  return id === null && start === null;
}

function isSameRow(one: OutcomeRow, other: OutcomeRow): boolean {
  return one.every((value, index) => value === other[index]);
}

/**
 * Adds rows. Ids ascend, so a new run with a lower id than an earlier one means that the package was reinstalled: what has a
 * higher id and began before it is of the time before. A run that no longer runs, and is not listed, has left no outcome.
 */
function merged(
  before: ReadonlyMap<string, OutcomeRow>,
  added: readonly OutcomeRow[],
  listed: readonly DeviceResult[],
): OutcomeRow[] {
  const rows = new Map(before);
  for (const row of added) rows.set(keyOf(row), row);
  const keys = new Set(listed.map((result) => keyOf(rowOf(result, null))));
  const fresh = added.filter((row) => !before.has(keyOf(row)));
  const isOfEarlier = earlierInstallation(fresh);
  const isKept = (row: OutcomeRow): boolean => keys.has(keyOf(row)) || (row[4] !== null && !isOfEarlier(row));
  return [...rows.values()].filter(isKept).sort(byRun);
}

/** Whether a row is older than one of these new rows although its id is higher. */
function earlierInstallation(fresh: readonly OutcomeRow[]): (row: OutcomeRow) => boolean {
  const lowest = fresh.reduce((low, [id]) => Math.min(low, id ?? Infinity), Infinity);
  const above = (id: number): number =>
    fresh.reduce((last, [own, , , start]) => (own !== null && own < id ? Math.max(last, start ?? 0) : last), 0);
  return ([id, , , start]) => id !== null && start !== null && id > lowest && above(id) - start > ANY_ORDER_MS / 1000;
}

/** By id, because times may come from a wrong clock (docs/facts/dsm.md §6.24). */
function byRun(one: OutcomeRow, other: OutcomeRow): number {
  if (one[0] !== null && other[0] !== null) return one[0] - other[0];
  return (one[3] ?? 0) - (other[3] ?? 0);
}

/**
 * Drops what ended longer ago than {@link KEPT_MS}: the first rows, up to the last one before any newer row. Rows of a wrong
 * clock in between go with them, and stay otherwise.
 */
function withoutOld(rows: readonly OutcomeRow[], now: number): readonly OutcomeRow[] {
  const oldest = (now - KEPT_MS) / 1000;
  const latestEnd = (now + CLOCK_TOLERANCE_MS) / 1000;
  let old = 0;
  for (const [index, [, , , start, end]] of rows.entries()) {
    const time = end ?? start ?? 0;
    if (time >= oldest && time <= latestEnd) break;
    if (time < oldest && time > oldest - KEPT_MS / 1000) old = index + 1;
  }
  return old === 0 ? rows : rows.slice(old);
}

/**
 * The last success after these results, oldest first. One that lies in the future, or long before an earlier one, comes from a
 * wrong clock and counts at the time of the poll that first contained it.
 */
function lastSuccessOf(known: string | null, found: readonly DeviceResult[], at: Date): string | null {
  const success = found.findLast(({ status }) => status === 'success');
  if (success === undefined) return known;
  const { endedAt } = success;
  const limit = new Date(at.getTime() + CLOCK_TOLERANCE_MS).toISOString();
  const isLongBefore = known !== null && endedAt !== null && Date.parse(known) - Date.parse(endedAt) > ANY_ORDER_MS;
  return endedAt === null || endedAt > limit || isLongBefore ? at.toISOString() : latest([known, endedAt]);
}

/** The rows of all devices that are kept: of the devices with the most, the latest only. */
const MAX_ROWS = 50_000;
/** More devices than fit in {@link MAX_ROWS} keep this many rows each: a habit needs fewer. */
const MIN_ROWS_PER_DEVICE = 30;

/** How many rows each device may keep, so that all together are bounded; Infinity while they are. */
export function rowLimit(counts: readonly number[]): number {
  const most = Math.max(MAX_ROWS, counts.length * MIN_ROWS_PER_DEVICE);
  const ascending = [...counts].sort((one, other) => one - other);
  let left = most;
  for (const [index, count] of ascending.entries()) {
    const share = Math.floor(left / (ascending.length - index));
    if (count > share) return share;
    left -= count;
  }
  return Infinity;
}
