import type { DiskStation } from '../dsm/diskstation';
import { DsmError } from '../dsm/errors';
import type { Json } from '../dsm/json';
import { ACTIVE_BACKUP_ERRORS } from './error-codes';
import { nonNegativeIntegerOf, objectOf, objectsOf, textOf } from './json-fields';

/** What a NAS and an account are, as far as the account may know. */
export interface NasInfo {
  /** `DS920+`; null when only administrators may know. */
  model: string | null;
  /** `DSM 7.2.1-69057`; null likewise. */
  dsmVersion: string | null;
  /** Of the package; null likewise. */
  activeBackupVersion: string | null;
  /** The name of the NAS in its network (`DiskStation`); null when DSM does not say. */
  hostName: string | null;
  /** Null when neither Active Backup nor DSM says. */
  serialNumber: string | null;
  /** Tasks that the account may see. */
  taskCount: number;
  /** An administrator sees and may do everything; a delegated account what its delegation allows. */
  rights: 'administrator' | 'delegated';
}

const ACTIVATION = 'SYNO.ActiveBackup.Activation';
const PACKAGE_ID = 'ActiveBackup';

type Nas = Pick<DiskStation, 'call'>;

/** The cheapest call that tells whether Active Backup lets an account in. @throws DsmError as the list of tasks does */
export async function checkAccess(nas: Nas): Promise<Json> {
  return read(nas, 'SYNO.ActiveBackup.Task', 'list', { offset: 0, limit: 1 });
}

/**
 * Asks a NAS what it is. Only the list of tasks is needed; the rest is left out where it is refused.
 * @throws DsmError as the list of tasks does, which is what every node needs
 */
export async function getNasInfo(nas: Nas): Promise<NasInfo> {
  const tasks = objectOf(await checkAccess(nas));
  const [dsm, packages, activation] = await Promise.all([
    read(nas, 'SYNO.DSM.Info', 'getinfo', {}, 2).catch(whereRefused),
    read(nas, 'SYNO.Core.Package', 'list').catch(whereRefused),
    read(nas, ACTIVATION, 'get').catch(whereRefused),
  ]);
  // For administrators only, too: an account that may not read the one is not asked for the other.
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

/** The serial number of a NAS, as {@link getNasInfo} finds it; null when the account may not know. @throws DsmError when the NAS does not answer */
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
 * @param version 2 is the only one of `SYNO.DSM.Info` on DSM 7 (DSM facts 10.4); `SYNO.DSM.Network` is called with the same
 * by two public clients, and has `hostname` in its answer
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

/** Null where DSM refuses; a NAS that no longer answers is an error. */
function whereRefused(error: unknown): null {
  if (error instanceof DsmError && (error.code === 'EPACKAGE' || typeof error.cause?.code === 'number')) return null;
  throw error;
}
