import { Problem, trimmedText, type Rule } from './rules';

/** A daily period in minutes since midnight; it lasts over midnight when `to` is before `from`. */
export interface QuietPeriod {
  readonly from: number;
  /** The first minute after it. */
  readonly to: number;
}

const MINUTES_OF_DAY = 24 * 60;
const PERIOD = /^(\d{1,2}):(\d{2})\s*[-–]\s*(\d{1,2}):(\d{2})$/;

/**
 * Daily periods in which the NAS may be off, such as `23:00-06:30,12:00-13:00`; none for an empty text. 24:00 is the end of a
 * day. A period of which both ends are the same is rejected: it could mean a whole day, or nothing.
 */
export const parseQuietHours: Rule<QuietPeriod[]> = (value) => {
  const text = trimmedText(value);
  if (text === '') return [];
  const periods = text.split(',').map((part) => periodIn(part.trim()));
  const known = periods.filter((period) => period !== null);
  if (known.length === periods.length) return known;
  return new Problem(
    'problem.quietHours',
    {},
    'must be times such as 23:00-06:30, several separated by commas, each with two different ends',
  );
};

function periodIn(text: string): QuietPeriod | null {
  const [, fromHours, fromMinutes, toHours, toMinutes] = PERIOD.exec(text) ?? [];
  const from = minuteOf(fromHours, fromMinutes);
  const to = minuteOf(toHours, toMinutes);
  return from === null || to === null || from === to || from === MINUTES_OF_DAY ? null : { from, to };
}

/** The minute of the day; null for no time. */
function minuteOf(hours = '', minutes = ''): number | null {
  const minute = Number(hours) * 60 + Number(minutes);
  return hours !== '' && Number(minutes) < 60 && minute <= MINUTES_OF_DAY ? minute : null;
}

/** Whether a time lies in one of these periods, by the time zone of Node-RED. */
export function isQuiet(periods: readonly QuietPeriod[], at: Date): boolean {
  const minute = at.getHours() * 60 + at.getMinutes();
  return periods.some(({ from, to }) => (from < to ? minute >= from && minute < to : minute >= from || minute < to));
}
