import { isLogUnavailable } from '../active-backup/backup-log';
import type { Result } from '../active-backup/types';
import { failuresWithoutReason } from './backup-history';
import { backupKey, type MonitorState } from './monitor-state';
import { RetryTimer } from './retry-timer';

/** The fields of a finished backup that its failure reason depends on. */
type FinishedBackup = Pick<Result, 'id' | 'status' | 'reason' | 'startedAt'>;

/** The longest wait until a reason that could not be read is requested again. */
const MAX_WAIT_MS = 15 * 60_000;
/** Reasons of older failures are requested for at most this many tasks. */
const MAX_OLDER_REASONS = 20;

/** Reads why backups failed; a failed request is repeated at later polls. */
export class FailureReasons {
  readonly #withReason: <R extends FinishedBackup>(result: R) => Promise<R>;
  /** Keys of the backups whose reason could not be read. */
  #unread = new Set<string>();
  /** Whether the failures of before the start were requested. */
  #areOlderRead = false;
  readonly #timer = new RetryTimer(MAX_WAIT_MS);

  /** @param withReason the result with its reason; rejects when the details cannot be read */
  constructor(withReason: <R extends FinishedBackup>(result: R) => Promise<R>) {
    this.#withReason = withReason;
  }

  /** Makes the next {@link readMissing} request the reasons of older failures again. */
  restart(): void {
    this.#areOlderRead = false;
  }

  /** The result with its reason; unchanged when the reason cannot be read now. */
  async explain<R extends FinishedBackup>(result: R): Promise<R> {
    try {
      const explained = await this.#withReason(result);
      this.#unread.delete(backupKey(result));
      return explained;
    } catch (error) {
      if (isLogUnavailable(error)) this.#unread.delete(backupKey(result));
      else this.#unread.add(backupKey(result));
      return result;
    }
  }

  /**
   * Requests reasons that stored backups lack: first those of older failures, later those that could not be read, when due.
   * @param now epoch ms @returns the backups that were requested
   */
  async readMissing(tasks: MonitorState['tasks'], now: number): Promise<FinishedBackup[]> {
    if (this.#areOlderRead) return this.#retry(failuresWithoutReason(tasks, Infinity), now);
    this.#areOlderRead = true;
    return Promise.all(failuresWithoutReason(tasks, MAX_OLDER_REASONS).map((backup) => this.explain(backup)));
  }

  async #retry(missing: readonly FinishedBackup[], now: number): Promise<FinishedBackup[]> {
    const unread = missing.filter((backup) => this.#unread.has(backupKey(backup)));
    this.#unread = new Set(unread.map(backupKey));
    if (unread.length === 0 || !this.#timer.isDue(now)) return [];
    const requested = await Promise.all(unread.map((backup) => this.explain(backup)));
    if (this.#unread.size === 0) this.#timer.expire();
    else this.#timer.failed(now);
    return requested;
  }
}
