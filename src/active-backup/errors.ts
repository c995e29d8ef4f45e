import { type CodeMeaning, type CodeTable, COMMON_CODES } from '../dsm/codes';
import { DsmError, dsmErrorOf, type ErrorCode } from '../dsm/errors';
import { parameterDetail } from '../dsm/error-response';
import { windowOpening } from './backup-window';
import type { Task } from './types';

/** One meaning for a range of codes. */
function span(first: number, last: number, meaning: CodeMeaning): CodeTable {
  return Object.fromEntries(Array.from({ length: last - first + 1 }, (_, index) => [first + index, meaning]));
}

const refused = (words: string): CodeMeaning => ({ error: 'EABB', message: words });
const busy = (words: string): CodeMeaning => ({ error: 'EBUSY', message: words });
const forbidden = (words: string): CodeMeaning => ({ error: 'EPERMISSION', message: words });

const LOCKED = refused('another job holds what this one needs: try again when it has ended');
const HYPERVISOR = refused('the hypervisor refused or could not be reached: see the log of Active Backup');
const FILE_SERVER = refused('the file server refused or could not be reached: see the log of Active Backup');
const AGENT = refused('the agent refused or could not be reached: see the log of Active Backup');
const ONE_TIME_CODE = refused("the agent's account needs a 2-factor code, or the code was wrong");

/**
 * Meanings of the codes of `SYNO.ActiveBackup.*`; the same codes have other meanings in other APIs. Later rows override
 * an earlier range. Unlisted codes are `EABB` as well, with the code in the cause.
 * Source: docs/facts/dsm.md §3.8, the vendor's own list; only 1001 was seen live, and the advice is ours.
 */
export const ACTIVE_BACKUP_ERRORS: CodeTable = Object.freeze({
  1001: refused('Active Backup met an internal error, or what was asked for is not open'),
  1002: refused('Active Backup cannot read the account: is it still a user of this NAS?'),
  1004: refused('the domain or LDAP server of the NAS does not answer'),
  1005: refused('the domain or LDAP server of the NAS does not answer'),
  1006: busy('Active Backup is being upgraded: try again in some minutes'),
  1007: busy('Active Backup is being upgraded: try again in some minutes'),
  1008: refused('the upgrade of Active Backup failed: open Active Backup in DSM'),
  1009: refused('Active Backup could not do all of it: see the log of Active Backup'),
  1010: refused('there is no such task'),
  1011: forbidden('the account has no permission for this task: delegate it in Active Backup, Settings > Delegation'),
  1012: refused('data of Active Backup is corrupt: open Active Backup in DSM'),
  1013: refused('the NAS could not read or write: check its volumes'),
  1014: forbidden('the account has no permission: give it administrator rights or a delegation in Active Backup'),
  1015: refused('a quota on the NAS is used up'),
  1016: refused('the volume has no space left'),
  1017: refused('the file system is read-only: check the volume'),
  1018: refused('the database of Active Backup failed: open Active Backup in DSM'),
  1019: refused('the system partition of the NAS has no space left'),
  1020: refused('the quota of the system partition is used up'),
  1024: refused('Active Backup is not activated: activate it in DSM'),
  1028: refused('the NAS could not reach the server'),
  1029: refused('a backup storage is being removed: try again when that has ended'),
  1030: refused('the backup storage was made by a newer Active Backup: update the package'),
  1031: busy('Active Backup took too long to answer'),
  1036: forbidden('the account has no delegation in Active Backup: see Settings > Delegation there'),

  1101: refused('a locked version stands in the way: unlock it first'),
  1102: refused('the source was changed while the backup ran'),
  1103: refused('the task, version or device no longer exists'),
  1104: refused('the backup window of the task does not allow a backup now'),
  1105: refused('the backup window of the task forbids a backup now'),

  1201: refused('there is no such job, perhaps it has just ended'),
  1202: refused('the job conflicts with another one: try again when that has ended'),
  1203: LOCKED,
  1204: refused('a backup holds what this job needs: try again when it has ended'),
  1205: refused('a restore holds what this job needs: try again when it has ended'),
  1206: refused('a deletion holds what this job needs: try again when it has ended'),
  1207: refused('a verification of this is already running'),
  1208: refused('a deletion of this is already running'),
  1209: refused('Active Backup forbids this job'),
  1210: refused('a version in use holds what this job needs: try again when it is free'),
  1250: refused('the backup storage is read-only'),
  1251: refused('the backup storage is broken: open Active Backup in DSM'),
  1252: refused('the encryption of the backup storage failed'),
  1255: refused('the encrypted backup storage cannot be mounted'),

  ...span(1401, 1403, refused('the backup storage could not be relinked')),
  1601: refused('the SSH key is not usable'),
  1602: refused('the SSH key is not usable'),
  1701: refused('the backup storage has not been unlocked'),
  1702: refused('the password of the backup storage is wrong'),
  1703: refused('the key of the backup storage is wrong'),
  2002: refused('the licence information could not be read'),

  ...span(3001, 3052, HYPERVISOR),
  3001: refused('the hypervisor could not be reached'),
  3002: refused('the hypervisor refused the account or its password'),
  3103: refused('Active Backup refuses the parameters'),

  4001: refused('the server is in use by another task'),
  4003: refused('another task has this name'),
  4004: refused('the job conflicts with a restore: try again when that has ended'),
  4005: refused('a backup of this task or device is already running'),
  4006: refused('the job conflicts with a restore: try again when that has ended'),
  4007: refused('a backup of this task or device is already running or waiting'),
  ...span(4008, 4055, FILE_SERVER),

  5001: refused('the device is offline'),
  5003: refused('the device is being deleted'),

  ...span(6001, 6031, AGENT),
  6004: refused('the password for the agent is wrong'),
  6005: refused('the account has no privilege to connect an agent'),
  6014: ONE_TIME_CODE,
  6015: ONE_TIME_CODE,
  6021: refused('too many failed tries to connect an agent: wait'),
  6501: refused('the delegation rule is not valid'),
  6502: refused('the delegation rule is not valid'),
});

