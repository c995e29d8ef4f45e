import { isBackup } from '../active-backup/model/result';
import { latest } from '../active-backup/model/arithmetic';
import type { Result, Task } from '../active-backup/types';
import type { EventName } from './events';
import { backupKey, type MonitorState, type StoredTask } from './monitor-state';

/** The event of each way a backup can end; the others are no news (nothing to back up, still running). */
export const FINISH_EVENTS: Readonly<Partial<Record<Result['status'], EventName>>> = {
  success: 'backup_succeeded',
  partial: 'backup_partial',
  failed: 'backup_failed',
  cancelled: 'backup_cancelled',
  // A status nobody knows: better told as a failure than not at all.
  unknown: 'backup_failed',
};

/** The first look ever takes the ends of these last hours for known; older ones are never told. */
const FIRST_MS = 48 * 3600_000;
/** A clock may be set back, and nobody knows by which end of a run the log filters. */
const MARGIN_MS = 24 * 3600_000;
/**
 * The log is read from the beginning of every run that goes on, but not further back than this: a run that hangs, or waits
 * for a laptop, would keep it open for months. The end of a longer run is known from its task, which tells its last result.
 */
const LONGEST_RUN_MS = 3 * 24 * 3600_000;
/** So many ends are kept at most, the newest: more do not end within the time that the log is read again. */
const MAX_REPORTED = 20_000;

/** Which ends a memory knows, and since when it knows every one. */
export type ReportedBackups = Pick<MonitorState, 'ends' | 'endsSince'>;

/** From when on the log has to be read at the first look ever (ISO 8601): by the clock of the NAS, if it has told one. */
export function initialReportedSince(tasks: readonly Task[], at: Date): string {
  const ends = tasks.map(({ lastResult }) => lastResult?.endedAt ?? null);
  return earliest([new Date(at.getTime() - FIRST_MS).toISOString(), latest(ends)]);
}

/** Every end there is, none of them news. */
export function initialReported(results: readonly Result[], since: string): ReportedBackups {
  return { ends: timesOf(results.filter(isFinishedBackup)), endsSince: since };
}

/**
 * The ends not told before, oldest first, also those that are no news. The log is not trusted to filter by time: what ended
 * before `endsSince` was told, or was there before, when its key was forgotten. An id above all that are known is news
 * whatever its time: the clock of the NAS was set back.
 */
export function unreportedBackups({ ends, endsSince }: ReportedBackups, results: readonly Result[]): Result[] {
  const unique = new Map(results.filter(isFinishedBackup).map((result) => [backupKey(result), result]));
  const highest = highestId(Object.keys(ends));
  const isNews = ({ id, endedAt }: Result): boolean => (endedAt ?? '') >= endsSince || (id ?? 0) > highest;
  return [...unique.entries()]
    .filter(([key, result]) => !(key in ends) && isNews(result))
    .map(([, result]) => result)
    .sort((one, other) => (one.endedAt ?? '').localeCompare(other.endedAt ?? '') || (one.id ?? 0) - (other.id ?? 0));
}

/**
 * Adds the new ends, and forgets those that no answer will bring again as news: older by a margin than the newest end, than
 * this look and than every run that has not ended, if it is not all too long. It never goes back, so a wrong clock on either
 * side repeats nothing.
 */
export function markReported(
  before: ReportedBackups,
  told: readonly Result[],
  { at, results, tasks }: { at: Date; results: readonly Result[]; tasks: readonly StoredTask[] },
): ReportedBackups {
  const newest = latest(results.filter(isFinishedBackup).map(({ endedAt }) => endedAt));
  const endsSince = newest === null ? before.endsSince : sinceAfter(before.endsSince, newest, at, tasks);
  // Thousands may be remembered, and most polls bring none: nothing is copied then.
  if (endsSince === before.endsSince && told.length === 0) return { ends: before.ends, endsSince };
  const ends = { ...before.ends, ...timesOf(told) };
  const recent = Object.entries(ends).filter(([, endedAt]) => endedAt >= endsSince);
  const highest = highestId(recent.map(([key]) => key));
  // Above the ids of those there are only ends that a clock set back has dated too early: their ids tell that they are known.
  const kept = Object.entries(ends).filter(([key, endedAt]) => endedAt >= endsSince || highestId([key]) > highest);
  return bounded({ ends: Object.fromEntries(kept), endsSince });
}

function sinceAfter(before: string, newest: string, at: Date, tasks: readonly StoredTask[]): string {
  const now = earliest([at.toISOString(), newest]);
  const longAgo = minus(now, LONGEST_RUN_MS);
  const runs = tasks.map(({ activeSince }) => activeSince && latest([activeSince, longAgo]));
  const margin = minus(earliest([now, ...runs]), MARGIN_MS);
  return margin > before ? margin : before;
}

/** The tasks whose run lasts so long that the log is not read from its beginning any more. */
export function overlongRuns(tasks: readonly StoredTask[], at: Date): StoredTask[] {
  const longAgo = minus(at.toISOString(), LONGEST_RUN_MS);
  return tasks.filter(({ activeSince }) => activeSince !== null && activeSince < longAgo);
}

function bounded(known: ReportedBackups): ReportedBackups {
  const times = Object.values(known.ends);
  if (times.length <= MAX_REPORTED) return known;
  const last = times.sort()[times.length - MAX_REPORTED - 1] ?? known.endsSince;
  // Of those at the same instant none is kept, so none of them may be asked for again.
  const kept = Object.entries(known.ends).filter(([, endedAt]) => endedAt > last);
  return { ends: Object.fromEntries(kept), endsSince: minus(last, -1) };
}

function minus(time: string, ms: number): string {
  return new Date(Date.parse(time) - ms).toISOString();
}

/** The highest id among keys of {@link backupKey}; Infinity when none is known, for then an id tells nothing. */
function highestId(keys: readonly string[]): number {
  const ids = keys.map((key) => Number.parseInt(key, 10)).filter((id) => !Number.isNaN(id));
  return ids.length === 0 ? Infinity : ids.reduce((high, id) => Math.max(high, id), 0);
}

/** Backups alone: deletions, restores … are in the same log. */
export function isFinishedBackup(result: Result): boolean {
  return isBackup(result.actionCode) && result.endedAt !== null && result.status !== 'running';
}

function timesOf(ends: readonly Result[]): Record<string, string> {
  return Object.fromEntries(ends.map((result) => [backupKey(result), result.endedAt ?? '']));
}

/** ISO strings in UTC sort as the times they name. */
function earliest(times: readonly [string, ...(string | null)[]]): string {
  return times.filter((time) => time !== null).reduce((early, time) => (time < early ? time : early), times[0]);
}
