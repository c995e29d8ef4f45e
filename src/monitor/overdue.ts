import type { Task } from '../active-backup/types';
import type { BackupRecord } from './snapshot';
import { CLOCK_TOLERANCE_MS, localTimesOf, nextRunAfter, trustedOffsets, type Timetable } from './schedule';
import {
  baseOf,
  followsHabit,
  isByTheClock,
  isRunning,
  isSwitchedOn,
  updateTiming,
  type TaskTiming,
} from './task-timing';

const HOUR_MS = 3600_000;
/** A run may start late and take long; also longer than a change of summer time. */
const MIN_GRACE_MS = 2 * HOUR_MS;
/** Grace of a schedule that runs once and so has no period: that of a daily one. */
const ONCE_GRACE_MS = 12 * HOUR_MS;
/** When summer time ends before the next run, the success of a run appears to precede its scheduled time by this much. */
const SUMMER_TIME_MS = HOUR_MS;
/** Period assumed for a schedule that runs once. */
const ONCE_PERIOD_MS = 24 * HOUR_MS;
/** A running backup puts off overdue for this many times its usual length. */
const MAX_LENGTH_FACTOR = 3;
/** Length assumed while no backup of the task is known: a first, full backup may take a day. */
const UNKNOWN_LENGTH_MS = 24 * HOUR_MS;
/** By the schedule every run may take at least this long, unless later runs require a success earlier. */
const MIN_RUN_ALLOWANCE_MS = 24 * HOUR_MS;

/** The stored data of a task, with the names of the state file, from which `overdue` is decided. Times are ISO 8601 (UTC). */
export interface OverdueInput {
  /** The last success, or the first poll that listed the task; null when neither is known. */
  readonly since: string | null;
  readonly timing: TaskTiming | null;
  /** Its last finished backups. */
  readonly recent: readonly Pick<BackupRecord, 'status' | 'startedAt' | 'durationSeconds'>[];
  readonly overdue: boolean | null;
}

/**
 * Whether a task is overdue; null when undecidable: a task that runs on events or continuously has no run that is due, unless
 * `overdueHours` is set.
 * @param known with `overdue` of the poll before @param overdueHours of the NAS node; 0: by the schedule
 */
export function isOverdue(task: Task, known: OverdueInput, overdueHours: number, now: Date): boolean | null {
  const at = overdueAt(task, known, overdueHours);
  if (at === null) return isSwitchedOn(task) ? null : false;
  return now.getTime() >= at;
}

/**
 * When a task becomes overdue (epoch ms) unless a backup of it succeeds before. Infinity: not while a run goes on whose start
 * is unknown; null: no run is due, or undecidable.
 *
 * By the schedule: the first run after the last success, or after a change of the schedule, must have succeeded when half of
 * the time to the run after it has passed – a daily backup after 36 hours, a weekly one after ten and a half days, one of
 * Monday to Friday on Tuesday when Monday's failed. With `overdueHours`: that many hours after the last success.
 *
 * A running backup puts it off; a queued or paused one does not. A task that is overdue already stays so.
 *
 * A run puts it off for at most three times the usual length of its runs, counted from its start or the end of a pause. The
 * usual length does not fit a run that has much more to do: the first one after a reinstallation may take fourteen hours
 * instead of five minutes and succeed. So by the schedule every run is allowed a day, but not beyond one period and the grace
 * after the run that is due, when a missed run would be reported anyway: a hanging run of an hourly task is reported after
 * three hours, that of a daily task after a day. `overdueHours` limits it without that allowance.
 */
export function overdueAt(task: Task, known: OverdueInput, overdueHours: number): number | null {
  const due = isSwitchedOn(task) || isOnceDue(task, known) ? dueBy(task, known, overdueHours) : null;
  return due === null || known.overdue === true ? due : Math.max(due, runAllowedUntil(task, known, overdueHours));
}

/** Remembers when tasks become overdue, by their objects: most are the same in the next poll. */
export class OverdueTimes {
  readonly #times = new WeakMap<Task, { known: OverdueInput; overdueHours: number; at: number | null }>();

  /** See {@link overdueAt}. */
  of(task: Task, known: OverdueInput, overdueHours: number): number | null {
    const last = this.#times.get(task);
    if (last?.known === known && last.overdueHours === overdueHours) return last.at;
    const at = overdueAt(task, known, overdueHours);
    this.#times.set(task, { known, overdueHours, at });
    return at;
  }
}

/** The next time (epoch ms) at which a task becomes overdue without any change on the NAS; Infinity: never. */
export function nextOverdue(
  tasks: readonly Task[],
  stored: Readonly<Record<string, OverdueInput>>,
  overdueHours: number,
  now: Date,
  times = new OverdueTimes(),
): number {
  let next = Infinity;
  for (const task of tasks) {
    const known = stored[task.id ?? 'null'];
    const at = known === undefined ? null : times.of(task, known, overdueHours);
    if (at !== null && at > now.getTime()) next = Math.min(next, at);
  }
  return next;
}

/**
 * Adds `overdue` decided from the response alone; null where the response lacks the last success, or, as in rows of
 * `list_with_device`, whether the schedule is switched on, and where the habit of the devices decides.
 */
export function withOverdue<T extends Task>(tasks: readonly T[], now: Date, overdueHours: number): T[] {
  return tasks.map((task) => {
    const isIncomplete = 'device' in task && task.nextRunAt === null && isByTheClock(task);
    if (isIncomplete || followsHabit(task, overdueHours)) return { ...task, overdue: null };
    const { lastSuccessAt: since, lastResult } = task;
    const timing = updateTiming(task, null, since, now);
    const recent = lastResult === null ? [] : [lastResult];
    const known = { since, timing, recent, overdue: null };
    return { ...task, overdue: isOverdue(task, known, overdueHours, now) };
  });
}

