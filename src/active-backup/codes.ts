/**
 * The numbers of Active Backup and the words this package has for them. Every table is the one place of its kind: words →
 * numbers is derived ({@link nameToCode}), never kept by hand. Source of all: DSM facts 3; each docstring says how sure it is.
 */

/** Number → word. Numbers that are not listed are `unknown`; the raw number always stays beside the word. */
export type Codes = Readonly<Record<number, string>>;

/** The word for a number; `unknown` for a number no table knows, and for none at all. */
export function codeToName<T extends Codes>(codes: T, code: number | null): T[keyof T] | 'unknown' {
  const word = code === null ? undefined : codes[code];
  return (word ?? 'unknown') as T[keyof T] | 'unknown';
}

/** The number of a word, null when the table has no such word. Where two numbers share a word, the smaller one. */
export function nameToCode(codes: Codes, word: string): number | null {
  const row = Object.entries(codes).find(([, candidate]) => candidate === word);
  return row === undefined ? null : Number(row[0]);
}

/** Whether a bit flag is set. Not `code & flag`: that forgets everything above 32 bits. */
export function hasFlag(code: number, flag: number): boolean {
  return code > 0 && Math.floor(code / flag) % 2 === 1;
}

/** `backup_type`: what a task protects. Two or more sources. 0 (none) and -1 (all) are filters, no types of a task. */
export const BACKUP_TYPE = Object.freeze({
  1: 'vm',
  2: 'pc',
  3: 'physical_server',
  4: 'file_server',
  5: 'nas',
} as const);

/**
 * `status` of a result. Two or more sources for 1–5, the vendor's own list for 0, one client for 6. Tables in circulation
 * with other meanings mix it with the last digit of a log type (1102 finished, 1104 failed …) and are wrong.
 * 1 is both "still running" and "ended incomplete": the times decide, see `model/result.ts`.
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

/** `job_action` of a result: bit flags, one of them set in every answer seen. Two sources; `verify`, `compact` one. */
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

/** `source_type` of a task. The vendor's own list, and three samples agree with it. */
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

/** `relink_state.state`. 0 was seen on stores where nothing happened; no other number is known to anybody. */
export const RELINK_STATE = Object.freeze({ 0: 'idle' } as const);

/** Words of a {@link BACKUP_TYPE}, for filters and forms. */
export const TASK_TYPES = [...Object.values(BACKUP_TYPE), 'unknown'] as const;
export type TaskType = (typeof TASK_TYPES)[number];

/** What a task does now; `idle` is the absence of a {@link RUNNING_TASK_STATUS}. */
export const TASK_STATES = ['idle', ...Object.values(RUNNING_TASK_STATUS), 'unknown'] as const;
export type TaskState = (typeof TASK_STATES)[number];

/** How a run ended, or that it has not; {@link RESULT_STATUS} with its `incomplete` decided. */
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

/** What a job did. */
export type JobAction = (typeof JOB_ACTION)[keyof typeof JOB_ACTION] | 'unknown';

/** What a device runs. */
export type Platform = (typeof PLATFORM)[keyof typeof PLATFORM] | 'unknown';
