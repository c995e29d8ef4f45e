import type { Device, Result, Task } from '../active-backup/types';
import type { StorageSnapshot } from './storage-rule';

/**
 * What is known of a NAS after a look at it: what it said, and what only a memory knows. Parts that have not changed since
 * the picture before are the very same objects.
 */
export interface Picture {
  /** When the NAS was looked at. */
  readonly at: string;
  /** False after two looks without an answer. The rest stays as it was known. */
  readonly online: boolean;
  /** In the order of the NAS; null until it has answered. */
  readonly tasks: readonly TaskPicture[] | null;
  /** Null until they were read, and where the NAS refuses them. */
  readonly storages: readonly StoragePicture[] | null;
  /** Every machine that Active Backup knows, also those without a task; null until read, and where the NAS refuses. */
  readonly devices: readonly Device[] | null;
}

/** A task with its past. */
export interface TaskPicture {
  /** With `overdue`, `lastSuccessAt` and `versionCount` as far as anybody knows them. */
  readonly task: Task;
  /** The last backups that have ended, newest first, at most {@link RECENT}; a run that goes on is none of them. */
  readonly recent: readonly EndedBackup[];
  /**
   * Whether its backups fail: true from a failed one until one that succeeds; what was cancelled, or only partly done,
   * changes nothing. Null when nobody knows.
   */
  readonly failing: boolean | null;
}

/** The end of one backup, as far as it is remembered. */
export type EndedBackup = Pick<
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

/** A storage with its volume, and whether it is low (by the feed's own limit, with its hysteresis). */
export interface StoragePicture extends StorageSnapshot {
  readonly low: boolean;
}

/** How many ends of each task are remembered. */
export const RECENT = 5;
