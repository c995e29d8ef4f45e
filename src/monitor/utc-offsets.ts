import { isEqualData } from '../active-backup/json-fields';
import type { Task } from '../active-backup/types';
import { partOf, type MonitorState } from './monitor-state';

/** Tasks, with what is stored of them. */
interface KnownTasks {
  readonly tasks: readonly Task[];
  readonly stored: MonitorState['tasks'];
}

/** The UTC offset of a NAS, as far as its tasks tell; counted again only when one of them tells something else. */
export class UtcOffsets {
  #last: KnownTasks = { tasks: [], stored: {} };
  #offsets: readonly number[] = [];

  /** The possible offsets in milliseconds (local time minus UTC), those that fit most tasks first. */
  of(now: KnownTasks): readonly number[] {
    if (!isSame(this.#last, now)) this.#offsets = utcOffsetsOf(now);
    this.#last = now;
    return this.#offsets;
  }
}

function isSame(last: KnownTasks, now: KnownTasks): boolean {
  if (last.tasks.length !== now.tasks.length) return false;
  return now.tasks.every((task, index) => {
    const before = last.tasks[index];
    const isUnchanged = task === before && partOf(now.stored, task.id) === partOf(last.stored, task.id);
    return isUnchanged || (before !== undefined && isEqualData(offsetsOf(before, last), offsetsOf(task, now)));
  });
}

/** What a task tells: the offsets that fit its runs (milliseconds), and those of its devices (seconds). */
function offsetsOf({ id, schedule }: Task, { stored }: KnownTasks): [readonly number[], readonly number[]] {
  return [partOf(stored, id)?.timing?.offsets ?? [], schedule.utcOffsets];
}

function utcOffsetsOf(known: KnownTasks): readonly number[] {
  const counts = new Map<number, number>();
  const count = (offset: number, weight: number): void => void counts.set(offset, (counts.get(offset) ?? 0) + weight);
  for (const task of known.tasks) {
    const [ofRuns, ofDevices] = offsetsOf(task, known);
    for (const offset of ofRuns) count(offset, 2 / ofRuns.length);
    for (const seconds of ofDevices) count(seconds * 1000, 1);
  }
  return [...counts].sort(([, one], [, other]) => other - one).map(([offset]) => offset);
}
