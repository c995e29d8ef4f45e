import type { Task } from '../active-backup/types';
import { backupKey } from './monitor-state';

/**
 * By task id, the fields whose change means that a backup may have finished: the last result, and whether the task is idle.
 * A task that starts changes its fingerprint too, although the log has nothing new then.
 */
export type TaskFingerprints = ReadonlyMap<number | null, string>;

/** The fingerprints of the tasks of one poll. */
export function fingerprintsOf(tasks: readonly Task[]): TaskFingerprints {
  return new Map(
    tasks.map(({ id, lastResult, state }) => [
      id,
      `${lastResult === null ? '' : backupKey(lastResult)} ${lastResult?.status ?? ''} ${String(state === 'idle')}`,
    ]),
  );
}

/** Whether any task was added, removed or has another fingerprint. */
export function haveChanged(one: TaskFingerprints, other: TaskFingerprints): boolean {
  return one.size !== other.size || [...one].some(([id, fingerprint]) => other.get(id) !== fingerprint);
}
