import type { JsonObject } from '../../src/dsm/json';
import { devicesOf, hasAgent, JOB_ACTION, nextId } from './world';
import type { Device, DeviceOutcome, Outcome, Result, ResultDetail, Task, Version, World } from './world';

const LEVEL = { error: 0, warning: 1, information: 2 } as const;

/** Traces of a finished run. Numbers: docs/facts/dsm.md §3.1, §3.4, §3.7. */
interface Ending {
  readonly status: number;
  /** Share of the planned duration and bytes. */
  readonly share: number;
  readonly logType: number;
  readonly level: number;
  /** Status of the version it makes; null: none. */
  readonly version: number | null;
}

export const ENDINGS = {
  success: { status: 2, share: 1, logType: 1102, level: LEVEL.information, version: 3 },
  partial: { status: 3, share: 1, logType: 1108, level: LEVEL.warning, version: 5 },
  failed: { status: 4, share: 0.3, logType: 1104, level: LEVEL.error, version: null },
  cancelled: { status: 5, share: 0.5, logType: 1103, level: LEVEL.warning, version: null },
  no_backup: { status: 6, share: 0, logType: 1124, level: LEVEL.warning, version: null },
  incomplete: { status: 1, share: 0.7, logType: 1138, level: LEVEL.error, version: null },
} as const satisfies Record<Exclude<Outcome, 'never_runs'>, Ending>;

/** Log types of the start of a job, by `job_action`. */
const STARTED: Readonly<Record<number, number>> = {
  [JOB_ACTION.backup]: 1101,
  [JOB_ACTION.restoreDevice]: 1201,
  [JOB_ACTION.restoreFile]: 1201,
  [JOB_ACTION.restorePhysical]: 1201,
  [JOB_ACTION.verify]: 1706,
  [JOB_ACTION.deleteVersion]: 1302,
};
/** A device that failed beside others: a virtual machine has a log type of its own. */
const DEVICE_FAILED = { vm: 3019, other: 1104 } as const;
const PATH_NOT_SAVED = 6002;
const DEVICE_OFFLINE = 5006;
const SPEED = { agent: 1111, other: 1110 } as const;
const VERSION_DELETED = 1303;
const NO_PERMISSION_ON_SOURCE = -65;

/** Adds a row to the log of the package. */
export function addLog(
  world: World,
  at: number,
  row: { type: number; level?: number; task?: Task; device?: Device; resultId?: number; userName?: string },
): void {
  const { task } = row;
  const device = row.device ?? (task === undefined ? undefined : devicesOf(world, task)[0]);
  world.logs.push({
    id: nextId(world, 'log'),
    level: row.level ?? LEVEL.information,
    at,
    type: row.type,
    resultId: row.resultId ?? 0,
    task: task === undefined ? null : { id: task.id, name: task.name, type: task.type },
    device: device === undefined ? null : { id: device.id, hostName: device.hostName },
    userName: row.userName ?? '',
  });
}

/** Adds a row to the details of a result. */
export function addDetail(
  world: World,
  result: Result,
  row: { at: number; type: number; level: number; other: JsonObject },
): void {
  const detail: ResultDetail = { id: nextId(world, 'detail'), resultId: result.id, ...row };
  const details = world.details.get(result.id);
  if (details === undefined) world.details.set(result.id, [detail]);
  else details.push(detail);
}

/** Records the start of a run: it gets its id and an open entry in the history. */
export function recordStart(world: World, task: Task, at: number, startedBy: string, jobAction: number): Result {
  const result: Result = {
    id: nextId(world, 'result'),
    taskId: task.id,
    taskName: task.name,
    type: task.type,
    jobAction,
    status: ENDINGS.incomplete.status,
    startedAt: at,
    endedAt: null,
    transferredBytes: 0,
    successCount: 0,
    warningCount: 0,
    errorCount: 0,
    activityUuid: world.random.uuid(),
    devices: [],
  };
  world.results.set(result.id, result);
  if (world.showsOpenDeviceResults) result.devices = deviceResults(world, task, result, NONE);
  const type = STARTED[jobAction] ?? 1101;
  addDetail(world, result, { at, type, level: LEVEL.information, other: { task_id: task.id, task_name: task.name } });
  addLog(world, at, { type, task, resultId: result.id, userName: startedBy });
  return result;
}

const NONE: ReadonlySet<number> = new Set();

