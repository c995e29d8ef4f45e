import type { Task } from '../active-backup/types';
import type { BackupRecord } from './snapshot';
import { CLOCK_TOLERANCE_MS, localTimesOf, nextRunAfter, trustedOffsets, type Timetable } from './schedule';
import { baseOf, isByTheClock, isRunning, isSwitchedOn, updateTiming, type TaskTiming } from './task-timing';

const HOUR_MS = 3600_000;
/** A run may start late and take its time; also more than summer time shifts it. */
const LEAST_GRACE_MS = 2 * HOUR_MS;
/** A schedule that runs once has no period to take half of: as for a daily one. */
const ONCE_GRACE_MS = 12 * HOUR_MS;
/** When summer time ends before the next run, a success seems to have come so long before the run that it was of. */
const SUMMER_TIME_MS = HOUR_MS;
/** A schedule that runs once has no period either. */
const ONCE_PERIOD_MS = 24 * HOUR_MS;
/** A run that is under way is waited for until it has taken so many times the usual. */
const PATIENCE = 3;
/** What a run of a task takes of which none is known: a first, full backup may take a day. */
const UNKNOWN_LENGTH_MS = 24 * HOUR_MS;
/** By its schedule every run may take so long, whatever is usual, unless the next ones ask for a success earlier. */
const LEAST_PATIENCE_MS = 24 * HOUR_MS;

/** What is known of a task besides its own answer, by its name in a memory. Times are ISO 8601 (UTC). */
export interface OverdueInput {
  /** The last success, or since when the task is known without one; null when neither is known. */
  readonly since: string | null;
  readonly timing: TaskTiming | null;
  /** Its last backups that have ended. */
  readonly recent: readonly Pick<BackupRecord, 'status' | 'startedAt' | 'durationSeconds'>[];
  readonly overdue: boolean | null;
}

/**
 * Whether a task is overdue; null when nobody can say: of one that runs on events or continuously the NAS tells no run that
 * should have been, unless there are hours of one's own.
 * @param known with `overdue` as it was before
 * @param overdueHours of the NAS node; 0: by the schedule
 */
export function isOverdue(task: Task, known: OverdueInput, overdueHours: number, now: Date): boolean | null {
  const at = overdueAt(task, known, overdueHours);
  if (at === null) return isSwitchedOn(task) ? null : false;
  return now.getTime() >= at;
}

/**
 * When a task becomes overdue (epoch ms) unless a backup of it succeeds before; Infinity: not while the run goes on of which
 * nobody has seen the beginning; null: nothing is due, or nobody can say.
 *
 * Without hours of one's own it goes by the schedule: the first run after the last success, or after the schedule was changed,
 * must have succeeded when half of the time to the run after it has passed – a daily backup after 36 hours, a weekly one after
 * ten and a half days, one of Monday to Friday on Tuesday when Monday's failed.
 *
 * A run that is under way puts it off; one that waits, or is paused, does not. A task that is overdue already stays so.
 *
 * A run puts it off for three times the usual length of its runs at most, counted from when it began, or went on after a
 * pause. What is usual of the runs that are known says little of one that has much more to do: the first one after a machine
 * was installed anew may take fourteen hours where five minutes are usual, and succeeds all the same. So by its schedule every
 * run is given a day, but not beyond one period and the grace after the run that is due, by when a missed run is reported in
 * any case: a run of an hourly task that hangs is reported after three hours, that of a daily task after a day. Hours of one's
 * own say what is too long.
 */
export function overdueAt(task: Task, known: OverdueInput, overdueHours: number): number | null {
  const due = isSwitchedOn(task) || hasOnceCome(task, known) ? dueBy(task, known, overdueHours) : null;
  return due === null || known.overdue === true ? due : Math.max(due, heldUntil(task, known, overdueHours));
}

/** The next moment (epoch ms) at which a task becomes overdue by itself, without any change on the NAS; Infinity: never. */
export function nextOverdue(
  tasks: readonly Task[],
  memories: Readonly<Record<string, OverdueInput>>,
  overdueHours: number,
  now: Date,
): number {
  const times = tasks.map((task) => {
    const known = memories[String(task.id)];
    return (known && overdueAt(task, known, overdueHours)) ?? Infinity;
  });
  return Math.min(Infinity, ...times.filter((time) => time > now.getTime()));
}

/**
 * The tasks with `overdue` decided at `now` from what each of them tells itself; null where it does not tell its last success,
 * or, as the rows of `list_with_device`, whether its schedule is switched on.
 */
