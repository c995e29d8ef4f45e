import { latest } from '../active-backup/known-values';
import type { Device, DeviceResult, Task } from '../active-backup/types';
import { deadlineOf, scheduleSince, unscheduledDays, type Deadline } from './device-deadline';
import { datedResults, isOutcome, learnHabit, offDaysOf, type DatedResult } from './habit';
import { localDayOf, startOfDay, type LocalCalendar } from './local-days';
import type { OnlinePeriod } from './online-periods';
import type { OverdueInput } from './overdue';
import { daysOf } from './protection-days';
import type { DeviceProtection, Habit, Protection } from './protection-types';
import { CLOCK_TOLERANCE_MS } from './schedule';
import { isByTheClock } from './task-timing';
import { unusualBackup } from './unusual';

/** A task that protects the device, with the stored data of the task (a `StoredTask` has them); null: nothing stored yet. */
interface ProtectingTask {
  readonly task: Task;
  readonly known: OverdueInput | null;
}

/** What the monitor knows about one device. Times are ISO 8601 (UTC). */
export interface ProtectionInput {
  readonly device: Device;
  /** The tasks that list it; empty: unprotected. */
  readonly tasks: readonly ProtectingTask[];
  /**
   * Its backups of up to 90 days, in any order, running ones included. Null: DSM has not reported outcomes (the API is missing or
   * refused, or was not read yet), which is not the same as none.
   */
  readonly results: readonly DeviceResult[] | null;
  /**
   * The latest success, also when `results` no longer contains it; null: none is known. One whose time comes from a wrong clock
   * counts at the time of the poll that first contained it (`successTime`).
   */
  readonly lastSuccessAt: string | null;
  /** The first poll that listed the device (clock of Node-RED); null: unknown. */
  readonly knownSince: string | null;
  /** From `updateOnlinePeriods`; empty: it was never on line while it was polled. */
  readonly onlinePeriods: readonly OnlinePeriod[];
  /** The decision before this one, so that a late device stays late until it succeeds; null: none. */
  readonly previous: Pick<DeviceProtection, 'protection' | 'expectedBy' | 'lastSuccessAt' | 'habit'> | null;
}

/** What holds for all devices of a NAS. */
export interface ProtectionContext {
  /** `overdueHours` of the NAS node; 0: by the habit of the device. */
  readonly overdueHours: number;
  /** Clock of Node-RED. */
  readonly now: Date;
  /** Possible UTC offsets of the NAS (milliseconds, local time minus UTC), most likely first; empty: UTC is assumed. */
  readonly utcOffsets: readonly number[];
  /** Since when the NAS is polled without a break (ISO 8601); null: there was none. */
  readonly polledSince: string | null;
}

/** The protection of a device, and until when it holds. */
export interface JudgedProtection {
  readonly protection: DeviceProtection;
  /**
   * When it must be decided again although nothing was read (epoch ms): when the device becomes late, when a run is due, or at
   * midnight of the NAS, when a day is added to `days`. After a change of anything in {@link ProtectionInput} it must be decided
   * again as well; `to` of the last of `onlinePeriods` alone may wait until then.
   */
  readonly nextAt: number;
}

/** Decides whether a device is protected (docs/interface.md §4, Protection). Pure. */
export function protectionOf(input: ProtectionInput, context: ProtectionContext): JudgedProtection {
  if (input.results === null) return unknownProtection(input);
  const now = context.now.getTime();
  const known = knownOf(input, input.results, context);
  const { calendar, lastSuccessAt, ordered } = known;
  const deadline = stickyDeadline(deadlineIn(input, context, known), input, lastSuccessAt, now);
  const { expectedBy = Infinity, dueAt = Infinity, habit = null } = deadline ?? {};
  const failuresInRow = failuresOf(ordered);
  const isLate = now >= expectedBy;
  const protection: DeviceProtection = {
    ...identityOf(input),
    protection: decide({ isUnprotected: input.tasks.length === 0, failuresInRow, isLate, lastSuccessAt }),
    lastResult: ordered.at(-1) ?? null,
    lastSuccessAt,
    unusual: unusualSuccess(ordered),
    failuresInRow,
    expectedBy: expectedBy === Infinity ? null : new Date(expectedBy).toISOString(),
    habit,
    days: daysOf({ results: known.dated, calendar, knownSince: input.knownSince, now, habit, isLate }),
  };
  const midnight = startOfDay(localDayOf(now, calendar.offset) + 1, calendar.offset);
  const times = [expectedBy, dueAt, midnight, nextPlausible(input, input.results, now)];
  return { protection, nextAt: Math.min(...times.filter((time) => time > now)) };
}

