import type { Result, Schedule, Task } from '../../../src/active-backup/types';
import { initialState, detectChanges, type PollData } from '../../../src/monitor/change-detection';
import { parseMonitorState, type MonitorState } from '../../../src/monitor/monitor-state';
import { nextOverdue } from '../../../src/monitor/overdue';
import type { Random } from '../../nas/random';
import { rawResult, scheduledTask } from './builders';
import { nameOf, type TaskCase } from './task-cases';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
/** Of no schedule. */
const IDLE = scheduledTask({}, null);
/** A run that takes long takes no more than this. */
const LONGEST_RUN = 20 * HOUR;
/** Ends of the runs in an outage. */
const BAD = ['missed', 'failed', 'hung', 'waiting'] as const;
/** A run that hangs starts a minute after it was due, is seen a minute later, and a response or two may be incomplete. */
const START = 5 * MINUTE;

/** One run as it went, by the clock of the NAS (epoch ms). */
interface Run {
  readonly due: number;
  readonly start: number;
  /** Infinity: it never ends by itself. */
  readonly end: number;
  /** Between start and end; null when it was not paused. */
  readonly paused: { readonly from: number; readonly to: number } | null;
  readonly status: 'success' | 'failed' | 'missed' | 'hung' | 'waiting';
}

/** Counters over simulated years. */
export interface Count {
  /** Runs that were due. */
  gaps: number;
  /** Outages: the first run that did not succeed, and those after it until that was reported. */
  missed: number;
  polls: number;
  /** Reports that were false, and reports that were missing or late. */
  readonly wrong: string[];
}

/** A monitor of one task: only its state passes from one poll to the next, sometimes through its file. */
export class TaskMonitor {
  #stored: MonitorState | null = null;
  #polls = 0;

