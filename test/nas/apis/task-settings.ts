import type { Json, JsonObject } from '../../../src/dsm/json';
import { isJsonObject } from '../../../src/dsm/json';
import type { ParameterSpecs, ParameterValues } from '../parameters';
import { CODE, ApiError } from '../api-error';
import { nextTrigger } from '../schedule';
import { PLATFORM } from '../world';
import { addDevice } from '../data/items';
import type { Task, World } from '../world';

/** Settings of `create_…` and `set` (docs/facts/dsm.md §1.1). */
export const TASK_SETTINGS = {
  task_name: { type: 'string' },
  share_name: { type: 'string' },
  devices: { type: 'array' },
  retention_policy: { type: 'object' },
  sched_content: { type: 'object' },
  view_type: { type: 'string' },
  max_concurrent_devices: { type: 'integer' },
} as const satisfies ParameterSpecs;

/**
 * Changes a task; nothing is changed when one setting is refused.
 * @throws ApiError 4003 when another task has the name, 1103 for a device that does not exist
 */
export function applySettings(world: World, task: Task, settings: ParameterValues<typeof TASK_SETTINGS>): void {
  const {
    task_name: name,
    share_name: shareName,
    devices,
    retention_policy: retention,
    sched_content: sched,
  } = settings;
  if (name !== undefined && isNameUsed(world, task, name)) throw new ApiError(CODE.taskNameUsed);
  if (devices !== undefined) task.deviceIds = devices.map((device) => deviceId(world, task, device));
  task.name = name ?? task.name;
  task.shareName = shareName ?? task.shareName;
  task.maxConcurrentDevices = settings.max_concurrent_devices ?? task.maxConcurrentDevices;
  Object.assign(task.retention, knownFields(task.retention, retention));
  if (sched === undefined) return;
  Object.assign(task.schedule, knownFields(task.schedule, sched));
  task.scheduleModifiedAt = Math.floor(world.simulatedUntil);
  task.nextTriggerAt = nextTrigger(task.schedule, world.simulatedUntil, world.utcOffsetSeconds);
}

function isNameUsed(world: World, task: Task, name: string): boolean {
  return [...world.tasks.values()].some((other) => other !== task && other.name === name);
}

/** A device given by its id, by an object with its id, or as the description of a new virtual machine. */
function deviceId(world: World, task: Task, device: Json): number {
  const id = isJsonObject(device) ? device['device_id'] : device;
  if (id === undefined && isJsonObject(device) && typeof device['host_name'] === 'string') {
    const platform = task.type === 'vm' ? PLATFORM.none : PLATFORM.windows;
    return addDevice(world, { type: task.type, platform, hostName: device['host_name'] }).id;
  }
  if (typeof id !== 'number' || !world.devices.has(id)) throw new ApiError(CODE.notExisting);
  return id;
}

/** The fields of `sent` that `known` has with the same type. */
function knownFields(known: object, sent: JsonObject = {}): JsonObject {
  const isKnown = ([name, value]: [string, Json]): boolean =>
    name in known && typeof value === typeof Reflect.get(known, name);
  return Object.fromEntries(Object.entries(sent).filter(isKnown));
}
