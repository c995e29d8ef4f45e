import type { ByteBudget } from '../dsm/transport';
import type { Json, JsonObject } from '../dsm/json';
import { nonNegativeIntegerOf, objectOf, objectsOf } from './json-fields';
import { PagingLimits, type PagingTimeLimit } from './paging';

/** Whether parameters of `Task.list` request the whole list. */
export function isWholeList(parameters: Readonly<Record<string, Json>>): boolean {
  return parameters['offset'] === undefined && parameters['limit'] === undefined;
}

/**
 * A task list with the tasks that its first response lacks: a NAS may limit the rows of a response although no limit was
 * requested.
 * @param data the first response
 * @param readFrom reads the tasks from an offset on
 * @returns `data` itself when it has all tasks
 * @throws DsmError ERESPONSE when the list has no end, else the errors of the NAS
 */
export async function withRemainingTasks(
  data: Json,
  readFrom: (offset: number, budget: ByteBudget) => Promise<Json>,
  time: PagingTimeLimit,
): Promise<Json> {
  const tasks = [...objectsOf(objectOf(data)['tasks'])];
  const ids = new Set(tasks.map((task) => task['task_id']));
  const bounds = new PagingLimits(time);
  const first = tasks.length;
  for (let total = totalOf(data); tasks.length > 0 && tasks.length < total;) {
    const page = await readFrom(tasks.length, bounds.next());
    const added = objectsOf(objectOf(page)['tasks']).filter((task: JsonObject) => !ids.has(task['task_id']));
    for (const task of added) ids.add(task['task_id']);
    tasks.push(...added);
    // `total` may count tasks this account cannot see, so a page without new tasks is the last.
    total = added.length === 0 ? 0 : totalOf(page);
  }
  return tasks.length === first ? data : { ...objectOf(data), tasks };
}

function totalOf(data: Json): number {
  return nonNegativeIntegerOf(objectOf(data)['total']) ?? 0;
}
