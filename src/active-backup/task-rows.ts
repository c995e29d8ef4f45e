import type { Json, JsonObject } from '../dsm/json';
import { nextTurn } from '../dsm/next-turn';
import { isEqualData, objectOf, objectsOf } from './json-fields';
import { nonBackupLastJob, parseListedTask } from './model/task';
import type { LaterJobs, Result, Task } from './types';

/** One row of `Task.list` and what was parsed of it. Nothing in it depends on the clock. */
export interface TaskRow {
  readonly raw: JsonObject;
  /** Without the speed of a run. */
  readonly task: Task;
  /** See `nonBackupLastJobs`; null when the last job is a backup, or there was none. */
  readonly laterJob: Result | null;
}

/** The rows of a list, each task once, by DSM's `task_id`. */
export type TaskRows = ReadonlyMap<Json | undefined, TaskRow>;

/** Rows that are read without a pause: that takes some milliseconds, if all of them have changed. */
const ROWS_PER_SLICE = 50;

/**
 * The rows of one page. A row that equals that of the same task in an earlier list is that very object, with the same
 * task: whoever receives the task can detect by identity that it has not changed.
 * @param before rows of the earlier list
 */
export async function readTaskRows(data: Json, before: TaskRows): Promise<readonly TaskRow[]> {
  const rows: TaskRow[] = [];
  for (const raw of objectsOf(objectOf(data)['tasks'])) {
    if (rows.length > 0 && rows.length % ROWS_PER_SLICE === 0) await nextTurn();
    const known = before.get(raw['task_id']);
    rows.push(known !== undefined && isEqualData(known.raw, raw) ? known : readTaskRow(raw));
  }
  return rows;
}

function readTaskRow(raw: JsonObject): TaskRow {
  return { raw, task: parseListedTask(raw, null), laterJob: nonBackupLastJob(raw) };
}

/** Each task once: a NAS without paging, or a task added meanwhile, can cause duplicates. */
export function withoutRepeats(pages: readonly (readonly TaskRow[])[]): TaskRows {
  const rows = new Map<Json | undefined, TaskRow>();
  for (const page of pages) for (const row of page) rows.set(row.raw['task_id'], row);
  return rows;
}

/** The later jobs of a list. */
export function laterJobsOf(rows: TaskRows): LaterJobs {
  const jobs = new Map<number, Result>();
  for (const { task, laterJob } of rows.values())
    if (task.id !== null && laterJob !== null) jobs.set(task.id, laterJob);
  return jobs;
}
