import { latest } from '../active-backup/known-values';
import type { Result, Task } from '../active-backup/types';
import { isFinishedJob } from './finish-events';
import { backupKey, type MonitorState, type StoredTask } from './monitor-state';

/** The initial state contains the backups finished in this time before the first poll; older ones are never reported. */
const INITIAL_PERIOD_MS = 48 * 3600_000;
/** Covers a clock set back, and a log that filters by start or by end: which of them is unknown. */
const MARGIN_MS = 24 * 3600_000;
/**
 * The log is read from the beginning of every active run, but not further back than this: a run that hangs, or waits for a
 * laptop, would keep months of it. The end of a longer run is found in the last result of its task.
 */
const LONGEST_RUN_MS = 3 * 24 * 3600_000;
/** The newest entries that are kept; fewer backups than this finish in the time that the log is read again. */
const MAX_REPORTED = 20_000;

/** The backups that count as reported, see {@link MonitorState}. */
export type ReportedBackups = Pick<MonitorState, 'ends' | 'endsSince'>;

/** From when on the log is read for an initial state (ISO 8601), by the clock of the NAS if a last result contains a time. */
export function initialReportedSince(tasks: readonly Task[], at: Date): string {
  const endTimes = tasks.map(({ lastResult }) => lastResult?.endedAt ?? null);
  return earliest([new Date(at.getTime() - INITIAL_PERIOD_MS).toISOString(), latest(endTimes)]);
}

/** Counts all of these backups as reported. */
export function initialReported(results: readonly Result[], since: string): ReportedBackups {
  return { ends: timesOf(results.filter(isFinishedJob)), endsSince: since };
}

/**
 * Finished backups not reported yet, oldest first, including those without an event. Whatever ended before `endsSince` counts
 * as reported, because DSM's time filter cannot be trusted. An id above all known ones is new whatever its time: the clock of
 * the NAS was set back.
 * @param known results that count as reported, from earlier comparisons
 */
export function unreportedBackups(
  reported: ReportedBackups,
  results: readonly Result[],
  known: ReportedResults,
): Result[] {
  known.begin(reported);
  const candidates = results.filter((result) => !known.has(result) && !isReported(result, reported, known));
  if (candidates.length === 0) return [];
  // Of several results with the same key the last one counts.
  const ids = new Set(candidates.map(({ id }) => id));
  const backups = results.filter((result) => ids.has(result.id) && isFinishedJob(result));
  const unique = new Map(backups.map((result) => [backupKey(result), result]));
  return [...unique.values()]
    .filter((result) => !isReported(result, reported, known))
    .sort((one, other) => (one.endedAt ?? '').localeCompare(other.endedAt ?? '') || (one.id ?? 0) - (other.id ?? 0));
}

/** Whether a result is no finished backup, or one that counts as reported. */
function isReported(result: Result, { ends, endsSince }: ReportedBackups, known: ReportedResults): boolean {
  const { id, endedAt } = result;
  const isNew = (endedAt ?? '') >= endsSince || (id ?? 0) > known.highestId;
  const isReportedNow = !isFinishedJob(result) || !isNew || backupKey(result) in ends;
  if (isReportedNow) known.add(result);
  return isReportedNow;
}

/**
 * Adds reported backups and drops entries no log page can return again: older by {@link MARGIN_MS} than the newest finished
 * backup, this poll, and every active run up to {@link LONGEST_RUN_MS}. `endsSince` only moves forward, so a clock set back
 * cannot repeat an event.
 */
export function markReported(
  before: ReportedBackups,
  reported: readonly Result[],
  { at, results, tasks }: { at: Date; results: readonly Result[]; tasks: readonly StoredTask[] },
): ReportedBackups {
  const latestEnd = latest(results.filter(isFinishedJob).map(({ endedAt }) => endedAt));
  const starts = results.flatMap(({ status, startedAt }) => (status === 'running' ? [startedAt] : []));
  const runs = [...starts, ...tasks.map(({ activeSince }) => activeSince)];
  const endsSince = latestEnd === null ? before.endsSince : nextEndsSince(before.endsSince, latestEnd, at, runs);
  // Most polls find no backup; copying thousands of entries is avoided then.
  if (endsSince === before.endsSince && reported.length === 0) return { ends: before.ends, endsSince };
  const ends = { ...before.ends, ...timesOf(reported) };
  const old = Object.keys(ends).filter((key) => (ends[key] ?? '') < endsSince);
  if (old.length === 0) return bounded({ ends, endsSince });
  const dropped = new Set(old);
  const highest = highestId(Object.keys(ends).filter((key) => !dropped.has(key)));
  // A higher id with an earlier time was dated by a clock set back; its entry is kept by its id.
  const kept = Object.entries(ends).filter(([key]) => !dropped.has(key) || highestId([key]) > highest);
  return bounded({ ends: Object.fromEntries(kept), endsSince });
}

