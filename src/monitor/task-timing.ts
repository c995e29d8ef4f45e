import { latest } from '../active-backup/model/arithmetic';
import type { Schedule, Task } from '../active-backup/types';
import { isGone } from './missing-item-filter';
import { isPossible, localTimesOf, offsetsLeft } from './schedule';

const HOUR_MS = 3600_000;
const DAY_MS = 24 * HOUR_MS;
/** So much may a clock of the NAS be ahead of ours; a change that lies further in the future is not believed. */
const FUTURE_TOLERANCE_MS = DAY_MS;
/** The clocks of the NAS and of this machine may differ by this much at the moment of a run. */
const RUN_TOLERANCE_MS = HOUR_MS;

const BY_THE_CLOCK: ReadonlySet<Schedule['kind']> = new Set(['weekly', 'daily', 'once']);

/** What the answers of the NAS have told of when a task runs, beyond the last one. Plain JSON; times are ISO 8601 (UTC). */
export interface TaskTiming {
  /** The schedule that all this is about, as one text: another text is another schedule. */
  readonly schedule: string;
  /** Whether the schedule is on: a person starts a manual task, and one without a next run is switched off. */
  readonly isOn: boolean;
  /** Since when the schedule has been as it is; null: since before anybody knows. Nothing is due before. */
  readonly since: string | null;
  /** UTC offsets of the NAS (milliseconds) that no answer has ruled out; empty where the schedule does not need one. */
  readonly offsets: readonly number[];
  /** The run that is waited for; null when there is none. */
  readonly next: NextRun | null;
  /**
   * Since when it runs without a pause, by the clock of Node-RED, or of the NAS where the run had begun before the first poll;
   * null when it does not run, or nobody knows.
   */
  readonly runningSince: string | null;
  /** The answers in a row, up to the last one, that have left out what says when it runs; null when that one did not. */
  readonly incomplete: { readonly since: string; readonly answers: number } | null;
}

/** What the NAS said the first time it was asked after `base`. */
export interface NextRun {
  /** Which success, or change of the schedule, it is the next run after. */
  readonly base: string;
  /** When the NAS said so: from then until `run` nothing else is due. */
  readonly seenAt: string;
  readonly run: string;
}

/**
 * What is known of when a task runs, after another answer of the NAS.
 * @param known from the answers before; null: there were none
 * @param since its last success, or since when it is known without one; null when neither is known
 * @param at when the NAS answered (clock of this machine)
 */
export function updateTiming(task: Task, known: TaskTiming | null, since: string | null, at: Date): TaskTiming {
  const runningSince = runningSinceOf(task, known, at);
  const incomplete = known !== null && isIncomplete(task, known, at) ? onceMore(known.incomplete, at) : null;
  if (known !== null && incomplete !== null && !isLasting(incomplete, at))
    return { ...known, runningSince, incomplete };
  const schedule = textOf(task.schedule);
  const isOn = isSwitchedOn(task);
  const isNew = known !== null && (known.schedule !== schedule || (isOn && !known.isOn));
  const standsSince = scheduleSince(task.schedule, known?.since ?? null, isNew, at);
  const base = baseOf(since, standsSince);
  return {
    schedule,
    isOn,
    since: standsSince,
    offsets: offsetsOf(task, known?.offsets ?? [], at),
    next: incomplete === null ? nextRun(task, known?.next ?? null, base, at) : null,
    runningSince,
    incomplete: null,
  };
}

/** From when on a task's runs are due: its last success, or, when that is later, the last change of its schedule. */
export function baseOf(since: string | null, scheduleSince: string | null): string | null {
  return since === null ? null : latest([since, scheduleSince]);
}

/** Whether it starts by itself: no person has to, and its schedule is not switched off. */
export function isSwitchedOn(task: Task): boolean {
  const { schedule, nextRunAt } = task;
  return isByTheClock(task) ? nextRunAt !== null && schedule.paused !== true : schedule.kind !== 'manual';
}

/** Whether its schedule names times, so that a next run is always told unless it is switched off. */
export function isByTheClock({ schedule }: Pick<Task, 'schedule'>): boolean {
  return BY_THE_CLOCK.has(schedule.kind);
}

