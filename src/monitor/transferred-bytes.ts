import type { Result } from '../active-backup/types';
import type { NasEvent } from './events';
import { BACKUP_FINISHED } from './finish-events';
import { partOf, type MonitorState, type StoredTask } from './monitor-state';
import type { KnownOutcomes } from './run-outcomes';

/**
 * Adds what the backups of these events have transferred to the counters of the NAS and of their tasks. Each event of a finished
 * backup comes once, so no backup is counted twice.
 * @param outcomes of the devices: a backup of which only the log is known has no size of its own; without both it adds nothing
 * @returns the same object if nothing was transferred
 */
export function countTransferred(
  stored: MonitorState,
  events: readonly NasEvent[],
  outcomes: KnownOutcomes,
): MonitorState {
  const tasks: Record<string, StoredTask> = {};
  let sum = 0;
  for (const { event, result, task } of events) {
    const bytes = result !== undefined && BACKUP_FINISHED.has(event) ? bytesOf(result, outcomes) : 0;
    if (bytes === 0) continue;
    sum += bytes;
    const id = String(task?.id);
    const own = task === undefined ? undefined : (tasks[id] ?? partOf(stored.tasks, task.id));
    if (own !== undefined) tasks[id] = { ...own, transferredBytes: own.transferredBytes + bytes };
  }
  if (sum === 0) return stored;
  return { ...stored, tasks: { ...stored.tasks, ...tasks }, transferredBytes: stored.transferredBytes + sum };
}

function bytesOf({ id, transferredBytes }: Result, outcomes: KnownOutcomes): number {
  if (transferredBytes !== null) return Math.max(0, transferredBytes);
  return (outcomes.of(id) ?? []).reduce((sum, device) => sum + Math.max(0, device.transferredBytes ?? 0), 0);
}
