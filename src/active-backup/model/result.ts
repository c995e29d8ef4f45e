import { hasFlag, JOB_ACTION, RESULT_STATUS, codeToName, type JobAction, type ResultStatus } from '../codes';
import { nonNegativeIntegerOf, epochSecondsOf, objectOf, integerOf, objectsOf, textOf, timeOf } from '../json-fields';
import type { Result } from '../types';

const BACKUP_FLAG = 1;

/**
 * A result from `last_result` of a task or from `Log.list_result`.
 *
 * Status 1 is both "still running" and the vendor's "incomplete" (DSM facts 3.1): without an end that lies after the start
 * it is `running`. A run that has ended incomplete is `failed`: nobody should count on such a backup; `statusCode` stays 1.
 */
export function parseResult(value: unknown): Result {
  const raw = objectOf(value);
  const start = epochSecondsOf(raw['time_start']);
  const end = endOf(start, epochSecondsOf(raw['time_end']));
  const actionCode = integerOf(raw['job_action']);
  const statusCode = integerOf(raw['status']);
  return {
    id: integerOf(raw['result_id']),
    taskId: integerOf(raw['task_id']),
    taskName: textOf(raw['task_name']),
    action: actionOf(actionCode),
    actionCode,
    status: statusOf(statusCode, end),
    statusCode,
    startedAt: timeOf(start),
    endedAt: timeOf(end),
    durationSeconds: start === null || end === null ? null : end - start,
    transferredBytes: nonNegativeIntegerOf(raw['transfered_bytes']), // DSM's own spelling
    successCount: nonNegativeIntegerOf(raw['success_count']),
    warningCount: nonNegativeIntegerOf(raw['warning_count']),
    errorCount: nonNegativeIntegerOf(raw['error_count']),
    reason: null,
  };
}

/** The results of `Log.list_result`, in the order of the NAS, which nobody should trust (DSM facts 2.2). */
export function parseResults(data: unknown): Result[] {
  return objectsOf(objectOf(data)['results']).map(parseResult);
}

/** Whether a job was a backup; where DSM does not say it was, for that is what tasks do. */
export function isBackup(actionCode: number | null): boolean {
  return actionCode === null || hasFlag(actionCode, BACKUP_FLAG);
}

/** The word of the flag; of several the lowest, so that a backup stays a backup whatever else it did. */
function actionOf(code: number | null): JobAction {
  if (code === null) return 'unknown';
  const flag = Object.keys(JOB_ACTION)
    .map(Number)
    .find((known) => hasFlag(code, known));
  return codeToName(JOB_ACTION, flag ?? null);
}

/** An end before the start is what a running job shows, the end of the run before. */
function endOf(start: number | null, end: number | null): number | null {
  return start !== null && end !== null && end < start ? null : end;
}

function statusOf(code: number | null, end: number | null): ResultStatus {
  const status = codeToName(RESULT_STATUS, code);
  if (status !== 'incomplete') return status;
  return end === null ? 'running' : 'failed';
}
