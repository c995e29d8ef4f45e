import { latest } from '../active-backup/known-values';
import type { Schedule, Task } from '../active-backup/types';
import { isGone } from './missing-item-filter';
import { doAllFit, isPossible, localTimesOf, offsetsLeft } from './schedule';

const HOUR_MS = 3600_000;
const DAY_MS = 24 * HOUR_MS;
/** A schedule change dated further in the future than this is ignored: the clock of the NAS is wrong. */
const FUTURE_TOLERANCE_MS = DAY_MS;
/** Tolerated difference between the clocks of the NAS and of Node-RED at the time of a run. */
const RUN_TOLERANCE_MS = HOUR_MS;

const SCHEDULED_KINDS: ReadonlySet<Schedule['kind']> = new Set(['weekly', 'daily', 'once']);

/** Stored data about when a task runs, collected over the responses of the NAS. Plain JSON; times are ISO 8601 (UTC). */
export interface TaskTiming {
  /** The schedule as one text; another text means a changed schedule. */
  readonly schedule: string;
  /** Whether the task runs by itself: it is neither manual nor switched off (without a next run). */
  readonly isOn: boolean;
  /** Since when the schedule is unchanged; null: unknown. No run is due before. */
  readonly since: string | null;
  /** Possible UTC offsets of the NAS (milliseconds); empty where the schedule does not need one. */
  readonly offsets: readonly number[];
  /** The next run that is due; null when there is none. */
  readonly next: NextRun | null;
  /**
   * Since when it runs without a pause, by the clock of Node-RED, or of the NAS if the run started before the first poll;
   * null when it does not run, or unknown.
   */
  readonly runningSince: string | null;
  /**
   * Since when it waits for the NAS (clock of Node-RED), or has waited before the backup that goes on; null when it is idle, or
   * did not wait.
   */
  readonly queuedSince: string | null;
  /** The last responses in a row that lacked the schedule or the next run; null after a complete one. */
  readonly incomplete: { readonly since: string; readonly answers: number } | null;
}

/** The next run as contained in the first response after `base`. */
export interface NextRun {
  /** The success, or the change of the schedule, that it follows. */
  readonly base: string;
  /** Time of the response: between it and `run` no other run is due. */
  readonly seenAt: string;
  readonly run: string;
}

/**
 * The timing of a task after another response of the NAS.
 * @param known after the response before; null: this is the first
 * @param since last success, or the first poll that listed the task; null: neither is known
 * @param at time of the response (clock of Node-RED)
 */
export function updateTiming(task: Task, known: TaskTiming | null, since: string | null, at: Date): TaskTiming {
  const runningSince = runningSinceOf(task, known, at);
  const queuedSince = queuedSinceOf(task, known, at);
  const incomplete = known !== null && isIncomplete(task, known, at) ? countIncomplete(known.incomplete, at) : null;
  if (known !== null && incomplete !== null && !isLasting(incomplete, at))
    return { ...known, runningSince, queuedSince, incomplete };
  const schedule = textOf(task.schedule);
  const isOn = isSwitchedOn(task);
  const isNew = known !== null && (known.schedule !== schedule || (isOn && !known.isOn));
  const unchangedSince = scheduleSince(task.schedule, known?.since ?? null, isNew, at);
  const base = baseOf(since, unchangedSince);
  return {
    schedule,
    isOn,
    since: unchangedSince,
    offsets: offsetsOf(task, known?.offsets ?? [], at),
    next: incomplete === null ? nextRun(task, known?.next ?? null, base, at) : null,
    runningSince,
    queuedSince,
    incomplete: null,
  };
}

/**
 * Whether {@link updateTiming} returns the same timing for the same task at any later time, given that it does so now. False
 * also where that is not certain: a response lacked something, or a clock is wrong.
 */
export function isTimingSettled(
  { schedule, nextRunAt }: Task,
  { offsets, next, incomplete }: TaskTiming,
  at: Date,
): boolean {
  const times = localTimesOf(schedule);
  const areOffsetsSettled =
    times === null || nextRunAt === null || doAllFit(times, offsets, Date.parse(nextRunAt), at.getTime());
  const isNextSettled = next === null || next.run === nextRunAt || isDue(next, at);
  return incomplete === null && areOffsetsSettled && isNextSettled && isChangePlausible(schedule, at);
}

/** The time after which runs of a task are due: its last success or the last change of its schedule, whichever is later. */
export function baseOf(since: string | null, scheduleSince: string | null): string | null {
  return since === null ? null : latest([since, scheduleSince]);
}

/** Whether a task starts by itself: it is not manual, and its schedule is not switched off. */
export function isSwitchedOn(task: Task): boolean {
  const { schedule, nextRunAt } = task;
  return isByTheClock(task) ? nextRunAt !== null && schedule.paused !== true : schedule.kind !== 'manual';
}

/** Whether a schedule has times of day, so that the response contains a next run unless the schedule is switched off. */
export function isByTheClock({ schedule }: Pick<Task, 'schedule'>): boolean {
  return SCHEDULED_KINDS.has(schedule.kind);
}

