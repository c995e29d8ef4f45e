import { expect, test } from 'vitest';
import type { Result, Schedule, Task } from '../../src/active-backup/types';
import { baseline, diff, type Snapshot } from '../../src/monitor/diff';
import { readMemory, type Memory } from '../../src/monitor/memory';
import { nextOverdue } from '../../src/monitor/overdue';
import { createRandom, type Random } from '../nas/random';
import { rawResult, scheduledTask } from './support';
import { changesIn, offsetAt, runsIn } from './wall-clock';

/*
 * A year of a NAS, in every time zone, with every kind of schedule: a task whose every run succeeds is never told overdue, and
 * one whose runs stop succeeding is told in time. In steps from one thing that happens to the next, so that many years fit in
 * a second. OVERDUE_GAPS=full runs every year from its first to its last day.
 */

const IS_FULL = process.env['OVERDUE_GAPS'] === 'full';
const SEED = Number(process.env['OVERDUE_SEED'] ?? 20_261_128);
/** In a short run: so many tasks, and of each so many runs from shortly before the clocks change. */
const TASKS = 44;
const RUNS = 30;

/** Of no schedule. */
const IDLE = scheduledTask({}, null);

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const EVERY_DAY = [0, 1, 2, 3, 4, 5, 6];

const ZONES = [
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

/** How a task comes to have its schedule. */
const BEGINNINGS = ['first look', 'was manual', 'was switched off', 'had another schedule'] as const;

/** A task on a NAS, and how the world around it is. */
interface Case {
  readonly zone: string;
  readonly schedule: Schedule;
  readonly beginning: (typeof BEGINNINGS)[number];
  /** Whether DSM tells when the schedule was changed. */
  readonly tellsChange: boolean;
  /** What the machines' own clocks add to UTC at a moment; null: the release does not say. */
  readonly machines: ((time: number) => number) | null;
  /** Epoch ms, ascending. */
  readonly runs: readonly number[];
  /** What a run takes, as a rule. */
  readonly length: number;
  /** Of how many seconds the polls are apart while nothing happens. */
  readonly pollMs: number;
}

/** One run as it went; a missed one has no end. */
interface Run {
  readonly due: number;
  readonly start: number;
  readonly end: number;
  readonly status: 'success' | 'failed' | 'missed';
}

/** What there was before the first run. */
interface Past {
  readonly changedAt: number;
  readonly success: number;
}

interface Count {
  gaps: number;
  missed: number;
  polls: number;
  wrong: string[];
}

test.each(IS_FULL ? ZONES.map((zone) => [zone]) : [[`${TASKS} tasks in all ${ZONES.length} zones`]])(
  'never overdue while every run succeeds, and told within a period and its grace when they do not: %s',
  (zone) => {
    const random = createRandom(SEED + ZONES.indexOf(zone));
    const cases = IS_FULL
      ? casesIn(zone, random)
      : Array.from({ length: TASKS }, (_, index) => shortCase(index, random));
    const count: Count = { gaps: 0, missed: 0, polls: 0, wrong: [] };
    for (const each of cases) watchYear(each, random, count);
    console.log(
      `seed ${SEED}: ${zone}: ${count.gaps} gaps, ${count.missed} missed runs, ${count.polls} polls, ${count.wrong.length} wrong`,
    );
    expect(count.wrong).toEqual([]);
    expect(count.missed).toBeGreaterThan(0);
  },
  IS_FULL ? 600_000 : 120_000,
);

test('never overdue before a schedule of one day has run, and half a day after when it has not succeeded', () => {
  const wrong: string[] = [];
  for (const zone of ZONES) {
    for (const isMissed of [false, true]) {
      const [run = 0] = runsIn(zone, { weekdays: EVERY_DAY, hour: 22, minute: 30, repeatHours: null }, '2026-03-28', 1);
      const once = { ...scheduledTask({ kind: 'once', hour: 22, minute: 30, startDate: '2026-03-28' }, run), id: 1 };
      const before = { ...once, lastResult: resultOf(1, run - 9 * DAY, run - 9 * DAY + HOUR, 'success') };
      const over = { ...before, nextRunAt: null };
      const succeeded = { ...over, lastResult: resultOf(2, run, run + HOUR, 'success') };
      const watcher = new Watcher();
      const told = [
        ...watcher.poll(run - DAY, before),
        ...watcher.poll(run + MINUTE, { ...over, state: 'running' }),
        ...watcher.poll(run + 2 * HOUR, isMissed ? over : succeeded),
        ...watcher.poll(run + 11 * HOUR, isMissed ? over : succeeded),
      ];
      const later = watcher.poll(run + 13 * HOUR, isMissed ? over : succeeded);
      if (told.length > 0 || later.includes('backup_overdue') !== isMissed) wrong.push(`${zone} ${isMissed}`);
    }
  }
  expect(wrong).toEqual([]);
});

/** A monitor of one task: its memory alone goes from one poll to the next, now and then through its file. */
class Watcher {
  #memory: Memory | null = null;
  #polls = 0;

  /** @param log results of the log, besides the last result of the task @returns what is told of being overdue */
  poll(at: number, task: Task, log: readonly Result[] = []): string[] {
    const last = task.lastResult === null ? [] : [task.lastResult];
    const [now, tasks] = [new Date(at), [task]];
    const snapshot: Snapshot = {
      at: now,
      tasks,
      laterJobs: new Map(),
      results: [...log, ...last],
      isWhole: true,
      late: false,
      overdueHours: 0,
    };
    const since = new Date(at - 2 * DAY).toISOString();
    const found =
      this.#memory === null ? { events: [], after: baseline(snapshot, 'nas', since) } : diff(this.#memory, snapshot);
    this.#polls += 1;
    this.#memory = this.#polls % 20 === 0 ? readMemory(JSON.stringify(found.after)) : found.after;
    const events: string[] = found.events.map(({ event }) => event);
    return events.filter((event) => event === 'backup_overdue' || event === 'backup_recovered');
  }

  get isOverdue(): boolean | null {
    return this.#memory?.tasks['1']?.overdue ?? null;
  }

  /** When the task becomes overdue by itself. */
  alarmAt(at: number, task: Task): number {
    return nextOverdue([task], this.#memory?.tasks ?? {}, 0, new Date(at));
  }
}

/** Follows a task through its runs. */
function watchYear(each: Case, random: Random, count: Count): void {
  const { runs, pollMs } = each;
  const watcher = new Watcher();
  const history: Run[] = [];
  const firstDue = runs[1] ?? 0;
  const changedAt = firstDue - random.integer(2, 30) * MINUTE;
  const past: Past = { changedAt, success: begin(each, watcher, changedAt, random) };
  let now = changedAt;
  let blindUntil = 0;
  /** Runs succeed no more from here on, until that is told; null: they do. */
  let outage: number | null = null;

  const pollAt = (time: number): void => {
    const task = taskAt(each, history, time, past);
    const wasAt = now;
    now = time;
    count.polls += 1;
    const told = watcher.poll(time, task, logAt(history, time));
    if (!told.includes('backup_overdue')) return;
    if (outage === null) {
      const last = history.at(-1);
      count.wrong.push(
        `false: ${nameOf(each)}, run due ${iso(last?.due)} ended ${iso(last?.end)}, told ${iso(time)} (${iso(wasAt)})`,
      );
    }
  };
  /** Polls as often as the NAS node says, and when the monitor wants to compare by itself. */
  const pollUntil = (time: number, stepMs: number): void => {
    while (now < time) {
      const alarm = watcher.alarmAt(now, taskAt(each, history, now, past));
      const step = Math.min(time, now + stepMs);
      const next = alarm > now && alarm < step ? alarm : step;
      if (next < blindUntil) now = next;
      else pollAt(next);
    }
  };

  for (const [index, due] of runs.entries()) {
    if (due < firstDue || index + 2 >= runs.length) continue;
    pollUntil(due - 1, Math.max(pollMs, (due - now) / 3));
    const busyUntil = history.at(-1)?.end ?? 0;
    if (busyUntil > due) continue; // DSM leaves out a run while the one before goes on
    const next = runs[index + 1] ?? due;
    const period = Math.max(
      ...[-1, 0, 1, 2].map((step) => (runs[index + step] ?? due) - (runs[index + step - 1] ?? due)),
    );
    if (outage === null && index > 4 && due >= blindUntil && random.fraction() < 0.02) outage = due;
    else if (outage === null && random.fraction() < 0.01) blindUntil = due + random.integer(1, 5) * (next - due);
    if (history.length >= 8) history.shift();
    history.push(outage === null ? goodRun(due, each, random) : badRun(due, random));
    count.gaps += 1;
    const run = history.at(-1)!;
    if (run.status !== 'missed') {
      for (const time of [run.start - 1, (run.start + run.end) / 2, run.end + random.integer(1, 60) * 1000]) {
        if (time > now && time < next) pollUntil(time, Math.max(pollMs, HOUR));
      }
    }
    if (outage === null) continue;
    pollUntil(next - 1, Math.max(pollMs, (next - now) / 3));
    const limit = outage + period + Math.max(period / 2, 2 * HOUR) + HOUR; // the clocks may change meanwhile
    if (watcher.isOverdue === true) {
      count.missed += 1;
      if (now > limit + period) count.wrong.push(`late: ${nameOf(each)}, missed ${iso(outage)}, told ${iso(now)}`);
      outage = null;
    } else if (now > limit) {
      count.wrong.push(`never: ${nameOf(each)}, missed ${iso(outage)}, not told until ${iso(now)}`);
      outage = null;
    }
  }
}

/** Polls once before the schedule was as it is. @returns when the last success was, before any run of the schedule */
function begin(each: Case, watcher: Watcher, changedAt: number, random: Random): number {
  const success = changedAt - random.integer(1, each.beginning === 'had another schedule' ? 1 : 60) * DAY;
  const before = {
    ...scheduledTask(each.schedule, null),
    lastResult: resultOf(1, success - each.length, success, 'success'),
  };
  const weekly = {
    ...before.schedule,
    kind: 'weekly' as const,
    weekdays: [new Date(success).getUTCDay()],
    repeatHours: null,
  };
  if (each.beginning === 'was manual')
    watcher.poll(changedAt - HOUR, { ...before, schedule: scheduledTask({ kind: 'manual' }, null).schedule });
  if (each.beginning === 'was switched off') watcher.poll(changedAt - HOUR, before);
  if (each.beginning === 'had another schedule')
    watcher.poll(changedAt - HOUR, { ...before, schedule: weekly, nextRunAt: iso(success - HOUR + 7 * DAY) });
  return each.beginning === 'first look' && !each.tellsChange ? (each.runs[0] ?? 0) : success;
}

/** What DSM tells of the task at a moment. */
function taskAt(each: Case, history: readonly Run[], time: number, { changedAt, success }: Past): Task {
  const next = runAfter(each.runs, time);
  const current = history.at(-1);
  const ended = history.filter(({ end, status }) => status !== 'missed' && end <= time);
  const last = ended.at(-1);
  const isActive = current !== undefined && current.status !== 'missed' && current.due <= time && time < current.end;
  const task = { ...IDLE, schedule: each.schedule, nextRunAt: next === null ? null : iso(next) };
  return {
    ...task,
    id: 1,
    state: !isActive ? 'idle' : time < current.start ? 'queued' : 'running',
    lastResult:
      last === undefined
        ? resultOf(1, success - each.length, success, 'success')
        : resultOf(last.due / MINUTE, last.start, last.end, last.status),
    schedule: {
      ...task.schedule,
      changedAt: each.tellsChange ? iso(changedAt) : null,
      utcOffsets: each.machines === null ? [] : [each.machines(time) / 1000],
    },
  };
}

function runAfter(runs: readonly number[], time: number): number | null {
  let [least, most] = [0, runs.length];
  while (least < most) {
    const middle = Math.floor((least + most) / 2);
    if ((runs[middle] ?? 0) > time) most = middle;
    else least = middle + 1;
  }
  return runs[least] ?? null;
}

function logAt(history: readonly Run[], time: number): Result[] {
  return history
    .filter(({ end, status }) => status !== 'missed' && end <= time)
    .map((run) => resultOf(run.due / MINUTE, run.start, run.end, run.status));
}

/** It starts at its time or waits a little, and takes about as long as the others; some take much longer. */
function goodRun(due: number, { length }: Case, random: Random): Run {
  const start = due + (random.fraction() < 0.2 ? random.integer(1, 40) * MINUTE : random.integer(0, 90) * 1000);
  const factor = random.fraction() < 0.03 ? 2.5 : 0.6 + 0.8 * random.fraction();
  return { due, start, end: start + Math.round(length * factor), status: 'success' };
}

function badRun(due: number, random: Random): Run {
  if (random.fraction() < 0.5) return { due, start: due, end: due, status: 'missed' };
  return { due, start: due + MINUTE, end: due + 6 * MINUTE, status: 'failed' };
}

/** Every kind of schedule in one zone, from the first day of the year to the last. */
function casesIn(zone: string, random: Random): Case[] {
  return [...KINDS, ...KINDS].map((kind) => caseOf(zone, kind(random), '2026-01-02', 370, random));
}

/** Some runs of one schedule, half of them where the clocks of the zone change. */
function shortCase(index: number, random: Random): Case {
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

function caseOf(zone: string, schedule: Schedule, from: string, days: number, random: Random): Case {
  const all = [...new Set(runsIn(zone, schedule, from, days))].sort((one, other) => one - other);
  const shortest = Math.min(...all.slice(1).map((run, index) => run - (all[index] ?? 0)));
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
    tellsChange: random.fraction() < 0.5,
    machines,
    runs: random.fraction() < 0.5 ? all : all.filter((run) => isOnTime(zone, schedule, run)),
    length: random.pick([2 * MINUTE, 20 * MINUTE, shortest * 0.2, shortest * 0.45]),
    pollMs: random.pick([5 * MINUTE, HOUR, 5 * HOUR]),
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

function resultOf(id: number, start: number, end: number, status: Run['status']): Result {
  const times = { time_start: Math.round(start / 1000), time_end: Math.round(end / 1000) };
  return rawResult({ result_id: id, task_id: 1, status: status === 'success' ? 2 : 4, ...times });
}

function nameOf({ zone, schedule, beginning, tellsChange, machines }: Case): string {
  const { kind, weekdays, hour, minute, repeatHours } = schedule;
  return `${zone} ${kind} ${weekdays.join('')} ${hour}:${minute} every ${repeatHours} h, ${beginning}${tellsChange ? ' (told)' : ''}, machines ${machines !== null}`;
}

function iso(time: number | undefined): string {
  return time === undefined ? '-' : new Date(time).toISOString();
}
