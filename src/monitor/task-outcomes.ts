import type { NamedDeviceResult, Result, Task } from '../active-backup/types';
import type { NasEvent } from './events';
import type { MonitorState, StoredTask } from './monitor-state';
import type { KnownOutcomes } from './run-outcomes';

/** The last finished backup of a task; null: none is known. @param stored data of the task; undefined: none */
export function lastFinishedOf(
  { lastResult }: Task,
  stored: Pick<StoredTask, 'recent'> | undefined,
): Pick<Result, 'id' | 'status'> | null {
  return lastResult !== null && lastResult.status !== 'running' ? lastResult : (stored?.recent[0] ?? null);
}

/**
 * Adds which devices failed in the last finished backup, and the outcomes of the last result. A failed run without a failed
 * device is not known completely.
 * @param outcomes of {@link lastFinishedOf}; null: unknown
 */
export function withOutcomes<T extends Task>(
  task: T,
  finished: Pick<Result, 'id' | 'status'> | null,
  outcomes: readonly NamedDeviceResult[] | null,
): T {
  if (finished === null || outcomes === null) return task;
  const failed = outcomes.filter(({ status }) => status === 'failed');
  const isIncomplete = failed.length === 0 && finished.status === 'failed';
  const { lastResult } = task;
  return {
    ...task,
    devicesFailed: isIncomplete ? null : failed.flatMap(({ name }) => name ?? []),
    lastResult: lastResult?.id !== finished.id ? lastResult : resultWith(lastResult, outcomes),
  };
}

/** The reason of a run is that of its only device that did not succeed. */
function resultWith(result: Result, outcomes: readonly NamedDeviceResult[]): Result {
  const { reason } = result;
  const isBad = ({ status }: NamedDeviceResult): boolean => status === 'failed' || status === 'partial';
  const isOne = reason !== null && outcomes.filter(isBad).length === 1;
  return {
    ...result,
    devices: outcomes.map((each) => ({ ...each, reason: isOne && isBad(each) ? reason : each.reason })),
  };
}

/** Tasks, or rows of them, with the outcomes of their devices. @param stored data by task id */
export function withKnownOutcomes<T extends Task>(
  tasks: readonly T[],
  stored: MonitorState['tasks'],
  known: KnownOutcomes,
): T[] {
  return tasks.map((task) => {
    const finished = lastFinishedOf(task, stored[String(task.id)]);
    return withOutcomes(task, finished, known.of(finished?.id ?? null));
  });
}

/** A result with the outcomes of its devices, where they are known. */
function resultWithOutcomes(result: Result, known: KnownOutcomes): Result {
  const outcomes = result.status === 'running' ? null : known.of(result.id);
  return outcomes === null ? result : resultWith(result, outcomes);
}

/** An event whose task and result have the outcomes of their devices. @param stored data of the tasks by id */
export function eventWithOutcomes(event: NasEvent, stored: MonitorState['tasks'], known: KnownOutcomes): NasEvent {
  const { task, result } = event;
  if (task === undefined && result === undefined) return event;
  const [completed] = task === undefined ? [] : withKnownOutcomes([task], stored, known);
  return {
    ...event,
    ...(completed === undefined ? {} : { task: completed }),
    ...(result === undefined ? {} : { result: resultWithOutcomes(result, known) }),
  };
}