  /**
   * @param at when the NAS responds (epoch ms, clock of Node-RED)
   * @param log results of the log, besides the last result of the task
   * @returns the events that are about being overdue
   */
  poll(at: number, task: Task, log: readonly Result[] = []): string[] {
    const last = task.lastResult === null ? [] : [task.lastResult];
    const poll: PollData = {
      at: new Date(at),
      tasks: [task],
      laterJobs: new Map(),
      results: [...log, ...last],
      isComplete: true,
      late: false,
      overdueHours: 0,
    };
    const since = new Date(at - 2 * DAY).toISOString();
    const found =
      this.#stored === null
        ? { events: [], after: initialState(poll, 'nas', since) }
        : detectChanges(this.#stored, poll);
    this.#polls += 1;
    this.#stored = this.#polls % 20 === 0 ? parseMonitorState(JSON.stringify(found.after)) : found.after;
    const events: string[] = found.events.map(({ event }) => event);
    return events.filter((event) => event === 'backup_overdue' || event === 'backup_recovered');
  }

  get isOverdue(): boolean {
    return this.#stored?.tasks['1']?.overdue === true;
  }

  /** When the task becomes overdue by itself (epoch ms, clock of Node-RED). */
  becomesOverdueAt(at: number, task: Task): number {
    return nextOverdue([task], this.#stored?.tasks ?? {}, 0, new Date(at));
  }
}

/** Follows a task through its runs, and counts what is wrong with what is reported. */
export function simulateYear(each: TaskCase, random: Random, count: Count): void {
  new Year(each, random, count).run();
}

/** Times are those of the clock of the NAS. */
class Year {
  readonly #case: TaskCase;
  readonly #random: Random;
  readonly #count: Count;
  readonly #monitor = new TaskMonitor();
  /** The latest runs, oldest first. */
  readonly #history: Run[] = [];
  readonly #results = new WeakMap<Run, Result>();
  readonly #changedAt: number;
  #success = 0;
  #now: number;
  /** Node-RED is off until then. */
  #notPolledUntil = 0;
  /** The first run of those that do not succeed, and until when that must be reported; null: they do. */
  #outage: { readonly due: number; readonly status: Run['status']; readonly limit: number } | null = null;
  /** When the outage was reported; null: not yet. */
  #reportedAt: number | null = null;
  /** Number of incomplete responses in a row. */
  #incomplete = 0;

  constructor(each: TaskCase, random: Random, count: Count) {
    [this.#case, this.#random, this.#count] = [each, random, count];
    this.#changedAt = (each.runs[1] ?? 0) - random.integer(2, 30) * MINUTE;
    this.#now = this.#changedAt;
  }

  run(): void {
    const { runs } = this.#case;
    this.#begin();
    for (const [index, due] of runs.entries()) {
      const [before, next, afterNext] = [runs[index - 1], runs[index + 1], runs[index + 2]];
      if (before === undefined || next === undefined || afterNext === undefined) continue;
      this.#pollUntil(due - 1, 2);
      this.#happen(due, next, index);
      this.#pollUntil(next - 1, 1);
      this.#checkReports(Math.max(due - before, next - due, afterNext - next));
    }
  }

  /** Polls once before the schedule was as it is. */
  #begin(): void {
    const { beginning, schedule, runs, sendsChange, firstLength } = this.#case;
    const at = this.#changedAt - HOUR;
    this.#success = this.#changedAt - this.#random.integer(1, beginning === 'had another schedule' ? 1 : 60) * DAY;
    const before = {
      ...scheduledTask(schedule, null),
      lastResult: resultOf(1, this.#success - firstLength, this.#success, 'success'),
    };
    const weekdays = [new Date(this.#success).getUTCDay()];
    const weekly: Schedule = { ...before.schedule, kind: 'weekly', weekdays, repeatHours: null };
    const nextRunAt = iso(this.#success - HOUR + 7 * DAY);
    if (beginning === 'was manual')
      this.#watch(at, { ...before, schedule: scheduledTask({ kind: 'manual' }, null).schedule });
    if (beginning === 'was switched off') this.#watch(at, before);
    if (beginning === 'had another schedule') this.#watch(at, { ...before, schedule: weekly, nextRunAt });
    if (beginning === 'first poll' && !sendsChange) this.#success = runs[0] ?? 0;
  }

  /** Simulates the run that is due. */
  #happen(due: number, next: number, index: number): void {
    const last = this.#history.at(-1);
    if (last !== undefined && last.end > due) return; // DSM leaves out a run while the one before goes on
    const random = this.#random;
    if (this.#outage === null && index > 4 && last?.status === 'success' && random.fraction() < 0.02)
      this.#outage = { due, status: random.pick(BAD), limit: Infinity };
    else if (this.#outage === null && random.fraction() < 0.01)
      this.#notPolledUntil = due + random.integer(1, 5) * (next - due);
    if (this.#history.length >= 12) this.#history.shift();
    const run = this.#outage === null ? this.#goodRun(due, next) : badRun(due, this.#outage.status);
    this.#history.push(run);
    this.#count.gaps += 1;
    const ending = run.end + random.integer(1, 60) * 1000;
    const resumed = run.paused === null ? [] : [run.paused.from, run.paused.to];
    for (const time of [run.start - 1, run.start + MINUTE, ...resumed, (run.start + run.end) / 2, ending]) {
      if (run.status !== 'missed' && time > this.#now && time < next) this.#pollUntil(time, 1);
    }
  }

  /** Checks that the outage has been reported in time. @param period the longest of those around it */
  #checkReports(period: number): void {
    if (this.#outage === null) return;
    if (this.#outage.limit === Infinity)
      this.#outage = { ...this.#outage, limit: this.#limitOf(this.#outage.due, period) };
    const { due, status, limit } = this.#outage;
    const what = `${nameOf(this.#case)}, missed ${iso(due)}, ${status}, limit ${iso(limit)}`;
    // It may have been overdue before: the success in between happened while no poll was made.
    if (this.#monitor.isOverdue) this.#reportedAt ??= this.#now;
    if (this.#reportedAt === null && this.#now <= limit) return;
    if (this.#reportedAt === null) this.#count.wrong.push(`not reported: ${what}`);
    else this.#count.missed += 1;
    if ((this.#reportedAt ?? 0) > limit) this.#count.wrong.push(`late: ${what}, reported ${iso(this.#reportedAt)}`);
    this.#recover();
  }

  /** The time by which a run without success must have been reported: one period and the grace period later. */
  #limitOf(missed: number, period: number): number {
    const { clockAhead, runs, schedule } = this.#case;
    const ofSuccess = this.#history.filter(({ status }) => status === 'success').map(({ start, end }) => end - start);
    const patience = this.#outage?.status === 'hung' ? 3 * Math.max(0, ...ofSuccess) : 0;
    // Where a day has several runs, several UTC offsets may fit: all of them have to agree, so the longest of the periods
    // counts. It seems an hour longer, for with summer time two runs an hour apart may be the same one.
    const agreed = (schedule.repeatHours ?? 24) < 24 ? longestOf(runs) + HOUR : period;
    // A run missed without a poll may have to wait for the first one missed with polls, and one that comes within
    // an hour after a success for the one after it: when summer time ends, that success may have been of this run.
    const success = this.#history.findLast(({ status }) => status === 'success')?.end ?? 0;
    const sure = missed - success > HOUR ? missed : (runAfter(runs, missed) ?? Infinity);
    const seen = this.#notPolledUntil > sure ? (runAfter(runs, this.#notPolledUntil - 1) ?? Infinity) : sure;
    return seen + Math.max(withGrace(agreed), patience) + START + Math.max(0, clockAhead);
  }

  #recover(): void {
    const last = this.#history.pop();
    if (last !== undefined) this.#history.push({ ...last, end: Math.min(last.end, this.#now) });
    [this.#outage, this.#reportedAt] = [null, null];
  }

  /** Polls at the interval of the NAS node, and when a comparison is due by time. @param least minimum number of polls */
  #pollUntil(time: number, least: number): void {
    const step = Math.max(this.#case.pollMs, (time - this.#now) / least);
    while (this.#now < time) {
      const { clockAhead } = this.#case;
      const overdueAt = this.#monitor.becomesOverdueAt(this.#now - clockAhead, this.#taskAt(this.#now)) + clockAhead;
      const usual = Math.min(time, this.#now + (this.#incomplete > 0 ? MINUTE : step));
      // Node-RED polls as soon as it has started.
      const next = Math.min(...[usual, overdueAt, this.#notPolledUntil].filter((moment) => moment > this.#now));
      if (next < this.#notPolledUntil) this.#now = next;
      else this.#poll(next);
    }
  }

  #poll(time: number): void {
    const before = this.#now;
    this.#now = time;
    const isIncomplete = this.#case.isForgetful && this.#incomplete < 2 && this.#random.fraction() < 0.1;
    this.#incomplete = isIncomplete ? this.#incomplete + 1 : 0;
    const task = this.#taskAt(time);
    const events = this.#watch(time, isIncomplete ? { ...task, nextRunAt: null } : task);
    if (!events.includes('backup_overdue')) return;
    if (this.#outage !== null) this.#reportedAt ??= time;
    else {
      const last = this.#history.at(-1);
      this.#count.wrong.push(
        `false: ${nameOf(this.#case)}, run due ${iso(last?.due)} from ${iso(last?.start)} to ${iso(last?.end)}, reported ${iso(time)}, polled before ${iso(before)}`,
      );
    }
  }

  #watch(time: number, task: Task): string[] {
    this.#count.polls += 1;
    return this.#monitor.poll(time - this.#case.clockAhead, task, this.#logAt(time));
  }

  /** The task in the response of DSM. */
  #taskAt(time: number): Task {
    const { runs, schedule, sendsChange, machines, firstLength } = this.#case;
    const next = runAfter(runs, time);
    const last = this.#history.findLast((run) => hasEnded(run, time));
    return {
      ...IDLE,
      id: 1,
      state: stateOf(this.#history.at(-1), time),
      nextRunAt: next === null ? null : iso(next),
      lastResult:
        last === undefined ? resultOf(1, this.#success - firstLength, this.#success, 'success') : this.#resultOf(last),
      schedule: {
        ...schedule,
        changedAt: sendsChange ? iso(this.#changedAt) : null,
        utcOffsets: machines === null ? [] : [machines(time) / 1000],
      },
    };
  }

  #logAt(time: number): Result[] {
    return this.#history.filter((run) => hasEnded(run, time)).map((run) => this.#resultOf(run));
  }

  #resultOf(run: Run): Result {
    const result = this.#results.get(run) ?? resultOf(run.due / MINUTE, run.start, run.end, run.status);
    this.#results.set(run, result);
    return result;
  }

  /**
   * It starts at its time or waits a little, and takes about as long as the others; some take much longer: the machine was
   * reinstalled, or was paused. Each ends before the next one is due.
   */
  #goodRun(due: number, next: number): Run {
    const random = this.#random;
    const late = random.fraction() < 0.2 ? random.integer(1, 40) * MINUTE : random.integer(0, 90) * 1000;
    const start = due + Math.min(late, (next - due) / 4);
    const chance = random.fraction();
    const factor = chance < 0.03 ? 2.5 : 0.6 + 0.8 * random.fraction();
    const longest = Math.min(LONGEST_RUN, (next - start) * 0.97);
    const length = chance > 0.98 ? longest * (0.5 + 0.5 * random.fraction()) : this.#case.length * factor;
    const end = start + Math.round(Math.min(length, longest));
    const from = start + (end - start) * 0.1;
    // A run that is still paused at the end of the grace is overdue.
    const isPaused = chance > 0.96 && from < due + HOUR;
    return {
      due,
      start,
      end,
      paused: isPaused ? { from, to: Math.min(start + (end - start) * 0.35, due + HOUR) } : null,
      status: 'success',
    };
  }
}

function badRun(due: number, status: Run['status']): Run {
  const start = status === 'missed' ? due : due + MINUTE;
  const end = status === 'missed' ? due : status === 'failed' ? due + 6 * MINUTE : Infinity;
  return { due, start, end, paused: null, status };
}

function hasEnded({ end, status }: Run, time: number): boolean {
  return status !== 'missed' && end <= time;
}

function stateOf(run: Run | undefined, time: number): Task['state'] {
  if (run === undefined || run.status === 'missed' || time < run.due || time >= run.end) return 'idle';
  if (time < run.start || run.status === 'waiting') return 'queued';
  return run.paused !== null && time >= run.paused.from && time < run.paused.to ? 'pausing' : 'running';
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

/** A result of task 1 as DSM sends it. Times are epoch ms. */
export function resultOf(id: number, start: number, end: number, status: Run['status']): Result {
  const times = { time_start: Math.round(start / 1000), time_end: Math.round(end / 1000) };
  return rawResult({ result_id: id, task_id: 1, status: status === 'success' ? 2 : 4, ...times });
}

function iso(time: number | null | undefined): string {
  return time === null || time === undefined || time === Infinity ? '-' : new Date(time).toISOString();
}

function withGrace(period: number): number {
  return period + Math.max(period / 2, 2 * HOUR);
}

function longestOf(runs: readonly number[]): number {
  return Math.max(...runs.slice(1, 200).map((run, index) => run - (runs[index] ?? run)));
}
