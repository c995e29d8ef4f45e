import { createTaskFilter, type TaskPredicate } from '../active-backup/filter';
import { nonBackupLastJobs } from '../active-backup/model/task';
import { readForeign } from '../active-backup/foreign-value';
import type { Task } from '../active-backup/types';
import { DsmError } from '../dsm/errors';
import { isJsonObject } from '../dsm/json';
import type { OperationResult } from './call';
import { LISTS_TASKS } from '../settings/operations';
import type { ResultRow } from './sequence';
import type { Message } from './types';

/** The filters of the task-list node (INTERFACE 2.3). */
export interface TaskFilterDef {
  filterType?: unknown;
  filterState?: unknown;
  filterResult?: unknown;
  filterName?: unknown;
}

/**
 * What lets tasks through: the node's choice and this message's, which wins part by part. Made before the NAS is asked.
 * @throws DsmError EPARAM for a filter word that does not exist, or a filter that is none
 */
export function filterOf(def: TaskFilterDef, msg: Message): TaskPredicate {
  const own = { type: def.filterType, state: def.filterState, result: def.filterResult, name: def.filterName };
  return readForeign('msg.filter', () => {
    const { filter } = msg;
    if (filter === undefined || filter === null) return createTaskFilter(own);
    if (isJsonObject(filter)) return createTaskFilter({ ...own, ...filter });
    throw new DsmError('EPARAM', 'msg.filter must be an object {type, state, result, name}');
  });
}

/** The rows that an operation of the task-list node brought, as far as they pass; null when it brings no list. */
export function rowsOf({ method, payload, data }: OperationResult, passes: TaskPredicate): ResultRow[] | null {
  if (!Array.isArray(payload)) return null;
  const rows = payload as unknown[];
  const raw = isJsonObject(data) && Array.isArray(data['tasks']) ? data['tasks'] : data;
  const responseOf = new Map(rows.map((row, index) => [row, Array.isArray(raw) ? (raw[index] ?? null) : null]));
  const laterJobs = nonBackupLastJobs(data);
  const kept = LISTS_TASKS.has(method) ? (rows as Task[]).filter((task) => passes(task, laterJobs)) : rows;
  return kept.map((row) => ({ payload: row, response: responseOf.get(row) }));
}