const WINDOW_ADVICE = 'start it later, or change the window in the settings of the task';
/** The backup window does not allow a start now. Source: docs/facts/dsm.md §3.8. */
const OUTSIDE_WINDOW: ReadonlySet<number> = new Set([1104, 1105]);
/** The device of the task is offline. Source: docs/facts/dsm.md §3.8. */
const DEVICE_OFFLINE = 5001;
const ALREADY_RUNNING_MESSAGE = 'a backup of it is already running';

/**
 * Messages for a refused start or cancel, by code; each follows the name of the task. Other codes use {@link
 * ACTIVE_BACKUP_ERRORS}.
 * Source: docs/facts/dsm.md §3.8; the advice is ours.
 */
const MESSAGES: Readonly<Record<number, string>> = {
  1010: 'the task does not exist any more',
  1103: 'the task or its device does not exist any more',
  1104: `its backup window does not allow a backup now: ${WINDOW_ADVICE}`,
  1105: `its backup window does not allow a backup now: ${WINDOW_ADVICE}`,
  1201: 'it has no run that could be cancelled: it may just have ended',
  1202: 'another job of it is in progress: try again when that has ended',
  4005: ALREADY_RUNNING_MESSAGE,
  4007: 'a backup of it is already running or waiting',
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

/**
 * Why a start was refused that may succeed later; null for every other error.
 * @returns `window`: its backup window is closed, `offline`: its device is
 */
export function temporaryRefusal(error: unknown): 'window' | 'offline' | null {
  const code = isRunRefusal(error) ? (error.cause?.code ?? null) : null;
  if (code === DEVICE_OFFLINE) return 'offline';
  return code !== null && OUTSIDE_WINDOW.has(code) ? 'window' : null;
}

/** `Reception PC (1)`; `Task 1` for a task without a name. */
export function taskLabel({ id, name }: Pick<Task, 'id' | 'name'>): string {
  return name === null ? `Task ${id ?? '?'}` : `${name} (${id ?? '?'})`;
}

/**
 * Adds the names of the tasks to a refusal: `Reception PC (1): a backup of it is already running`. API, method and code
 * stay in the cause. Any other error is returned unchanged.
 * @param tasks the tasks of one request; DSM does not report which of them it refused
 * @param now the time of the refusal
 */
export function withTaskLabels(error: unknown, tasks: readonly Task[], now: Date): unknown {
  if (!isRunRefusal(error) || tasks.length === 0) return error;
  const labels = tasks.map(taskLabel).join(', ');
  const who = tasks.length === 1 ? labels : `At least one of ${labels}`;
  return new DsmError(error.code, `${who}: ${refusalMessage(error, tasks, now)}`, error.cause);
}

/**
 * The reason of a refused start or cancel, to follow the name of the task.
 * @param tasks of the request; for a single one the text contains the time at which its backup window opens
 */
export function refusalMessage(
  { code: kind, cause }: DsmError,
  tasks: readonly Pick<Task, 'schedule'>[],
  now: Date,
): string {
  const code = cause?.code ?? null;
  if (code === null) return ALREADY_RUNNING_MESSAGE;
  const [task, ...others] = tasks;
  const opening =
    OUTSIDE_WINDOW.has(code) && task !== undefined && others.length === 0 ? windowOpening(task.schedule, now) : null;
  if (opening !== null) {
    return `not allowed before ${opening.local} (time of the NAS), by its backup window: ${WINDOW_ADVICE}`;
  }
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

/** The error for tasks whose start waits already, so that they are not started twice. */
export function alreadyWaitingError(tasks: readonly Task[]): DsmError {
  const words = tasks.map((task) => `${taskLabel(task)}: its start already waits until one of its devices is online`);
  return new DsmError('EABB', words.join('; '));
}

/** The code of a DsmError; null for any other error. */
export function errorCodeOf(error: unknown): ErrorCode | null {
  return error instanceof DsmError ? error.code : null;
}

/** A DsmError for any error of a read of the tasks. */
export function toReadError(error: unknown): DsmError {
  return dsmErrorOf(error, 'ERESPONSE', 'The tasks of the NAS could not be read');
}
