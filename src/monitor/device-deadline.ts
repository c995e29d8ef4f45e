import { latest } from '../active-backup/known-values';
import type { Device, Task } from '../active-backup/types';
import { EVERY_DAY, HABIT, isOffTime, longestRun, type DatedResult, type LearnedHabit } from './habit';
import { afterWorkingTime, workingTime, type LocalCalendar } from './local-days';
import { ABSENCE_MS, type OnlinePeriod } from './online-periods';
import { afterDayWithoutBackup, afterOnlineTime, isAlwaysOnline, onlineLimit, timeOfPeriod } from './online-time';
import { dueTerm, overdueAt, termAfter, type OverdueInput, type Term } from './overdue';
import type { Habit } from './protection-types';
import { isByTheClock, isRunning } from './task-timing';

const HOUR_MS = 3600_000;
/** By the schedule a run may take this long at least, but not longer than the usual time between two. */
const MIN_RUN_ALLOWANCE_MS = 24 * HOUR_MS;

/** What decides when a device becomes late. */
export interface DeadlineInput {
  readonly device: Device;
  readonly tasks: readonly { readonly task: Task; readonly known: OverdueInput | null }[];
  /** From `datedResults`, and those since the last change of a schedule. */
  readonly results: readonly DatedResult[];
  /** The last success, or since when the device is known (ISO 8601); null: neither is known. */
  readonly since: string | null;
  readonly periods: readonly OnlinePeriod[];
  /** The first poll that listed the device (ISO 8601); null: unknown. */
  readonly knownSince: string | null;
  /** Since when the NAS is polled without a break (ISO 8601); null: there was none. */
  readonly polledSince: string | null;
  readonly overdueHours: number;
  readonly calendar: LocalCalendar;
  readonly learned: LearnedHabit | null;
  /** Epoch ms. */
  readonly now: number;
}

/** When a device is late unless it succeeds before. */
export interface Deadline {
  readonly habit: Habit;
  /** Epoch ms; Infinity: not while a backup runs whose start is unknown. */
  readonly expectedBy: number;
  /** When a run is due and it matters whether the device is on line (epoch ms); the deadline holds until then. */
  readonly dueAt: number;
}

/**
 * The first deadline of the tasks of a device; null when nothing is expected or too little is known. The first of these
 * that applies to one of its tasks decides: `overdueHours`, its schedule, the learned habit.
 */
export function deadlineOf(input: DeadlineInput): Deadline | null {
  const ways = [input.overdueHours > 0 ? byHours : () => null, bySchedule, byLearning];
  for (const way of ways) {
    const found = input.tasks.flatMap((each) => putOff(way(each.task, each.known, input), each, input) ?? []);
    if (found.length > 0) return found.reduce((first, other) => (other.expectedBy < first.expectedBy ? other : first));
  }
  return null;
}

/** Whether a device is a person's: it is switched off at weekends and on holidays. */
function isPersonal({ type }: Device): boolean {
  return type === 'pc';
}

function byHours(task: Task, known: OverdueInput | null, input: DeadlineInput): Deadline | null {
  const { since, overdueHours } = input;
  if (known === null || since === null || task.schedule.paused === true) return null;
  // As for an overdue task, which a run that goes on does not put off: `putOff` does that for all ways.
  const at = overdueAt(task, { ...known, since, overdue: true }, overdueHours);
  if (at === null) return null;
  return { habit: { source: 'hours', typicalGapHours: overdueHours, offDays: [] }, expectedBy: at, dueAt: at };
}

