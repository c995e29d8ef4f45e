import { onTestFinished } from 'vitest';
import { DiskStation, type DiskStationOptions } from '../../src/dsm/diskstation';
import type { DsmRequest } from '../../src/dsm/dsm-request';
import { DsmError } from '../../src/dsm/errors';
import { startNas, type Nas, type NasOptions } from '../nas/index';

export const TASK = 'SYNO.ActiveBackup.Task';

/** A read and a change, as the layers above send them. */
export const LIST: DsmRequest = { api: TASK, method: 'list', parameters: {}, changes: false };
export const BACKUP: DsmRequest = { api: TASK, method: 'backup', parameters: { task_ids: [1] }, changes: true };

/** A simulated NAS and a connection to it, both closed at the end of the test. */
export async function connect(
  nasOptions: NasOptions = {},
  options: Partial<DiskStationOptions> = {},
): Promise<{ nas: Nas; station: DiskStation }> {
  const nas = await startNas(nasOptions);
  const station = new DiskStation({
    url: new URL(nas.url),
    account: { name: 'admin', password: 'synology' },
    certificate: { verify: true, fingerprint: nas.certificate?.fingerprint.replaceAll(':', '') ?? null },
    timeoutMs: 5000,
    retryPausesMs: [1, 1],
    ...options,
  });
  onTestFinished(async () => {
    await station.close();
    await nas.close();
  });
  return { nas, station };
}

/** The error a call ends with; fails when it succeeds. */
export async function errorOf(call: Promise<unknown>): Promise<DsmError> {
  const outcome = await call.then(
    () => 'it succeeded',
    (error: unknown) => error,
  );
  if (outcome instanceof DsmError) return outcome;
  throw new Error('no DsmError', { cause: outcome });
}
