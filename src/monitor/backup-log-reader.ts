import { errorCodeOf } from '../active-backup/read-errors';
import { isLogUnavailable } from '../active-backup/backup-log';
import type { Result, Task } from '../active-backup/types';
import { fingerprintsOf, haveChanged, type TaskFingerprints } from './task-fingerprints';

/** After this many failures in a row the monitor continues without the log. */
const MAX_FAILURES = 3;

/** Reads the log of a NAS when the tasks indicate that it may contain newly finished backups. */
export class BackupLogReader {
  readonly #backupsSince: (since: Date) => Promise<Result[]>;
  readonly #warn: (message: string) => void;
  /** Of the tasks for which the log was processed last. */
  #fingerprints: TaskFingerprints = new Map();
  #failures = 0;
  #hasWarned = false;

  /**
   * @param backupsSince reads the log; rejects when the NAS has no readable log
   * @param warn receives a line for the user, once until the log can be read again: its responses are invalid
   */
  constructor(backupsSince: (since: Date) => Promise<Result[]>, warn: (message: string) => void = () => undefined) {
    this.#backupsSince = backupsSince;
    this.#warn = warn;
  }

  /** Whether the log has failed so often that the monitor continues without it. */
  get isUnavailable(): boolean {
    return this.#failures >= MAX_FAILURES;
  }

  /**
   * The backups in the log; empty when no task has changed since {@link markProcessed}, or the NAS has no log.
   * @param since ISO 8601 @param always reads the log even if no task has changed
   * @returns null when the log cannot be read now
   */
  async results(tasks: readonly Task[], since: string, always: boolean): Promise<Result[] | null> {
    if (!always && !haveChanged(fingerprintsOf(tasks), this.#fingerprints)) return [];
    try {
      const results = await this.#backupsSince(new Date(since));
      this.#failures = 0;
      this.#hasWarned = false;
      return results;
    } catch (error) {
      if (isLogUnavailable(error)) return [];
      this.#failures += 1;
      this.#warnIfInvalid(error);
      return null;
    }
  }

  /** Call when the backups found for these tasks were processed: the log is not read again until a task changes. */
  markProcessed(tasks: readonly Task[]): void {
    this.#fingerprints = fingerprintsOf(tasks);
  }

  #warnIfInvalid(error: unknown): void {
    if (this.#hasWarned || errorCodeOf(error) !== 'ERESPONSE') return;
    this.#hasWarned = true;
    this.#warn(
      `The log of the backups cannot be read, so ends of backups may be reported late: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}
