import type { Device, Result, Task } from '../active-backup/types';
import type { StorageWithVolume } from './storage-space';

/**
 * What is known of a NAS after a look at it: what it said, and what only a memory knows. Parts that have not changed since
 * the picture before are the very same objects: each list, and each task, storage and device in it.
 */
export interface NasSnapshot {
  /** When the NAS was looked at, whether it answered or not (ISO 8601, UTC): alone in changing with every picture. */
  readonly at: string;
  /** False after two looks without an answer. The rest stays as it was known. */
  readonly online: boolean;
  /** In the order of the NAS; null until it has answered, and its log too. */
  readonly tasks: readonly TaskSnapshot[] | null;
  /** Read every quarter of an hour. Null until they were read, and where the NAS refuses them. */
  readonly storages: readonly StorageSnapshot[] | null;
  /**
   * Whether any storage was low by the observer's limit when the storages were known last, also before a restart: what
   * there is to say of them while `storages` is null.
   */
  readonly storageWasLow: boolean;
  /**
   * Every machine that Active Backup knows, also those without a task; null until read, and where the NAS refuses. The list
   * is read every quarter of an hour. Machines with a task are as the task told at this look: the list alone does not tell
   * whether one is on line.
   */
  readonly devices: readonly Device[] | null;
}

/** A task with its past. */
export interface TaskSnapshot {
  /**
   * With `overdue`, `lastSuccessAt` and `versionCount` as far as anybody knows them. Versions are counted every quarter of an
   * hour, and those of a task at the end of its backup; null until then, and where the NAS refuses.
   */
  readonly task: Task;
  /** The last backups that have ended, newest first, at most {@link MAX_RECENT_BACKUPS}; a run that goes on is none of them. */
  readonly recent: readonly BackupRecord[];
  /**
   * Whether its backups fail: true from a failed one until one that succeeds; what was cancelled, or only partly done,
   * changes nothing. Null when nobody knows.
   */
  readonly failing: boolean | null;
}

/** The end of one backup, as far as it is remembered. */
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

/** A storage with its volume, and whether it is low: below the observer's limit, until two percent above it. */
export interface StorageSnapshot extends StorageWithVolume {
  readonly low: boolean;
}

/** How many ends of each task are remembered. The first look ever finds fewer: the log of two days, and each last result. */
export const MAX_RECENT_BACKUPS = 5;
