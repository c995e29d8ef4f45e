import type { Schedule } from '../active-backup/types';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
/** As far from Hawaii (-10) as from New Zealand in summer (+13, the islands +13:45): nobody much lives further away. */
const MIDDLE_OFFSET_MS = 2 * HOUR_MS;
const EVERY_DAY = [0, 1, 2, 3, 4, 5, 6];

/**
 * When a task runs by the clock of its NAS, as far as that can be known from here: the API gives local times and one true
 * time, that of the next run, so the offset at that moment stands for all. Around a change of summer time a result is an
 * hour off.
 */
export interface Timetable {
  /** Minutes of the local day at which it runs, ascending. */
  readonly minutes: readonly number[];
  /** 0 Sunday to 6 Saturday. */
  readonly weekdays: readonly number[];
  /** What to add to UTC for the local time of the NAS. */
  readonly offsetMs: number;
}

/** The timetable of a schedule; null when it does not go by the clock, or is switched off (no next run). */
export function timetableOf(schedule: Schedule, nextRunAt: string | null): Timetable | null {
  const { kind, hour, minute, weekdays, repeatHours } = schedule;
  if ((kind !== 'weekly' && kind !== 'daily') || hour === null || nextRunAt === null || schedule.paused === true)
    return null;
  const first = hour * 60 + (minute ?? 0);
  const minutes = [first];
  for (
    let next = first + (repeatHours ?? 0) * 60;
    (repeatHours ?? 0) > 0 && next < 24 * 60;
    next += (repeatHours ?? 0) * 60
  ) {
    minutes.push(next);
  }
  const days = kind === 'daily' || weekdays.length === 0 ? EVERY_DAY : weekdays;
  return { minutes, weekdays: days, offsetMs: offsetOf(Date.parse(nextRunAt), minutes, days) };
}

/** The first run after `time` (epoch ms). */
export function runAfter({ minutes, weekdays, offsetMs }: Timetable, time: number): number {
  const local = time + offsetMs;
  const today = Math.floor(local / DAY_MS);
  for (let day = today; day <= today + 7; day++) {
    if (!weekdays.includes(weekdayOf(day))) continue;
    const run = minutes.map((minute) => day * DAY_MS + minute * MINUTE_MS).find((candidate) => candidate > local);
    if (run !== undefined) return run - offsetMs;
  }
  return Infinity;
}

/**
 * Between -12 and +14 hours: what makes one of the day's runs fall on `next`, on one of its weekdays. Of two that are a day
 * apart the one where more people live is taken; for a task that runs every few hours they differ by whole periods, which
 * changes nothing.
 */
function offsetOf(next: number, minutes: readonly number[], weekdays: readonly number[]): number {
  const utcMinute = Math.floor((next % DAY_MS) / MINUTE_MS);
  const offsets = minutes
    .flatMap((minute) => [-1, 0, 1].map((days) => (minute - utcMinute) * MINUTE_MS + days * DAY_MS))
    .filter((offset) => offset >= -12 * HOUR_MS && offset <= 14 * HOUR_MS)
    .filter((offset) => weekdays.includes(weekdayOf(Math.floor((next + offset) / DAY_MS))))
    .sort((one, other) => Math.abs(one - MIDDLE_OFFSET_MS) - Math.abs(other - MIDDLE_OFFSET_MS));
  return offsets[0] ?? 0;
}

/** Day 0 of the epoch was a Thursday. */
function weekdayOf(day: number): number {
  return (day + 4) % 7;
}
