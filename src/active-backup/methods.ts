import type { Json } from '../dsm/json';

/** Access levels of a NAS, each including the ones before it (docs/interface.md §3). */
export const ACCESS_LEVELS = ['read', 'operate', 'manage', 'delete'] as const;
export type AccessLevel = (typeof ACCESS_LEVELS)[number];

/** Whether a NAS node with level `granted` may call a method that needs level `needed`. */
export function includesLevel(granted: AccessLevel, needed: AccessLevel): boolean {
  return ACCESS_LEVELS.indexOf(granted) >= ACCESS_LEVELS.indexOf(needed);
}

/** JSON type of a parameter. DSM checks it and rejects others with error 120, reason `type`. */
export type ParameterType = 'boolean' | 'integer' | 'integers' | 'string' | 'strings' | 'object' | 'array' | 'any';

/** One parameter of a method, for editor, validation and tests. */
export interface Parameter {
  readonly type: ParameterType;
  readonly required?: true;
  /** Sent when no value is given. */
  readonly default?: Json;
  /** Never shown, logged or quoted in an error. */
  readonly secret?: true;
  /** Unit of a number. */
  readonly unit?: 'epochSeconds' | 'rows';
  /** Name of the code table in `codes.ts` whose names may be entered in place of a number. */
  readonly codes?: 'BACKUP_TYPE';
  /** Kind of objects on the NAS that the editor offers: by their ids, shares by their names. */
  readonly picker?: 'tasks' | 'devices' | 'shares' | 'storages';
  /** The editor has a hint for this method alone. */
  readonly hasOwnHint?: true;
}

/** One method of a `SYNO.ActiveBackup.*` API. */
export interface Method {
  readonly api: `SYNO.ActiveBackup.${string}`;
  readonly method: string;
  readonly level: AccessLevel;
  readonly parameters: Readonly<Record<string, Parameter>>;
  /** The API accepts further, undocumented parameters, so the user may add some. */
  readonly allowsExtraParameters?: true;
  /** Consequence of a method of level `delete`, as the rest of a sentence that starts with the method's name. */
  readonly dataLossWarning?: string;
}

const TASK = 'SYNO.ActiveBackup.Task';
const SHARE = 'SYNO.ActiveBackup.Share';
const AEM = 'SYNO.ActiveBackup.AEM';
const OVERVIEW = 'SYNO.ActiveBackup.Overview';
const LOG = 'SYNO.ActiveBackup.Log';
const VERSION = 'SYNO.ActiveBackup.Version';
const DEVICE = 'SYNO.ActiveBackup.Device';

const taskId = { type: 'integer', picker: 'tasks' } as const;
const taskIds = { type: 'integers', required: true, picker: 'tasks' } as const;
const shareName = { type: 'string', picker: 'shares' } as const;
const page = { offset: { type: 'integer', unit: 'rows' }, limit: { type: 'integer', unit: 'rows' } } as const;
const filter = { type: 'object' } as const;
const timeFilter = { ...filter, hasOwnHint: true } as const;
const taskSettings = {
  task_name: { type: 'string' },
  share_name: shareName,
  devices: { type: 'array' },
  retention_policy: { type: 'object' },
  sched_content: { type: 'object' },
  view_type: { type: 'string' },
  max_concurrent_devices: { type: 'integer' },
} as const satisfies Record<string, Parameter>;

/** API of the methods `backup` and `cancel`. */
export const TASK_API = 'SYNO.ActiveBackup.Task';

/**
 * Every method known by name. The first three groups are all methods of `SYNO.ActiveBackup.Task`, `.Share` and `.AEM`
 * (33); the rest are reads used by the monitor and `active-backup-api-request`. All have version 1, the only version
 * known to work.
 * | Sources: the API reference (docs/facts/dsm.md §1.1–§1.3), further parameters from independent clients
 * (docs/facts/dsm.md §1.1, §2.1–§2.5).
 */
