import { isLogUnavailable } from '../active-backup/backup-log';
import type { Result } from '../active-backup/types';
import { backupKey } from './monitor-state';
import { RetryTimer } from './retry-timer';

/** A backup that has ended, as far as its reason goes. */
type Ended = Pick<Result, 'id' | 'status' | 'reason' | 'startedAt'>;

/** The longest wait until a reason that could not be read is asked for again. */
const LONGEST_WAIT_MS = 15 * 60_000;

/** Reads why backups failed; a read that failed is repeated at later polls. */
export class FailureReasons {
  readonly #read: <R extends Ended>(result: R) => Promise<R>;
  /** The ends whose reason could not be read. */
  #unread = new Set<string>();
  readonly #timer = new RetryTimer(LONGEST_WAIT_MS);

  /** @param read a result with its reason; rejects when the details cannot be read */
  constructor(read: <R extends Ended>(result: R) => Promise<R>) {
    this.#read = read;
  }

  /** The result with its reason; as it was when that cannot be read now. */
  async explain<R extends Ended>(result: R): Promise<R> {
    try {
      const explained = await this.#read(result);
      this.#unread.delete(backupKey(result));
      return explained;
    } catch (error) {
      if (isLogUnavailable(error)) this.#unread.delete(backupKey(result));
      else this.#unread.add(backupKey(result));
      return result;
    }
  }

  /**
   * Reads the reasons again that could not be read, if that is due.
   * @param ends those that lack a reason; others are not asked for any more. @param now epoch ms
   * @returns those that were asked for
   */
  async retry<R extends Ended>(ends: readonly R[], now: number): Promise<R[]> {
    const open = ends.filter((end) => this.#unread.has(backupKey(end)));
    this.#unread = new Set(open.map(backupKey));
    if (open.length === 0 || !this.#timer.isDue(now)) return [];
    const asked = await Promise.all(open.map((end) => this.explain(end)));
    if (this.#unread.size === 0) this.#timer.expire();
    else this.#timer.failed(now);
    return asked;
  }
}
