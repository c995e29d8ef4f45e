import type { Json, JsonObject } from '../../../src/dsm/json';
import { hasKeyWord, allows, within } from '../page';
import { runOf } from '../runs';
import { BACKUP_TYPE } from '../world';
import type { Task, World } from '../world';

type StateTest = (world: World, task: Task) => boolean;

/** `filter.status`: words of one client and numbers of another (docs/facts/dsm.md §1.1). */
const STATES: readonly { word: string; number: number; holds: StateTest }[] = [
  { word: 'all', number: -1, holds: () => true },
  {
    word: 'backingup',
    number: 1,
    holds: (world, task) => ['running', 'cancelling'].includes(runOf(world, task.id)?.state ?? ''),
  },
  { word: 'waiting', number: 2, holds: (world, task) => runOf(world, task.id)?.state === 'waiting' },
  { word: 'deleting', number: 3, holds: () => false },
  { word: 'unscheduled', number: 4, holds: (_world, task) => task.nextTriggerAt === null },
];

function hasState(world: World, task: Task, wanted: Json | undefined): boolean {
  if (wanted === undefined) return true;
  const state = STATES.find(({ word, number }) => word === wanted || number === wanted);
  return state?.holds(world, task) ?? true;
}

function lastBackupIsWithin(world: World, task: Task, filter: JsonObject): boolean {
  const { from_timestamp: from, to_timestamp: to } = filter;
  if (from === undefined && to === undefined) return true;
  const result = task.lastResultId === null ? undefined : world.results.get(task.lastResultId);
  return result !== undefined && within(result.endedAt ?? result.startedAt, from, to);
}

/** Whether a task matches the `filter` of Task.list; unknown keys match everything. */
export function matchesFilter(world: World, task: Task, filter: JsonObject): boolean {
  return (
    allows(filter['task_id'], task.id) &&
    allows(filter['backup_type'] === -1 ? undefined : filter['backup_type'], BACKUP_TYPE[task.type]) &&
    (filter['device_id'] === undefined || task.deviceIds.some((id) => allows(filter['device_id'], id))) &&
    hasState(world, task, filter['status']) &&
    hasKeyWord(task.name, filter['key_word']) &&
    lastBackupIsWithin(world, task, filter)
  );
}
