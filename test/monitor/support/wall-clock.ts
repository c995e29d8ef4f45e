import type { Schedule } from '../../../src/active-backup/types';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

const formats = new Map<string, Intl.DateTimeFormat>();

/** UTC offset of a time zone from `since` on. */
interface Offset {
  readonly since: number;
  readonly offset: number;
}

const FIRST = Date.parse('2025-12-01');
const LAST = Date.parse('2027-12-01');
const zones = new Map<string, readonly Offset[]>();

/** UTC offset of a time zone at a time (epoch ms) in or near 2026, from the system's own time zone data. */
export function offsetAt(zone: string, time: number): number {
  if (time < FIRST || time >= LAST) throw new RangeError(`${new Date(time).toISOString()} is too far from 2026`);
  let offsets = zones.get(zone);
  if (offsets === undefined) {
    offsets = offsetsOf(zone);
    zones.set(zone, offsets);
  }
  return offsets.findLast(({ since }) => since <= time)?.offset ?? NaN;
}

/** Asking for every moment would take most of the time of a test. */
function offsetsOf(zone: string): Offset[] {
  const offsets = [{ since: FIRST, offset: readOffset(zone, FIRST) }];
  for (let day = FIRST; day < LAST; day += DAY_MS) {
    const offset = readOffset(zone, day + DAY_MS);
    if (offset === offsets.at(-1)?.offset) continue;
    let [before, after] = [day, day + DAY_MS];
    while (after - before > MINUTE_MS) {
      const middle = before + Math.floor((after - before) / 2 / MINUTE_MS) * MINUTE_MS;
      if (readOffset(zone, middle) === offset) after = middle;
      else before = middle;
    }
    offsets.push({ since: after, offset });
  }
  return offsets;
}

function readOffset(zone: string, time: number): number {
  let format = formats.get(zone);
  if (format === undefined) {
    const numeric = { year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric' } as const;
    format = new Intl.DateTimeFormat('en-US', { timeZone: zone, hourCycle: 'h23', ...numeric });
    formats.set(zone, format);
  }
  const parts = new Map(format.formatToParts(time).map(({ type, value }) => [type, Number(value)]));
  const part = (name: Intl.DateTimeFormatPartTypes): number => parts.get(name) ?? 0;
  const wall = Date.UTC(part('year'), part('month') - 1, part('day'), part('hour'), part('minute'));
  return wall - Math.floor(time / MINUTE_MS) * MINUTE_MS;
}

/** The moment (epoch ms) at which the clocks of a zone show `wall`, given as if it were UTC. */
function momentOf(zone: string, wall: number): number {
  const near = wall - offsetAt(zone, wall);
  return wall - offsetAt(zone, near);
}

/**
 * When a NAS in `zone` runs a schedule, from `from` on for so many days: epoch ms, ascending. Its clocks follow the summer
 * time of the zone.
 */
export function runsIn(
  zone: string,
  { weekdays, hour, minute, repeatHours }: Pick<Schedule, 'weekdays' | 'hour' | 'minute' | 'repeatHours'>,
  from: string,
  days: number,
): number[] {
  const runs: number[] = [];
  const first = (hour ?? 0) * HOUR_MS + (minute ?? 0) * MINUTE_MS;
  const step = (repeatHours ?? 24) * HOUR_MS;
  for (let day = Date.parse(from); day < Date.parse(from) + days * DAY_MS; day += DAY_MS) {
    if (!weekdays.includes(new Date(day).getUTCDay())) continue;
    for (let wall = first; wall < DAY_MS; wall += step) runs.push(momentOf(zone, day + wall));
  }
  return runs;
}

/** When the clocks of a zone change in a year (epoch ms). */
export function changesIn(zone: string, year: number): number[] {
  offsetAt(zone, FIRST);
  const changes = zones.get(zone)?.slice(1) ?? [];
  return changes.map(({ since }) => since).filter((time) => new Date(time).getUTCFullYear() === year);
}