/** When a time of a clock that is ahead is no longer in the future, and so counts (epoch ms); Infinity: none is. */
function nextPlausible(
  { tasks, lastSuccessAt }: ProtectionInput,
  results: readonly DeviceResult[],
  now: number,
): number {
  let next = Infinity;
  const check = (time: string | null): void => {
    const from = time === null ? -Infinity : Date.parse(time) - CLOCK_TOLERANCE_MS;
    if (from > now) next = Math.min(next, from);
  };
  check(lastSuccessAt);
  for (const { task } of tasks) check(task.lastSuccessAt);
  const limit = new Date(now).toISOString();
  for (const { endedAt } of results) if (endedAt !== null && endedAt > limit) check(endedAt);
  return next;
}

/**
 * The time at which a success counts that a poll contained for the first time (ISO 8601): its end, or the time of the poll when
 * the end lies in the future or before `known`, an earlier success: the clock of the NAS is, or was, wrong.
 */
export function successTime({ endedAt }: Pick<DeviceResult, 'endedAt'>, known: string | null, poll: Date): string {
  const limit = new Date(poll.getTime() + CLOCK_TOLERANCE_MS).toISOString();
  const isPlausible = endedAt !== null && endedAt <= limit && (known === null || endedAt >= known);
  return isPlausible ? endedAt : poll.toISOString();
}

/** While DSM has not reported outcomes. */
function unknownProtection(input: ProtectionInput): JudgedProtection {
  const protection = input.tasks.length === 0 ? 'unprotected' : 'unknown';
  const unknown = {
    lastResult: null,
    lastSuccessAt: null,
    unusual: null,
    failuresInRow: null,
    expectedBy: null,
    habit: null,
  };
  return { protection: { ...identityOf(input), protection, ...unknown, days: [] }, nextAt: Infinity };
}

function identityOf({ device, tasks }: ProtectionInput): Pick<DeviceProtection, 'device' | 'taskIds' | 'online'> {
  return { device, taskIds: tasks.flatMap(({ task: { id } }) => id ?? []), online: device.online };
}

/** What its results say: all with plausible times, those since the last change of a schedule, and all in the order of their runs. */
interface Known {
  readonly dated: readonly DatedResult[];
  readonly current: readonly DatedResult[];
  readonly ordered: readonly DeviceResult[];
  readonly calendar: LocalCalendar;
  readonly lastSuccessAt: string | null;
}

function knownOf(input: ProtectionInput, results: readonly DeviceResult[], context: ProtectionContext): Known {
  const now = context.now.getTime();
  const dated = datedResults(results, now, context.utcOffsets[0] ?? 0);
  const changed = scheduleSince(input.tasks);
  const isAllCurrent = dated[0] === undefined || dated[0].start >= changed;
  const current = isAllCurrent ? dated : dated.filter(({ start }) => start >= changed);
  const calendar = calendarOf(input.tasks, current, context.utcOffsets[0] ?? 0);
  return { dated, current, ordered: byRun(results), calendar, lastSuccessAt: lastSuccessOf(input, dated, now) };
}

function decide(known: {
  isUnprotected: boolean;
  failuresInRow: number;
  isLate: boolean;
  lastSuccessAt: string | null;
}): Protection {
  if (known.isUnprotected) return 'unprotected';
  if (known.failuresInRow > 0) return 'failing';
  if (known.isLate) return 'late';
  return known.lastSuccessAt === null ? 'never' : 'protected';
}