/** Outcome and bytes of each device of a run; a device that was offline fails by itself. */
function deviceResults(world: World, task: Task, result: Result, missing: ReadonlySet<number>): Result['devices'] {
  const devices = devicesOf(world, task);
  const open = new Map(result.devices.map(({ deviceId, id }) => [deviceId, id]));
  return devices.map((device, index) => {
    const isMissing = missing.has(device.id);
    const own = isMissing ? ENDINGS.failed.status : plannedStatus(task, device, result);
    const spared = result.status === ENDINGS.partial.status && index < devices.length - 1;
    const isLost = isMissing || (task.devicePlans.size > 0 && own === ENDINGS.failed.status);
    return {
      id: open.get(device.id) ?? nextId(world, 'deviceResult'),
      deviceId: device.id,
      deviceName: device.hostName,
      status: own ?? (spared ? ENDINGS.success.status : result.status),
      transferredBytes: isLost ? 0 : Math.floor(result.transferredBytes / devices.length),
    };
  });
}

/** Results of a run in which devices may differ. A run that was cancelled or cut off is so for all devices. */
const DIFFERING: ReadonlySet<number> = new Set([ENDINGS.success.status, ENDINGS.partial.status, ENDINGS.failed.status]);

/** The status that `devicePlans` give a device of a backup; null when they say nothing about this run. */
function plannedStatus(task: Task, device: Device, { status, jobAction }: Result): number | null {
  if (task.devicePlans.size === 0 || jobAction !== JOB_ACTION.backup || !DIFFERING.has(status)) return null;
  return ENDINGS[task.devicePlans.get(device.id)?.outcome ?? 'success'].status;
}

/**
 * The outcome of a run whose devices have plans of their own: partial as soon as two of them differ. A planned outcome other than
 * success wins, so that a test can have DSM report a task as failed of which one device failed.
 */
function outcomeOf(world: World, task: Task, planned: keyof typeof ENDINGS, missing: ReadonlySet<number>) {
  if (task.devicePlans.size === 0 || !(planned === 'success' || (planned === 'partial' && missing.size > 0))) {
    return planned;
  }
  const outcomes = devicesOf(world, task).map(({ id }): DeviceOutcome =>
    missing.has(id) ? 'failed' : (task.devicePlans.get(id)?.outcome ?? 'success'),
  );
  const [first] = outcomes;
  return first !== undefined && outcomes.every((outcome) => outcome === first) ? first : 'partial';
}

/** Records the end of a run: result, details, log, version and its space. */
export function recordEnd(
  world: World,
  task: Task,
  result: Result,
  end: { outcome: keyof typeof ENDINGS; at: number; bytes: number; missing?: ReadonlySet<number> },
): void {
  const missing = end.missing ?? NONE;
  const outcome = outcomeOf(world, task, end.outcome, missing);
  const ending: Ending = ENDINGS[outcome];
  result.status = ending.status;
  result.endedAt = end.at;
  result.transferredBytes = end.bytes;
  result.devices = deviceResults(world, task, result, missing);
  const lost = outcome === 'partial' || outcome === 'failed' ? task.plan.paths : [];
  countItems(result, task, lost.length);
  for (const { deviceName } of result.devices.filter(({ deviceId }) => missing.has(deviceId))) {
    const other = { device_name: deviceName, task_id: task.id };
    addDetail(world, result, { at: end.at, type: DEVICE_OFFLINE, level: LEVEL.error, other });
  }
  addDeviceDetails(world, task, result, missing);
  addEndDetails(world, task, result, ending, lost);
  addLog(world, end.at, { type: ending.logType, level: ending.level, task, resultId: result.id });
  if (ending.version !== null) addVersion(world, task, result, ending.version);
  task.lastResultId = result.id;
}

/** A row for each device that failed by its own plan, with its name. */
function addDeviceDetails(world: World, task: Task, result: Result, missing: ReadonlySet<number>): void {
  for (const { deviceId, deviceName, status } of result.devices) {
    const plan = task.devicePlans.get(deviceId);
    if (plan === undefined || missing.has(deviceId) || status === ENDINGS.success.status) continue;
    const at = result.endedAt ?? result.startedAt;
    const type = task.type === 'vm' ? DEVICE_FAILED.vm : DEVICE_FAILED.other;
    const other = {
      device_name: deviceName,
      error_code: plan.error,
      os_name: world.devices.get(deviceId)?.osName ?? '',
      task_id: task.id,
    };
    addDetail(world, result, { at, type, level: ENDINGS[plan.outcome].level, other });
  }
}