function bySchedule(task: Task, known: OverdueInput | null, input: DeadlineInput): Deadline | null {
  const { since, calendar, learned, now } = input;
  if (known === null || since === null || !isByTheClock(task)) return null;
  const restricted = withoutOffDays(task, calendar);
  const stored = { ...known, since, recent: [], timing: withoutOffRun(known, calendar) };
  const due = dueTerm(restricted, stored);
  if (due === null) return null;
  const period = Math.max(workingTime(due.run, due.run + due.period, calendar), HOUR_MS);
  const habit = habitOf('schedule', period, calendar);
  const inTime = due.run + due.grace;
  if (now < due.run) return { habit, expectedBy: inTime, dueAt: due.run };
  const chance = firstChance(due, input, (time) => termAfter(restricted, stored, time));
  const longest = Math.max(period, learned?.longestGap ?? 0);
  const byAbsence = lateByAbsence(Math.max(Date.parse(since), scheduleSince([{ known }])), longest, input);
  const least = Math.min(inTime, chance?.until ?? inTime);
  return { habit, expectedBy: Math.max(least, chanceOrAbsence(chance, byAbsence)), dueAt: Infinity };
}

function byLearning(task: Task, _known: OverdueInput | null, input: DeadlineInput): Deadline | null {
  const { since, calendar, learned, now, tasks } = input;
  if (learned === null || since === null || isByTheClock(task) || task.schedule.paused === true) return null;
  const { base, due, grace, inTime } = afterAttempt(Math.max(Date.parse(since), scheduleSince(tasks)), learned, input);
  const habit = habitOf('learned', learned.typicalGap, calendar);
  const byTime = lateByOnlineTime(base, input);
  if (now < due) return { habit, expectedBy: byTime ?? inTime, dueAt: due };
  const byAbsence = lateByAbsence(base, learned.longestGap, input);
  if (byTime !== undefined) return { habit, expectedBy: byTime ?? byAbsence, dueAt: Infinity };
  const chance = firstPresence(due, inTime, grace, input);
  return { habit, expectedBy: Math.max(inTime, chanceOrAbsence(chance, byAbsence)), dueAt: Infinity };
}

/** When a device without a fixed schedule must succeed after a time (`base`); epoch ms, but `grace`, in ms. */
interface LearnedTerm {
  readonly base: number;
  readonly due: number;
  readonly grace: number;
  readonly inTime: number;
  /** The latest that `inTime` may be put off to without an attempt. */
  readonly latestAt: number;
}

/**
 * The term from the last success on. A cancelled or partial backup of a device that is no PC shows that it starts backups, and the
 * next one is a gap later: the last one in time starts the term anew, but only once, as all backups may be cancelled.
 */
function afterAttempt(success: number, learned: LearnedHabit, input: DeadlineInput): LearnedTerm {
  if (isPersonal(input.device)) return learnedTerm(success, learned, input);
  const term = afterBreak(learnedTerm(success, learned, input), learned, input);
  const attempt = input.results.findLast(({ end }) => end <= term.inTime);
  const isOther = attempt?.status === 'cancelled' || attempt?.status === 'partial';
  if (!isOther || attempt.end <= term.base) return term;
  return learnedTerm(attempt.end, learned, input);
}

/** The NAS may have been off while it was not polled. Then backups start a gap after its return, but it is not waited for days. */
function afterBreak(term: LearnedTerm, learned: LearnedHabit, input: DeadlineInput): LearnedTerm {
  const polledSince = input.polledSince === null ? -Infinity : Date.parse(input.polledSince);
  if (polledSince <= term.base) return term;
  const { inTime } = learnedTerm(polledSince, learned, input);
  return { ...term, inTime: Math.max(term.inTime, Math.min(inTime, term.latestAt)) };
}

function learnedTerm(base: number, learned: LearnedHabit, { device, calendar }: DeadlineInput): LearnedTerm {
  const due = afterWorkingTime(base, learned.usualGap, calendar);
  const half = HABIT.graceShare * learned.usualGap;
  const most = Math.max(half, HABIT.minGraceMs);
  const latestAt = afterWorkingTime(due, most, calendar);
  if (isPersonal(device)) return { base, due, grace: most, inTime: latestAt, latestAt };
  const grace = Math.max(half, HABIT.minServerGraceMs);
  const regular = afterWorkingTime(base, HABIT.regularGaps * learned.regularGap, calendar);
  // The longest of a few gaps may be an outage: no later than a PC.
  const inTime = Math.min(Math.max(afterWorkingTime(due, grace, calendar), regular), latestAt);
  return { base, due, grace, inTime, latestAt };
}