/** The finished backups in the order of their runs: by id, because times may come from a wrong clock. */
function byRun(results: readonly DeviceResult[]): DeviceResult[] {
  const finished = results.filter(({ status }) => isOutcome(status));
  const isSorted = finished.every((each, index) => index === 0 || compareRuns(finished[index - 1] ?? each, each) <= 0);
  return isSorted ? finished : finished.sort(compareRuns);
}

function compareRuns(one: DeviceResult, other: DeviceResult): number {
  if (one.resultId !== null && other.resultId !== null) return one.resultId - other.resultId;
  return (one.endedAt ?? '').localeCompare(other.endedAt ?? '');
}

/** Failures since the last success. Cancelled and partial backups change nothing. */
function failuresOf(ordered: readonly DeviceResult[]): number {
  let failures = 0;
  for (let index = ordered.length - 1; index >= 0 && ordered[index]?.status !== 'success'; index--)
    if (ordered[index]?.status === 'failed') failures++;
  return failures;
}

/** How the last success differs from those before; null: it does not. */
function unusualSuccess(ordered: readonly DeviceResult[]): DeviceProtection['unusual'] {
  const success = ordered.findLast(({ status }) => status === 'success');
  return success === undefined ? null : unusualBackup(success, ordered);
}

/** The last success: of the device, or of a task that protects nothing else. Never later than now. */
function lastSuccessOf(
  { tasks, lastSuccessAt }: ProtectionInput,
  dated: readonly DatedResult[],
  now: number,
): string | null {
  const own = dated.findLast(({ status }) => status === 'success');
  const ofTasks = tasks.map(({ task }) => (task.devices.length === 1 ? task.lastSuccessAt : null));
  const limit = now + CLOCK_TOLERANCE_MS;
  const times = [own === undefined ? null : new Date(own.end).toISOString(), lastSuccessAt, ...ofTasks];
  return latest(times.filter((time) => time !== null && Date.parse(time) <= limit));
}

/** Days off: those on which nothing is scheduled, and those on which the device never ran. */
function calendarOf(tasks: readonly ProtectingTask[], results: readonly DatedResult[], offset: number): LocalCalendar {
  const unscheduled = unscheduledDays(tasks);
  const offDays = [...new Set([...unscheduled, ...offDaysOf(results, offset)])].sort((a, b) => a - b);
  return { offset, offDays: offDays.length < 7 ? offDays : unscheduled };
}

function deadlineIn(
  { device, tasks, knownSince, onlinePeriods: periods }: ProtectionInput,
  { overdueHours, now, polledSince }: ProtectionContext,
  { current: results, calendar, lastSuccessAt }: Known,
): Deadline | null {
  const learned = learnHabit(results, calendar);
  const since = lastSuccessAt ?? knownSince;
  const known = { device, tasks, results, since, knownSince, periods, polledSince };
  return deadlineOf({ ...known, overdueHours, calendar, learned, now: now.getTime() });
}

/**
 * A device that was late stays late until it succeeds, although what is known of its habit changes meanwhile, or was too long
 * ago. A change of its schedule ends that, and so does a clock that was set back: the device is not late by it.
 */
function stickyDeadline(
  deadline: Deadline | null,
  input: ProtectionInput,
  lastSuccessAt: string | null,
  now: number,
): Deadline | null {
  const { previous, tasks } = input;
  if (previous?.protection !== 'late' || previous.expectedBy === null || previous.habit === null) return deadline;
  if (previous.lastSuccessAt !== lastSuccessAt || isReplaced(previous.habit, deadline, tasks)) return deadline;
  const expectedBy = Date.parse(previous.expectedBy);
  if (expectedBy > now || scheduleSince(tasks) > expectedBy) return deadline;
  if (deadline !== null && deadline.expectedBy <= expectedBy) return deadline;
  return { habit: deadline?.habit ?? previous.habit, expectedBy, dueAt: Infinity };
}

/** Whether the habit by which a device was late no longer applies: another way to decide, or no task that runs by itself. */
function isReplaced(before: Habit, deadline: Deadline | null, tasks: readonly ProtectingTask[]): boolean {
  if (deadline !== null) return deadline.habit.source !== before.source;
  return before.source !== 'learned' || tasks.every(({ task }) => isByTheClock(task) || task.schedule.paused === true);
}
