import { latest } from '../active-backup/known-values';
import type { Task } from '../active-backup/types';
import { updateHistory, type NewResults } from './backup-history';
import type { StoredTask } from './monitor-state';
import { isOverdue } from './overdue';
import { CLOCK_TOLERANCE_MS } from './schedule';
import { followsHabit, updateTiming } from './task-timing';

/**
 * The stored data of a task after a poll.
 * @param known before; undefined: the task is new
 * @param poll its time, and `overdueHours` of the NAS node; 0: by the schedule
 */
export function updateTask(
  task: Task,
  known: StoredTask | undefined,
  found: NewResults,
  poll: { readonly at: Date; readonly overdueHours: number },
): StoredTask {
  const at = poll.at.toISOString();
  const history = updateHistory(task, known, found, poll.at);
  const isAhead = known !== undefined && Date.parse(known.since) > poll.at.getTime() + CLOCK_TOLERANCE_MS;
  const since = latest([isAhead ? null : (known?.since ?? null), history.lastSuccessAt]) ?? at;
  const stored = {
    uuid: task.uuid ?? known?.uuid ?? null,
    name: task.name,
    activeSince: activeSince(task, found.finished.length === 0 ? (known?.activeSince ?? null) : null, at),
    since,
    timing: updateTiming(task, known?.timing ?? null, since, poll.at),
    overdue: known?.overdue ?? null,
    ...history,
    transferredBytes: known?.transferredBytes ?? 0,
    missedPolls: 0,
  };
  // A response without the schedule leaves `overdue` as it is, unless it contains a success.
  if (stored.timing.incomplete !== null) {
    const overdue = since === known?.since ? known.overdue : false;
    return { ...stored, overdue, ...(known?.lateAfter === undefined ? {} : { lateAfter: known.lateAfter }) };
  }
  if (followsHabit(task, poll.overdueHours)) return { ...stored, ...overdueUntilJudged(known, stored) };
  return { ...stored, overdue: isOverdue(task, stored, poll.overdueHours, poll.at) };
}

/** Of a task that follows the habit of its devices, until they are judged: unknown after a success or a change of its schedule. */
function overdueUntilJudged(
  known: StoredTask | undefined,
  { since, timing }: Pick<StoredTask, 'since' | 'timing'>,
): Pick<StoredTask, 'overdue' | 'lateAfter'> {
  if (known === undefined) return { overdue: null };
  const { overdue, lateAfter = overdue === true ? known.since : undefined } = known;
  const isByHabit = overdue !== true || known.lateAfter !== undefined;
  const isSame = isByHabit && known.since === since && known.timing?.schedule === timing?.schedule;
  return { overdue: isSame ? overdue : null, ...(lateAfter === undefined ? {} : { lateAfter }) };
}

/** A queued run has not started; a started one that waits in between goes on. @param before `activeSince` of the same run */
function activeSince({ state }: Task, before: string | null, at: string): string | null {
  if (state === 'idle') return null;
  return state === 'queued' ? before : (before ?? at);
}
