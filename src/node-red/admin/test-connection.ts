import type { NodeAPI } from 'node-red';
import { ActiveBackup } from '../../active-backup/active-backup';
import { getNasInfo, checkAccess, type NasInfo } from '../../active-backup/nas-info';
import { DiskStation } from '../../dsm/diskstation';
import { fetchServerCertificate, type ServerCertificate } from '../../dsm/server-certificate';
import { DsmError } from '../../dsm/errors';
import { isJsonObject } from '../../dsm/json';
import { STATIONS } from '../nas-registry';
import { nasUrlOf } from '../settings';
import { readItems, type PickerName } from './pickers';
import type { PickerItem } from './responses';
import { dialogSettings, dialogValues, withVariables } from './unsaved-settings';

/** The result of a connection test. */
export interface ConnectionTest extends NasInfo {
  /** Of one request over the open connection. */
  roundTripMs: number;
}

/** A user waits in a dialog; longer timeouts of the NAS node are not used here. */
const MAX_TIMEOUT_MS = 30_000;

/** Connects once with the values of the dialog and reads model, versions and rights. @throws DsmError of the NAS, or for wrong values */
export async function testConnection(RED: NodeAPI, body: unknown): Promise<ConnectionTest> {
  return withDiskStation(RED, body, async (station) => {
    const info = await getNasInfo(station);
    const startedAt = performance.now();
    await checkAccess(station);
    return { ...info, roundTripMs: Math.round(performance.now() - startedAt) };
  });
}

/**
 * Makes Node-RED a trusted device of a 2-factor account.
 * @param body the values of the dialog, and `code`, which is used once and not stored
 * @returns the token, for the dialog to store as a credential
 * @throws DsmError EOTP when the code is wrong
 */
export async function pairDevice(RED: NodeAPI, body: unknown): Promise<{ deviceId: string }> {
  const code = isJsonObject(body) ? body['code'] : undefined;
  if (typeof code !== 'string' || !/^\s*\d{3}\s*\d{3,5}\s*$/.test(code)) {
    throw new DsmError('EPARAM', 'Enter the code that your authenticator app shows: six digits');
  }
  const deviceId = await withDiskStation(RED, body, (station) => station.pair(code.replace(/\s/g, '')));
  if (deviceId !== null) return { deviceId };
  throw new DsmError(
    'EOTP',
    'The NAS accepted the code but gave no token: does the account have 2-factor authentication?',
  );
}

/** Reads the certificate of the address in the dialog. @throws DsmError ECONFIG, EUNREACHABLE */
export async function readServerCertificate(RED: NodeAPI, body: unknown): Promise<ServerCertificate> {
  const { def } = dialogValues(body);
  return fetchServerCertificate(nasUrlOf(withVariables(RED, def.id, def)), MAX_TIMEOUT_MS);
}

/**
 * Reads a list for a picker with the values of a NAS node that is not deployed yet. A login that was refused with the same
 * account is not attempted again: each attempt would count for Auto Block.
 * @throws DsmError of the NAS, or for wrong values
 */
export async function listUnsavedItems(RED: NodeAPI, body: unknown, name: PickerName): Promise<PickerItem[]> {
  return withStation(RED, body, (station) => readItems(new ActiveBackup(station, 'read'), name));
}

/**
 * Opens a connection with the values of the dialog for the duration of `work`. An earlier refusal of the login is ignored,
 * since the user has asked for a new attempt; the new outcome also applies to deployed nodes with the same credentials.
 */
function withDiskStation<T>(RED: NodeAPI, body: unknown, work: (station: DiskStation) => Promise<T>): Promise<T> {
  return withStation(RED, body, (station) => {
    station.clearLoginRefusal();
    return work(station);
  });
}

async function withStation<T>(RED: NodeAPI, body: unknown, work: (station: DiskStation) => Promise<T>): Promise<T> {
  const { diskStation } = dialogSettings(RED, dialogValues(body));
  const timeoutMs = Math.min(diskStation.timeoutMs, MAX_TIMEOUT_MS);
  const station = new DiskStation({ ...diskStation, timeoutMs, retryPausesMs: [], refusals: STATIONS.refusals });
  try {
    return await work(station);
  } finally {
    await station.close();
  }
}
