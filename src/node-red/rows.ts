import { filterTasks } from '../active-backup/filter';
import type { Task } from '../active-backup/types';
import { DsmError } from '../dsm/errors';
import { isJsonObject } from '../dsm/json';
import type { Outcome } from './call';
import { LISTS_TASKS } from './operations';
import type { Row } from './sequence';
import type { Message } from './types';

/** The filters of the task-list node (INTERFACE 2.3). */
export interface TaskFilterDef {
  filterType?: unknown;
  filterState?: unknown;
  filterResult?: unknown;
  filterName?: unknown;
}

/**
 * The rows that an operation of the task-list node brought, filtered by the node's choice and then this message's,
 * part by part; null when the operation brings no list.
 * @throws DsmError EPARAM for a filter word that does not exist
 */
export function rowsOf({ operation, payload, data }: Outcome, def: TaskFilterDef, msg: Message): Row[] | null {
  if (!Array.isArray(payload)) return null;
  const rows = payload as unknown[];
  const raw = isJsonObject(data) && Array.isArray(data['tasks']) ? data['tasks'] : data;
  const responseOf = new Map(rows.map((row, index) => [row, Array.isArray(raw) ? (raw[index] ?? null) : null]));
  const kept = LISTS_TASKS.has(operation) ? filterTasks(rows as Task[], filterOf(def, msg)) : rows;
  return kept.map((row) => ({ payload: row, response: responseOf.get(row) }));
}

function filterOf(def: TaskFilterDef, { filter }: Message): unknown {
  const own = { type: def.filterType, state: def.filterState, result: def.filterResult, name: def.filterName };
  if (filter === undefined || filter === null) return own;
  if (isJsonObject(filter)) return { ...own, ...filter };
  throw new DsmError('EPARAM', 'msg.filter must be an object {type, state, result, name}');
}