/**
 * When a PC without a fixed schedule is late by its time on line since its success (epoch ms); null: not by the time until now;
 * undefined: too little is known. Holidays, weekends and nights do not count by themselves.
 */
function lateByOnlineTime(base: number, input: DeadlineInput): number | null | undefined {
  const { device, results, periods } = input;
  const [first] = periods;
  if (!isPersonal(device) || first === undefined || base < timeOfPeriod(first).from) return undefined;
  const limit = onlineLimit(results, periods);
  if (limit === null) return undefined;
  const byTime = afterOnlineTime(base, limit, timesOnline(input));
  const byDay = afterDayWithoutBackup(base, { results, periods, isOnline: device.online !== false });
  return byDay === null ? byTime : Math.min(byDay, byTime ?? Infinity);
}

/**
 * When a device that is off line since its success is late: after twice its longest usual gap, but not sooner than absences
 * last. One that is always on line has no such absences, so a day off line is enough.
 */
function lateByAbsence(base: number, longestGap: number, { device, calendar, periods }: DeadlineInput): number {
  // Of a device that is back, the absence before.
  const before = periods.at(device.online === false ? -1 : -2);
  if (!isPersonal(device) && before !== undefined && isAlwaysOnline(periods))
    return Math.max(base, timeOfPeriod(before).to) + HABIT.outageMs;
  const byGaps = afterWorkingTime(base, HABIT.offlineGaps * longestGap, calendar);
  return Math.max(byGaps, base + (isPersonal(device) ? HABIT.absenceMs : HABIT.outageMs));
}

/** The first time on line in which a backup could succeed (epoch ms). */
interface Chance {
  readonly from: number;
  /** When it must have succeeded. */
  readonly until: number;
}

/** A device that is back before its absence was too long is judged by what it does then. @param chance null: it is off line since */
function chanceOrAbsence(chance: Chance | null, byAbsence: number): number {
  return chance !== null && chance.from < byAbsence ? chance.until : byAbsence;
}

/** The first run from `due` on for which the device was on line; null: none was. */
function firstChance(due: Term, input: DeadlineInput, after: (time: number) => Term | null): Chance | null {
  for (const { from, to } of timesOnline(input)) {
    if (to < due.run) continue;
    const run = from <= due.run ? due : after(from);
    if (run !== null && run.run <= to) return { from, until: Math.min(run.run + run.grace, dayOver(run, to, input)) };
  }
  return null;
}

/**
 * When the day of use is over in which a PC was on line for a daily run, and long enough after it (epoch ms): no backup can follow
 * on that day. Infinity: it may go on, or another rule decides. @param to end of the time on line
 */
function dayOver({ run, period }: Term, to: number, { device }: DeadlineInput): number {
  const isDaily = period <= HABIT.dailyPeriodMs;
  return isPersonal(device) && isDaily && to - run >= HABIT.minPresenceMs ? to + ABSENCE_MS : Infinity;
}

/** The same for a device without a fixed schedule: it must have been on line for a while since a backup was due. */
function firstPresence(due: number, inTime: number, grace: number, input: DeadlineInput): Chance | null {
  for (const { from, to } of timesOnline(input)) {
    if (to - Math.max(from, due) < HABIT.minPresenceMs) continue;
    const until = from <= due ? inTime : afterWorkingTime(from, Math.max(grace, HABIT.minReturnMs), input.calendar);
    return { from, until };
  }
  return null;
}

/**
 * Its periods on line, the last without an end while it is on line. Nothing is known of the time before the first poll: a
 * device that was on line then counts as on line before, or one without a success for weeks would be protected at first.
 */
function timesOnline({ device, periods, knownSince }: DeadlineInput): { from: number; to: number }[] {
  return periods.map((period, index) => {
    const time = timeOfPeriod(period);
    const isNow = device.online !== false && index === periods.length - 1;
    const isFirst = index === 0 && knownSince !== null && period.from <= knownSince;
    return { from: isFirst ? -Infinity : time.from, to: isNow ? Infinity : time.to };
  });
}

