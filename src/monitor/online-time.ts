import { HABIT, type DatedResult } from './habit';
import { DAY_MS } from './local-days';
import { ABSENCE_MS, type OnlinePeriod } from './online-periods';

/** A time on line (epoch ms); `to` is Infinity while it may go on. */
interface TimeOnline {
  readonly from: number;
  readonly to: number;
}

/** Times of periods, which stay the same objects from poll to poll. */
const times = new WeakMap<OnlinePeriod, TimeOnline>();

/** A period in epoch ms. It ends with its last poll. */
export function timeOfPeriod(period: OnlinePeriod): TimeOnline {
  const known = times.get(period);
  if (known !== undefined) return known;
  const time = { from: Date.parse(period.from), to: Date.parse(period.to) };
  times.set(period, time);
  return time;
}

/** Whether a device was hardly ever off line, as long as it is known. */
export function isAlwaysOnline(periods: readonly OnlinePeriod[]): boolean {
  const known = periods.map(timeOfPeriod);
  const span = (known.at(-1)?.to ?? 0) - (known[0]?.from ?? 0);
  const online = known.reduce((sum, { from, to }) => sum + to - from, 0);
  return span >= HABIT.minSpanMs && online >= HABIT.alwaysOnlineShare * span;
}

/**
 * How long a device that is not always on may be on line without a backup until it is late (ms): more than it ever was, and than
 * a day of use. Null while too little is known. It does not depend on the end of the last period, which may go on.
 * @param results by their end @param periods ascending
 */
export function onlineLimit(results: readonly DatedResult[], periods: readonly OnlinePeriod[]): number | null {
  const gaps = onlineGaps(results, periods);
  if (gaps.length < HABIT.minOnlineGaps) return null;
  const [first = 0, second = 0] = gaps.sort((a, b) => b - a);
  // One that is more than twice as long as all others was an outage.
  const longest = first > 2 * second ? second : first;
  const day = dayOfUse(periods);
  const limits =
    day === null ? [HABIT.onlineGaps * longest, HABIT.onlineNights * DAY_MS] : [longest, HABIT.onlineDays * day];
  return Math.max(...limits, HABIT.minGraceMs);
}

/** A device of which it is known when it was on line. */
interface KnownUse {
  /** By their end. */
  readonly results: readonly DatedResult[];
  /** Ascending. */
  readonly periods: readonly OnlinePeriod[];
  /** Whether the last of the periods may go on. */
  readonly isOnline: boolean;
}

/**
 * When the first full day of use since a success is over in which no backup ran, although one did on each such day before (epoch
 * ms). Null: there is none, days without a backup are usual, or too little is known. A day is over with the absence that ends it.
 * @param since the success (epoch ms)
 */
export function afterDayWithoutBackup(since: number, { results, periods, isOnline }: KnownUse): number | null {
  const day = dayOfUse(periods);
  if (day === null) return null;
  const days = fullDays(results, periods, HABIT.fullDayShare * day);
  const before = days.filter(({ from }) => from <= since);
  if (before.length < HABIT.minActiveDays || before.some(({ isIdle }) => isIdle)) return null;
  const idle = days.find(({ from, isLast, isIdle }) => from > since && isIdle && !(isLast && isOnline));
  return idle === undefined ? null : idle.to + ABSENCE_MS;
}

/** A time on line, and whether no backup ended in it or before the next one. */
interface FullDay extends TimeOnline {
  readonly isLast: boolean;
  readonly isIdle: boolean;
}

/** The times on line of at least so many ms since the first known backup. */
function fullDays(results: readonly DatedResult[], periods: readonly OnlinePeriod[], least: number): FullDay[] {
  const first = results[0]?.start ?? Infinity;
  let index = 0;
  return periods.flatMap((period, position) => {
    const { from, to } = timeOfPeriod(period);
    const next = periods[position + 1];
    const until = next === undefined ? Infinity : timeOfPeriod(next).from;
    const before = index;
    while ((results[index]?.end ?? Infinity) < until) index++;
    const isIdle = index === before || (results[index - 1]?.end ?? -Infinity) < from;
    return from < first || to - from < least ? [] : [{ from, to, isLast: next === undefined, isIdle }];
  });
}

/** How long it is usually on line at a time (ms); null when it is not switched off each day. */
function dayOfUse(periods: readonly OnlinePeriod[]): number | null {
  const lengths = periods
    .slice(0, -1)
    .map((period) => timeOfPeriod(period).to - timeOfPeriod(period).from)
    .filter((length) => length >= HABIT.minPresenceMs)
    .sort((a, b) => a - b);
  const usual = lengths[lengths.length >> 1];
  return usual === undefined || usual > HABIT.maxOnlineDayMs ? null : usual;
}

/** The times on line between two successes (ms). A gap with a failure in it is no habit. */
function onlineGaps(results: readonly DatedResult[], periods: readonly OnlinePeriod[]): number[] {
  const known = periods.map((period, index) => ({ ...timeOfPeriod(period), isLast: index === periods.length - 1 }));
  const first = known[0]?.from ?? Infinity;
  const gaps: number[] = [];
  let before: number | null = null;
  let [index, passed] = [0, 0];
  for (const { status, end } of results) {
    if (end < first) continue;
    if (status === 'failed' || status === 'partial') before = null;
    if (status !== 'success') continue;
    for (let each = known[index]; each !== undefined && !each.isLast && each.to < end; each = known[++index])
      passed += each.to - each.from;
    const online = passed + Math.max(end - (known[index]?.from ?? end), 0);
    if (before !== null) gaps.push(online - before);
    before = online;
  }
  return gaps;
}

/** When a device has been on line for `duration` ms since a time (epoch ms); null: it has not. */
export function afterOnlineTime(since: number, duration: number, online: readonly TimeOnline[]): number | null {
  let rest = duration;
  for (const { from, to } of online) {
    const begin = Math.max(from, since);
    if (to <= begin) continue;
    if (rest <= to - begin) return begin + rest;
    rest -= to - begin;
  }
  return null;
}
