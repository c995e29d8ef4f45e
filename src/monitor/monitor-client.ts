import type { ActiveBackup } from '../active-backup/active-backup';
import type { DeviceResults } from '../active-backup/model/device-result';
import type { Device, Result, Task } from '../active-backup/types';
import type { StorageWithVolume } from './storage-space';

/** The requests that a monitor sends besides the task list of each poll. */
export interface MonitorClient {
  /** Backups, verifications and restores in the log since then; rejects when the NAS has no readable log. */
  readonly jobsSince: (since: Date) => Promise<Result[]>;
  /** The result with its failure reason; rejects when the details cannot be read. */
  readonly withReason: <R extends Pick<Result, 'id' | 'status' | 'reason'>>(result: R) => Promise<R>;
  readonly storages: () => Promise<readonly StorageWithVolume[]>;
  /** Every device known to Active Backup, also those without a task. */
  readonly devices: () => Promise<readonly Device[]>;
  /**
   * The outcomes of backups for each device, of those that ended within a window of at most 31 days; rejects where the
   * NAS has no such API.
   */
  readonly deviceResults: (from: Date, to: Date) => Promise<readonly DeviceResults[]>;
  /** Number of versions and last success of each task. @param taskId of this task only */
  readonly versions: (taskId?: number) => Promise<readonly Pick<Task, 'id' | 'versionCount' | 'lastSuccessAt'>[]>;
}

/** The requests of a monitor as calls of the facade. */
export function createMonitorClient(activeBackup: ActiveBackup): MonitorClient {
  return {
    jobsSince: (since) => activeBackup.jobsSince(since),
    withReason: (result) => activeBackup.withFailureReason(result),
    storages: async () => (await activeBackup.overview()).storages,
    devices: () => activeBackup.devices(),
    deviceResults: (from, to) => activeBackup.deviceResults(from, to),
    versions: (taskId) => activeBackup.versions(taskId),
  };
}
