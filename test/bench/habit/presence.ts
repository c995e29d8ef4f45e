import type { Random } from '../../nas/random';
import type { Kind } from './kinds';
import { momentAt, START, DAY_MS } from './zone';

/** From and to, epoch ms. */
export type Interval = readonly [from: number, to: number];

/** Days of 2026 (month, day) on which an office is closed: holidays, and the days between Christmas and New Year. */
const CLOSED = ['1-1', '4-3', '4-6', '5-1', '5-14', '5-25', '12-24', '12-25', '12-28', '12-29', '12-30', '12-31'];

/** When a machine is on line, ascending. */
export function presenceOf(random: Random, kind: Kind, days: number): Interval[] {
  if (kind === 'daily server' || kind === 'continuous') return serverPresence(random, days);
  const isLaptop = kind === 'laptop';
  const absent = absentDays(random, days, isLaptop);
  // Some laptops are private ones, which are also used at weekends; some office PCs are never switched off on workdays.
  const isPrivate = isLaptop && random.fraction() < 0.15;
  const isOnOvernight = !isLaptop && random.fraction() < 0.2;
  const share = isLaptop ? 0.6 + 0.3 * random.fraction() : 0.99;
  const intervals: Interval[] = [];
  for (let day = 0; day < days; day++) {
    const isWorkday = isPrivate || isOpen(day);
    if (!isWorkday || absent.has(day) || random.fraction() >= share) continue;
    const from = isPrivate ? 17 + 2 * random.fraction() : 7.5 + 1.5 * random.fraction();
    const to = isPrivate ? 22 + random.fraction() : 16 + 2.5 * random.fraction();
    const isOvernight = isOnOvernight && isOpen(day + 1) && !absent.has(day + 1);
    intervals.push([momentAt(day, from), isOvernight ? momentAt(day + 1, 7) : momentAt(day, to)]);
  }
  return intervals;
}

function isOpen(day: number): boolean {
  const date = new Date(START + day * DAY_MS);
  const weekday = date.getUTCDay();
  return weekday > 0 && weekday < 6 && !CLOSED.includes(`${date.getUTCMonth() + 1}-${date.getUTCDate()}`);
}

/** Holidays (two or three weeks in summer, a week in spring and in autumn, single days), illness, and travel of laptops. */
function absentDays(random: Random, days: number, isLaptop: boolean): Set<number> {
  const absent = new Set<number>();
  const add = (first: number, count: number): void => {
    for (let day = first; day < first + count; day++) absent.add(day);
  };
  // Day 3 is a Sunday: a holiday lasts from Saturday to Sunday.
  const monday = (first: number, last: number): number =>
    4 + 7 * random.integer(Math.floor(first / 7), Math.floor(last / 7));
  add(monday(160, 230), random.fraction() < 0.2 ? 21 : 14);
  add(monday(40, 110), 7);
  add(monday(270, 310), 7);
  for (let count = random.integer(2, 5); count > 0; count--) add(random.integer(0, days), 1);
  for (let count = random.integer(0, 2); count > 0; count--) add(random.integer(0, days), random.integer(1, 5));
  if (isLaptop)
    for (let count = random.integer(4, 12); count > 0; count--) add(random.integer(0, days), random.integer(2, 5));
  return absent;
}

/** Always on, apart from a few hours of maintenance up to four times a year. */
function serverPresence(random: Random, days: number): Interval[] {
  const breaks = Array.from({ length: random.integer(0, 4) }, () => START + random.fraction() * days * DAY_MS);
  const intervals: Interval[] = [];
  let from = START;
  for (const at of breaks.sort((a, b) => a - b)) {
    if (at <= from) continue;
    intervals.push([from, at]);
    from = at + random.integer(1, 20) * 3600_000;
  }
  return [...intervals, [from, START + days * DAY_MS]];
}
