import { isBackup } from '../active-backup/model/result';
import { latest } from '../active-backup/model/arithmetic';
import type { Result, Task } from '../active-backup/types';
import type { EventName } from './events';
import { endKey, type Memory, type TaskMemory } from './memory';

/** The event of each way a backup can end; the others are no news (nothing to back up, still running). */
export const END_EVENTS: Readonly<Partial<Record<Result['status'], EventName>>> = {
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

/** Which ends a memory knows, and since when it knows every one. */
export type KnownEnds = Pick<Memory, 'ends' | 'endsSince'>;

/** From when on the log has to be read at the first look ever (ISO 8601): by the clock of the NAS, if it has told one. */
export function firstEndsSince(tasks: readonly Task[], at: Date): string {
  const ends = tasks.map(({ lastResult }) => lastResult?.endedAt ?? null);
  return earliest([new Date(at.getTime() - FIRST_MS).toISOString(), latest(ends)]);
}

/** Every end there is, none of them news. */
export function firstEnds(results: readonly Result[], since: string): KnownEnds {
  return { ends: timesOf(results.filter(hasEnded)), endsSince: since };
}

/**
 * The ends not told before, oldest first, also those that are no news. The log is not trusted to filter by time: what ended
 * before `endsSince` was told, or was there before, when its key was forgotten. An id above all that are known is news
 * whatever its time: the clock of the NAS was set back.
 */
export function untoldEnds({ ends, endsSince }: KnownEnds, results: readonly Result[]): Result[] {
  const unique = new Map(results.filter(hasEnded).map((result) => [endKey(result), result]));
  const highest = highestId(Object.keys(ends));
  const isNews = ({ id, endedAt }: Result): boolean => (endedAt ?? '') >= endsSince || (id ?? 0) > highest;
  return [...unique.entries()]
    .filter(([key, result]) => !(key in ends) && isNews(result))
    .map(([, result]) => result)
    .sort((one, other) => (one.endedAt ?? '').localeCompare(other.endedAt ?? '') || (one.id ?? 0) - (other.id ?? 0));
}

/**
 * Adds the new ends, and forgets those that no answer will bring again as news: older by a margin than the newest end, than
 * this look and than every run that has not ended. It never goes back, so a wrong clock on either side repeats nothing.
 */
export function withEnds(
  before: KnownEnds,
  told: readonly Result[],
  { at, results, tasks }: { at: Date; results: readonly Result[]; tasks: readonly TaskMemory[] },
): KnownEnds {
  const ends = { ...before.ends, ...timesOf(told) };
  const newest = latest(results.filter(hasEnded).map(({ endedAt }) => endedAt));
  if (newest === null) return { ends, endsSince: before.endsSince };
  const oldest = earliest([at.toISOString(), newest, ...tasks.map(({ activeSince }) => activeSince)]);
  const margin = new Date(Date.parse(oldest) - MARGIN_MS).toISOString();
  const endsSince = margin > before.endsSince ? margin : before.endsSince;
  const recent = Object.entries(ends).filter(([, endedAt]) => endedAt >= endsSince);
  const highest = highestId(recent.map(([key]) => key));
  // Above the ids of those there are only ends that a clock set back has dated too early: their ids tell that they are known.
  const kept = Object.entries(ends).filter(([key, endedAt]) => endedAt >= endsSince || highestId([key]) > highest);
  return { ends: Object.fromEntries(kept), endsSince };
}

/** The highest id among keys of {@link endKey}; Infinity when none is known, for then an id tells nothing. */
function highestId(keys: readonly string[]): number {
  const ids = keys.map((key) => Number.parseInt(key, 10)).filter((id) => !Number.isNaN(id));
  return ids.length === 0 ? Infinity : ids.reduce((high, id) => Math.max(high, id), 0);
}

/** Backups alone: deletions, restores … are in the same log. */
export function hasEnded(result: Result): boolean {
  return isBackup(result.actionCode) && result.endedAt !== null && result.status !== 'running';
}

function timesOf(ends: readonly Result[]): Record<string, string> {
  return Object.fromEntries(ends.map((result) => [endKey(result), result.endedAt ?? '']));
}

/** ISO strings in UTC sort as the times they name. */
function earliest(times: readonly [string, ...(string | null)[]]): string {
  return times.filter((time) => time !== null).reduce((early, time) => (time < early ? time : early), times[0]);
}
