import type { Json, JsonObject } from '../../../src/dsm/json';
import { seesTask } from '../accounts';
import { addLog } from '../history';
import { method } from '../method';
import type { Call, Methods } from '../method';
import { hasKeyWord, allows, page, within } from '../page';
import { detailFields, resultFields } from '../shapes/result';
import { BACKUP_TYPE, PLATFORM } from '../world';
import type { LogRow, Result, World } from '../world';

const ALL_LOGS_DELETED = 1009;

const integer = { type: 'integer' } as const;
const text = { type: 'string' } as const;
const paging = { offset: integer, limit: integer } as const;
const filterSpec = { type: 'object' } as const;

interface RowChoice {
  task_id?: number;
  result_id?: number;
  filter?: JsonObject;
}

function inOrder<T>(world: World, rows: readonly T[]): readonly T[] {
  return world.newestFirst ? [...rows].reverse() : rows;
}

/** The results that an account may see, filtered. The window applies to the start, which is a guess (docs/facts/dsm.md §2.2). */
function results({ world, session, parameters }: Call<RowChoice>): Result[] {
  const { filter = {} } = parameters;
  return [...world.results.values()].filter(
    (result) =>
      (world.showsOpenResults || result.endedAt !== null) &&
      seesTask(session.account, result.taskId) &&
      allows(parameters.task_id ?? filter['task_id'], result.taskId) &&
      allows(parameters.result_id ?? filter['result_id'], result.id) &&
      allows(filter['status'], result.status) &&
      allows(filter['backup_type'], BACKUP_TYPE[result.type]) &&
      allows(filter['job_action'], result.jobAction) &&
      hasKeyWord(result.taskName, filter['key_word']) &&
      within(result.startedAt, filter['from_timestamp'], filter['to_timestamp']),
  );
}

function logs({ world, session, parameters }: Call<RowChoice>): LogRow[] {
  const { filter = {} } = parameters;
  return world.logs.filter(
    (row) =>
      (row.task === null || seesTask(session.account, row.task.id)) &&
      allows(parameters.task_id ?? filter['task_id'], row.task?.id ?? 0) &&
      allows(filter['log_level'], row.level) &&
      allows(filter['device_id'], row.device?.id ?? 0) &&
      hasKeyWord(row.task?.name ?? '', filter['key_word']) &&
      within(row.at, filter['from_timestamp'], filter['to_timestamp']),
  );
}

function logFields(world: World, row: LogRow): JsonObject {
  const { task, device } = row;
  const common = {
    backup_type: task === null ? 0 : BACKUP_TYPE[task.type],
    device_id: device?.id ?? 0,
    device_name: device?.hostName ?? '',
    task_id: task?.id ?? 0,
    task_name: task?.name ?? '',
    user_id: 0,
    user_name: row.userName,
  };
  const platform = (device === null ? undefined : world.devices.get(device.id)?.platform) ?? PLATFORM.none;
  return {
    ...common,
    error_code: 0,
    log_id: row.id,
    log_level: row.level,
    log_time: Math.floor(row.at),
    log_type: row.type,
    other_params: { ...common, platform_type: platform },
    result_id: row.resultId,
  };
}

/** Sort keys of detail rows; other values leave the order unchanged. */
const ORDER: Readonly<Record<string, 'log_level' | 'log_time'>> = { log_level: 'log_level', log_time: 'log_time' };

function sorted(rows: JsonObject[], orderBy: string | undefined, direction: string | undefined): JsonObject[] {
  const key = ORDER[orderBy ?? ''];
  if (key === undefined) return rows;
  const sign = direction?.toUpperCase() === 'DESC' ? -1 : 1;
  const number = (value: Json | undefined): number => (typeof value === 'number' ? value : 0);
  return [...rows].sort((a, b) => sign * (number(a[key]) - number(b[key])));
}

/** SYNO.ActiveBackup.Log: the reads (docs/facts/dsm.md §2.2), and `clear` for tests that check that it is never called. */
export const LOG_METHODS: Methods = {
  list_result: method('read', { task_id: integer, result_id: integer, filter: filterSpec, ...paging }, (call) => {
    const found = inOrder(call.world, results(call));
    return { count: found.length, results: page(found, call.parameters).map(resultFields) };
  }),
  list_result_detail: method(
    'read',
    { result_id: { type: 'integer', required: true }, order_by: text, direction: text, ...paging },
    ({ world, parameters }) => {
      const { order_by: orderBy, direction } = parameters;
      const rows = (world.details.get(parameters.result_id) ?? []).map(detailFields);
      return { count: rows.length, result_detail_list: page(sorted(rows, orderBy, direction), parameters) };
    },
  ),
  list_log: method('read', { task_id: integer, filter: filterSpec, ...paging }, (call) => {
    const found = inOrder(call.world, logs(call));
    return { count: found.length, logs: page(found, call.parameters).map((row) => logFields(call.world, row)) };
  }),
  get_info: method('read', {}, () => ({
    retention_policy: { retention_counts: '0', retention_days: '0' },
    send_log_setting: {
      destination_ip: '',
      enable_send: false,
      enable_ssl: false,
      format: 0,
      id: 1,
      port: 514,
      protocol: 0,
    },
  })),
  clear: method('admin', {}, ({ world, session, at }) => {
    // The history stays, as it did on a NAS whose log was cleared.
    world.logs = [];
    addLog(world, at, { type: ALL_LOGS_DELETED, userName: session.account.name });
    return undefined;
  }),
};
