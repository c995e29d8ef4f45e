import type { DeviceResult } from '../active-backup/types';
import { DAY_MS, isOffDay, localDayOf, startOfDay, weekdayOfDay, workingTime, type LocalCalendar } from './local-days';
import { CLOCK_TOLERANCE_MS } from './schedule';

const HOUR_MS = 3600_000;

/** The parameters of the judgement of devices, with the reason of each. `docs/protection.md` explains them for users. */
export const HABIT = {
  /** Successes from which a habit is learned: four gaps, of which one may be unusual. */
  minSuccesses: 5,
  /** Time between the first and the last of them: a habit of a week contains a weekend. */
  minSpanMs: 7 * DAY_MS,
  /** Weeks with backups in which a day of the week had none, to be a day off; by chance alone, one week has such days. */
  offDayWeeks: 4,
  /** Days with backups in these weeks. With fewer, days without one are chance: every day could be missing. */
  minActiveDays: 10,
  /** Backups that are learned from, the latest ones: three weeks of hourly ones. */
  maxLearned: 500,
  /** Gaps up to the usual one cover this part of the time: the nights, not the holidays. With half, alerts by event triple. */
  usualShare: 0.7,
  /** Gaps from which the longest one is no longer usual: it may be an outage. With fewer, every gap counts. */
  minGapsForOutage: 15,
  /** A device that is late starts this part of the usual gap after it: as half a period by the schedule. */
  graceShare: 0.5,
  /** Least grace of a PC without a schedule: the next event may be a working day away. Of a PC by event, on line. */
  minGraceMs: 8 * HOUR_MS,
  /** Least grace of any other device, which starts backups at any time: the NAS, or the device, is restarted or updated. */
  minServerGraceMs: HOUR_MS,
  /** Gaps up to the longest regular one cover this part of the time: those of a backup window or of a NAS that is off at night. */
  regularShare: 0.95,
  /** A device that is no PC is late after so many of its longest regular gaps at the earliest. */
  regularGaps: 1.1,
  /** A backup may wait so long for the NAS: others keep it busy for a working day. */
  queueMs: 8 * HOUR_MS,
  /** A device that was off line since it was due is late after so many of its longest usual gaps. */
  offlineGaps: 2,
  /**
   * A PC that is off line is late after this time at the earliest: somebody is on holiday. Three weeks from the morning of a Friday
   * to the evening of a Monday are 25 days; a day before and one after it may be spent elsewhere. Servers have no holidays.
   */
  absenceMs: 27 * DAY_MS,
  /** Any other device is late after this time off line at the earliest: maintenance may take a day. */
  outageMs: DAY_MS,
  /** A device that is no PC and was on line for this part of the time, a week at least, is always on: it has no other absences. */
  alwaysOnlineShare: 0.95,
  /** Gaps of which it is known how long a PC was on line: a week of use with three backups a day. */
  minOnlineGaps: 20,
  /** A PC whose days of use are longer is not switched off each day. */
  maxOnlineDayMs: 16 * HOUR_MS,
  /**
   * A PC without a fixed schedule is late after so many days of use on line without a backup: the events may come late on one
   * day and early on the day before. With 1.3, false alerts by event double.
   */
  onlineDays: 1.5,
  /** One that is not switched off each day is late after so many days of 24 hours: nights count, but bring few events. */
  onlineNights: 1.3,
  /** – but not before so many times its longest time on line between two backups: over a weekend that is about the same. */
  onlineGaps: 1.1,
  /** A time on line of this part of a day of use is a full day: on a shorter one the event may have been still to come. */
  fullDayShare: 0.7,
  /** Runs that are no further apart are daily ones: from Friday to Monday, with the hour of summer time. */
  dailyPeriodMs: 3 * DAY_MS + HOUR_MS,
  /**
   * A device without a fixed schedule must have been on line for this long at a time: a short visit is no chance. Nor is a shorter
   * time after a run enough to tell in the evening that the run was missed.
   */
  minPresenceMs: 4 * HOUR_MS,
  /** Least time for a backup after a return, as most run once in a day of use. */
  minReturnMs: 12 * HOUR_MS,
  /** A running backup may take this many times its longest duration. */
  runFactor: 3,
  /** Duration assumed while none is known: a first, full backup may take a day. */
  unknownRunMs: DAY_MS,
} as const;

/** Times older than the kept history, with a margin, come from a wrong clock. */
const OLDEST_MS = 100 * DAY_MS;
/** 0 Sunday … 6 Saturday. */
export const EVERY_DAY: readonly number[] = [0, 1, 2, 3, 4, 5, 6];
/** The largest clock change to or from summer time. */
const SUMMER_TIME_MS = HOUR_MS;

/** What a device usually does. Gaps are milliseconds between two successes, days off left out. */
export interface LearnedHabit {
  /** Half of the time lies in gaps up to this one, so that several backups in a row do not make it short. */
  readonly typicalGap: number;
  /** The same for {@link HABIT.usualShare}: a backup is due after it. */
  readonly usualGap: number;
  /** The same for {@link HABIT.regularShare}. */
  readonly regularGap: number;
  readonly longestGap: number;
}

/** The outcome of a backup. */
export type Outcome = 'success' | 'partial' | 'failed' | 'cancelled';

/** A finished backup with plausible times (epoch ms). */
export interface DatedResult {
  readonly status: Outcome;
  readonly start: number;
  readonly end: number;
}

/** Times of rows, which stay the same objects from poll to poll; null: not finished. */
const dates = new WeakMap<DeviceResult, DatedResult | null>();

