import { COMMON_CODES, type CodeTable } from '../dsm/codes';
import { DsmError } from '../dsm/errors';
import { parameterDetail } from '../dsm/error-response';
import { ACTIVE_BACKUP_ERRORS } from './error-codes';
import type { Task } from './types';

const ALREADY_RUNNING_MESSAGE = 'a backup of it is running already';

/**
 * Messages for a refused start or cancel, by code; each follows the name of the task. Other codes use {@link
 * ACTIVE_BACKUP_ERRORS}.
 * Source: docs/facts/dsm.md §3.8; the advice is ours.
 */
const MESSAGES: Readonly<Record<number, string>> = {
  1010: 'the task does not exist any more',
  1103: 'the task or its device does not exist any more',
  1104: 'its backup window does not allow a backup now: start it later, or change the window in the settings of the task',
  1105: 'its backup window does not allow a backup now: start it later, or change the window in the settings of the task',
  1201: 'it has no run that could be cancelled: it may just have ended',
  1202: 'another job of it is in progress: try again when that has ended',
  4005: ALREADY_RUNNING_MESSAGE,
  4007: 'a backup of it is running or waiting already',
  5001: 'its device is offline, so the backup could not start: start it again when the device is online',
  5003: 'its device is being deleted',
};
const CODES: CodeTable = { ...COMMON_CODES, ...ACTIVE_BACKUP_ERRORS };

/** Reason in the cause of {@link alreadyRunningError}, which has no code of DSM because nothing was sent. */
const ALREADY_RUNNING = 'ALREADY_RUNNING';

/** Whether Active Backup or this package refused to start or cancel a run; false when there was no response. */
export function isRunRefusal(error: unknown): error is DsmError {
  if (!(error instanceof DsmError)) return false;
  return typeof error.cause?.code === 'number' || error.cause?.reason === ALREADY_RUNNING;
}

/** `Reception PC (1)`; `Task 1` for a task without a name. */
export function taskLabel({ id, name }: Pick<Task, 'id' | 'name'>): string {
  return name === null ? `Task ${id ?? '?'}` : `${name} (${id ?? '?'})`;
}

/**
 * Adds the names of the tasks to a refusal: `Reception PC (1): a backup of it is running already`. API, method and code
 * stay in the cause. Any other error is returned unchanged.
 * @param tasks the tasks of one request; DSM does not report which of them it refused
 */
export function withTaskLabels(error: unknown, tasks: readonly Task[]): unknown {
  if (!isRunRefusal(error) || tasks.length === 0) return error;
  const labels = tasks.map(taskLabel).join(', ');
  const who = tasks.length === 1 ? labels : `At least one of ${labels}`;
  return new DsmError(error.code, `${who}: ${refusalMessage(error)}`, error.cause);
}

/** The reason of a refused start or cancel, to follow the name of the task. */
export function refusalMessage({ code: kind, cause }: DsmError): string {
  const code = cause?.code ?? null;
  if (code === null) return ALREADY_RUNNING_MESSAGE;
  const words = MESSAGES[code] ?? CODES[code]?.message ?? 'Active Backup refuses it without a known reason';
  return kind === 'EPARAM' ? words + parameterDetail(cause?.errors) : words;
}

/** The error for tasks that were not started because each has a running or waiting backup. */
export function alreadyRunningError(
  tasks: readonly Task[],
  { api, method }: { api: string; method: string },
): DsmError {
  const cause = { api, method, version: 1, code: null, errors: null, reason: ALREADY_RUNNING };
  const words = tasks.map((task) => `${taskLabel(task)}: ${ALREADY_RUNNING_MESSAGE}`);
  return new DsmError('EABB', words.join('; '), cause);
}
