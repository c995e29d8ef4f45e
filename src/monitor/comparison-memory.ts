import type { Task } from '../active-backup/types';
import { ReportedResults } from './finished-backups';
import type { StoredTask } from './monitor-state';
import { OverdueTimes } from './overdue';
import { CLOCK_TOLERANCE_MS } from './schedule';
import { isTimingSettled } from './task-timing';

/** The circumstances of a comparison that decide, with a task and its stored data, what is stored afterwards. */
interface ComparisonInput {
  readonly at: Date;
  /** Whether a later job hides the last backup of the task; null: unknown. */
  readonly isHidden: boolean | null;
  /** Of the NAS node; 0: by the schedule. */
  readonly overdueHours: number;
}

/** A comparison of a task that changed nothing, and changes nothing from `from` until before `until` (epoch ms) either. */
interface SettledTask extends Pick<ComparisonInput, 'isHidden' | 'overdueHours'> {
  readonly stored: StoredTask;
  readonly from: number;
  readonly until: number;
}

/**
 * What is remembered between the comparisons of one task list. Nothing is decided by it: without it the comparison gives the
 * same result, but repeats for each task what has not changed. All of it is remembered by the objects it was made of, which
 * nobody modifies, and ends with them.
 */
export class ComparisonMemory {
  readonly reported = new ReportedResults();
  readonly overdueTimes = new OverdueTimes();
  readonly #settled = new WeakMap<Task, SettledTask>();

  /** Whether a comparison of this task, without new results, leaves its stored data as it is. */
  isSettled(task: Task, stored: StoredTask, { at, isHidden, overdueHours }: ComparisonInput): boolean {
    const known = this.#settled.get(task);
    if (known?.stored !== stored || known.isHidden !== isHidden || known.overdueHours !== overdueHours) return false;
    const now = at.getTime();
    return now >= known.from && now < known.until;
  }

  /** Call after a comparison without new results that has left the stored data of a task as it was. */
  remember(task: Task, stored: StoredTask, { at, isHidden, overdueHours }: ComparisonInput): void {
    if (!isSettled(task, stored, at)) return;
    const from = at.getTime();
    const due = this.overdueTimes.of(task, stored, overdueHours);
    const until = due !== null && due > from ? due : Infinity;
    this.#settled.set(task, { stored, isHidden, overdueHours, from, until });
  }
}

/** Whether time changes nothing but `overdue`: no time of the task is in the future, and its timing is settled. */
function isSettled(task: Task, { timing, since, lastSuccessAt, recent }: StoredTask, at: Date): boolean {
  const limit = new Date(at.getTime() + CLOCK_TOLERANCE_MS).toISOString();
  const ends = recent.map(({ endedAt }) => endedAt);
  const times = [since, lastSuccessAt, task.lastSuccessAt, task.lastResult?.endedAt ?? null, ...ends];
  return times.every((time) => time === null || time <= limit) && timing !== null && isTimingSettled(task, timing, at);
}