/** Whether the only run of a schedule is due: DSM then sends no next run, although no backup may have succeeded since. */
function isOnceDue({ schedule, nextRunAt }: Task, { timing }: OverdueInput): boolean {
  return schedule.kind === 'once' && nextRunAt === null && (timing?.next ?? null) !== null;
}

function dueBy(task: Task, known: OverdueInput, overdueHours: number): number | null {
  const { since } = known;
  if (since === null) return null;
  if (overdueHours === 0) return dueBySchedule(task, known);
  const byHours = Date.parse(since) + overdueHours * HOUR_MS;
  const changed = known.timing?.since ?? null;
  if (changed === null || changed <= since) return byHours;
  const due = dueRun(task, known);
  return Math.max(byHours, due === null ? Date.parse(changed) + overdueHours * HOUR_MS : due + MIN_GRACE_MS);
}

function dueBySchedule(task: Task, known: OverdueInput): number | null {
  const term = termOf(task, known);
  return term === null ? null : term.run + term.grace;
}

/** A run that must succeed (epoch ms), with the time to the run after it and the grace (ms). */
export interface Term {
  readonly run: number;
  readonly period: number;
  readonly grace: number;
}

/** The run that must have succeeded by the schedule; null when none is due, or the schedule is switched off. */
export function dueTerm(task: Task, known: OverdueInput): Term | null {
  return isSwitchedOn(task) || isOnceDue(task, known) ? termOf(task, known) : null;
}

/** The first run of a daily or weekly schedule after a time (epoch ms); null without such a schedule. */
export function termAfter(task: Task, known: OverdueInput, time: number): Term | null {
  const timetable = timetableOf(task, known);
  return timetable === null ? null : termAt(timetable, nextRunAfter(timetable, time));
}

function termOf(task: Task, known: OverdueInput): Term | null {
  const run = dueRun(task, known);
  if (run === null) return null;
  if (task.schedule.kind === 'once') return { run, period: ONCE_PERIOD_MS, grace: ONCE_GRACE_MS };
  const timetable = timetableOf(task, known);
  return timetable === null ? null : termAt(timetable, run);
}

function termAt(timetable: Timetable, run: number): Term {
  const period = nextRunAfter(timetable, run + SUMMER_TIME_MS) - run;
  return { run, period, grace: Math.max(period / 2, MIN_GRACE_MS) };
}

/**
 * The run that must have succeeded. Certain is the next run in the first response after the last success; only for the time
 * before that response the timetable decides whether a run was missed.
 */
function dueRun(task: Task, known: OverdueInput): number | null {
  const base = baseOf(known.since, known.timing?.since ?? null);
  if (base === null) return null;
  const { next = null } = known.timing ?? {};
  const expected = next !== null && next.base === base ? next : null;
  if (task.schedule.kind === 'once') return onceDue(task, expected, base);
  const timetable = timetableOf(task, known);
  if (timetable === null) return null;
  const first = nextRunAfter(timetable, Date.parse(base) + (base === known.since ? SUMMER_TIME_MS : 0));
  // A NAS whose clock is ahead sends the run after the next one while the next one is not due yet by the clock of Node-RED.
  const isMissed = expected !== null && first <= Date.parse(expected.seenAt) + CLOCK_TOLERANCE_MS;
  return expected === null || isMissed ? first : Date.parse(expected.run);
}

function onceDue({ nextRunAt }: Task, expected: TaskTiming['next'], base: string): number | null {
  const run = expected?.run ?? nextRunAt;
  return run === null || run <= base ? null : Date.parse(run);
}

/** Null when the schedule is neither daily nor weekly, or is switched off. */
function timetableOf({ schedule, nextRunAt, lastResult }: Task, { timing, recent }: OverdueInput): Timetable | null {
  const times = localTimesOf(schedule);
  if (times === null || nextRunAt === null || timing === null || timing.offsets.length === 0) return null;
  const starts = [...recent, lastResult].flatMap((run) => (run?.startedAt ? [Date.parse(run.startedAt)] : []));
  const ofDevices = schedule.utcOffsets.map((seconds) => seconds * 1000);
  return { ...times, offsets: trustedOffsets(times, timing.offsets, ofDevices, starts) };
}

/** Until when a running backup puts off overdue (epoch ms): -Infinity when none runs, Infinity when its start is unknown. */
function runAllowedUntil(task: Task, known: OverdueInput, overdueHours: number): number {
  if (!isRunning(task)) return -Infinity;
  const since = known.timing?.runningSince ?? null;
  if (since === null) return Infinity;
  const start = Date.parse(since);
  const byLength = start + MAX_LENGTH_FACTOR * usualLength(known.recent);
  if (overdueHours > 0) return byLength;
  const term = termOf(task, known);
  const byTerm = term === null ? Infinity : term.run + term.period + term.grace;
  return Math.max(byLength, Math.min(start + MIN_RUN_ALLOWANCE_MS, byTerm));
}

/** The longest of the recent complete runs, so that an occasional long run is still usual. */
function usualLength(recent: OverdueInput['recent']): number {
  const lengths = recent
    .filter(({ status }) => status === 'success' || status === 'partial')
    .map(({ durationSeconds }) => durationSeconds)
    .filter((seconds) => seconds !== null);
  return lengths.length === 0 ? UNKNOWN_LENGTH_MS : Math.max(...lengths) * 1000;
}
