import type { Json, JsonObject } from '../../../src/dsm/json';
import { runOf } from '../runs';
import { BACKUP_TYPE, devicesOf } from '../world';
import type { Task, World } from '../world';
import { taskDeviceFields, deviceFields } from './device';
import { lastResultFields, progressFields, versionFields } from './result';

/** The load flags of `Task.list` (docs/facts/dsm.md §1.1). */
export interface TaskFlags {
  readonly load_status?: boolean;
  readonly load_result?: boolean;
  readonly load_versions?: boolean;
  readonly load_verify_status?: boolean;
}

/** DSM's `source_type` (docs/facts/dsm.md §3.4). A task with selected volumes, or that never runs because none is selected, is custom. */
const SOURCE = { systemVolume: 2, customVolume: 3 } as const;

function customVolume(task: Task): Json {
  return task.plan.outcome === 'never_runs' ? null : task.customVolumes;
}

/** Captured fields that `Task.list` and `Task.list_with_device` share. */
function commonFields(task: Task): JsonObject {
  const isCustom = task.customVolumes.length > 0 || task.plan.outcome === 'never_runs';
  return {
    agentless_backup_path: task.type === 'file_server' ? '/drawings' : '',
    agentless_backup_policy: 0,
    agentless_enable_block_transfer: false,
    agentless_enable_dedup: false,
    agentless_enable_windows_vss: false,
    backup_cache_content: { cached_enabled: false },
    backup_external: true,
    backup_type: BACKUP_TYPE[task.type],
    bandwidth: 0,
    bandwidth_content: { backup_bandwidth_base: 0, backup_bandwidth_number: 0, enable: false },
    cbt_enable_mode: 1,
    connection_timeout: 0,
    custom_volume: customVolume(task),
    custom_volume_alias: null,
    datastore_reserved_percentage: task.type === 'vm' ? 5 : 0,
    deactivate_by_plan: false,
    dedup_api_restore: false,
    dedup_path: '',
    enable_app_aware_bkp: false,
    enable_compress_transfer: true,
    enable_datastore_aware: false,
    enable_dedup: true,
    enable_encrypt_transfer: true,
    enable_notify: false,
    enable_shutdown_after_complete: false,
    enable_verification: false,
    enable_wake_up: false,
    enable_windows_working_state: false,
    max_concurrent_devices: task.maxConcurrentDevices,
    pre_post_script_setting: { post_script_path: '', pre_script_path: '', script_exec_mode: 0 },
    repo_dir: '@ActiveBackup',
    retention_policy: { ...task.retention },
    sched_content: schedContent(task),
    sched_id: 0,
    sched_modify_time: task.scheduleModifiedAt,
    sched_uuid: '',
    share_name: task.shareName,
    source_type: isCustom ? SOURCE.customVolume : SOURCE.systemVolume,
    src_target_dir: '',
    storage_id: task.storageId,
    target_dir: task.targetDir,
    task_id: task.id,
    task_name: task.name,
    unikey: task.uuid,
    verification_policy: 120,
    view_type: task.type === 'vm' ? 'vim.VirtualMachine-Folder' : '',
    workload_uuid: task.workloadUuid,
  };
}

function schedContent(task: Task): JsonObject {
  return {
    ...task.schedule,
    is_continuous_paused: false,
    repeat_type: 'Weekly',
    start_day: 0,
    start_month: 0,
    start_year: 0,
  };
}

function lastResult(world: World, task: Task): JsonObject {
  const result = task.lastResultId === null ? undefined : world.results.get(task.lastResultId);
  return result === undefined ? {} : { last_result: lastResultFields(result) };
}

function progress(world: World, task: Task): JsonObject {
  const run = runOf(world, task.id);
  return run === undefined ? {} : { progress: progressFields(run, world.simulatedUntil) };
}

function versions(world: World, task: Task, verify: boolean): JsonObject {
  const descending = [...(world.versions.get(task.id) ?? [])].reverse();
  return {
    last_version_id: descending[0]?.id ?? 0,
    version_count: descending.length,
    versions: descending.map((version) => ({
      ...versionFields(version, world.utcOffsetSeconds),
      ...(verify ? { verify_status: 6 } : {}),
    })),
  };
}

/** A task in `Task.list`. */
export function taskFields(world: World, task: Task, flags: TaskFlags): JsonObject {
  const devices = devicesOf(world, task);
  return {
    ...commonFields(task),
    allow_manual_backup: task.manualAllowed,
    device_count: devices.length,
    devices: devices.map((device) => taskDeviceFields(world, device, flags.load_status === true)),
    next_trigger_time: task.nextTriggerAt ?? -1,
    share_compressed: false,
    storage_compress_algorithm: 0,
    storage_encrypt_algorithm: 0,
    vm_folder: task.type === 'vm' ? '/Datacenter/vm' : null,
    ...(flags.load_status === true ? { target_status: 'online' } : {}),
    ...(flags.load_result === true ? { ...lastResult(world, task), ...progress(world, task) } : {}),
    ...(flags.load_versions === true ? versions(world, task, flags.load_verify_status === true) : {}),
    ...task.fields,
  };
}

/** Rows of `Task.list_with_device`, one for each device of a task; `last_result` is always present. */
export function taskDeviceRows(world: World, task: Task): JsonObject[] {
  return devicesOf(world, task).map((device) => ({
    ...commonFields(task),
    device_info: deviceFields(world, device),
    ...lastResult(world, task),
    ...progress(world, task),
    unique_id: `${task.id}-${device.id}`,
    ...task.fields,
  }));
}
