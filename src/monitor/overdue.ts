import type { ScheduleKind, Task } from '../active-backup/types';
import { runAfter, timetableOf } from './schedule';

const HOUR_MS = 3600_000;
/** A run may start late and take its time; also more than summer time shifts it. */
const LEAST_GRACE_MS = 2 * HOUR_MS;
/** When summer time ends before the next run, a success seems to have come so long before the run that it was of. */
const SUMMER_TIME_MS = HOUR_MS;

/** Schedules that always have a next run unless the task is switched off. */
const BY_THE_CLOCK: ReadonlySet<ScheduleKind> = new Set(['weekly', 'daily', 'once']);

/**
 * When a task becomes overdue (epoch ms) unless a backup of it succeeds before; null: never.
 *
 * Without hours of one's own it goes by the schedule: the first run after the last success must have succeeded when half of
 * the time to the run after it has passed – a daily backup after 36 hours, a weekly one after ten and a half days, one of
 * Monday to Friday on Tuesday when Monday's failed.
 * @param since the last success, or since when there is none (ISO 8601); null when neither is known
 * @param overdueHours of the NAS node; 0: by the schedule
 */
export function overdueAt(task: Task, since: string | null, overdueHours: number): number | null {
  const { kind } = task.schedule;
  const isOff = kind === 'manual' || (BY_THE_CLOCK.has(kind) && task.nextRunAt === null);
  if (since === null || task.state !== 'idle' || isOff) return null;
  if (overdueHours > 0) return Date.parse(since) + overdueHours * HOUR_MS;
  const timetable = timetableOf(task.schedule, task.nextRunAt);
  if (timetable === null) return null;
  const due = runAfter(timetable, Date.parse(since) + SUMMER_TIME_MS);
  const grace = (runAfter(timetable, due) - due) / 2;
  return due + Math.max(grace, LEAST_GRACE_MS);
}

/**
 * The next moment (epoch ms) at which a task becomes overdue by itself, without any change on the NAS; Infinity: never.
 * @param sinceOf see {@link overdueAt}
 */
export function nextOverdue(
  tasks: readonly Task[],
  sinceOf: (task: Task) => string | null,
  overdueHours: number,
  now: Date,
): number {
  const times = tasks.map((task) => overdueAt(task, sinceOf(task), overdueHours) ?? Infinity);
  return Math.min(Infinity, ...times.filter((time) => time > now.getTime()));
}

/** The tasks with `overdue` decided at `now` from what each of them tells itself; null where it does not tell its last success. */
export function withOverdue<T extends Task>(tasks: readonly T[], now: Date, overdueHours: number): T[] {
  return tasks.map((task) => {
    const at = overdueAt(task, task.lastSuccessAt, overdueHours);
    const known = task.lastSuccessAt !== null || task.schedule.kind === 'manual';
    return { ...task, overdue: known ? at !== null && now.getTime() >= at : null };
  });
}
