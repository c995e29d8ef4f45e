import type { Schedule } from '../active-backup/types';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
const LEAST_OFFSET_MS = -12 * HOUR_MS;
const MOST_OFFSET_MS = 14 * HOUR_MS;
const EVERY_DAY = [0, 1, 2, 3, 4, 5, 6];
/** The largest clock change to or from summer time. */
const SUMMER_TIME_MS = HOUR_MS;
/** Tolerated difference between the clocks of the NAS and of Node-RED; a time further in the future comes from a wrong clock. */
export const CLOCK_TOLERANCE_MS = HOUR_MS;
/** A run starts at its scheduled time, or up to this much later. */
const START_TOLERANCE_MS = 15 * MINUTE_MS;

/** Every UTC offset of a time zone in whole hours, used when no offset fits a response. */
const ANY_OFFSET: readonly number[] = Array.from(
  { length: (MOST_OFFSET_MS - LEAST_OFFSET_MS) / HOUR_MS + 1 },
  (_, index) => LEAST_OFFSET_MS + index * HOUR_MS,
);

/** The local times of the NAS at which a task runs. */
export interface LocalTimes {
  /** Minutes of the local day, ascending. */
  readonly minutes: readonly number[];
  /** 0 Sunday to 6 Saturday. */
  readonly weekdays: readonly number[];
}

/**
 * When a task runs. The API contains local times and one absolute time, that of the next run; several UTC offsets may fit
 * both. Between two changes of summer time one of them is right.
 */
export interface Timetable extends LocalTimes {
  /** The possible UTC offsets of the NAS (milliseconds, local time minus UTC); never empty. */
  readonly offsets: readonly number[];
}

/** The local times of a schedule; null when it is neither daily nor weekly, or is paused. */
export function localTimesOf(schedule: Schedule): LocalTimes | null {
  const { kind, hour, minute, weekdays, repeatHours, paused } = schedule;
  if ((kind !== 'weekly' && kind !== 'daily') || hour === null || paused === true) return null;
  const first = hour * 60 + (minute ?? 0);
  const step = (repeatHours ?? 24) * 60;
  const count = Math.ceil((24 * 60 - first) / step);
  return {
    minutes: Array.from({ length: count }, (_, index) => first + index * step),
    weekdays: kind === 'daily' || weekdays.length === 0 ? EVERY_DAY : weekdays,
  };
}

/**
 * The first run after `time` (epoch ms). If the offsets of the timetable lead to different runs, the latest of them: only that
 * one is due by every offset.
 */
export function nextRunAfter(timetable: Timetable, time: number): number {
  return Math.max(...timetable.offsets.map((offset) => runAfterAt(timetable, offset, time)));
}

/**
 * The UTC offsets that remain possible after another response of the NAS.
 *
 * An offset fits if it puts the next run on one of the local times, and no other run between now and the next run. The first
 * of these sets that is not empty:
 * 1. the known offsets that fit;
 * 2. fitting offsets within an hour of a known one: the clocks have changed to or from summer time;
 * 3. offsets that put the next run on a local time and fit or are known: the NAS has another time zone now, or its clock is
 *    ahead and it sends the run after the next one; later responses decide;
 * 4. offsets within an hour of a known one that put the next run on a local time: the clock of the NAS is wrong;
 * 5. every offset that puts the next run on a local time.
 * @param nextRun of the response (epoch ms) @param known offsets that remained before; empty: none yet
 * @param now time of the response (epoch ms, clock of Node-RED)
 */
export function offsetsLeft(
  times: LocalTimes,
  nextRun: number,
  known: readonly number[],
  now: number,
): readonly number[] {
  const possible = offsetsAt(times, nextRun);
  const fitting = possible.filter((offset) => isNext(times, offset, nextRun, now));
  const isKnown = (offset: number): boolean => known.includes(offset);
  const isNear = (offset: number): boolean => known.some((other) => Math.abs(offset - other) <= SUMMER_TIME_MS);
  const steps = [
    fitting.filter(isKnown),
    fitting.filter(isNear),
    possible.filter((offset) => isKnown(offset) || fitting.includes(offset)),
    possible.filter(isNear),
    possible,
  ];
  return steps.find((offsets) => offsets.length > 0) ?? ANY_OFFSET;
}

/** Whether a run can be the next one by the clock of Node-RED (both epoch ms); if not, the clock of the NAS is ahead. */
export function isPossible(times: LocalTimes, nextRun: number, now: number): boolean {
  return offsetsAt(times, nextRun).some((offset) => isNext(times, offset, nextRun, now));
}

/** Whether by each offset no other run comes before the next one; if so, the passing of time does not exclude any of them. */
export function doAllFit(times: LocalTimes, offsets: readonly number[], nextRun: number, now: number): boolean {
  return offsets.every((offset) => isNext(times, offset, nextRun, now));
}

/**
 * Prefers the offsets of the devices of the task, because most devices are in the time zone of their NAS. A device in another
 * time zone is recognised by runs that started at a time at which, by its offset, none was due. Such a start excludes only
 * offsets of devices: a user may start a backup at any time, also at a scheduled one.
 * @param offsets the possible offsets @param ofDevices offsets of the devices (ms) @param starts of recent runs (epoch ms)
 */
export function trustedOffsets(
  times: LocalTimes,
  offsets: readonly number[],
  ofDevices: readonly number[],
  starts: readonly number[],
): readonly number[] {
  const fitting = offsets.filter((offset) => ofDevices.includes(offset));
  if (fitting.length === 0 || fitting.length === offsets.length) return offsets;
  const explains = (offset: number, start: number): boolean =>
    runAfterAt(times, offset, start - START_TOLERANCE_MS) <= start;
  const scheduledStarts = starts.filter((start) => offsets.some((offset) => explains(offset, start)));
  const trusted = fitting.filter((offset) => scheduledStarts.every((start) => explains(offset, start)));
  return trusted.length > 0 ? trusted : offsets;
}

function isNext(times: LocalTimes, offset: number, nextRun: number, now: number): boolean {
  return runAfterAt(times, offset, now + CLOCK_TOLERANCE_MS) >= minuteOf(nextRun);
}

function runAfterAt({ minutes, weekdays }: LocalTimes, offset: number, time: number): number {
  const local = time + offset;
  const today = Math.floor(local / DAY_MS);
  for (let day = today; day <= today + 7; day++) {
    if (!weekdays.includes(weekdayOf(day))) continue;
    const midnight = day * DAY_MS;
    const minute = minutes.find((candidate) => midnight + candidate * MINUTE_MS > local);
    if (minute !== undefined) return midnight + minute * MINUTE_MS - offset;
  }
  return Infinity;
}

/** Every offset by which `nextRun` is a local time of the schedule, on one of its weekdays. */
function offsetsAt({ minutes, weekdays }: LocalTimes, nextRun: number): number[] {
  const utcMinute = Math.floor((nextRun % DAY_MS) / MINUTE_MS);
  return minutes
    .flatMap((minute) => [-1, 0, 1].map((days) => (minute - utcMinute) * MINUTE_MS + days * DAY_MS))
    .filter((offset) => offset >= LEAST_OFFSET_MS && offset <= MOST_OFFSET_MS)
    .filter((offset) => weekdays.includes(weekdayOf(Math.floor((nextRun + offset) / DAY_MS))));
}

function minuteOf(time: number): number {
  return Math.floor(time / MINUTE_MS) * MINUTE_MS;
}

/** Day 0 of the epoch was a Thursday. */
function weekdayOf(day: number): number {
  return (day + 4) % 7;
}
