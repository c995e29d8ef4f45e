/**
 * Numbers of Active Backup and their names in this package. The reverse direction is derived by {@link nameToCode}.
 * Source: docs/facts/dsm.md §3; each docstring states the confidence.
 */

/** Number → name. Unlisted numbers are `unknown`; the data model always has the number as well. */
export type Codes = Readonly<Record<number, string>>;

/** The name of a number; `unknown` for an unlisted number and for null. */
export function codeToName<T extends Codes>(codes: T, code: number | null): T[keyof T] | 'unknown' {
  const name = code === null ? undefined : codes[code];
  // The type of the table's values, which a number as index cannot express.
  return (name ?? 'unknown') as T[keyof T] | 'unknown';
}

/** The number of a name, null when there is none. The smallest, if several numbers share the name. */
export function nameToCode(codes: Codes, word: string): number | null {
  const row = Object.entries(codes).find(([, candidate]) => candidate === word);
  return row === undefined ? null : Number(row[0]);
}

/** Whether a bit flag is set. Not `code & flag`, which is limited to 32 bits. */
export function hasFlag(code: number, flag: number): boolean {
  return code > 0 && Math.floor(code / flag) % 2 === 1;
}

/** `backup_type`: the kind of source of a task. Two or more sources. 0 (none) and -1 (all) are only used in filters. */
export const BACKUP_TYPE = Object.freeze({
  1: 'vm',
  2: 'pc',
  3: 'physical_server',
  4: 'file_server',
  5: 'nas',
} as const);

/**
 * `status` of a result. Two or more sources for 1–5, the vendor's own list for 0, one client for 6. Published tables
 * with other meanings confuse it with the last digit of a log type (1102 finished, 1104 failed …).
 * 1 means "still running" or "ended incomplete": the times decide, see `model/result.ts`.
 */
export const RESULT_STATUS = Object.freeze({
  0: 'none',
  1: 'incomplete',
  2: 'success',
  3: 'partial',
  4: 'failed',
  5: 'cancelled',
  6: 'no_backup',
} as const);

/**
 * `job_action` of a result: bit flags, one of them in every response seen. Two sources; one for `verify` and `compact`.
 */
export const JOB_ACTION = Object.freeze({
  1: 'backup',
  128: 'restore',
  256: 'migrate',
  512: 'verify',
  1024: 'restore_file',
  2048: 'restore_physical',
  65536: 'delete_target',
  131072: 'delete_version',
  262144: 'delete_inventory',
  1048576: 'dedup',
  2097152: 'relink',
  4194304: 'compact',
  268435456: 'create_task',
} as const);

/** `progress.running_task_status`: the vendor's own list; 1 also seen by a client that shows running backups. */
export const RUNNING_TASK_STATUS = Object.freeze({ 0: 'queued', 1: 'running', 2: 'pausing', 3: 'cancelling' } as const);

/** `platform_type` of a device. The vendor's own list; 1 seen with Windows on two NASes. */
export const PLATFORM = Object.freeze({ 0: 'none', 1: 'windows', 2: 'linux', 3: 'macos', 4: 'dsm' } as const);

/** `source_type` of a task. The vendor's own list, confirmed by three samples. */
export const SOURCE_TYPE = Object.freeze({
  0: 'none',
  1: 'entire_device',
  2: 'system_volume',
  3: 'custom_volume',
} as const);

/** `log_level`. Two sources for 0–2, the vendor's own list for 3. */
export const LOG_LEVEL = Object.freeze({ 0: 'error', 1: 'warning', 2: 'information', 3: 'debug' } as const);

/** `status` of a version. The vendor's own list; only `completed` (3) is confirmed by others, 4–7 are contradicted. */
export const VERSION_STATUS = Object.freeze({
  0: 'backing_up',
  1: 'deleting',
  2: 'paused',
  3: 'completed',
  4: 'failed',
  5: 'partial',
  6: 'cancelled',
  7: 'delete_failed',
  8: 'cloning',
  777: 'waiting_connection',
} as const);

/** `fs_type` of a storage. Two sources. */
export const FS_TYPE = Object.freeze({ 3: 'btrfs' } as const);

/** `storage_compress_algorithm`. The vendor's own list; 0 seen. */
export const STORAGE_COMPRESSION = Object.freeze({ 0: 'none', 1: 'lz4', 255: 'not_set' } as const);

/** `storage_encrypt_algorithm`. The vendor's own list; 0 seen. */
export const STORAGE_ENCRYPTION = Object.freeze({ 0: 'none', 1: 'x25519', 255: 'not_set' } as const);

/** `relink_state.state`. 0 was seen on storages without a relink; no other number is known. */
export const RELINK_STATE = Object.freeze({ 0: 'idle' } as const);

/** Names of a {@link BACKUP_TYPE}, for filters and forms. */
export const TASK_TYPES = [...Object.values(BACKUP_TYPE), 'unknown'] as const;
export type TaskType = (typeof TASK_TYPES)[number];

/** Current state of a task; `idle` means that there is no {@link RUNNING_TASK_STATUS}. */
export const TASK_STATES = ['idle', ...Object.values(RUNNING_TASK_STATUS), 'unknown'] as const;
export type TaskState = (typeof TASK_STATES)[number];

/** State of a run: {@link RESULT_STATUS} with `incomplete` resolved to `running` or `failed`. */
export const RESULT_STATUSES = [
  'success',
  'partial',
  'failed',
  'cancelled',
  'no_backup',
  'running',
  'none',
  'unknown',
] as const;
export type ResultStatus = (typeof RESULT_STATUSES)[number];

/** The {@link RESULT_STATUSES} of a finished backup. */
export const FINISHED_STATUSES = RESULT_STATUSES.filter((status) => status !== 'running');

/** Kind of a job. */
export type JobAction = (typeof JOB_ACTION)[keyof typeof JOB_ACTION] | 'unknown';

/** Names of a {@link PLATFORM}, the real operating systems first. */
export const PLATFORMS = ['windows', 'linux', 'macos', 'dsm', 'none', 'unknown'] as const satisfies readonly Platform[];

/** Operating system of a device. */
export type Platform = (typeof PLATFORM)[keyof typeof PLATFORM] | 'unknown';