/** Whether a run of it is under way, as far as is known; one that waits, is paused or is being cancelled is not. */
export function isRunning({ state }: Task): boolean {
  return state === 'running' || state === 'unknown';
}

function runningSinceOf(task: Task, known: TaskTiming | null, at: Date): string | null {
  if (!isRunning(task)) return null;
  const begun = task.lastResult?.status === 'running' ? task.lastResult.startedAt : null;
  return known === null ? begun : (known.runningSince ?? at.toISOString());
}

/**
 * Whether an answer lacks what the answers before told. Either its schedule was switched off or the NAS answers in part, as
 * when it starts: as with an item that is missing, it takes several answers in a row to tell.
 */
function isIncomplete({ schedule, nextRunAt }: Task, known: TaskTiming, at: Date): boolean {
  if (schedule.kind === 'unknown') return known.schedule !== textOf(schedule);
  const hasCome =
    schedule.kind === 'once' && known.next !== null && known.incomplete === null && isTimeOf(known.next, at);
  return isByTheClock({ schedule }) && nextRunAt === null && schedule.paused !== true && known.isOn && !hasCome;
}

function onceMore(known: TaskTiming['incomplete'], at: Date): NonNullable<TaskTiming['incomplete']> {
  return { since: known?.since ?? at.toISOString(), answers: (known?.answers ?? 0) + 1 };
}

/** Several answers in a row are believed, and two when they are far apart. */
function isLasting({ since, answers }: NonNullable<TaskTiming['incomplete']>, at: Date): boolean {
  return isGone(answers) || at.getTime() - Date.parse(since) >= HOUR_MS;
}

/** What makes it another schedule. Neither its words nor the backup window say when a run is due. */
function textOf({ kind, weekdays, hour, minute, repeatHours, startDate, events }: Schedule): string {
  return JSON.stringify([kind, weekdays, hour, minute, repeatHours, startDate, events]);
}

/** DSM tells when a schedule was changed; a change that was seen counts from then on where DSM does not. */
function scheduleSince(schedule: Schedule, known: string | null, isNew: boolean, at: Date): string | null {
  const latestBelieved = new Date(at.getTime() + FUTURE_TOLERANCE_MS).toISOString();
  const isBelieved = schedule.changedAt !== null && schedule.changedAt <= latestBelieved;
  const told = latest([known, isBelieved ? schedule.changedAt : null]);
  return isNew && told === known ? latest([known, at.toISOString()]) : told;
}

function offsetsOf({ schedule, nextRunAt }: Task, known: readonly number[], at: Date): readonly number[] {
  const times = localTimesOf(schedule);
  if (times === null || nextRunAt === null) return known;
  return offsetsLeft(times, Date.parse(nextRunAt), known, at.getTime());
}

/**
 * The run that is waited for since `base` stays the same however often the NAS names later ones; only before its time another
 * may take its place, unless the clock of the NAS is ahead: then the NAS names the run after it although its time has not come
 * here. A schedule that runs once names none any more when the run has come; before, it was switched off.
 */
function nextRun({ schedule, nextRunAt }: Task, known: NextRun | null, base: string | null, at: Date): NextRun | null {
  const waited = known !== null && known.base === base ? known : null;
  const hasCome = waited !== null && isTimeOf(waited, at);
  if (nextRunAt === null) return hasCome && schedule.kind === 'once' ? waited : null;
  if (waited !== null) return hasCome || isLeftOut(schedule, nextRunAt, at) ? waited : { ...waited, run: nextRunAt };
  if (base === null || nextRunAt <= base) return null;
  return { base, seenAt: at.toISOString(), run: nextRunAt };
}

function isTimeOf({ run }: NextRun, at: Date): boolean {
  return Date.parse(run) - RUN_TOLERANCE_MS <= at.getTime();
}

/** Whether by the clock here another run comes before the one that the NAS names, whatever its time zone. */
function isLeftOut(schedule: Schedule, nextRunAt: string, at: Date): boolean {
  const times = localTimesOf(schedule);
  return times !== null && !isPossible(times, Date.parse(nextRunAt), at.getTime());
}
