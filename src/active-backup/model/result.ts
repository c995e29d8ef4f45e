import { hasFlag, JOB_ACTION, RESULT_STATUS, codeToName, type JobAction, type ResultStatus, LOG_LEVEL } from '../codes';
import { nonNegativeIntegerOf, epochSecondsOf, objectOf, integerOf, objectsOf, textOf, timeOf } from '../json-fields';
import type { Result } from '../types';
import type { JsonObject } from '../../dsm/json';
import { LOG_TYPE, RESULT_ERROR } from '../log-types';

const BACKUP_FLAG = 1;
const VERIFICATION_FLAG = 512;
/** Of a device, of files, of a physical device. */
const RESTORE_FLAGS = [128, 1024, 2048] as const;
const JOB_FLAGS = Object.keys(JOB_ACTION).map(Number);

/** A result, as `last_result` of a task and `Log.list_result` contain it. */
export function parseResult(value: unknown): Result {
  const raw = objectOf(value);
  const actionCode = integerOf(raw['job_action']);
  return {
    id: integerOf(raw['result_id']),
    taskId: integerOf(raw['task_id']),
    taskName: textOf(raw['task_name']),
    action: actionOf(actionCode),
    actionCode,
    ...parseOutcome(raw),
    successCount: nonNegativeIntegerOf(raw['success_count']),
    warningCount: nonNegativeIntegerOf(raw['warning_count']),
    errorCount: nonNegativeIntegerOf(raw['error_count']),
    reason: null,
    devices: null,
  };
}

/**
 * How and when a run ended, of a task or of one of its devices.
 * | Status 1 means "still running" or the vendor's "incomplete" (docs/facts/dsm.md §3.1): without an end after the
 * start it is `running`, otherwise `failed`, because such a backup is not reliable; `statusCode` stays 1.
 */
export function parseOutcome(
  raw: JsonObject,
): Pick<Result, 'status' | 'statusCode' | 'startedAt' | 'endedAt' | 'durationSeconds' | 'transferredBytes'> {
  const start = epochSecondsOf(raw['time_start']);
  const end = endOf(start, epochSecondsOf(raw['time_end']));
  const statusCode = integerOf(raw['status']);
  return {
    status: statusOf(statusCode, end),
    statusCode,
    startedAt: timeOf(start),
    endedAt: timeOf(end),
    durationSeconds: start === null || end === null ? null : end - start,
    transferredBytes: nonNegativeIntegerOf(raw['transfered_bytes']), // DSM's own spelling
  };
}

/** The results of `Log.list_result`, in the order of the NAS, which is unspecified (docs/facts/dsm.md §2.2). */
export function parseResults(data: unknown): Result[] {
  return objectsOf(objectOf(data)['results']).map(parseResult);
}

/** Whether a job was a backup. Also true without an action code: the jobs of a task are backups. */
export function isBackup(actionCode: number | null): boolean {
  return actionCode === null || hasFlag(actionCode, BACKUP_FLAG);
}

/** Whether a job was a verification of backups. */
export function isVerification(actionCode: number | null): boolean {
  return actionCode !== null && hasFlag(actionCode, VERIFICATION_FLAG);
}

/** Whether a job was a restore, of whatever. */
export function isRestore(actionCode: number | null): boolean {
  return actionCode !== null && RESTORE_FLAGS.some((flag) => hasFlag(actionCode, flag));
}

/** The name of the lowest flag that is set, so that a backup with other flags is still a backup. */
function actionOf(code: number | null): JobAction {
  if (code === null) return 'unknown';
  const flag = JOB_FLAGS.find((known) => hasFlag(code, known));
  return codeToName(JOB_ACTION, flag ?? null);
}

/** The end of a run. A running job shows the end of the previous run, which is before its start: null. */
function endOf(start: number | null, end: number | null): number | null {
  return start !== null && end !== null && end < start ? null : end;
}

/** The status of a run with this number and end, see {@link parseResult}. */
export function statusOf(code: number | null, end: number | null): ResultStatus {
  const status = codeToName(RESULT_STATUS, code);
  if (status !== 'incomplete') return status;
  return end === null ? 'running' : 'failed';
}

/**
 * Log types that only repeat how the run ended: cancelled, failed, with warnings, partial. Other rows give the cause.
 */
const ENDINGS: ReadonlySet<number | null> = new Set([1103, 1104, 1105, 1108, 9077]);

/**
 * The reason of a failure from `Log.list_result_detail`: its first error, or its first warning, as `backup of a path
 * failed: documents (no permission on the source)`, with `, and 3 more` if there are others.
 * @returns null when the details contain neither
 */
export function parseFailureReason(data: unknown): string | null {
  const rows = objectsOf(objectOf(data)['result_detail_list']);
  const errors = rowsOfLevel(rows, 'error');
  const bad = errors.length > 0 ? errors : rowsOfLevel(rows, 'warning');
  const causes = bad.filter((row) => !ENDINGS.has(integerOf(row['log_type'])));
  const relevant = causes.length > 0 ? causes : bad.slice(0, 1);
  const [first, ...others] = relevant;
  if (first === undefined) return null;
  return rowText(first) + (others.length > 0 ? `, and ${others.length} more` : '');
}

function rowsOfLevel(rows: readonly JsonObject[], level: string): readonly JsonObject[] {
  return rows.filter((row) => codeToName(LOG_LEVEL, integerOf(row['log_level'])) === level);
}

function rowText(row: JsonObject): string {
  const type = integerOf(row['log_type']);
  const words = codeToName(LOG_TYPE, type);
  const about = objectOf(row['other_params']);
  const subject = textOf(about['path']) ?? textOf(about['device_name']);
  const error = errorText(about['fs_error']) ?? errorText(about['error_code']) ?? errorText(row['error_code']);
  return [
    words === 'unknown' ? `log type ${type ?? 'unknown'}` : words,
    subject === null ? '' : `: ${subject}`,
    error === null ? '' : ` (${error})`,
  ].join('');
}

/** 0 means no error, also in rows of failed runs (docs/facts/dsm.md §2.2). */
function errorText(raw: unknown): string | null {
  const code = integerOf(raw);
  if (code === null || code === 0) return null;
  const words = codeToName(RESULT_ERROR, code);
  return words === 'unknown' ? `error ${code}` : words;
}
