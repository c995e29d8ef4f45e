import type { CallResult } from '../active-backup/method-call';
import type { Storage, StorageOverview } from '../active-backup/storage-types';
import type { Task } from '../active-backup/types';
import type { NasConnection } from './nas-connection';

/** A result as events and MQTT show it. */
interface CompletedResult {
  readonly payload: unknown;
  /** The payload of a method that lists tasks; null for every other method. */
  readonly tasks: readonly Task[] | null;
}

/**
 * Completes the result of a method by what the monitor knows: tasks as events and MQTT show them, storages by their growth.
 * May send requests, see `NasMonitor.complete`.
 */
export async function completeResult(
  nas: NasConnection,
  method: string,
  { payload, tasks }: Pick<CallResult, 'payload' | 'tasks'>,
  signal: AbortSignal,
): Promise<CompletedResult> {
  if (tasks === null) return { payload: withGrowth(nas, payload), tasks };
  const completed = await completeTasks(nas, tasks, method, signal);
  return { payload: completed, tasks: completed };
}

/** Adds their growth to the storages of a storage overview or list, as events and MQTT show it. */
function withGrowth({ monitor }: NasConnection, payload: unknown): unknown {
  const at = new Date();
  if (isStorageList(payload)) return monitor.completeStorages(payload, at);
  if (isOverview(payload)) return { ...payload, storages: monitor.completeStorages(payload.storages, at) };
  return payload;
}

function isStorageList(payload: unknown): payload is Storage[] {
  const isStorage = (each: unknown): boolean => typeof each === 'object' && each !== null && 'fullAt' in each;
  return Array.isArray(payload) && payload.length > 0 && payload.every(isStorage);
}

function isOverview(payload: unknown): payload is StorageOverview {
  return typeof payload === 'object' && payload !== null && 'storages' in payload && isStorageList(payload.storages);
}

/** Completes the tasks of a task list as events and MQTT show them. */
async function completeTasks(
  { activeBackup, monitor }: NasConnection,
  tasks: Task[],
  method: string,
  signal: AbortSignal,
): Promise<readonly Task[]> {
  if (tasks.length === 0) return tasks;
  if (method === 'list') return monitor.complete(new Date(), tasks);
  // The rows of list_with_device lack the next run of the task.
  const listed = await activeBackup.listTasks({ signal }).catch(() => tasks);
  return monitor.complete(new Date(), tasks, listed);
}
