import type { Task } from '../active-backup/types';
import type { NasEvent } from './events';
import { partOf, type MonitorState, type StoredTask } from './monitor-state';
import type { DeviceProtection } from './protection-types';
import { completeTask } from './task-completion';

/** The devices of a task decide whether it is overdue. */
export interface OverdueByHabit {
  /** Null: nothing can be said. */
  readonly overdue: boolean | null;
  /** The latest success of its devices; null: none is known. */
  readonly lastSuccessAt: string | null;
}

/** By task, those only that follow the habit of their devices. */
export type OverdueTasks = ReadonlyMap<Task, OverdueByHabit>;

/** What is known of a device of such a task: its protection by the backups of this task alone. Undefined: nothing. */
type OwnProtection = Pick<DeviceProtection, 'protection' | 'expectedBy' | 'lastSuccessAt' | 'habit'>;

/**
 * Whether a task without a fixed schedule is overdue: true when one of its devices is late by its own habit, false when the
 * habit of all is known and none is late. A task that is started by hand is expected by habit only, so a device without a
 * habit is not late for it; for the others nothing can be said then.
 * @param of undefined: nothing is known of the device
 */
export function overdueByHabit(
  task: Task,
  of: (device: Task['devices'][number]) => OwnProtection | undefined,
  now: number,
): OverdueByHabit {
  const known = task.devices.map(of);
  const successes = known.flatMap((each) => each?.lastSuccessAt ?? []).sort();
  const lastSuccessAt = successes.at(-1) ?? null;
  if (known.some((each) => isLate(each, now))) return { overdue: true, lastSuccessAt };
  const isByHand = task.schedule.kind === 'manual';
  const isDecided = (each: OwnProtection | undefined): boolean =>
    each !== undefined && each.protection !== 'unknown' && (each.habit !== null || isByHand);
  const areAllDecided = known.every(isDecided) && (known.length > 0 || isByHand);
  return { overdue: areAllDecided ? false : null, lastSuccessAt };
}

function isLate(protection: OwnProtection | undefined, now: number): boolean {
  const expectedBy = protection?.expectedBy ?? null;
  return expectedBy !== null && Date.parse(expectedBy) <= now;
}

/** The stored tasks with `overdue` by the habit of their devices, and the events of it. */
interface AppliedHabit {
  readonly tasks: MonitorState['tasks'];
  readonly events: readonly Pick<NasEvent, 'event' | 'task'>[];
}

/**
 * Stores whether tasks are overdue by the habit of their devices: `backup_overdue` and `backup_recovered` once for each change.
 * A task of which nothing can be said for a while keeps what was reported.
 * @param isBaseline whether the devices were never judged before, so that nothing in it is new
 */
export function applyHabit(stored: MonitorState['tasks'], overdue: OverdueTasks, isBaseline: boolean): AppliedHabit {
  const changed: Record<string, StoredTask> = {};
  const events: Pick<NasEvent, 'event' | 'task'>[] = [];
  for (const [task, now] of overdue) {
    const known = partOf(stored, task.id);
    if (known === undefined) continue;
    const after = lateAfterOf(known.lateAfter, now);
    if (known.overdue === now.overdue && known.lateAfter === after) continue;
    const { lateAfter, ...rest } = known;
    const one = { ...rest, overdue: now.overdue, ...(after === undefined ? {} : { lateAfter: after }) };
    changed[task.id ?? 'null'] = one;
    const isNew = now.overdue === true && lateAfter === undefined && !isBaseline;
    if (isNew) events.push({ event: 'backup_overdue', task: completeTask(task, one) });
    if (now.overdue === false && hasSucceeded(lateAfter, now))
      events.push({ event: 'backup_recovered', task: completeTask(task, one) });
  }
  return { tasks: Object.keys(changed).length === 0 ? stored : { ...stored, ...changed }, events };
}

function lateAfterOf(
  before: StoredTask['lateAfter'],
  { overdue, lastSuccessAt }: OverdueByHabit,
): StoredTask['lateAfter'] {
  if (overdue === false) return undefined;
  return overdue === true && before === undefined ? lastSuccessAt : before;
}

/** A task has recovered by a success only, not because its schedule was changed. */
function hasSucceeded(lateAfter: StoredTask['lateAfter'], { lastSuccessAt }: OverdueByHabit): boolean {
  if (lateAfter === undefined || lastSuccessAt === null) return false;
  return lateAfter === null || lastSuccessAt > lateAfter;
}

/** The events of a comparison, whose tasks say the same as those that are stored. */
export function withStoredOverdue(event: NasEvent, stored: MonitorState['tasks']): NasEvent {
  const { task } = event;
  const known = task && partOf(stored, task.id);
  if (task === undefined || known === undefined || task.overdue === known.overdue) return event;
  return { ...event, task: { ...task, overdue: known.overdue } };
}
