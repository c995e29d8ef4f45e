import { isJsonObject, type Json, type JsonObject } from '../dsm/json';

/**
 * Names of DSM's fields in the answers of Active Backup, as two NASes sent them and as this package reads them
 * (docs/facts/dsm.md §2). Any other key may be a name that a person gave, so it is never shown.
 */
const KNOWN_FIELDS: ReadonlySet<string> = new Set(
  `
  activated activity_uuid agent_can_backup agent_driver_status agent_status agent_token agentless_auth_policy
  agentless_backup_path agentless_backup_policy agentless_count agentless_enable_block_transfer
  agentless_enable_dedup agentless_enable_windows_vss agentless_size alive allow_manual_backup auto_discovery
  automount_iv automount_location backup_bandwidth_base backup_bandwidth_number backup_cache_content backup_external
  backup_tasks backup_type backup_window bandwidth bandwidth_content cached_enabled cbt_enable_mode cms_info
  compacting compacting_percentage compressed_size config_device_id connection_timeout count create_time
  crypto_key_id custom_volume data data_format datastore_reserved_percentage deactivate_by_plan dedup_api_restore
  dedup_path dedup_size default_share delete_tasks delete_versions detail_path device device_count device_id
  device_info device_list device_name device_result_id device_uuid devices driver_status dsm_count dsm_model dsm_size
  dsm_unique enable enable_app_aware_bkp enable_backup_window enable_compress_transfer enable_datastore_aware
  enable_dedup enable_encrypt_transfer enable_notify enable_shutdown_after_complete enable_verification
  enable_wake_up enable_windows_working_state error_code error_count folder_name free_space fs_error fs_name fs_type
  gfs_days gfs_months gfs_weeks gfs_years has_devices has_dsm_agent has_hyperv_inventories has_linux_agent
  has_mac_agent has_vmware_inventories has_windows_agent host_ip host_name host_port hypervisor_id inventory_id
  is_continuous_paused is_managed is_snapshot job_action keep_all keep_versions last_result last_version_id locked
  log_level log_type login_password login_time login_user login_user_id max_concurrent_devices mounted
  next_trigger_time none_count not_support_new_vesion os_name other_params owner pc_count pc_size platform_type
  post_script_path pre_post_script_setting pre_script_path processed_bytes relink_state repeat_hour repeat_type
  repo_dir result_detail_list result_id results retention_policy run_hour run_min run_weekday running_task_status
  sched_content sched_id sched_modify_time schedule_setting_type script_exec_mode serial_number server_count
  server_size share_compressed share_name source_type start_day start_month start_year state status storage_automount
  storage_compress_algorithm storage_encrypt_algorithm storage_id storage_mounted storages success success_count
  target_dir target_status task_config task_id task_name tasks time_end time_start time_zone total total_bytes
  transfer_list transfered_bytes unikey used_bytes used_size verification_policy version_count version_id
  version_string versions view_type vm_count vm_folder vm_moid_path vm_size vol_name volume_no_space volume_path
  warning_count workload_uuid
`
    .trim()
    .split(/\s+/),
);

/** The structure of an answer: names and types of its fields, never a value. */
export type Shape = string | { readonly [field: string]: Shape };

/** How deep a shape goes; DSM's answers have up to eight levels. */
const MAX_DEPTH = 10;

/**
 * The structure of an answer of Active Backup, to find out what another release of it sends. A list is `[n]` with the fields of
 * all its rows; fields that this package does not know are counted, since a key may be a name.
 */
export function answerShape(value: Json, depth = 0): Shape {
  return shapeOf([value], depth);
}

/** The common structure of several values. */
function shapeOf(values: readonly Json[], depth: number): Shape {
  const kinds = [...new Set(values.map(kindOf))].sort();
  const [only] = kinds;
  if (depth >= MAX_DEPTH || kinds.length !== 1) return kinds.join(' | ');
  if (only === 'list') return listShape(values, depth);
  return only === 'object' ? objectShape(values.filter(isJsonObject), depth) : (only ?? 'none');
}

function kindOf(value: Json): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'list' : typeof value;
}

function listShape(values: readonly Json[], depth: number): Shape {
  const rows = values.flatMap((value) => (Array.isArray(value) ? value : []));
  return rows.length === 0 ? 'empty list' : { [`list of ${rows.length}`]: shapeOf(rows, depth + 1) };
}

function objectShape(objects: readonly JsonObject[], depth: number): Shape {
  const fields = [...new Set(objects.flatMap((object) => Object.keys(object)))].sort();
  const known = fields.filter((field) => KNOWN_FIELDS.has(field));
  const others = fields.length - known.length;
  return {
    ...Object.fromEntries(
      known.map((field) => {
        const values = objects.flatMap((object) => (field in object ? [object[field] ?? null] : []));
        const name = values.length < objects.length ? `${field}?` : field;
        return [name, shapeOf(values, depth + 1)] as const;
      }),
    ),
    ...(others > 0 && { 'other fields': String(others) }),
  };
}
