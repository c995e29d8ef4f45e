import { taskLabel } from '../active-backup/run-refusal';
import type { Task } from '../active-backup/types';
import type { UnfinishedRun } from './follow-runs';

/**
 * Why backups were followed without a result, for a user: `PC (1): the task was removed while it ran; …`.
 * @param tasks of the backups, for their names; @param waitMs how long they were followed
 */
export function unfinishedRunsText(runs: readonly UnfinishedRun[], tasks: readonly Task[], waitMs: number): string {
  const reasons: Readonly<Record<UnfinishedRun['why'], string>> = {
    'never-ran': 'the NAS accepted the start, but it never ran: is a source chosen in the task, and its device online?',
    dropped: 'it waited, but never ran: was it cancelled, is a source chosen in the task, and its device online?',
    'no-result': 'it ran, but left no result: see the log of Active Backup',
    removed: 'the task was removed while it ran',
    'still-running': `it has not ended after ${waitMs / 60_000} minutes and is no longer followed; the backup goes on`,
  };
  const nameOf = (taskId: number): string | null => tasks.find(({ id }) => id === taskId)?.name ?? null;
  return runs
    .map(({ taskId, why }) => `${taskLabel({ id: taskId, name: nameOf(taskId) })}: ${reasons[why]}`)
    .join('; ');
}
