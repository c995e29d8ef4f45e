import type { Schedule } from './types';

const HOUR_MS = 3600_000;
const HOURS_PER_WEEK = 168;
/** 1970-01-04, a Sunday: hours of the week are counted from there. */
const FIRST_SUNDAY_MS = 72 * HOUR_MS;
const DAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'] as const;

/** When a backup window opens. */
interface WindowOpening {
  readonly at: Date;
  /** The same in the local time of the NAS: `Monday 07:00`. */
  readonly local: string;
}

/**
 * When the backup window of a task opens next, by the time zone of its devices: DSM does not send its own.
 * @param now a time at which the NAS refused a start because of the window
 * @returns null when it cannot be computed: no window or no time zone is known, several time zones lead to different times,
 * the window never opens, or by this calculation it is open already
 */
export function windowOpening({ backupWindow, utcOffsets }: Schedule, now: Date): WindowOpening | null {
  if (backupWindow === null || !/^[01]{168}$/.test(backupWindow)) return null;
  const openings = utcOffsets.map((seconds) => openingAt(backupWindow, seconds * 1000, now.getTime()));
  const [first = null] = openings;
  return openings.every((opening) => opening?.at.getTime() === first?.at.getTime()) ? first : null;
}

function openingAt(window: string, offsetMs: number, now: number): WindowOpening | null {
  const hours = Math.floor((now + offsetMs - FIRST_SUNDAY_MS) / HOUR_MS);
  const hourOfWeek = (index: number): number => ((index % HOURS_PER_WEEK) + HOURS_PER_WEEK) % HOURS_PER_WEEK;
  const isOpen = (index: number): boolean => window[hourOfWeek(index)] === '1';
  if (isOpen(hours)) return null;
  for (let index = hours + 1; index < hours + HOURS_PER_WEEK; index += 1) {
    if (!isOpen(index)) continue;
    const hour = hourOfWeek(index);
    const time = `${String(hour % 24).padStart(2, '0')}:00`;
    return {
      at: new Date(FIRST_SUNDAY_MS + index * HOUR_MS - offsetMs),
      local: `${DAYS[Math.floor(hour / 24)] ?? ''} ${time}`,
    };
  }
  return null;
}