export const METHODS = {
  'Task.list': {
    api: TASK,
    method: 'list',
    level: 'read',
    parameters: {
      // Without these three DSM omits results, agent states and, apparently, progress.
      load_status: { type: 'boolean', default: true },
      load_result: { type: 'boolean', default: true },
      load_devices: { type: 'boolean', default: true },
      load_versions: { type: 'boolean' },
      load_verify_status: { type: 'boolean' },
      filter,
      ...page,
    },
  },
  'Task.list_with_device': { api: TASK, method: 'list_with_device', level: 'read', parameters: {} },
  'Task.get_default_task_name': {
    api: TASK,
    method: 'get_default_task_name',
    level: 'read',
    parameters: {
      backup_type: { type: 'integer', required: true, codes: 'BACKUP_TYPE' },
      default_prefix: { type: 'string' },
    },
  },
  'Task.list_vm_check': { api: TASK, method: 'list_vm_check', level: 'read', parameters: {} },
  'Task.create_vm_check': {
    api: TASK,
    method: 'create_vm_check',
    level: 'read',
    parameters: {},
    allowsExtraParameters: true,
  },
  'Task.backup': { api: TASK, method: 'backup', level: 'operate', parameters: { task_ids: taskIds } },
  'Task.cancel': { api: TASK, method: 'cancel', level: 'operate', parameters: { task_ids: taskIds } },
  'Task.cancel_waiting_backup': { api: TASK, method: 'cancel_waiting_backup', level: 'operate', parameters: {} },
  'Task.vm_check_cancel': { api: TASK, method: 'vm_check_cancel', level: 'operate', parameters: {} },
  'Task.create_agent': {
    api: TASK,
    method: 'create_agent',
    level: 'manage',
    parameters: taskSettings,
    allowsExtraParameters: true,
  },
  'Task.create_agentless': {
    api: TASK,
    method: 'create_agentless',
    level: 'manage',
    parameters: taskSettings,
    allowsExtraParameters: true,
  },
  'Task.create_vm': {
    api: TASK,
    method: 'create_vm',
    level: 'manage',
    parameters: taskSettings,
    allowsExtraParameters: true,
  },
  'Task.set': {
    api: TASK,
    method: 'set',
    level: 'manage',
    parameters: { task_ids: taskIds, ...taskSettings },
    allowsExtraParameters: true,
  },
  'Task.remove': {
    api: TASK,
    method: 'remove',
    level: 'delete',
    parameters: { task_ids: taskIds },
    dataLossWarning: 'deletes the tasks and all their backup data',
  },

  'Share.list': { api: SHARE, method: 'list', level: 'read', parameters: {} },
  'Share.list_storage': { api: SHARE, method: 'list_storage', level: 'read', parameters: {} },
  'Share.list_volume': { api: SHARE, method: 'list_volume', level: 'read', parameters: {} },
  'Share.list_encrypted': { api: SHARE, method: 'list_encrypted', level: 'read', parameters: {} },
  'Share.list_file': {
    api: SHARE,
    method: 'list_file',
    level: 'read',
    parameters: { root_path: { type: 'string', required: true } },
  },
  'Share.check_file': { api: SHARE, method: 'check_file', level: 'read', parameters: {}, allowsExtraParameters: true },
  'Share.create_fs_dir': {
    api: SHARE,
    method: 'create_fs_dir',
    level: 'manage',
    parameters: { paths: { type: 'strings', required: true } },
  },
  'Share.relink': {
    api: SHARE,
    method: 'relink',
    level: 'manage',
    parameters: { share_name: { ...shareName, required: true } },
    allowsExtraParameters: true,
  },
  'Share.remove': {
    api: SHARE,
    method: 'remove',
    level: 'delete',
    parameters: { is_remove_data: { type: 'boolean', required: true } },
    allowsExtraParameters: true,
    dataLossWarning: 'takes a backup storage out of use, with is_remove_data true also all backup data in it',
  },

  'AEM.get_info': { api: AEM, method: 'get_info', level: 'read', parameters: {} },
  'AEM.get_join_state': { api: AEM, method: 'get_join_state', level: 'read', parameters: {} },
  'AEM.check_key': {
    api: AEM,
    method: 'check_key',
    level: 'read',
    parameters: { key: { type: 'string', required: true, secret: true } },
    allowsExtraParameters: true,
  },
  'AEM.check_leader_address': {
    api: AEM,
    method: 'check_leader_address',
    level: 'read',
    parameters: { leader_addr: { type: 'string', required: true } },
  },
  'AEM.edit_connection': {
    api: AEM,
    method: 'edit_connection',
    level: 'manage',
    parameters: { hostname: { type: 'string', required: true } },
    allowsExtraParameters: true,
  },
  'AEM.join': {
    api: AEM,
    method: 'join',
    level: 'manage',
    parameters: { key: { type: 'string', required: true, secret: true } },
    allowsExtraParameters: true,
  },
  'AEM.rebuild_version': {
    api: AEM,
    method: 'rebuild_version',
    level: 'manage',
    parameters: {},
    allowsExtraParameters: true,
  },
  'AEM.rebuild_workload': {
    api: AEM,
    method: 'rebuild_workload',
    level: 'manage',
    parameters: {},
    allowsExtraParameters: true,
  },
  'AEM.leave': {
    api: AEM,
    method: 'leave',
    level: 'delete',
    parameters: {},
    dataLossWarning: 'ends the management by the ActiveProtect leader at once',
  },
  'AEM.leave_by_leader': {
    api: AEM,
    method: 'leave_by_leader',
    level: 'delete',
    parameters: {},
    dataLossWarning: 'ends the management by the ActiveProtect leader at once',
  },

  'Overview.list_activity': { api: OVERVIEW, method: 'list_activity', level: 'read', parameters: {} },
  'Overview.list_device_last_backup': {
    api: OVERVIEW,
    method: 'list_device_last_backup',
    level: 'read',
    parameters: {},
  },
  'Overview.list_device_transfer_size': {
    api: OVERVIEW,
    method: 'list_device_transfer_size',
    level: 'read',
    parameters: {
      time_start: { type: 'integer', required: true, unit: 'epochSeconds' },
      time_end: { type: 'integer', unit: 'epochSeconds' },
    },
  },
  'Overview.list_result_status_summary': {
    api: OVERVIEW,
    method: 'list_result_status_summary',
    level: 'read',
    parameters: { filter: { ...timeFilter, default: {} } },
  },
  'Overview.list_type_transfer_size': {
    api: OVERVIEW,
    method: 'list_type_transfer_size',
    level: 'read',
    parameters: { filter: { type: 'object', default: {} } },
  },
  'Log.list_result': {
    api: LOG,
    method: 'list_result',
    level: 'read',
    parameters: { task_id: taskId, result_id: { type: 'integer' }, filter: timeFilter, ...page },
  },
  'Log.list_result_detail': {
    api: LOG,
    method: 'list_result_detail',
    level: 'read',
    parameters: {
      result_id: { type: 'integer', required: true },
      order_by: { type: 'string' },
      direction: { type: 'string' },
      ...page,
    },
  },
  'Log.list_log': {
    api: LOG,
    method: 'list_log',
    level: 'read',
    parameters: { task_id: taskId, filter: timeFilter, ...page },
  },
  'Log.get_info': { api: LOG, method: 'get_info', level: 'read', parameters: {} },
  'Version.list': {
    api: VERSION,
    method: 'list',
    level: 'read',
    parameters: { task_id: { ...taskId, required: true }, ...page },
  },
  'Device.list': {
    api: DEVICE,
    method: 'list',
    level: 'read',
    parameters: { load_result: { type: 'boolean' }, filter, ...page },
  },
  'Device.list_tasks': {
    api: DEVICE,
    method: 'list_tasks',
    level: 'read',
    parameters: { device_ids: { type: 'integers', required: true, picker: 'devices' } },
  },
  'Activation.get': { api: 'SYNO.ActiveBackup.Activation', method: 'get', level: 'read', parameters: {} },
  'Setting.list': { api: 'SYNO.ActiveBackup.Setting', method: 'list', level: 'read', parameters: {} },
  'Inventory.list': { api: 'SYNO.ActiveBackup.Inventory', method: 'list', level: 'read', parameters: { filter } },
  'Restore.list': { api: 'SYNO.ActiveBackup.Restore', method: 'list', level: 'read', parameters: {} },
  'TaskTemplate.list': { api: 'SYNO.ActiveBackup.TaskTemplate', method: 'list', level: 'read', parameters: {} },
} as const satisfies Record<string, Method>;

