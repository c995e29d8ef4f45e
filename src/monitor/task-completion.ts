import { latest } from '../active-backup/model/arithmetic';
import type { Result, Task } from '../active-backup/types';
import { backupKey, type MonitorState, type StoredTask } from './monitor-state';

/**
 * A task with what its own answer leaves out: whether it is overdue, its last success, and the reason of its last result.
 * Every list, event and MQTT document gets its tasks from here, so that they agree.
 * @param memory of the task; undefined: nothing is remembered
 * @param success the last success by its versions, where the memory has none
 */
export function completeTask<T extends Task>(
  task: T,
  memory: StoredTask | undefined,
  success: string | null = null,
): T {
  if (memory === undefined) return task;
  return {
    ...task,
    overdue: memory.overdue,
    lastSuccessAt: memory.lastSuccessAt ?? task.lastSuccessAt ?? success,
    lastResult: withReason(task.lastResult, memory),
  };
}

/** Tasks, or rows of them, completed one by one. @param memories by task id */
export function completeTasks<T extends Task>(tasks: readonly T[], memories: MonitorState['tasks']): T[] {
  return tasks.map((task) => completeTask(task, memories[String(task.id)]));
}

/**
 * Tasks with the speed and remaining time that the last poll found, for a list read between two polls has no speed.
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
  const end = recent.find((each) => backupKey(each) === backupKey(result));
  const reason = end?.reason ?? null;
  return reason === null ? result : { ...result, reason };
}

/** Remembers last successes that only versions tell, by task id. The very same object when there are none. */
export function withSuccesses(
  tasks: MonitorState['tasks'],
  successes: ReadonlyMap<number, string>,
): MonitorState['tasks'] {
  if (successes.size === 0) return tasks;
  const found = [...successes].flatMap(([id, at]) => {
    const memory = tasks[String(id)];
    if (memory === undefined) return [];
    // Without a success it counted from when it was first seen; now the success is known.
    const since = memory.lastSuccessAt === null ? at : memory.since;
    return [[String(id), { ...memory, since, lastSuccessAt: latest([memory.lastSuccessAt, at]) }] as const];
  });
  return { ...tasks, ...Object.fromEntries(found) };
}