/**
 * A backup that started in time puts off its deadline for three times the longest one, or for a day if backups are not more
 * frequent. One that starts later does not: the device is late until it succeeds.
 */
function putOff(
  unqueued: Deadline | null,
  { task, known }: DeadlineInput['tasks'][number],
  input: DeadlineInput,
): Deadline | null {
  const { results } = input;
  const deadline = unqueued && putOffByQueue(unqueued, { task, known }, input);
  if (deadline === null || !isRunning(task)) return deadline;
  const since = known?.timing?.runningSince ?? null;
  if (since === null) return { ...deadline, expectedBy: Infinity };
  const start = Date.parse(since);
  // A poll that passes the deadline may be the first that contains it.
  if (start > deadline.expectedBy) return deadline;
  const usual = Math.min(deadline.habit.typicalGapHours * HOUR_MS, MIN_RUN_ALLOWANCE_MS);
  const allowed = start + Math.max(HABIT.runFactor * longestRun(results), usual);
  return { ...deadline, expectedBy: Math.max(deadline.expectedBy, allowed) };
}

/**
 * A backup without a fixed schedule that waits for the NAS in time, or has waited before it began, puts off the deadline of a
 * device that is no PC. Of a task of several devices some may wait while it runs. Each waits since its last success at most.
 */
function putOffByQueue(
  deadline: Deadline,
  { task, known }: DeadlineInput['tasks'][number],
  { device, since }: DeadlineInput,
): Deadline {
  if (deadline.habit.source !== 'learned' || isPersonal(device) || task.state === 'idle') return deadline;
  const { queuedSince = null, runningSince = null } = known?.timing ?? {};
  const waits = queuedSince ?? (task.devices.length > 1 ? runningSince : null);
  if (waits === null || since === null) return deadline;
  const from = Math.max(Date.parse(waits), Date.parse(since));
  if (from >= deadline.expectedBy) return deadline;
  return { ...deadline, expectedBy: Math.max(deadline.expectedBy, from + HABIT.queueMs) };
}

/** When one of the schedules was changed last (epoch ms); -Infinity: unknown. */
export function scheduleSince(tasks: readonly { readonly known: OverdueInput | null }[]): number {
  const since = latest(tasks.map(({ known }) => known?.timing?.since ?? null));
  return since === null ? -Infinity : Date.parse(since);
}

/** The days of the week on which no schedule of the tasks runs; none when one of them has no fixed schedule, or without tasks. */
export function unscheduledDays(tasks: readonly { readonly task: Task }[]): number[] {
  if (tasks.length === 0) return [];
  const days = new Set(tasks.flatMap(({ task }) => weekdaysOf(task)));
  return EVERY_DAY.filter((day) => !days.has(day));
}

function weekdaysOf({ schedule: { kind, weekdays } }: Task): readonly number[] {
  return kind === 'weekly' && weekdays.length > 0 ? weekdays : EVERY_DAY;
}

/** The task with a schedule that leaves out the days off; unchanged when none of its days would be left. */
function withoutOffDays(task: Task, { offDays }: LocalCalendar): Task {
  const weekdays = weekdaysOf(task).filter((day) => !offDays.includes(day));
  if (task.schedule.kind === 'once' || weekdays.length === 0) return task;
  return { ...task, schedule: { ...task.schedule, kind: 'weekly', weekdays } };
}

/** The next run that DSM sent does not count on a day off. */
function withoutOffRun({ timing }: OverdueInput, calendar: LocalCalendar): OverdueInput['timing'] {
  const run = timing?.next?.run ?? null;
  if (timing === null || run === null) return timing;
  return isOffTime(Date.parse(run), calendar) ? { ...timing, next: null } : timing;
}

function habitOf(source: Habit['source'], gap: number, { offDays }: LocalCalendar): Habit {
  return { source, typicalGapHours: Math.round((gap / HOUR_MS) * 10) / 10, offDays: [...offDays] };
}
