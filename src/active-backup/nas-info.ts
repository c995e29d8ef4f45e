import type { DiskStation } from '../dsm/diskstation';
import { DsmError } from '../dsm/errors';
import type { Json } from '../dsm/json';
import { ACTIVE_BACKUP_ERRORS } from './errors';
import { nonNegativeIntegerOf, objectOf, objectsOf, textOf } from './json-fields';

/** Description of a NAS, as far as the account may read it. */
export interface NasInfo {
  /** `DS920+`; null for accounts without administrator rights. */
  model: string | null;
  /** `DSM 7.2.1-69057`; null for accounts without administrator rights. */
  dsmVersion: string | null;
  /** Version of the package; null for accounts without administrator rights. */
  activeBackupVersion: string | null;
  /** Host name of the NAS (`DiskStation`); null when DSM does not send it. */
  hostName: string | null;
  /** Null when neither Active Backup nor DSM sends it. */
  serialNumber: string | null;
  /** Number of tasks visible to the account. */
  taskCount: number;
  /** An administrator has all rights, a delegated account those of its delegation. */
  rights: 'administrator' | 'delegated';
}

const ACTIVATION = 'SYNO.ActiveBackup.Activation';
const PACKAGE_ID = 'ActiveBackup';

type Nas = Pick<DiskStation, 'call'>;

/** The cheapest call that proves access to Active Backup. @throws DsmError the errors of the task list */
export async function checkAccess(nas: Nas): Promise<Json> {
  return read(nas, 'SYNO.ActiveBackup.Task', 'list', { offset: 0, limit: 1 });
}

/**
 * Reads the description of a NAS. Only the task list is required; refused reads leave their fields null.
 * @throws DsmError the errors of the task list
 */
export async function getNasInfo(nas: Nas): Promise<NasInfo> {
  const tasks = objectOf(await checkAccess(nas));
  const [dsm, packages, activation] = await Promise.all([
    read(nas, 'SYNO.DSM.Info', 'getinfo', {}, 2).catch(whereRefused),
    read(nas, 'SYNO.Core.Package', 'list').catch(whereRefused),
    read(nas, ACTIVATION, 'get').catch(whereRefused),
  ]);
  // Also reserved to administrators: not read after a refusal of `SYNO.DSM.Info`.
  const network = dsm === null ? null : await read(nas, 'SYNO.DSM.Network', 'list', {}, 2).catch(whereRefused);
  const own = objectsOf(objectOf(packages)['packages']).find(({ id }) => id === PACKAGE_ID);
  return {
    model: textOf(objectOf(dsm)['model']),
    dsmVersion: textOf(objectOf(dsm)['version_string']),
    activeBackupVersion: textOf(own?.['version']),
    hostName: textOf(objectOf(network)['hostname']),
    serialNumber: serialOf(activation) ?? textOf(objectOf(dsm)['serial']),
    taskCount: nonNegativeIntegerOf(tasks['total']) ?? objectsOf(tasks['tasks']).length,
    rights: dsm === null ? 'delegated' : 'administrator',
  };
}

/**
 * The serial number of a NAS, from the same sources as {@link getNasInfo}; null when the account may not read it.
 * @throws DsmError when the NAS does not respond
 */
export async function serialNumberOf(nas: Nas, signal: AbortSignal): Promise<string | null> {
  const own = serialOf(await read(nas, ACTIVATION, 'get', {}, 1, signal).catch(whereRefused));
  if (own !== null) return own;
  const dsm = await read(nas, 'SYNO.DSM.Info', 'getinfo', {}, 2, signal).catch(whereRefused);
  return textOf(objectOf(dsm)['serial']);
}

function serialOf(activation: Json): string | null {
  return textOf(objectOf(activation)['serial_number']);
}

/**
 * @param version 2 is the only version of `SYNO.DSM.Info` on DSM 7 (docs/facts/dsm.md §2.6). Two public clients also
 * use 2 for `SYNO.DSM.Network`, whose response contains `hostname`.
 */
function read(
  nas: Nas,
  api: string,
  method: string,
  parameters: Record<string, Json> = {},
  version = 1,
  signal?: AbortSignal,
): Promise<Json> {
  const call = { api, method, parameters, version, changes: false, codes: ACTIVE_BACKUP_ERRORS };
  return nas.call(signal === undefined ? call : { ...call, signal });
}

/** Null when DSM refuses the read. @throws any other error */
function whereRefused(error: unknown): null {
  if (error instanceof DsmError && (error.code === 'EPACKAGE' || typeof error.cause?.code === 'number')) return null;
  throw error;
}

/** The id of a NAS in topics and messages, `[a-z0-9_]+`: its serial number, else the host of its address. */
export function nasIdOf(serialNumber: string | null, address: string): string {
  return topicLevel(serialNumber ?? '') || topicLevel(new URL(address).hostname) || 'nas';
}

/** `[a-z0-9_]*`: other characters become `_`, at the ends they are removed. */
function topicLevel(text: string): string {
  return text
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '_')
    .replace(/^_+|_+$/g, '');
}