/** Agents leave all counts at 0 (docs/facts/dsm.md §6.9) unless devices differ; other types count devices and items. */
function countItems(result: Result, task: Task, lostPaths: number): void {
  if (hasAgent(task.type) && task.devicePlans.size === 0) return;
  result.successCount = result.devices.filter(({ status }) => status === ENDINGS.success.status).length;
  result.errorCount = result.devices.filter(({ status }) => status === ENDINGS.failed.status).length;
  result.warningCount = result.status === ENDINGS.partial.status ? lostPaths : 0;
}

function addEndDetails(world: World, task: Task, result: Result, ending: Ending, lost: readonly string[]): void {
  const at = result.endedAt ?? result.startedAt;
  const osName = devicesOf(world, task)[0]?.osName ?? '';
  for (const path of lost) {
    const other = { fs_error: NO_PERMISSION_ON_SOURCE, os_name: osName, path, task_id: task.id };
    addDetail(world, result, { at, type: PATH_NOT_SAVED, level: ending.level, other });
  }
  if (ending.version !== null) {
    const perSecond = result.transferredBytes / Math.max(1, at - result.startedAt);
    const other = { speed: `${(perSecond / 1e6).toFixed(1)} MB/s`, task_id: task.id };
    const type = hasAgent(task.type) ? SPEED.agent : SPEED.other;
    addDetail(world, result, { at, type, level: LEVEL.information, other });
  }
  const other = { os_name: osName, path: '', task_id: task.id, task_name: task.name };
  addDetail(world, result, { at, type: ending.logType, level: ending.level, other });
}

/** Share of the transferred bytes that remains after deduplication. */
const KEPT_SHARE = 0.15;

function addVersion(world: World, task: Task, result: Result, status: number): void {
  const keptBytes = Math.floor(result.transferredBytes * KEPT_SHARE);
  const version = {
    id: nextId(world, 'version'),
    uuid: world.random.uuid(),
    taskId: task.id,
    status,
    startedAt: result.startedAt,
    endedAt: result.endedAt ?? result.startedAt,
    keptBytes,
    locked: false,
  };
  const versions = world.versions.get(task.id);
  if (versions === undefined) world.versions.set(task.id, [version]);
  else versions.push(version);
  takeSpace(world, task, keptBytes);
}

/** Changes the used space of the storage and its volume. */
function takeSpace(world: World, task: Task, bytes: number): void {
  const storage = world.storages.find(({ id }) => id === task.storageId);
  if (storage === undefined) return;
  storage.dedupBytes += bytes;
  const volume = world.volumes.find(({ path }) => path === storage.volumePath);
  if (volume !== undefined) volume.usedBytes = Math.min(volume.totalBytes, volume.usedBytes + bytes);
}

/** Removes versions and frees their space. */
export function dropVersions(world: World, task: Task, isDropped: (version: Version) => boolean): void {
  const versions = world.versions.get(task.id) ?? [];
  for (const { keptBytes } of versions.filter(isDropped)) takeSpace(world, task, -keptBytes);
  world.versions.set(
    task.id,
    versions.filter((version) => !isDropped(version)),
  );
}

const DELETION_SECONDS = 20;

/**
 * Deletes versions: a job of its own, whose result replaces the backup's in `last_result`.
 * @param at when the job ends, epoch seconds
 */
export function deleteVersions(world: World, task: Task, ids: ReadonlySet<number>, at: number, userName = ''): void {
  const result = recordStart(world, task, at - DELETION_SECONDS, userName, JOB_ACTION.deleteVersion);
  dropVersions(world, task, ({ id }) => ids.has(id));
  result.status = ENDINGS.success.status;
  result.endedAt = at;
  result.successCount = ids.size;
  result.devices = deviceResults(world, task, result, NONE);
  addLog(world, at, { type: VERSION_DELETED, task, resultId: result.id });
  task.lastResultId = result.id;
}

/** Versions that retention deletes: the oldest beyond `keep_versions`, except locked ones. */
export function surplusVersions(world: World, task: Task): Set<number> {
  if (task.retention.keep_all) return new Set();
  const versions = world.versions.get(task.id) ?? [];
  const surplus = versions.slice(0, Math.max(0, versions.length - task.retention.keep_versions));
  return new Set(surplus.filter(({ locked }) => !locked).map(({ id }) => id));
}
