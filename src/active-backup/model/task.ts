import { BACKUP_TYPE, PLATFORM, codeToName, VERSION_STATUS } from '../codes';
import {
  objectOf,
  booleanOf,
  integerOf,
  objectsOf,
  textOf,
  timeOf,
  positiveIntegerOf,
  nonNegativeIntegerOf,
} from '../json-fields';
import type { Device, Retention, LaterJobs, Result, Task, TaskDeviceRow } from '../types';
import type { JsonObject } from '../../dsm/json';
import { latest } from '../known-values';
import { parseActivity, type ProgressContext } from './progress';
import { isBackup, parseResult } from './result';
import { parseTaskSchedule } from './schedule';

/** `agent_status` as seen on one NAS; any other value leaves the state unknown. */
const ONLINE: ReadonlyMap<string | undefined, boolean> = new Map([
  ['online', true],
  ['offline', false],
]);

/**
 * Parses a device of `devices[]`, `device_info` or `Device.list`. Its secrets (tokens, passwords) are not part of the
 * data model.
 * Source: API reference; `agent_status` from a NAS called with `load_status` (docs/facts/dsm.md §1.1).
 */
export function parseDevice(value: unknown): Device {
  const raw = objectOf(value);
  const typeCode = integerOf(raw['backup_type']);
  const platformCode = integerOf(raw['platform_type']);
  return {
    id: integerOf(raw['device_id']),
    uuid: textOf(raw['device_uuid']),
    name: textOf(raw['host_name']),
    type: codeToName(BACKUP_TYPE, typeCode),
    typeCode,
    platform: codeToName(PLATFORM, platformCode),
    platformCode,
    os: textOf(raw['os_name']),
    address: textOf(raw['host_ip']),
    online: ONLINE.get(textOf(raw['agent_status'])?.toLowerCase()) ?? null,
    agentCanBackup: booleanOf(raw['agent_can_backup']),
    loginUser: textOf(raw['login_user']),
    createdAt: timeOf(raw['create_time']),
    lastLoginAt: timeOf(raw['login_time']),
  };
}

/** The devices of `Device.list`. */
export function parseDevices(data: unknown): Device[] {
  return objectsOf(objectOf(data)['devices']).map(parseDevice);
}

type Rule = Exclude<keyof Retention, 'text' | 'keepAll'>;

/** Name in the data model, name in DSM and text of each rule, in the order of the text. */
const RULES = [
  { rule: 'keepDays', raw: 'keep_days', words: (n: number) => `all versions for ${counted(n, 'day')}` },
  { rule: 'keepVersions', raw: 'keep_versions', words: (n: number) => `the latest ${counted(n, 'version')}` },
  { rule: 'gfsDays', raw: 'gfs_days', words: (n: number) => `daily for ${counted(n, 'day')}` },
  { rule: 'gfsWeeks', raw: 'gfs_weeks', words: (n: number) => `weekly for ${counted(n, 'week')}` },
  { rule: 'gfsMonths', raw: 'gfs_months', words: (n: number) => `monthly for ${counted(n, 'month')}` },
  { rule: 'gfsYears', raw: 'gfs_years', words: (n: number) => `yearly for ${counted(n, 'year')}` },
] as const satisfies readonly { rule: Rule; raw: string; words: (n: number) => string }[];

/**
 * Parses `retention_policy`. DSM sends the `gfs_*` as strings in tasks and omits unused rules (docs/facts/dsm.md §3.5).
 */
