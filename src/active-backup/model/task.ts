import type { JsonObject } from '../../dsm/json';
import { BACKUP_TYPE, VERSION_STATUS, codeToName } from '../codes';
import { nonNegativeIntegerOf, objectOf, booleanOf, integerOf, objectsOf, textOf, timeOf } from '../json-fields';
import type { LaterJobs, Result, Task, TaskDeviceRow } from '../types';
import { latest } from './arithmetic';
import { parseDevice } from './device';
import { parseActivity, type ProgressContext } from './progress';
import { isBackup, parseResult } from './result';
import { parseRetention } from './retention';
import { parseTaskSchedule } from './schedule';

/** The tasks of `Task.list`. @param look for the speed of runs; null for a first look */
export function parseTasks(data: unknown, context: ProgressContext | null): Task[] {
  return rawTasksOf(data).map((raw) => parseTask(raw, context, objectsOf(raw['devices'])));
}

/** The rows of `Task.list_with_device`: one per task and device. */
export function parseTaskDeviceRows(data: unknown, context: ProgressContext | null): TaskDeviceRow[] {
  const leader = objectOf(objectOf(data)['cms_info']);
  return rawTasksOf(data).map((raw) => {
    const device = objectOf(raw['device_info']);
    const task = parseTask(raw, context, [device], leader);
    return { ...task, device: parseDevice(device) };
  });
}

/**
 * Tasks whose `last_result` is of another job than a backup, a deletion of old versions for example: their last backup is
 * in `Log.list_result` alone (DSM facts 2.9).
 * @returns that job by the id of the task
 */
export function nonBackupLastJobs(data: unknown): LaterJobs {
  const jobs = new Map<number, Result>();
  for (const raw of rawTasksOf(data)) {
    const id = integerOf(raw['task_id']);
    const result = lastResultOf(raw);
    if (id !== null && result !== null && !isBackup(result.actionCode)) jobs.set(id, result);
  }
  return jobs;
}

function rawTasksOf(data: unknown): readonly JsonObject[] {
  return objectsOf(objectOf(data)['tasks']);
}

/**
 * One task. `overdue` stays null: it takes the clock and earlier answers.
 * @param leader `cms_info` of the answer, which `list` does not have
 * Source: API reference, and a NAS of an older release called with every `load_` flag.
 */
function parseTask(
  raw: JsonObject,
  context: ProgressContext | null,
  devices: readonly JsonObject[],
  leader: JsonObject = {},
): Task {
  const typeCode = integerOf(raw['backup_type']);
  const result = lastResultOf(raw);
  const lastResult = result !== null && isBackup(result.actionCode) ? result : null;
  return {
    id: integerOf(raw['task_id']),
    uuid: textOf(raw['unikey']),
    name: textOf(raw['task_name']),
    type: codeToName(BACKUP_TYPE, typeCode),
    typeCode,
    ...parseActivity(raw, context),
    lastResult,
    lastSuccessAt: lastSuccessOf(lastResult, raw['versions']),
    nextRunAt: timeOf(raw['next_trigger_time']),
    overdue: null,
    manualAllowed: booleanOf(raw['allow_manual_backup']),
    schedule: parseTaskSchedule(raw, devices),
    retention: parseRetention(raw['retention_policy']),
    storageId: integerOf(raw['storage_id']),
    shareName: textOf(raw['share_name']),
    targetDir: textOf(raw['target_dir']),
    versionCount:
      nonNegativeIntegerOf(raw['version_count']) ?? (Array.isArray(raw['versions']) ? raw['versions'].length : null),
    managed: managedOf(raw, leader),
    devices: devices.map(parseDevice),
  };
}

/** Before the first run `last_result` is missing, null or empty (DSM facts 6.3). */
function lastResultOf(raw: JsonObject): Result | null {
  const result = parseResult(raw['last_result']);
  return result.id === null && result.statusCode === null ? null : result;
}

/** The end of the last result if it was a success, or of the newest good version. Failed runs leave no good version. */
function lastSuccessOf(lastResult: Result | null, versions: unknown): string | null {
  const good = objectsOf(versions).filter(
    (version) => codeToName(VERSION_STATUS, integerOf(version['status'])) === 'completed',
  );
  const ends = good.map((version) => timeOf(version['time_end']));
  return latest([lastResult?.status === 'success' ? lastResult.endedAt : null, ...ends]);
}

/**
 * The task's own marks decide; whether the NAS as a whole is managed (`cms_info`) only where there are none, so that
 * `list` and `list_with_device` say the same. Releases before 3 have none of them: null. DSM facts 1.1, 6.16.
 */
function managedOf(raw: JsonObject, leader: JsonObject): boolean | null {
  const inWorkload = typeof raw['workload_uuid'] === 'string' ? raw['workload_uuid'] !== '' : null;
  const marks = [inWorkload, booleanOf(raw['deactivate_by_plan'])].filter((mark) => mark !== null);
  return marks.length > 0 ? marks.includes(true) : booleanOf(leader['is_managed']);
}
