import type { NodeAPI } from 'node-red';
import { getNasInfo, checkAccess, type NasInfo } from '../../active-backup/nas-info';
import { DiskStation } from '../../dsm/diskstation';
import { fetchServerCertificate, type ServerCertificate } from '../../dsm/server-certificate';
import { DsmError } from '../../dsm/errors';
import { STATIONS } from '../nas-registry';
import { nasUrlOf } from '../settings';
import { dialogSettings, dialogValues, withVariables } from './unsaved-settings';

/** What a test of the connection found. */
export interface ConnectionTest extends NasInfo {
  /** From question to answer, over an open connection. */
  roundTripMs: number;
}

/** Nobody looks at a dialog for longer. */
const LONGEST_TIMEOUT_MS = 30_000;

/** Connects once with the values in the dialog, and says what is there. @throws DsmError as the NAS or the values cause */
export async function testConnection(RED: NodeAPI, body: unknown): Promise<ConnectionTest> {
  return connected(RED, body, async (station) => {
    const found = await getNasInfo(station);
    const from = performance.now();
    await checkAccess(station);
    return { ...found, roundTripMs: Math.round(performance.now() - from) };
  });
}

/**
 * Makes Node-RED a trusted device of a 2-factor account.
 * @param body the values in the dialog, and `code`, which is used up and never kept
 * @returns the token, for the dialog to store as a credential
 * @throws DsmError EOTP when the code is wrong
 */
export async function pairDevice(RED: NodeAPI, body: unknown): Promise<{ deviceId: string }> {
  const { code } = body as { code?: unknown };
  if (typeof code !== 'string' || !/^\s*\d{3}\s*\d{3,5}\s*$/.test(code)) {
    throw new DsmError('EPARAM', 'Enter the code that your authenticator app shows: six digits');
  }
  const deviceId = await connected(RED, body, (station) => station.pair(code.replace(/\s/g, '')));
  if (deviceId !== null) return { deviceId };
  throw new DsmError(
    'EOTP',
    'The NAS accepted the code but gave no token: does the account have 2-factor authentication?',
  );
}

/** The certificate of the address in the dialog. @throws DsmError ECONFIG, EUNREACHABLE */
export async function certificateOf(RED: NodeAPI, body: unknown): Promise<ServerCertificate> {
  const { def } = dialogValues(body);
  return fetchServerCertificate(nasUrlOf(withVariables(RED, def.id, def)), LONGEST_TIMEOUT_MS);
}

/**
 * Opens a connection of the dialog's own, which is closed whatever comes of it. A person asks, so a refusal of before
 * holds nothing up; what comes of it holds for the deployed nodes with the same credentials, too.
 */
async function connected<T>(RED: NodeAPI, body: unknown, work: (station: DiskStation) => Promise<T>): Promise<T> {
  const { diskStation } = dialogSettings(RED, dialogValues(body));
  const timeoutMs = Math.min(diskStation.timeoutMs, LONGEST_TIMEOUT_MS);
  const station = new DiskStation({ ...diskStation, timeoutMs, retryPausesMs: [], refusals: STATIONS.refusals });
  station.clearLoginRefusal();
  try {
    return await work(station);
  } finally {
    await station.close();
  }
}