/**
 * The finished backups with plausible times, by their end. Those in the future or before the kept history come from a wrong
 * clock: they say nothing about the habit, whatever they are. @param offset UTC offset of the NAS (ms): its midnight drops a day
 */
export function datedResults(results: readonly DeviceResult[], now: number, offset: number): DatedResult[] {
  const [oldest, latest] = [startOfDay(localDayOf(now, offset), offset) - OLDEST_MS, now + CLOCK_TOLERANCE_MS];
  const dated: DatedResult[] = [];
  let isSorted = true;
  for (const result of results) {
    const each = dateOf(result);
    if (each === null || each.start < oldest || each.end > latest) continue;
    isSorted &&= each.end >= (dated.at(-1)?.end ?? -Infinity);
    dated.push(each);
  }
  return isSorted ? dated : dated.sort((a, b) => a.end - b.end);
}

function dateOf(result: DeviceResult): DatedResult | null {
  const known = dates.get(result);
  if (known !== undefined) return known;
  const { status, startedAt, endedAt } = result;
  const end = endedAt === null ? NaN : Date.parse(endedAt);
  const start = startedAt === null ? end : Date.parse(startedAt);
  const dated = isOutcome(status) && start <= end ? { status, start, end } : null;
  dates.set(result, dated);
  return dated;
}

/** Whether a status is the outcome of a backup: not that of a running one, and not that there was nothing to back up. */
export function isOutcome(status: DeviceResult['status']): status is Outcome {
  return status === 'success' || status === 'partial' || status === 'failed' || status === 'cancelled';
}

/**
 * Days of the week without a backup in the last four weeks that had any: weeks of absence do not count. None while the
 * history is shorter, or when backups are too rare to tell. After a change of summer time earlier backups appear an hour
 * later or earlier, maybe on another day; so the days of an hour before or after count when more of them are free.
 * @param offset UTC offset of the NAS now (ms)
 */
export function offDaysOf(results: readonly DatedResult[], offset: number): number[] {
  const sets = [0, -SUMMER_TIME_MS, SUMMER_TIME_MS].map((shift) => freeDays(results, offset + shift));
  return sets.reduce((best, days) => (days.length > best.length ? days : best));
}

/** The habit of a device; null while too little is known. @param results from {@link datedResults} */
export function learnHabit(results: readonly DatedResult[], calendar: LocalCalendar): LearnedHabit | null {
  const successes = results.filter(({ status }) => status === 'success');
  const [first, last] = [successes[0], successes.at(-1)];
  if (first === undefined || last === undefined || successes.length < HABIT.minSuccesses) return null;
  if (last.end - first.end < HABIT.minSpanMs) return null;
  const gaps = usualGaps(results.slice(-HABIT.maxLearned), calendar);
  if (gaps.length === 0) return null;
  const [typicalGap, usualGap, regularGap] = coveringGaps(gaps, [0.5, HABIT.usualShare, HABIT.regularShare]);
  const longest = gaps.length < HABIT.minGapsForOutage ? gaps.at(-1) : gaps.at(-2);
  return { typicalGap, usualGap, regularGap, longestGap: Math.max(longest ?? usualGap, usualGap) };
}

/** The longest complete backup (ms), so that an occasional long one is still usual. */
export function longestRun(results: readonly DatedResult[]): number {
  const lengths = results.filter(({ status }) => status === 'success').map(({ start, end }) => end - start);
  return lengths.length === 0 ? HABIT.unknownRunMs : Math.max(...lengths);
}

/** Gaps between successes, ascending. One with a failure in it is no habit. */
function usualGaps(results: readonly DatedResult[], calendar: LocalCalendar): number[] {
  const gaps: number[] = [];
  let before: number | null = null;
  for (const { status, end } of results) {
    if (status === 'failed' || status === 'partial') before = null;
    if (status !== 'success') continue;
    if (before !== null) gaps.push(workingTime(before, end, calendar));
    before = end;
  }
  return gaps.sort((a, b) => a - b);
}

/** For each of three shares, ascending, the smallest of the gaps such that gaps up to it cover this share of the time. */
function coveringGaps(
  ascending: readonly number[],
  [first, second, third]: readonly [number, number, number],
): [number, number, number] {
  let total = 0;
  for (const gap of ascending) total += gap;
  let index = 0;
  let covered = ascending[0] ?? 0;
  const gapOf = (share: number): number => {
    while (covered < share * total && index < ascending.length - 1) covered += ascending[++index] ?? 0;
    return ascending[index] ?? 0;
  };
  return [gapOf(first), gapOf(second), gapOf(third)];
}

function freeDays(results: readonly DatedResult[], offset: number): number[] {
  const [first, last] = [results[0], results.at(-1)];
  if (first === undefined || last === undefined) return [];
  const [oldest, today] = [localDayOf(first.start, offset), localDayOf(last.start, offset)];
  if (today - oldest < 7 * HABIT.offDayWeeks - 1) return [];
  const weeks = new Set<number>();
  const active = new Set<number>();
  for (let index = results.length - 1; index >= 0; index--) {
    const day = localDayOf(results[index]?.start ?? NaN, offset);
    const week = Math.floor((today - day) / 7);
    if (!weeks.has(week) && weeks.size === HABIT.offDayWeeks) break;
    weeks.add(week);
    active.add(day);
  }
  if (weeks.size < HABIT.offDayWeeks || active.size < HABIT.minActiveDays) return [];
  const used = new Set([...active].map(weekdayOfDay));
  return EVERY_DAY.filter((weekday) => !used.has(weekday));
}

/** Whether a time (epoch ms) lies on a day off. */
export function isOffTime(time: number, calendar: LocalCalendar): boolean {
  return isOffDay(localDayOf(time, calendar.offset), calendar);
}
