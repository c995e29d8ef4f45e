import type { Schedule } from '../../../src/active-backup/types';
import type { Random } from '../../nas/random';
import { scheduledTask } from './builders';
import { changesIn, offsetAt, runsIn } from './wall-clock';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
/** Of each task of a short run: so many runs, most of them from shortly before the clocks change. */
const RUNS = 30;
const EVERY_DAY = [0, 1, 2, 3, 4, 5, 6];

/** Of every part of the world, with and without summer time, and of quarters of an hour. */
export const ZONES = [
  ...[
    'Pacific/Kiritimati',
    'Pacific/Apia',
    'Pacific/Chatham',
    'Pacific/Auckland',
    'Pacific/Fiji',
    'Australia/Lord_Howe',
  ],
  ...['Australia/Sydney', 'Australia/Adelaide', 'Australia/Darwin', 'Australia/Eucla', 'Asia/Tokyo', 'Asia/Shanghai'],
  ...[
    'Asia/Yangon',
    'Asia/Dhaka',
    'Asia/Kathmandu',
    'Asia/Kolkata',
    'Asia/Kabul',
    'Asia/Dubai',
    'Asia/Tehran',
    'Asia/Beirut',
  ],
  ...['Europe/Moscow', 'Europe/Helsinki', 'Europe/Berlin', 'Europe/London', 'Africa/Casablanca', 'Africa/Cairo', 'UTC'],
  ...['Atlantic/Azores', 'America/Nuuk', 'America/St_Johns', 'America/Santiago', 'America/Asuncion', 'America/Halifax'],
  ...[
    'America/New_York',
    'America/Chicago',
    'America/Denver',
    'America/Phoenix',
    'America/Los_Angeles',
    'America/Anchorage',
  ],
  ...['Pacific/Marquesas', 'Pacific/Honolulu', 'America/Adak', 'Pacific/Pago_Pago', 'Etc/GMT+12'],
];

/** Origin of the schedule of a task. */
const BEGINNINGS = ['first poll', 'was manual', 'was switched off', 'had another schedule'] as const;

/** A task on a NAS, and how the world around it is. Times are those of the clock of the NAS. */
export interface TaskCase {
  readonly zone: string;
  readonly schedule: Schedule;
  readonly beginning: (typeof BEGINNINGS)[number];
  /** Whether DSM sends the time of the last schedule change. */
  readonly sendsChange: boolean;
  /** The UTC offset of the devices at a time; null: the release of DSM sends none. */
  readonly machines: ((time: number) => number) | null;
  /** Epoch ms, ascending. */
  readonly runs: readonly number[];
  /** The usual length of a run (ms). */
  readonly length: number;
  /** Length of the only run that is known at first (ms). */
  readonly firstLength: number;
  /** Of how many milliseconds the polls are apart while nothing happens. */
  readonly pollMs: number;
  /** By how much the clock of the NAS is ahead of that of Node-RED (ms). */
  readonly clockAhead: number;
  /** Whether some responses leave out the next run. */
  readonly isForgetful: boolean;
}

/** Every kind of schedule in one zone, from the first day of the year to the last. */
export function casesIn(zone: string, random: Random): TaskCase[] {
  return [...KINDS, ...KINDS].map((kind) => caseOf(zone, kind(random), '2026-01-02', 370, random));
}

/** Some runs of one schedule, half of them where the clocks of the zone change. */
export function shortCase(index: number, random: Random): TaskCase {
  const zone = ZONES[index % ZONES.length] ?? 'UTC';
  const schedule = KINDS[index % KINDS.length]!(random);
  const changes = changesIn(zone, 2026);
  const perWeek = schedule.weekdays.length * Math.ceil((24 - (schedule.hour ?? 0)) / (schedule.repeatHours ?? 24));
  const days = Math.min(300, Math.ceil((RUNS / perWeek) * 7) + 7);
  const about =
    changes.length > 0 && random.fraction() < 0.7
      ? random.pick(changes) - random.fraction() * days * DAY
      : Date.parse('2026-01-02') + random.integer(0, 60) * DAY;
  const from = new Date(Math.max(about, Date.parse('2025-12-10'))).toISOString().slice(0, 10);
  return caseOf(zone, schedule, from, days, random);
}

