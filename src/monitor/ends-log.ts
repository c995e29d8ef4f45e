import { meansNoLog } from '../active-backup/last-backups';
import type { Result, Task } from '../active-backup/types';
import { differ, marksOf, type Marks } from './marks';

/** A log that does not answer so often in a row is done without. */
const TRIES = 3;

/** Reads the log of a NAS when the tasks tell that there may be ends in it. */
export class EndsLog {
  readonly #read: (since: Date) => Promise<Result[]>;
  #marks: Marks = new Map();
  #failures = 0;

  /** @param read backups of the log; rejects where there is no log */
  constructor(read: (since: Date) => Promise<Result[]>) {
    this.#read = read;
  }

  /** Whether it has been silent for so long that it is done without. */
  get isSilent(): boolean {
    return this.#failures >= TRIES;
  }

  /**
   * The backups in the log. Where there is no log, the tasks' last results have to do.
   * @param since ISO 8601; @param always though the tasks have not changed since {@link settle}
   * @returns null when it does not answer now
   */
  async results(tasks: readonly Task[], since: string, always: boolean): Promise<Result[] | null> {
    if (!always && !differ(marksOf(tasks), this.#marks)) return [];
    try {
      const results = await this.#read(new Date(since));
      this.#failures = 0;
      return results;
    } catch (error) {
      if (meansNoLog(error)) return [];
      this.#failures += 1;
      return null;
    }
  }

  /** What the log told of these tasks was told on. */
  settle(tasks: readonly Task[]): void {
    this.#marks = marksOf(tasks);
  }
}
