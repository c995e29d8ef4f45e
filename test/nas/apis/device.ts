import { method } from '../method';
import type { Methods } from '../method';
import { hasKeyWord, allows, page } from '../page';
import { removeTask } from '../runs';
import { deviceFields } from '../shapes/device';
import { taskFields } from '../shapes/task';
import { BACKUP_TYPE } from '../world';
import type { Task, World } from '../world';

const integer = { type: 'integer' } as const;
const deviceIds = { type: 'integers', required: true } as const;

function tasksOf(world: World, ids: readonly number[]): Task[] {
  return [...world.tasks.values()].filter((task) => task.deviceIds.some((id) => ids.includes(id)));
}

/** SYNO.ActiveBackup.Device (docs/facts/dsm.md §2.3): the reads, and `remove`. */
export const DEVICE_METHODS: Methods = {
  list: method(
    'read',
    { load_result: { type: 'boolean' }, filter: { type: 'object' }, offset: integer, limit: integer },
    ({ world, parameters }) => {
      const { filter = {} } = parameters;
      const found = [...world.devices.values()].filter(
        (device) =>
          allows(filter['backup_type'] === -1 ? undefined : filter['backup_type'], BACKUP_TYPE[device.type]) &&
          hasKeyWord(device.hostName, filter['host_name']),
      );
      const devices = page(found, parameters).map((device) => ({
        ...deviceFields(world, device),
        task_count: tasksOf(world, [device.id]).length,
      }));
      return { devices, total: found.length, total_devices_of_backup_type: 0 };
    },
  ),
  list_tasks: method('read', { device_ids: deviceIds }, ({ world, parameters }) => {
    const tasks = tasksOf(world, parameters.device_ids).map((task) => taskFields(world, task, {}));
    return { tasks, total: tasks.length };
  }),
  remove: method('manage', { device_ids: deviceIds }, ({ world, parameters }) => {
    for (const task of tasksOf(world, parameters.device_ids)) {
      task.deviceIds = task.deviceIds.filter((id) => !parameters.device_ids.includes(id));
      if (task.deviceIds.length === 0) removeTask(world, task.id);
    }
    for (const id of parameters.device_ids) world.devices.delete(id);
    return undefined;
  }),
};