export function withOverdue<T extends Task>(tasks: readonly T[], now: Date, overdueHours: number): T[] {
  return tasks.map((task) => {
    if ('device' in task && task.nextRunAt === null && isByTheClock(task)) return { ...task, overdue: null };
    const { lastSuccessAt: since, lastResult } = task;
    const timing = updateTiming(task, null, since, now);
    const recent = lastResult === null ? [] : [lastResult];
    const known = { since, timing, recent, overdue: null };
    return { ...task, overdue: isOverdue(task, known, overdueHours, now) };
  });
}

/** DSM names no next run any more once it has come, though no backup may have succeeded since. */
function hasOnceCome({ schedule, nextRunAt }: Task, { timing }: OverdueInput): boolean {
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
  return Math.max(byHours, due === null ? Date.parse(changed) + overdueHours * HOUR_MS : due + LEAST_GRACE_MS);
}

function dueBySchedule(task: Task, known: OverdueInput): number | null {
  const term = termOf(task, known);
  return term === null ? null : term.run + term.grace;
}

/** The run that must have brought a success, with the time to the run after it and the grace (ms). */
function termOf(task: Task, known: OverdueInput): { run: number; period: number; grace: number } | null {
  const run = dueRun(task, known);
  if (run === null) return null;
  if (task.schedule.kind === 'once') return { run, period: ONCE_PERIOD_MS, grace: ONCE_GRACE_MS };
  const timetable = timetableOf(task, known);
  if (timetable === null) return null;
  const period = nextRunAfter(timetable, run + SUMMER_TIME_MS) - run;
  return { run, period, grace: Math.max(period / 2, LEAST_GRACE_MS) };
}

/**
 * The run that must have brought a success. What the NAS said is certain: when it was first asked after the last success, it
 * named the next run. Only for the time before that its timetable has to tell whether a run was missed.
 */
function dueRun(task: Task, known: OverdueInput): number | null {
  const base = baseOf(known.since, known.timing?.since ?? null);
  if (base === null) return null;
  const { next = null } = known.timing ?? {};
  const told = next !== null && next.base === base ? next : null;
  if (task.schedule.kind === 'once') return onceDue(task, told, base);
  const timetable = timetableOf(task, known);
  if (timetable === null) return null;
  const first = nextRunAfter(timetable, Date.parse(base) + (base === known.since ? SUMMER_TIME_MS : 0));
  // A NAS whose clock is ahead of Node-RED's names the run after the next one while the next one is not due yet here.
  return told === null || first <= Date.parse(told.seenAt) + CLOCK_TOLERANCE_MS ? first : Date.parse(told.run);
}

function onceDue({ nextRunAt }: Task, told: TaskTiming['next'], base: string): number | null {
  const run = told?.run ?? nextRunAt;
  return run === null || run <= base ? null : Date.parse(run);
}

/** Null when it does not run by the clock week after week, or is switched off. */
function timetableOf({ schedule, nextRunAt, lastResult }: Task, { timing, recent }: OverdueInput): Timetable | null {
  const times = localTimesOf(schedule);
  if (times === null || nextRunAt === null || timing === null || timing.offsets.length === 0) return null;
  const starts = [...recent, lastResult].flatMap((run) => (run?.startedAt ? [Date.parse(run.startedAt)] : []));
  const told = schedule.utcOffsets.map((seconds) => seconds * 1000);
  return { ...times, offsets: trustedOffsets(times, timing.offsets, told, starts) };
}

/** Until when a run is waited for (epoch ms): -Infinity when none is under way, Infinity when nobody has seen it begin. */
function heldUntil(task: Task, known: OverdueInput, overdueHours: number): number {
  if (!isRunning(task)) return -Infinity;
  const since = known.timing?.runningSince ?? null;
  if (since === null) return Infinity;
  const start = Date.parse(since);
  const byLength = start + PATIENCE * usualLength(known.recent);
  if (overdueHours > 0) return byLength;
  const term = termOf(task, known);
  const byTerm = term === null ? Infinity : term.run + term.period + term.grace;
  return Math.max(byLength, Math.min(start + LEAST_PATIENCE_MS, byTerm));
}

/** The longest of the recent runs that went through: what one of them takes now and then is not yet too long. */
function usualLength(recent: OverdueInput['recent']): number {
  const lengths = recent
    .filter(({ status }) => status === 'success' || status === 'partial')
    .map(({ durationSeconds }) => durationSeconds)
    .filter((seconds) => seconds !== null);
  return lengths.length === 0 ? UNKNOWN_LENGTH_MS : Math.max(...lengths) * 1000;
}
