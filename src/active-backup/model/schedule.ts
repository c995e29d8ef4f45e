import type { Schedule, ScheduleEvent, ScheduleKind } from '../types';
import type { JsonObject } from '../../dsm/json';
import { hasFlag } from '../codes';
import { objectOf, booleanOf, integerOf, listOf, objectsOf, textOf, timeOf } from '../json-fields';

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
function scheduleText(schedule: Omit<Schedule, 'text'>): string | null {
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
function twoDigits(number: number): string {
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

/** Flags of `schedule_setting_type`. The vendor's own list; 1 seen twice (docs/facts/dsm.md §3.6). */
const MANUAL = 0;
const BY_CLOCK = 1;
const ON_EVENT = 2;
const CONTINUOUS = 4;

/** `repeat_type`: "Weekly" in every captured response, the others from one client's types (docs/facts/dsm.md §3.6). */
const REPEATS: ReadonlyMap<string | undefined, ScheduleKind> = new Map([
  ['weekly', 'weekly'],
  ['daily', 'daily'],
  ['once', 'once'],
]);

/** Fields of the schedule that start a backup on an event (one source). */
const EVENTS = ['startup', 'screen_lock', 'log_off'] as const satisfies readonly ScheduleEvent[];
const EVERY_DAY = [0, 1, 2, 3, 4, 5, 6];

/** Parses the schedule of a task of `Task.list`. @param devices its raw devices */
export function parseTaskSchedule(task: JsonObject, devices: unknown): Schedule {
  return {
    ...parseSchedule(task['sched_content']),
    changedAt: timeOf(task['sched_modify_time']),
    utcOffsets: utcOffsetsOf(devices),
  };
}

/**
 * Parses `sched_content`. DSM keeps old times and weekdays in a schedule that no longer uses them: they are omitted. If
 * a schedule runs both at times and on events, `kind` is that of the times, and `events` lists the events.
 */
export function parseSchedule(value: unknown): Schedule {
  const raw = objectOf(value);
  const kindCode = integerOf(raw['schedule_setting_type']);
  const kind = kindOf(kindCode, textOf(raw['repeat_type'])?.toLowerCase());
  const byClock = kind === 'weekly' || kind === 'daily' || kind === 'once';
  const schedule: Omit<Schedule, 'text'> = {
    kind,
    kindCode,
    weekdays: byClock ? weekdaysOf(kind, raw['run_weekday']) : [],
    hour: byClock ? within(0, 23, raw['run_hour']) : null,
    minute: byClock ? within(0, 59, raw['run_min']) : null,
    repeatHours: byClock ? within(1, 24, raw['repeat_hour']) : null,
    startDate: byClock ? dateOf(raw) : null,
    events: hasFlag(kindCode ?? MANUAL, ON_EVENT) ? EVENTS.filter((event) => booleanOf(raw[event]) === true) : [],
    backupWindowEnabled: booleanOf(raw['enable_backup_window']),
    backupWindow: textOf(raw['backup_window']),
    paused: booleanOf(raw['is_continuous_paused']),
    changedAt: null,
    utcOffsets: [],
  };
  return { ...schedule, text: scheduleText(schedule) };
}

/** `time_zone`: seconds east of UTC (docs/facts/dsm.md §1.1); missing in releases before 3. */
function utcOffsetsOf(devices: unknown): number[] {
  const offsets = objectsOf(devices).map((device) => integerOf(device['time_zone']));
  return [...new Set(offsets.filter((offset) => offset !== null))];
}

function kindOf(code: number | null, repeat: string | undefined): ScheduleKind {
  if (code === MANUAL) return 'manual';
  if (code === null || hasFlag(code, BY_CLOCK)) return REPEATS.get(repeat) ?? 'unknown';
  if (hasFlag(code, CONTINUOUS)) return 'continuous';
  return hasFlag(code, ON_EVENT) ? 'event' : 'unknown';
}

function weekdaysOf(kind: ScheduleKind, raw: unknown): number[] {
  if (kind === 'daily') return [...EVERY_DAY];
  const named = new Set(listOf(raw).map((day) => within(0, 6, day)));
  return kind === 'weekly' ? EVERY_DAY.filter((day) => named.has(day)) : [];
}

/** All three are 0 in a schedule without such a day. */
function dateOf(raw: JsonObject): string | null {
  const year = within(2000, 9999, raw['start_year']);
  const month = within(1, 12, raw['start_month']);
  const day = within(1, 31, raw['start_day']);
  if (year === null || month === null || day === null) return null;
  return [year, twoDigits(month), twoDigits(day)].join('-');
}

function within(least: number, most: number, raw: unknown): number | null {
  const number = integerOf(raw);
  return number !== null && number >= least && number <= most ? number : null;
}