export function parseRetention(value: unknown): Retention {
  const raw = objectOf(value);
  const used = RULES.map(({ rule, raw: name, words }) => ({ rule, words, amount: positiveIntegerOf(raw[name]) }));
  const keepAll = booleanOf(raw['keep_all']);
  const texts = used.flatMap(({ words, amount }) => (amount === null ? [] : [words(amount)]));
  const amountOf = (rule: Rule): number | null => used.find((each) => each.rule === rule)?.amount ?? null;
  return {
    text: keepAll === true ? 'all versions' : texts.join(', ') || null,
    keepAll,
    keepVersions: amountOf('keepVersions'),
    keepDays: amountOf('keepDays'),
    gfsDays: amountOf('gfsDays'),
    gfsWeeks: amountOf('gfsWeeks'),
    gfsMonths: amountOf('gfsMonths'),
    gfsYears: amountOf('gfsYears'),
  };
}

function counted(amount: number, unit: string): string {
  return `${amount} ${unit}${amount === 1 ? '' : 's'}`;
}

/** The tasks of `Task.list`. @param context for the speed of runs; null at the first poll */
export function parseTasks(data: unknown, context: ProgressContext | null): Task[] {
  return rawTasksOf(data).map((raw) => parseListedTask(raw, context));
}

/** One row of `Task.list`. @param context for the speed of a run; null at the first poll */
export function parseListedTask(raw: JsonObject, context: ProgressContext | null): Task {
  return parseTask(raw, context, objectsOf(raw['devices']));
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
 * The last jobs that are no backups, such as a deletion of old versions, by task id. The last backup of such a task is
 * only in `Log.list_result` (docs/facts/dsm.md §2.9).
 */
export function nonBackupLastJobs(data: unknown): LaterJobs {
  const jobs = new Map<number, Result>();
  for (const raw of rawTasksOf(data)) {
    const id = integerOf(raw['task_id']);
    const job = nonBackupLastJob(raw);
    if (id !== null && job !== null) jobs.set(id, job);
  }
  return jobs;
}

/** The last job of one row of `Task.list` if it is no backup, see {@link nonBackupLastJobs}; null otherwise. */
export function nonBackupLastJob(raw: JsonObject): Result | null {
  const isBackupLast = isBackup(integerOf(objectOf(raw['last_result'])['job_action']));
  return isBackupLast ? null : lastResultOf(raw);
}

function rawTasksOf(data: unknown): readonly JsonObject[] {
  return objectsOf(objectOf(data)['tasks']);
}

/**
 * Parses one task. `overdue` stays null, because it depends on the clock and on earlier responses.
 * @param leader `cms_info` of the response; `list` has none
 * Source: docs/facts/dsm.md §1.1, and a NAS of an older release called with every `load_` flag.
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
    failuresInRow: null,
    devicesFailed: null,
    expectedEndAt: null,
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

/** `last_result` is missing, null or empty before the first run (docs/facts/dsm.md §6.3). */
function lastResultOf(raw: JsonObject): Result | null {
  const result = parseResult(raw['last_result']);
  return result.id === null && result.statusCode === null ? null : result;
}

/**
 * End of the last result if it was a success, or of the newest complete version: a failed run leaves no complete
 * version.
 */
function lastSuccessOf(lastResult: Result | null, versions: unknown): string | null {
  const completed = objectsOf(versions).filter(
    (version) => codeToName(VERSION_STATUS, integerOf(version['status'])) === 'completed',
  );
  const ends = completed.map((version) => timeOf(version['time_end']));
  return latest([lastResult?.status === 'success' ? lastResult.endedAt : null, ...ends]);
}

/**
 * The task's own fields decide; `cms_info`, for the NAS as a whole, only when they are missing, so that `list` and
 * `list_with_device` agree. Releases before 3 have none of these fields: null. Source: docs/facts/dsm.md §1.1 and
 * §6.16.
 */
function managedOf(raw: JsonObject, leader: JsonObject): boolean | null {
  const inWorkload = typeof raw['workload_uuid'] === 'string' ? raw['workload_uuid'] !== '' : null;
  const flags = [inWorkload, booleanOf(raw['deactivate_by_plan'])].filter((flag) => flag !== null);
  return flags.length > 0 ? flags.includes(true) : booleanOf(leader['is_managed']);
}
