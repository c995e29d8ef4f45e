import type { Device, Result, Task } from '../active-backup/types';
import type { JobEnd } from './other-jobs';
import type { DeviceProtection } from './protection-types';
import type { StorageWithVolume } from './storage-space';

/**
 * The state of a NAS after a poll: its responses, completed by the stored state. Parts that have not changed since the
 * snapshot before are the very same objects: each list, and each task, storage and device in it.
 */
export interface NasSnapshot {
  /** When the NAS was polled, also without success (ISO 8601, UTC). The only part that changes with every snapshot. */
  readonly at: string;
  /** False after two failed polls. The other parts then keep their last values. */
  readonly online: boolean;
  /** In the order of the NAS; null until the NAS and its log have answered. */
  readonly tasks: readonly TaskSnapshot[] | null;
  /** Read every 15 minutes. Null until read, and where the NAS denies access. */
  readonly storages: readonly StorageSnapshot[] | null;
  /**
   * Whether any storage was low by the listener's limit when the storages were last known, also before a restart. For use
   * while `storages` is null.
   */
  readonly storageWasLow: boolean;
  /**
   * Every device known to Active Backup, also those without a task; null until read, and where the NAS denies access. The
   * list is read every 15 minutes. Devices with a task come from the task of this poll: the list does not contain `online`.
   */
  readonly devices: readonly Device[] | null;
  /** The last verification of backups, and the last restore, that ended; null: none is known. */
  readonly lastVerification: JobEnd | null;
  readonly lastRestore: JobEnd | null;
  /**
   * What all backups transferred that have ended since the NAS was first polled, in bytes: each backup counts once, also over
   * restarts. Null until the NAS and its log have answered.
   */
  readonly transferredBytes: number | null;
  /**
   * Whether each device is protected, by its own backups: the devices of {@link devices}, or of the tasks while that is null.
   * `unknown` where the outcomes are; null until the tasks are known.
   */
  readonly protections: readonly DeviceProtection[] | null;
}

/** A task with its history. */
export interface TaskSnapshot {
  /**
   * With `overdue`, `lastSuccessAt` and `versionCount` where known. Versions are counted every 15 minutes, and those of a
   * task when its backup finishes; null until then, and where the NAS denies access.
   */
  readonly task: Task;
  /** The last finished backups, newest first, at most {@link MAX_RECENT_BACKUPS}; without a running one. */
  readonly recent: readonly BackupRecord[];
  /**
   * True from a failed backup until one succeeds; cancelled and partial backups do not change it. Null while unknown.
   */
  readonly failing: boolean | null;
  /** As `NasSnapshot.transferredBytes`, for this task. */
  readonly transferredBytes: number | null;
}

/** The stored fields of a finished backup. */
export type BackupRecord = Pick<
  Result,
  | 'id'
  | 'status'
  | 'statusCode'
  | 'startedAt'
  | 'endedAt'
  | 'durationSeconds'
  | 'transferredBytes'
  | 'successCount'
  | 'warningCount'
  | 'errorCount'
  | 'reason'
>;

/** A storage with its volume. `low`: its free space fell below the listener's limit and is not two percent above it yet. */
export interface StorageSnapshot extends StorageWithVolume {
  readonly low: boolean;
}

/** Finished backups stored per task. The initial state contains fewer: the log of two days, and each last result. */
export const MAX_RECENT_BACKUPS = 5;
