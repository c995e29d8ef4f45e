import { latest } from '../active-backup/known-values';
import type { Result, Task } from '../active-backup/types';
import { type StoredTask, backupKey, type MonitorState } from './monitor-state';

/**
 * Adds to a task what its own response lacks: `overdue`, the last success and the reason of the last result. Used for every
 * list, event and MQTT document, so that all of them agree.
 * @param stored data of the task; undefined: none
 * @param success the last success according to the versions, used if nothing else contains one
 */
export function completeTask<T extends Task>(
  task: T,
  stored: StoredTask | undefined,
  success: string | null = null,
): T {
  if (stored === undefined) return task;
  return {
    ...task,
    overdue: stored.overdue,
    failuresInRow: stored.failuresInRow,
    expectedEndAt: expectedEndOf(task, stored),
    lastSuccessAt: stored.lastSuccessAt ?? task.lastSuccessAt ?? success,
    lastResult: withReason(task.lastResult, stored),
  };
}

/** Durations of so many complete runs make an expected end. */
const MIN_DURATIONS = 3;

/** When a running backup usually ends: its start and the median duration of the recent complete runs. */
function expectedEndOf({ state, lastResult }: Task, { timing, recent }: StoredTask): string | null {
  if (state === 'idle' || state === 'queued') return null;
  const startedAt = lastResult?.status === 'running' ? lastResult.startedAt : (timing?.runningSince ?? null);
  const durations = recent
    .filter(({ status }) => status === 'success' || status === 'partial')
    .flatMap(({ durationSeconds }) => durationSeconds ?? [])
    .sort((one, other) => one - other);
  const median = durations[Math.floor((durations.length - 1) / 2)];
  if (startedAt === null || median === undefined || durations.length < MIN_DURATIONS) return null;
  return new Date(Date.parse(startedAt) + median * 1000).toISOString();
}

/** Completes tasks, or rows of them. @param stored data by task id */
export function completeTasks<T extends Task>(tasks: readonly T[], stored: MonitorState['tasks']): T[] {
  return tasks.map((task) => completeTask(task, stored[String(task.id)]));
}

/**
 * Adds the speed and remaining time of the last poll, because a list read between two polls contains no speed.
 * @param polled the tasks of the last poll
 */
export function withSpeedOf<T extends Task>(tasks: readonly T[], polled: readonly Task[]): T[] {
  const speeds = new Map(polled.map(({ id, progress }) => [id, progress?.bytesPerSecond ?? null]));
  return tasks.map((task) => {
    const speed = speeds.get(task.id) ?? null;
    const { progress } = task;
    if (progress?.bytesPerSecond !== null || speed === null || speed <= 0) return task;
    const { totalBytes, transferredBytes } = progress;
    const left = totalBytes === null || transferredBytes === null ? null : Math.max(0, totalBytes - transferredBytes);
    const remainingSeconds = left === null ? null : Math.ceil(left / speed);
    return { ...task, progress: { ...progress, bytesPerSecond: speed, remainingSeconds } };
  });
}

function withReason(result: Result | null, { recent }: StoredTask): Result | null {
  if (result?.reason !== null) return result;
  const backup = recent.find((each) => backupKey(each) === backupKey(result));
  const reason = backup?.reason ?? null;
  return reason === null ? result : { ...result, reason };
}

/** Stores last successes that only the versions contain, by task id. The very same object when there are none. */
export function withSuccesses(
  tasks: MonitorState['tasks'],
  successes: ReadonlyMap<number, string>,
): MonitorState['tasks'] {
  if (successes.size === 0) return tasks;
  const updated = [...successes].flatMap(([id, at]) => {
    const stored = tasks[String(id)];
    if (stored === undefined) return [];
    // Without a known success `since` was the time of the first poll that listed the task.
    const since = stored.lastSuccessAt === null ? at : stored.since;
    return [[String(id), { ...stored, since, lastSuccessAt: latest([stored.lastSuccessAt, at]) }] as const];
  });
  return { ...tasks, ...Object.fromEntries(updated) };
}
