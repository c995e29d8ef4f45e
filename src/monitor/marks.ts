import type { Task } from '../active-backup/types';
import { endKey } from './memory';

/**
 * What tells that a backup of a task may have ended: its last result, and whether it is at work. By task id. A task that
 * starts is no reason to read the log, but its old result and its end are found by the same comparison.
 */
export type Marks = ReadonlyMap<number | null, string>;

/** The marks of the tasks of one look. */
export function marksOf(tasks: readonly Task[]): Marks {
  return new Map(
    tasks.map(({ id, lastResult, state }) => [
      id,
      `${lastResult === null ? '' : endKey(lastResult)} ${lastResult?.status ?? ''} ${String(state === 'idle')}`,
    ]),
  );
}

/** Whether any task came, went or has another mark. */
export function differ(one: Marks, other: Marks): boolean {
  return one.size !== other.size || [...one].some(([id, mark]) => other.get(id) !== mark);
}
