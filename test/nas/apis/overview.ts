import type { Json, JsonObject } from '../../../src/dsm/json';
import { method } from '../method';
import type { Methods } from '../method';
import { within } from '../page';
import { runOf } from '../runs';
import { deviceFields } from '../shapes/device';
import { storageFields } from '../shapes/storage';
import { taskFields } from '../shapes/task';
import { BACKUP_TYPE, devicesOf, JOB_ACTION } from '../world';
import type { Device, Result, Run, World } from '../world';

const HOUR = 3600;
/** DSM's `JobStatus` and `JobStage` (docs/facts/dsm.md §3.4). */
const JOB_STATUS = { waiting: 1, running: 3, cancelling: 4 } as const satisfies Record<Run['state'], number>;
const JOB_STAGE = { waiting: 1, running: 2, cancelling: 3 } as const satisfies Record<Run['state'], number>;

const filterSpec = { type: 'object' } as const;
const integer = { type: 'integer' } as const;

function endedBackups(world: World): Result[] {
  return [...world.results.values()].filter(
    ({ endedAt, jobAction }) => endedAt !== null && jobAction === JOB_ACTION.backup,
  );
}

/** The running backups, where the devices have rows of them. */
function openBackups(world: World): Result[] {
  if (!world.showsOpenDeviceResults) return [];
  return [...world.results.values()].filter(
    ({ endedAt, jobAction }) => endedAt === null && jobAction === JOB_ACTION.backup,
  );
}

/** A waiting or running job. Only the names of its fields are known, from classes of the package's user interface. */
function activity(world: World, run: Run): JsonObject[] {
  const task = world.tasks.get(run.taskId);
  if (task === undefined) return [];
  const storage = world.storages.find(({ id }) => id === task.storageId);
  const job = {
    action: JOB_ACTION.backup,
    backup_type: BACKUP_TYPE[task.type],
    job_id: run.pid,
    job_type: 1,
    max_parallel: Math.max(1, task.maxConcurrentDevices),
    params: {},
    stage: JOB_STAGE[run.state],
    status: JOB_STATUS[run.state],
    storage_id: task.storageId,
    sub_jobs: devicesOf(world, task).map(({ id }) => ({ config_device_id: id, pid: run.pid })),
    task_id: task.id,
    trigger_uid: 0,
    user_name: run.startedBy,
  };
  return [
    {
      device: devicesOf(world, task).map((device) => deviceFields(world, device)),
      job,
      storage: storage === undefined ? null : storageFields(world, storage),
      task: taskFields(world, task, {}),
    },
  ];
}

/** A result, and the part of one device in it. */
interface DeviceShare {
  readonly result: Result;
  readonly share: Result['devices'][number];
}

/** The results of each device, by its id: in one pass, since a NAS of 5,000 devices has thousands of results. */
function sharesByDevice(results: readonly Result[]): ReadonlyMap<number, readonly DeviceShare[]> {
  const shares = new Map<number, DeviceShare[]>();
  for (const result of results) {
    for (const share of result.devices) {
      const own = shares.get(share.deviceId) ?? [];
      own.push({ result, share });
      shares.set(share.deviceId, own);
    }
  }
  return shares;
}

function lastBackup(world: World, last: Result | undefined, device: Device): JsonObject[] {
  if (last === undefined) return [];
  return [
    {
      device_id: device.id,
      device_name: device.hostName,
      task_name: world.tasks.get(last.taskId)?.name ?? last.taskName,
      time_end: Math.floor(last.endedAt ?? 0),
      time_start: Math.floor(last.startedAt),
    },
  ];
}

function transfer({ result, share }: DeviceShare): JsonObject {
  return {
    config_device_id: share.deviceId,
    device_name: share.deviceName,
    device_result_id: share.id,
    processed_bytes: 0,
    result_id: result.id,
    status: share.status,
    time_end: Math.floor(result.endedAt ?? 0),
    time_start: Math.floor(result.startedAt),
    transfered_bytes: share.transferredBytes,
  };
}

/** Groups results by hour and by `keyOf`; each group becomes a row. */
function perHour(
  results: readonly Result[],
  filter: JsonObject,
  keyOf: (result: Result) => number,
  rowOf: (key: number, group: readonly Result[]) => JsonObject,
): Json {
  const wanted = results.filter(({ endedAt }) => within(endedAt ?? 0, filter['time_start'], filter['time_end']));
  const groups = new Map<string, Result[]>();
  for (const result of wanted) {
    const key = `${String(Math.floor((result.endedAt ?? 0) / HOUR))}:${keyOf(result)}`;
    groups.set(key, [...(groups.get(key) ?? []), result]);
  }
  const rows = [...groups].map(([key, group]) => {
    const [hour, kind] = key.split(':').map(Number);
    return { ...rowOf(kind ?? 0, group), time_end: ((hour ?? 0) + 1) * HOUR, time_start: (hour ?? 0) * HOUR };
  });
  return { info_list: rows, total: rows.length };
}

const sum = (results: readonly Result[], of: (result: Result) => number): number =>
  results.reduce((total, result) => total + of(result), 0);

/** SYNO.ActiveBackup.Overview (docs/facts/dsm.md §2.1). */
export const OVERVIEW_METHODS: Methods = {
  list_activity: method('read', {}, ({ world }) => {
    const active = [...world.tasks.keys()].flatMap((id) => runOf(world, id) ?? []);
    const list = active.flatMap((run) => activity(world, run));
    return { activity_list: list, total: list.length };
  }),
  list_device_last_backup: method('read', {}, ({ world }) => {
    const shares = sharesByDevice(endedBackups(world));
    const list = [...world.devices.values()].flatMap((device) =>
      lastBackup(world, shares.get(device.id)?.at(-1)?.result, device),
    );
    return { device_list: list, total: list.length };
  }),
  list_device_transfer_size: method(
    'read',
    { time_start: { type: 'integer', required: true }, time_end: integer },
    ({ world, parameters }) => {
      const results = [...endedBackups(world), ...openBackups(world)].filter(({ endedAt, startedAt }) =>
        within(endedAt ?? startedAt, parameters.time_start, parameters.time_end),
      );
      const shares = sharesByDevice(results);
      const list = [...world.devices.values()].map((device) => ({
        device: deviceFields(world, device),
        transfer_list: (shares.get(device.id) ?? []).map(transfer),
      }));
      return { device_list: list, total: list.length };
    },
  ),
  list_result_status_summary: method('read', { filter: filterSpec }, ({ world, parameters }) =>
    perHour(
      endedBackups(world),
      parameters.filter ?? {},
      ({ status }) => status,
      (status, group) => ({ count: group.length, status }),
    ),
  ),
  list_type_transfer_size: method('read', { filter: filterSpec }, ({ world, parameters }) =>
    perHour(
      endedBackups(world),
      parameters.filter ?? {},
      ({ type }) => BACKUP_TYPE[type],
      (backupType, group) => {
        const bytes = sum(group, ({ transferredBytes }) => transferredBytes);
        const seconds = sum(group, ({ startedAt, endedAt }) => Math.floor((endedAt ?? startedAt) - startedAt));
        return { backup_type: backupType, elapsed_time: seconds, processed_bytes: bytes, transfered_bytes: bytes };
      },
    ),
  ),
};
