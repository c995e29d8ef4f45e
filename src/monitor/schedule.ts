import type { Schedule } from '../active-backup/types';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
const LEAST_OFFSET_MS = -12 * HOUR_MS;
const MOST_OFFSET_MS = 14 * HOUR_MS;
const EVERY_DAY = [0, 1, 2, 3, 4, 5, 6];
/** The most that a change to or from summer time moves a clock. */
const SUMMER_TIME_MS = HOUR_MS;
/** How far the clocks of the NAS and of Node-RED may differ; a time further ahead is that of a wrong clock. */
export const CLOCK_TOLERANCE_MS = HOUR_MS;
/** A run starts at its time, or a little later. */
const START_TOLERANCE_MS = 15 * MINUTE_MS;

/** Every offset that a time zone can have, in whole hours: what is left when no offset explains an answer. */
const ANY_OFFSET: readonly number[] = Array.from(
  { length: (MOST_OFFSET_MS - LEAST_OFFSET_MS) / HOUR_MS + 1 },
  (_, index) => LEAST_OFFSET_MS + index * HOUR_MS,
);

/** At which local times of the NAS a task runs. */
export interface LocalTimes {
  /** Minutes of the local day, ascending. */
  readonly minutes: readonly number[];
  /** 0 Sunday to 6 Saturday. */
  readonly weekdays: readonly number[];
}

/**
 * When a task runs, as far as that can be known from here: the API gives local times and one true time, that of the next run,
 * and several UTC offsets may explain both. Between two changes of summer time one of them is right.
 */
export interface Timetable extends LocalTimes {
  /** What may have to be added to UTC for the local time of the NAS, in milliseconds; never empty. */
  readonly offsets: readonly number[];
}

/** The local times of a schedule; null when it does not run by the clock week after week, or is paused. */
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
 * The first run after `time` (epoch ms) by every offset of the timetable: a run that only some of them know is left out, the
 * latest of their answers counts.
 */
export function nextRunAfter(timetable: Timetable, time: number): number {
  return Math.max(...timetable.offsets.map((offset) => runAfterAt(timetable, offset, time)));
}

/**
 * The offsets that are left after another answer of the NAS.
 *
 * An offset fits when it puts the next run on one of the local times, and no other run between now and the next run. Of those
 * known before, the ones that still fit stay. When none does, the clocks have changed to or from summer time: those within an
 * hour of them. When there is none either, the NAS has another time zone now, or its clock is ahead and it names the run
 * after the next one: then those that fit are added to those that at least put the run on a local time, and later answers
 * decide. Where none fits, the clock of the NAS is wrong, and it is enough to put the next run on a local time.
 * @param nextRun of the same answer (epoch ms); @param known left after the answers before; empty: none yet
 * @param now when the NAS answered (epoch ms, clock of this machine)
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

/** Whether a run can be the next one by the clock here (epoch ms both); otherwise the clock of the NAS is ahead. */
export function isPossible(times: LocalTimes, nextRun: number, now: number): boolean {
  return offsetsAt(times, nextRun).some((offset) => isNext(times, offset, nextRun, now));
}

/**
 * The offsets that the machines of the task tell, where they fit: a machine mostly stands beside its NAS. One that stands in
 * another time zone is found out by runs that started when, by its clock, none was due. A start alone rules nothing else out:
 * a person may start a backup at any time, at a full hour too.
 * @param offsets that are left, none of them ruled out; @param told by the machines (ms)
 * @param starts of recent runs (epoch ms)
 */
export function trustedOffsets(
  times: LocalTimes,
  offsets: readonly number[],
  told: readonly number[],
  starts: readonly number[],
): readonly number[] {
  const fitting = offsets.filter((offset) => told.includes(offset));
  if (fitting.length === 0 || fitting.length === offsets.length) return offsets;
  const explains = (offset: number, start: number): boolean =>
    runAfterAt(times, offset, start - START_TOLERANCE_MS) <= start;
  const telling = starts.filter((start) => offsets.some((offset) => explains(offset, start)));
  const trusted = fitting.filter((offset) => telling.every((start) => explains(offset, start)));
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

/** Every offset that makes one of the day's runs fall on `nextRun`, on one of its weekdays. */
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