/**
 * Composite methods of this package, called like methods of DSM: they combine the responses of several methods
 * (docs/interface.md §3).
 */
export const COMPOSITE_METHODS = {
  'Share.overview': { api: SHARE, method: 'overview', level: 'read', parameters: {} },
} as const satisfies Record<string, Method>;

const ROWS: Readonly<Record<string, Method>> = { ...COMPOSITE_METHODS, ...METHODS };

/**
 * The row of a method, also of an unknown one. Unknown methods need the highest level, because methods called only out
 * of curiosity have deleted logs on real NASes.
 */
export function methodOf(api: string, method: string): Method {
  const known = ROWS[methodName({ api, method })];
  if (known !== undefined) return known;
  const dataLossWarning = 'is not known to this package and may delete anything';
  return {
    api: api as Method['api'],
    method,
    level: 'delete',
    parameters: {},
    allowsExtraParameters: true,
    dataLossWarning,
  };
}

/** All known methods of one API, in the order of the table, composite ones first. */
export function methodsOf(api: string): Method[] {
  return Object.values(ROWS).filter((row) => row.api === api);
}

/** `Task.list` for the method `list` of `SYNO.ActiveBackup.Task`. */
export function methodName({ api, method }: { readonly api: string; readonly method: string }): string {
  return `${api.replace(/^SYNO\.ActiveBackup\./, '')}.${method}`;
}

/** Whether a text may be the name of an API of Active Backup, known to this package or not. */
export function isApiName(text: string): boolean {
  return /^SYNO\.ActiveBackup\.\w+(?:\.\w+)*$/.test(text);
}

/** Whether a text may be the name of a method. */
export function isMethodName(text: string): boolean {
  return /^\w+$/.test(text);
}
