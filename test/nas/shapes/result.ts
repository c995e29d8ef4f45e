import type { JsonObject } from '../../../src/dsm/json';
import { doneShare } from '../runs';
import { BACKUP_TYPE } from '../world';
import type { Result, ResultDetail, Run, Version } from '../world';

/** A result in `Log.list_result`: without bytes, which only `last_result` has. */
export function resultFields(result: Result): JsonObject {
  return {
    activity_uuid: result.activityUuid,
    backup_type: BACKUP_TYPE[result.type],
    detail_path: '',
    error_count: result.errorCount,
    job_action: result.jobAction,
    none_count: 0,
    result_id: result.id,
    status: result.status,
    success_count: result.successCount,
    task_config: {
      device_list: result.devices.map(({ deviceId, deviceName }) => ({ device_id: deviceId, host_name: deviceName })),
    },
    task_id: result.taskId,
    task_name: result.taskName,
    time_end: result.endedAt === null ? 0 : Math.floor(result.endedAt),
    time_start: Math.floor(result.startedAt),
    warning_count: result.warningCount,
  };
}

/** A result in a task's `last_result`. */
export function lastResultFields(result: Result): JsonObject {
  return { ...resultFields(result), transfered_bytes: result.transferredBytes };
}

/** A row of `Log.list_result_detail`; `error_code` is 0 even for errors (docs/facts/dsm.md §2.2). */
export function detailFields(detail: ResultDetail): JsonObject {
  return {
    error_code: 0,
    log_level: detail.level,
    log_time: Math.floor(detail.at),
    log_type: detail.type,
    other_params: detail.other,
    result_detail_id: detail.id,
    result_id: detail.resultId,
  };
}

const RUNNING_TASK_STATUS = { waiting: 0, running: 1, cancelling: 3 } as const satisfies Record<Run['state'], number>;

/** `progress` of a running or waiting task (docs/facts/dsm.md §2.9). @param at epoch seconds */
export function progressFields(run: Run, at: number): JsonObject {
  const done = doneShare(run, at);
  const waits = run.state === 'waiting';
  return {
    percentage: Math.round(done * 10_000) / 10_000,
    pid: waits ? 0 : run.pid,
    running_task_status: RUNNING_TASK_STATUS[run.state],
    total_bytes: waits ? 0 : run.totalBytes,
    transfered_bytes: Math.floor(done * run.totalBytes),
  };
}

const pad = (value: number): string => String(value).padStart(2, '0');

/** `ActiveBackup_2025-03-14_105745`, in wall time of the NAS. */
function folderName(at: number, utcOffsetSeconds: number): string {
  const wall = new Date((at + utcOffsetSeconds) * 1000);
  const day = [wall.getUTCFullYear(), pad(wall.getUTCMonth() + 1), pad(wall.getUTCDate())].join('-');
  return `ActiveBackup_${day}_${[wall.getUTCHours(), wall.getUTCMinutes(), wall.getUTCSeconds()].map(pad).join('')}`;
}

/** A version with `load_versions`. `used_size` is 0 in a deduplicated storage (docs/facts/dsm.md §2.3). */
export function versionFields(version: Version, utcOffsetSeconds: number): JsonObject {
  return {
    crypto_key_id: 0,
    data_format: 1,
    folder_name: folderName(version.startedAt, utcOffsetSeconds),
    is_snapshot: true,
    locked: version.locked,
    status: version.status,
    time_end: Math.floor(version.endedAt),
    time_start: Math.floor(version.startedAt),
    used_size: 0,
    version_id: version.id,
  };
}
