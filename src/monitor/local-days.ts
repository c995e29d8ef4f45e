const HOUR_MS = 3600_000;
/** Milliseconds of a day; days that are longer or shorter because of summer time count as this long. */
export const DAY_MS = 24 * HOUR_MS;

/** The days of a NAS: its UTC offset (milliseconds, local time minus UTC) and the days of the week on which no backups run. */
export interface LocalCalendar {
  readonly offset: number;
  /** 0 Sunday … 6 Saturday; never all seven. */
  readonly offDays: readonly number[];
}

/** Number of the local day of a time (epoch ms), counted from 1970-01-01. */
export function localDayOf(time: number, offset: number): number {
  return Math.floor((time + offset) / DAY_MS);
}

/** When a local day begins (epoch ms). */
export function startOfDay(day: number, offset: number): number {
  return day * DAY_MS - offset;
}

/** Day of the week of a local day: 0 Sunday … 6 Saturday; day 0 was a Thursday. */
export function weekdayOfDay(day: number): number {
  return (((day + 4) % 7) + 7) % 7;
}

/** Whether a local day is one of the days off. */
export function isOffDay(day: number, { offDays }: LocalCalendar): boolean {
  return offDays.includes(weekdayOfDay(day));
}

/** Milliseconds from one time to another (epoch ms), days off left out; 0 when `to` is not later. */
export function workingTime(from: number, to: number, calendar: LocalCalendar): number {
  if (to <= from) return 0;
  if (calendar.offDays.length === 0) return to - from;
  return workingTimeUpTo(to, calendar) - workingTimeUpTo(from, calendar);
}

/** From the first local day on. */
function workingTimeUpTo(time: number, calendar: LocalCalendar): number {
  const { offset, offDays } = calendar;
  const day = localDayOf(time, offset);
  const [weeks, rest] = [Math.floor(day / 7), ((day % 7) + 7) % 7];
  let days = weeks * (7 - offDays.length);
  for (let each = day - rest; each < day; each++) if (!isOffDay(each, calendar)) days++;
  return days * DAY_MS + (isOffDay(day, calendar) ? 0 : time - startOfDay(day, offset));
}

/** The first time (epoch ms) at which `duration` ms have passed since `from`, days off left out. */
export function afterWorkingTime(from: number, duration: number, calendar: LocalCalendar): number {
  const { offset, offDays } = calendar;
  if (offDays.length === 0) return from + duration;
  let day = localDayOf(from, offset);
  let time = from;
  let rest = duration;
  const perWeek = (7 - offDays.length) * DAY_MS;
  const weeks = Math.max(Math.floor(rest / perWeek) - 1, 0);
  day += 7 * weeks;
  time += 7 * weeks * DAY_MS;
  rest -= weeks * perWeek;
  for (;;) {
    const next = startOfDay(day + 1, offset);
    if (!isOffDay(day, calendar)) {
      if (rest <= next - time) return time + rest;
      rest -= next - time;
    }
    time = next;
    day++;
  }
}
