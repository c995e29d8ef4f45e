import { createTaskFilter, type TaskPredicate } from '../active-backup/filter';
import { nonBackupLastJobs } from '../active-backup/model/task';
import { readForeign } from '../active-backup/json-fields';
import { DsmError } from '../dsm/errors';
import { isJsonObject } from '../dsm/json';
import type { LaterJobs, Result, Task } from '../active-backup/types';
import type { OperationResult } from './call';
import type { ResultRow } from './input';
import type { Message } from './types';

/** The filter properties of the task-list node (`docs/interface.md §2.3`). */
export interface TaskFilterDef {
  filterType?: unknown;
  filterState?: unknown;
  filterResult?: unknown;
  filterName?: unknown;
}

/**
 * The filter of the node; each part of `msg.filter` replaces that part of the node's.
 * @throws DsmError EPARAM for a filter word that does not exist, or a `msg.filter` that is no object
 */
export function taskTestOf(def: TaskFilterDef, msg: Message): TaskPredicate {
  const ofNode = { type: def.filterType, state: def.filterState, result: def.filterResult, name: def.filterName };
  return readForeign('msg.filter', () => {
    const { filter } = msg;
    if (filter === undefined || filter === null) return createTaskFilter(ofNode);
    if (isJsonObject(filter)) return createTaskFilter({ ...ofNode, ...filter });
    throw new DsmError('EPARAM', 'msg.filter must be an object {type, state, result, name}');
  });
}

const NO_JOBS: ReadonlyMap<number, Result> = new Map();

/** The rows of an operation of the task-list node that pass the filter; null when its result is no list. */
export function resultRows({ payload, tasks, data }: OperationResult, passes: TaskPredicate): ResultRow[] | null {
  if (!Array.isArray(payload)) return null;
  const rows: readonly unknown[] = payload;
  const raw = isJsonObject(data) && Array.isArray(data['tasks']) ? data['tasks'] : data;
  let laterJobs: LaterJobs | null = null;
  const rowPasses = (task: Task): boolean =>
    // Only a task without a known last backup needs the later jobs.
    passes(task, task.lastResult === null ? (laterJobs ??= nonBackupLastJobs(data)) : NO_JOBS);
  return rows.flatMap((payload, index) => {
    const task = tasks?.[index];
    if (task !== undefined && !rowPasses(task)) return [];
    return [{ payload, response: Array.isArray(raw) ? (raw[index] ?? null) : null }];
  });
}
