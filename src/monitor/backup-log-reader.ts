import { errorCodeOf } from '../active-backup/read-errors';
import { isLogUnavailable } from '../active-backup/backup-log';
import type { Result, Task } from '../active-backup/types';
import { haveChanged, fingerprintsOf, type TaskFingerprints } from './task-fingerprints';

/** A log that does not answer so often in a row is done without. */
const TRIES = 3;

/** Reads the log of a NAS when the tasks tell that there may be ends in it. */
export class BackupLogReader {
  readonly #read: (since: Date) => Promise<Result[]>;
  #marks: TaskFingerprints = new Map();
  readonly #warn: (message: string) => void;
  #failures = 0;
  /** Whether a person was told that the log cannot be read, since it could be read last. */
  #hasWarned = false;

  /**
   * @param read backups of the log; rejects where there is no log
   * @param warn tells a person, once until the log can be read again, that its answers are of no use
   */
  constructor(read: (since: Date) => Promise<Result[]>, warn: (message: string) => void = () => undefined) {
    this.#read = read;
    this.#warn = warn;
  }

  /** Whether it has been silent for so long that it is done without. */
  get isUnavailable(): boolean {
    return this.#failures >= TRIES;
  }

  /**
   * The backups in the log. Where there is no log, the tasks' last results have to do.
   * @param since ISO 8601; @param always though the tasks have not changed since {@link markProcessed}
   * @returns null when it does not answer now
   */
  async results(tasks: readonly Task[], since: string, always: boolean): Promise<Result[] | null> {
    if (!always && !haveChanged(fingerprintsOf(tasks), this.#marks)) return [];
    try {
      const results = await this.#read(new Date(since));
      this.#failures = 0;
      this.#hasWarned = false;
      return results;
    } catch (error) {
      if (isLogUnavailable(error)) return [];
      this.#failures += 1;
      this.#warnUnreadable(error);
      return null;
    }
  }

  #warnUnreadable(error: unknown): void {
    if (this.#hasWarned || errorCodeOf(error) !== 'ERESPONSE') return;
    this.#hasWarned = true;
    this.#warn(
      `The log of the backups cannot be read, so ends of backups may be reported late: ${error instanceof Error ? error.message : String(error)}`,
    );
  }

  /** What the log told of these tasks was told on. */
  markProcessed(tasks: readonly Task[]): void {
    this.#marks = fingerprintsOf(tasks);
  }
}