function caseOf(zone: string, schedule: Schedule, from: string, days: number, random: Random): TaskCase {
  const all = [...new Set(runsIn(zone, schedule, from, days))].sort((one, other) => one - other);
  const shortest = Math.min(...all.slice(1).map((run, index) => run - (all[index] ?? 0)));
  const length = random.pick([2 * MINUTE, 20 * MINUTE, shortest * 0.2, shortest * 0.45]);
  const elsewhere = random.pick(ZONES);
  const machines = random.pick([
    null,
    (time: number) => offsetAt(zone, time),
    (time: number) => offsetAt(elsewhere, time),
    () => offsetAt(zone, Date.parse('2026-01-10')),
  ]);
  return {
    zone,
    schedule,
    beginning: random.pick(BEGINNINGS),
    sendsChange: random.fraction() < 0.5,
    machines,
    runs: random.fraction() < 0.5 ? all : all.filter((run) => isOnTime(zone, schedule, run)),
    length,
    firstLength: random.pick([2 * MINUTE, HOUR, length]),
    pollMs: random.pick([HOUR, 5 * HOUR, DAY]),
    clockAhead: random.pick([0, 0, 0, 20 * MINUTE, -20 * MINUTE]),
    isForgetful: random.fraction() < 0.3,
  };
}

/** Whether the local clocks show a time of the schedule: in the hour that summer time leaves out, a NAS may leave a run out. */
function isOnTime(zone: string, { hour, minute, repeatHours }: Schedule, run: number): boolean {
  const local = (run + offsetAt(zone, run)) % DAY;
  const sinceFirst = local - (hour ?? 0) * HOUR - (minute ?? 0) * MINUTE;
  return sinceFirst >= 0 && sinceFirst % ((repeatHours ?? 24) * HOUR) === 0;
}

const plan = (particular: Partial<Schedule>): Schedule =>
  scheduledTask({ kind: 'weekly', minute: 0, repeatHours: null, ...particular }, null).schedule;
const minuteOf = (random: Random): number => random.pick([0, 0, 0, 15, 30, 45, 7]);
const daysOf = (random: Random): number[] => {
  const days = EVERY_DAY.filter(() => random.fraction() < 0.45);
  return days.length === 0 ? [random.integer(0, 6)] : days;
};
const KINDS: readonly ((random: Random) => Schedule)[] = [
  (random) => plan({ kind: 'daily', weekdays: EVERY_DAY, hour: random.integer(0, 23), minute: minuteOf(random) }),
  (random) => plan({ kind: 'daily', weekdays: EVERY_DAY, hour: random.integer(1, 3), minute: minuteOf(random) }),
  (random) => plan({ weekdays: daysOf(random), hour: random.integer(0, 23), minute: minuteOf(random) }),
  (random) => plan({ weekdays: [random.integer(0, 6)], hour: random.integer(0, 23), minute: minuteOf(random) }),
  (random) => plan({ weekdays: [1, 2, 3, 4, 5], hour: random.integer(18, 23), minute: minuteOf(random) }),
  (random) => plan({ weekdays: EVERY_DAY, hour: random.integer(0, 22), repeatHours: 1 }),
  ...[2, 3, 4, 6, 8, 12, 24].map(
    (repeatHours) => (random: Random) =>
      plan({
        weekdays: EVERY_DAY,
        hour: random.integer(0, 24 - Math.min(repeatHours + 1, 24)),
        minute: minuteOf(random),
        repeatHours,
      }),
  ),
  (random) =>
    plan({
      weekdays: daysOf(random),
      hour: random.integer(0, 18),
      minute: minuteOf(random),
      repeatHours: random.pick([1, 2, 4, 6, 8]),
    }),
];

/** Everything about it, for a message. */
export function nameOf({ zone, schedule, beginning, sendsChange, machines, ...rest }: TaskCase): string {
  const { kind, weekdays, hour, minute, repeatHours } = schedule;
  const { clockAhead, isForgetful, length, firstLength, pollMs } = rest;
  const minutes = [length, firstLength, pollMs, clockAhead].map((ms) => Math.round(ms / MINUTE)).join('/');
  const flags = [
    sendsChange && 'sends changes',
    isForgetful && 'forgetful',
    machines !== null && 'machines have zones',
  ];
  return `${zone} ${kind} ${weekdays.join('')} ${hour}:${minute} every ${repeatHours} h, ${beginning}, ${flags.filter(Boolean).join(', ')}, length/first/polls/ahead ${minutes} min`;
}
