import type { Task } from '../active-backup/types';
import { backupKey } from './monitor-state';

/**
 * What tells that a backup of a task may have ended: its last result, and whether it is at work. By task id. A task that
 * starts is no reason to read the log, but its old result and its end are found by the same comparison.
 */
export type TaskFingerprints = ReadonlyMap<number | null, string>;

/** The marks of the tasks of one look. */
export function fingerprintsOf(tasks: readonly Task[]): TaskFingerprints {
  return new Map(
    tasks.map(({ id, lastResult, state }) => [
      id,
      `${lastResult === null ? '' : backupKey(lastResult)} ${lastResult?.status ?? ''} ${String(state === 'idle')}`,
    ]),
  );
}

/** Whether any task came, went or has another mark. */
export function haveChanged(one: TaskFingerprints, other: TaskFingerprints): boolean {
  return one.size !== other.size || [...one].some(([id, mark]) => other.get(id) !== mark);
}