/**
 * @param runs since when each active run is known, and the starts of those that the NAS lists as running: one that began while
 * Node-RED was not running is known later than it began, and the log may list it by its start
 */
function nextEndsSince(before: string, latestEnd: string, at: Date, runs: readonly (string | null)[]): string {
  const now = earliest([at.toISOString(), latestEnd]);
  const longAgo = minus(now, LONGEST_RUN_MS);
  const begun = runs.map((run) => run && latest([run, longAgo]));
  const margin = minus(earliest([now, ...begun]), MARGIN_MS);
  return margin > before ? margin : before;
}

/** The tasks whose run is too long for the log to be read from its beginning. */
function overlongRuns(tasks: readonly StoredTask[], at: Date): StoredTask[] {
  const longAgo = minus(at.toISOString(), LONGEST_RUN_MS);
  return tasks.filter(({ activeSince }) => activeSince !== null && activeSince < longAgo);
}

function bounded(reported: ReportedBackups): ReportedBackups {
  const times = Object.values(reported.ends);
  if (times.length <= MAX_REPORTED) return reported;
  const last = times.sort()[times.length - MAX_REPORTED - 1] ?? reported.endsSince;
  // All entries with the time of the limit are dropped, so `endsSince` must lie after it.
  const kept = Object.entries(reported.ends).filter(([, endedAt]) => endedAt > last);
  return { ends: Object.fromEntries(kept), endsSince: minus(last, -1) };
}

function minus(time: string, ms: number): string {
  return new Date(Date.parse(time) - ms).toISOString();
}

/**
 * Remembers which results count as reported, by their objects. That stays true while the reported backups only grow: entries
 * are dropped that are too old to be new, and no id counts as new that did not before.
 */
export class ReportedResults {
  #reported: ReportedBackups | null = null;
  #highestId = Infinity;
  #results = new WeakSet<Result>();

  /** The highest id of a reported backup; Infinity when there is none, so that no id counts as new. */
  get highestId(): number {
    return this.#highestId;
  }

  has(result: Result): boolean {
    return this.#results.has(result);
  }

  add(result: Result): void {
    this.#results.add(result);
  }

  /** Call before a comparison, with the backups reported before it: other ones than after the last comparison begin anew. */
  begin(reported: ReportedBackups): void {
    const last = this.#reported;
    if (reported.ends !== last?.ends || reported.endsSince !== last.endsSince) this.#set(reported, null);
  }

  /** Call after a comparison, with the backups reported after it. */
  end(reported: ReportedBackups): void {
    const last = this.#reported;
    if (reported.ends !== last?.ends || reported.endsSince !== last.endsSince) this.#set(reported, last);
  }

  #set(reported: ReportedBackups, before: ReportedBackups | null): void {
    const highest = highestId(Object.keys(reported.ends));
    const haveGrown = before !== null && reported.endsSince >= before.endsSince && highest >= this.#highestId;
    if (!haveGrown) this.#results = new WeakSet();
    this.#reported = reported;
    this.#highestId = highest;
  }
}

/** The highest id among keys of {@link backupKey}; Infinity when there is none, so that no id counts as new. */
function highestId(keys: readonly string[]): number {
  const ids = keys.map((key) => Number.parseInt(key, 10)).filter((id) => !Number.isNaN(id));
  return ids.length === 0 ? Infinity : ids.reduce((high, id) => Math.max(high, id), 0);
}

function timesOf(results: readonly Result[]): Record<string, string> {
  return Object.fromEntries(results.map((result) => [backupKey(result), result.endedAt ?? '']));
}

/** ISO 8601 texts in UTC sort by time. */
function earliest(times: readonly [string, ...(string | null)[]]): string {
  return times.filter((time) => time !== null).reduce((early, time) => (time < early ? time : early), times[0]);
}

/** Warns of runs that last so long that the log is no longer read from their beginning, once per run. */
export class OverlongRunWarning {
  readonly #warn: (message: string) => void;
  /** The runs of the last check, by task and beginning. */
  #known: ReadonlySet<string> = new Set();

  constructor(warn: (message: string) => void) {
    this.#warn = warn;
  }

  check(tasks: readonly StoredTask[], at: Date): void {
    const runs = overlongRuns(tasks, at);
    const before = this.#known;
    this.#known = new Set(runs.map(({ uuid, name, activeSince }) => `${uuid ?? name ?? ''} ${activeSince ?? ''}`));
    if ([...this.#known].every((run) => before.has(run))) return;
    const list = runs.map(({ name, activeSince }) => `"${name ?? ''}" (since ${activeSince ?? ''})`).join(', ');
    this.#warn(`The log is not read back to the start of these long runs; their end is taken from the task: ${list}`);
  }
}
