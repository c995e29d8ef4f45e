import type { Schedule } from '../types';

const WEEKDAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'] as const;

/** Names of sets of weekdays. */
const NAMED_DAYS: ReadonlyMap<string, string> = new Map([
  ['0,1,2,3,4,5,6', 'every day'],
  ['1,2,3,4,5', 'weekdays'],
  ['0,6', 'weekends'],
]);

/**
 * A schedule in English, in the local time of the NAS: `weekly, Sunday 03:00`, `weekly, weekdays 03:00, every 4 hours`,
 * `daily 22:30`, `once, 2026-03-01 12:00`, `on startup, screen lock`, `continuous, paused`, `manual`; null when unknown.
 */
export function scheduleText(schedule: Omit<Schedule, 'text'>): string | null {
  const { kind, repeatHours, backupWindowEnabled, paused } = schedule;
  if (kind === 'unknown') return null;
  if (kind === 'manual') return kind;
  const parts = [
    kind === 'event' ? eventText(schedule) : plainText(schedule),
    repeatHours === null ? '' : `every ${repeatHours} hour${repeatHours === 1 ? '' : 's'}`,
    kind !== 'event' && schedule.events.length > 0 ? eventText(schedule) : '',
    backupWindowEnabled === true ? 'within the backup window' : '',
    kind === 'continuous' && paused === true ? 'paused' : '',
  ];
  return parts.filter((part) => part !== '').join(', ');
}

/** `7` as `07`. */
export function twoDigits(number: number): string {
  return String(number).padStart(2, '0');
}

function plainText({ kind, weekdays, hour, minute, startDate }: Omit<Schedule, 'text'>): string {
  const clock = hour === null ? '' : `${twoDigits(hour)}:${twoDigits(minute ?? 0)}`;
  if (kind === 'daily') return `daily ${clock}`.trim();
  const day = kind === 'weekly' ? dayText(weekdays) : (startDate ?? '');
  const when = `${day} ${clock}`.trim();
  return when === '' ? kind : `${kind}, ${when}`;
}

function dayText(weekdays: readonly number[]): string {
  return NAMED_DAYS.get(weekdays.join()) ?? weekdays.map((day) => WEEKDAYS[day]).join(', ');
}

function eventText({ events }: Pick<Schedule, 'events'>): string {
  return events.length === 0 ? 'on events' : `on ${events.join(', ').replaceAll('_', ' ')}`;
}
