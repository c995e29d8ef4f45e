import { parseTasks } from '../../../src/active-backup/model/task';
import { parseResults } from '../../../src/active-backup/model/result';
import type { Result, Schedule, Task } from '../../../src/active-backup/types';
import type { JsonObject } from '../../../src/dsm/json';

/** A result as DSM writes it: 1 running (without an end), 2 success, 4 failed, 5 cancelled. */
export function result(id: number, status = 2, taskId = 1): Result {
  const end = status === 1 ? 0 : 1_762_848_600;
  return rawResult({ result_id: id, task_id: taskId, status, time_start: 1_762_848_000, time_end: end });
}

/** A backup of task 1 that succeeded, unless `fields` (DSM's own names) differ. */
export function rawResult(fields: JsonObject): Result {
  const usual = { result_id: 1, task_id: 1, status: 2, job_action: 1, time_start: 0, time_end: 0 };
  return parseResults({ results: [{ ...usual, ...fields }] })[0]!;
}

/** A task as DSM lists it: what runs (`running_task_status`; null idle) and its last result. */
export function task(running: number | null, last: Result | null, id = 1): Task {
  const progress = running === null ? {} : { progress: { running_task_status: running, percentage: 0.5 } };
  const [parsed] = parseTasks({ tasks: [{ task_id: id, task_name: `task ${id}`, backup_type: 2, ...progress }] }, null);
  return { ...parsed!, lastResult: last };
}

/** An idle task that runs by a schedule. @param nextRun epoch ms; null: it is switched off */
export function scheduledTask(schedule: Partial<Schedule>, nextRun: number | null): Task {
  const idle = task(null, null);
  return {
    ...idle,
    schedule: { ...idle.schedule, ...schedule },
    nextRunAt: nextRun === null ? null : new Date(nextRun).toISOString(),
  };
}
