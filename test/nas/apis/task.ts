import type { Json, JsonObject } from '../../../src/dsm/json';
import { seesTask } from '../accounts';
import { addTask } from '../data/items';
import { method } from '../method';
import type { Call, Methods } from '../method';
import { page } from '../page';
import { CODE, ApiError } from '../api-error';
import { acceptRuns, cancelRuns, removeTask, runOf } from '../runs';
import { nextTrigger } from '../schedule';
import { taskDeviceRows, taskFields } from '../shapes/task';
import { BACKUP_TYPE } from '../world';
import type { BackupTypeName, Task } from '../world';
import { matchesFilter } from './task-filter';
import { applySettings, TASK_SETTINGS } from './task-settings';

const taskIds = { type: 'integers', required: true } as const;
const flag = { type: 'boolean' } as const;
const integer = { type: 'integer' } as const;

function visibleTasks({ world, session }: Call<unknown>): Task[] {
  return [...world.tasks.values()].filter(({ id }) => seesTask(session.account, id));
}

/** The tasks in `task_ids`. @throws ApiError 1010 unknown, 1011 not visible to this account */
function chosenTasks({ world, session, parameters }: Call<{ task_ids: number[] }>): Task[] {
  return [...new Set(parameters.task_ids)].map((id) => {
    const task = world.tasks.get(id);
    if (task === undefined) throw new ApiError(CODE.noSuchTask);
    if (!seesTask(session.account, id)) throw new ApiError(CODE.noTaskPermission);
    return task;
  });
}

/** The `has_…` flags; in Task.list they are true only with `load_devices`. */
function kinds({ world }: Call<unknown>, known: boolean): JsonObject {
  const devices = known ? [...world.devices.values()] : [];
  const hasAgentOn = (platform: number): boolean =>
    devices.some(
      (device) => device.platform === platform && (device.type === 'pc' || device.type === 'physical_server'),
    );
  return {
    has_devices: devices.length > 0,
    has_dsm_agent: devices.some(({ type }) => type === 'nas'),
    has_hyperv_inventories: false,
    has_linux_agent: hasAgentOn(2),
    has_mac_agent: hasAgentOn(3),
    has_vmware_inventories: devices.some(({ type }) => type === 'vm'),
    has_windows_agent: hasAgentOn(1),
  };
}

function cmsInfo({ world }: Call<unknown>): JsonObject {
  const { joined, leaderAddress, localAddress } = world.aem;
  return {
    is_managed: joined,
    leader_address: leaderAddress,
    local_address: localAddress,
    unfiltered_task_size: world.tasks.size,
  };
}

const NAME_PREFIX = {
  vm: 'VM-Task',
  pc: 'PC-Task',
  physical_server: 'Server-Task',
  file_server: 'File-Server-Task',
  nas: 'NAS-Task',
} as const satisfies Record<BackupTypeName, string>;

/** The first unused name of the form `Prefix-1`. */
function freeName({ world }: Call<unknown>, prefix: string): string {
  const used = new Set([...world.tasks.values()].map(({ name }) => name));
  for (let number = 1; ; number += 1) {
    const name = `${prefix}-${number}`;
    if (!used.has(name)) return name;
  }
}

function typeOf(backupType: number): BackupTypeName {
  const found = Object.entries(BACKUP_TYPE).find(([, code]) => code === backupType);
  if (found === undefined) throw new ApiError(CODE.invalidParameters);
  return found[0] as BackupTypeName;
}

/** Creates a task from its settings. The real answer is not published; this one has the id of the new task. */
const create = (type: BackupTypeName): Methods[string] =>
  method('manage', TASK_SETTINGS, (call) => {
    const { world, parameters } = call;
    const task = addTask(world, { type, name: freeName(call, NAME_PREFIX[type]) });
    try {
      applySettings(world, task, parameters);
    } catch (error) {
      removeTask(world, task.id);
      throw error;
    }
    task.nextTriggerAt = nextTrigger(task.schedule, world.simulatedUntil, world.utcOffsetSeconds);
    return { task_id: task.id };
  });

/** Offset and limit, which may stand in the filter (docs/facts/dsm.md §1.1). */
function pageOf(parameters: { offset?: number; limit?: number; filter?: JsonObject }): { offset: Json; limit: Json } {
  const { filter = {} } = parameters;
  return {
    offset: parameters.offset ?? filter['offset'] ?? 0,
    limit: parameters.limit ?? filter['limit'] ?? -1,
  };
}

/** SYNO.ActiveBackup.Task: all methods of the API reference. */
export const TASK_METHODS: Methods = {
  list: method(
    'read',
    {
      load_status: flag,
      load_result: flag,
      load_devices: flag,
      load_versions: flag,
      load_verify_status: flag,
      filter: { type: 'object' },
      offset: integer,
      limit: integer,
    },
    (call) => {
      const { world, parameters } = call;
      const kept = visibleTasks(call).filter((task) => matchesFilter(world, task, parameters.filter ?? {}));
      const tasks = page(kept, pageOf(parameters)).map((task) => taskFields(world, task, parameters));
      return { ...kinds(call, parameters.load_devices === true), tasks, total: kept.length };
    },
  ),
  list_with_device: method('read', {}, (call) => {
    const tasks = visibleTasks(call).flatMap((task) => taskDeviceRows(call.world, task));
    const { has_hyperv_inventories, has_vmware_inventories } = kinds(call, true);
    return {
      cms_info: cmsInfo(call),
      has_hyperv_inventories: has_hyperv_inventories ?? false,
      has_vmware_inventories: has_vmware_inventories ?? false,
      tasks,
      total: tasks.length,
    };
  }),
  get_default_task_name: method(
    'read',
    { backup_type: { type: 'integer', required: true }, default_prefix: { type: 'string' } },
    (call) => {
      const prefix = call.parameters.default_prefix ?? NAME_PREFIX[typeOf(call.parameters.backup_type)];
      return { task_name: freeName(call, prefix) };
    },
  ),
  list_vm_check: method('read', {}, () => []),
  create_vm_check: method('read', {}, () => ({ aem_check_list: [], check_list: [] })),
  backup: method('operate', { task_ids: taskIds, trigger_type: { type: 'any' } }, (call) => {
    acceptRuns(call.world, chosenTasks(call), call.session.account.name);
    return undefined;
  }),
  cancel: method('operate', { task_ids: taskIds }, (call) => {
    cancelRuns(call.world, chosenTasks(call));
    return undefined;
  }),
  cancel_waiting_backup: method('operate', {}, (call) => {
    const waits = (task: Task): boolean => runOf(call.world, task.id)?.state === 'waiting';
    cancelRuns(call.world, visibleTasks(call).filter(waits));
    return undefined;
  }),
  vm_check_cancel: method('operate', {}, () => undefined),
  create_agent: create('pc'),
  create_agentless: create('file_server'),
  create_vm: create('vm'),
  set: method('manage', { task_ids: taskIds, ...TASK_SETTINGS }, (call) => {
    for (const task of chosenTasks(call)) applySettings(call.world, task, call.parameters);
    return undefined;
  }),
  remove: method('manage', { task_ids: taskIds }, (call) => {
    for (const task of chosenTasks(call)) removeTask(call.world, task.id);
    return undefined;
  }),
};
