import { parseTasks } from '../../src/active-backup/model/task';
import { parseResults } from '../../src/active-backup/model/result';
import type { Result, Task } from '../../src/active-backup/types';

/** A result as DSM writes it: 1 running (without an end), 2 success, 4 failed, 5 cancelled. */
export function result(id: number, status = 2, taskId = 1): Result {
  const end = status === 1 ? 0 : 1_762_848_600;
  const raw = { result_id: id, task_id: taskId, status, job_action: 1, time_start: 1_762_848_000, time_end: end };
  return parseResults({ results: [raw] })[0]!;
}

/** A task as DSM lists it: what runs (`running_task_status`; null idle) and its last result. */
export function task(running: number | null, last: Result | null, id = 1): Task {
  const progress = running === null ? {} : { progress: { running_task_status: running, percentage: 0.5 } };
  const [parsed] = parseTasks({ tasks: [{ task_id: id, task_name: `task ${id}`, backup_type: 2, ...progress }] }, null);
  return { ...parsed!, lastResult: last };
}