const KINDS_WITHOUT_TIMES: ReadonlySet<Schedule['kind']> = new Set(['event', 'continuous', 'manual']);

/**
 * Whether `overdue` of a task follows the habit of its devices: it has no fixed schedule, and no hours are set.
 * @param overdueHours of the NAS node
 */
export function followsHabit({ schedule }: Pick<Task, 'schedule'>, overdueHours: number): boolean {
  return overdueHours === 0 && KINDS_WITHOUT_TIMES.has(schedule.kind);
}

/** Whether a backup of the task is running, or its state is unknown; queued, paused and cancelling are not running. */
export function isRunning({ state }: Task): boolean {
  return state === 'running' || state === 'unknown';
}

function runningSinceOf(task: Task, known: TaskTiming | null, at: Date): string | null {
  if (!isRunning(task)) return null;
  const startedAt = task.lastResult?.status === 'running' ? task.lastResult.startedAt : null;
  return known === null ? startedAt : (known.runningSince ?? at.toISOString());
}

function queuedSinceOf({ state }: Task, known: TaskTiming | null, at: Date): string | null {
  if (state === 'idle') return null;
  return known?.queuedSince ?? (state === 'queued' ? at.toISOString() : null);
}

/**
 * Whether a response lacks the schedule or next run that earlier ones contained. Either the schedule was switched off, or the
 * response is incomplete, as while the NAS starts; several responses in a row decide, as for missing tasks.
 */
function isIncomplete({ schedule, nextRunAt }: Task, known: TaskTiming, at: Date): boolean {
  if (schedule.kind === 'unknown') return known.schedule !== textOf(schedule);
  const isOnceDue =
    schedule.kind === 'once' && known.next !== null && known.incomplete === null && isDue(known.next, at);
  return isByTheClock({ schedule }) && nextRunAt === null && schedule.paused !== true && known.isOn && !isOnceDue;
}

function countIncomplete(known: TaskTiming['incomplete'], at: Date): NonNullable<TaskTiming['incomplete']> {
  return { since: known?.since ?? at.toISOString(), answers: (known?.answers ?? 0) + 1 };
}

/** Whether incomplete responses are accepted: enough in a row, or two that are far apart. */
function isLasting({ since, answers }: NonNullable<TaskTiming['incomplete']>, at: Date): boolean {
  return isGone(answers) || at.getTime() - Date.parse(since) >= HOUR_MS;
}

/** The fields that make it another schedule. Its description and the backup window do not change when a run is due. */
function textOf({ kind, weekdays, hour, minute, repeatHours, startDate, events }: Schedule): string {
  return JSON.stringify([kind, weekdays, hour, minute, repeatHours, startDate, events]);
}

/** DSM may send the time of the last change; otherwise a detected change counts from its detection. */
function scheduleSince(schedule: Schedule, known: string | null, isNew: boolean, at: Date): string | null {
  const since = latest([known, isChangePlausible(schedule, at) ? schedule.changedAt : null]);
  return isNew && since === known ? latest([known, at.toISOString()]) : since;
}

function isChangePlausible({ changedAt }: Schedule, at: Date): boolean {
  return changedAt === null || changedAt <= new Date(at.getTime() + FUTURE_TOLERANCE_MS).toISOString();
}

function offsetsOf({ schedule, nextRunAt }: Task, known: readonly number[], at: Date): readonly number[] {
  const times = localTimesOf(schedule);
  if (times === null || nextRunAt === null) return known;
  return offsetsLeft(times, Date.parse(nextRunAt), known, at.getTime());
}

/**
 * The run expected since `base` stays the same once its time has come, whatever later runs the NAS sends. Before its time
 * another run may replace it, unless the clock of the NAS is ahead and it sends the run after it. A schedule that runs once
 * has no next run once it is due; without one earlier, it was switched off.
 */
function nextRun({ schedule, nextRunAt }: Task, known: NextRun | null, base: string | null, at: Date): NextRun | null {
  const expected = known !== null && known.base === base ? known : null;
  const isNowDue = expected !== null && isDue(expected, at);
  if (nextRunAt === null) return isNowDue && schedule.kind === 'once' ? expected : null;
  if (expected !== null) {
    // A run before `base` comes from a clock that is behind by a lot: that of a NAS that starts in 2009.
    const isKept = isNowDue || nextRunAt <= expected.base || skipsRun(schedule, nextRunAt, at);
    return isKept ? expected : { ...expected, run: nextRunAt };
  }
  if (base === null || nextRunAt <= base) return null;
  return { base, seenAt: at.toISOString(), run: nextRunAt };
}

function isDue({ run }: NextRun, at: Date): boolean {
  return Date.parse(run) - RUN_TOLERANCE_MS <= at.getTime();
}

/** Whether by the clock of Node-RED another run precedes the one that the NAS sends, in every time zone. */
function skipsRun(schedule: Schedule, nextRunAt: string, at: Date): boolean {
  const times = localTimesOf(schedule);
  return times !== null && !isPossible(times, Date.parse(nextRunAt), at.getTime());
}
