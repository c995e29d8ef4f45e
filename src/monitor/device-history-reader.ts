import { isLogUnavailable } from '../active-backup/backup-log';
import type { DeviceResults } from '../active-backup/model/device-result';
import type { Result } from '../active-backup/types';
import { KEPT_MS } from './device-record';
import type { MonitorClient } from './monitor-client';
import { RetryTimer } from './throttle';

const DAY_MS = 24 * 3600_000;
/** From one read to the next while nothing ends. */
const PERIOD_MS = 15 * 60_000;
/** The longest window of a request (docs/facts/dsm.md §2.1). */
const MAX_WINDOW_MS = 31 * DAY_MS;
/** The window after failures: the answer may have been too large. */
const MIN_WINDOW_MS = 4 * DAY_MS;
/** Read again with each read: a run may end, and an outcome may change, after it was read. */
const OVERLAP_MS = 2 * DAY_MS;
/** The clock of the NAS may be ahead of the one of Node-RED. */
const AHEAD_MS = DAY_MS;
/** Windows read for one poll: enough for {@link KEPT_MS}. */
const MAX_WINDOWS = 5;
/** Without a successful read for this long, what was read no longer says how the devices are. */
const MAX_AGE_MS = 4 * PERIOD_MS;

/** What was read: the outcomes, and the time up to which all are known. */
export interface OutcomesRead {
  readonly rows: readonly DeviceResults[];
  /** ISO 8601 (UTC). */
  readonly readUntil: string;
}

/** What is known before a read. */
export interface ReadBasis {
  /** All outcomes up to this time are known (ISO 8601, UTC); null: none. */
  readonly readUntil: string | null;
  /** The earliest start of a run that had not ended at the last read; null: none. */
  readonly openSince: string | null;
}

/**
 * Reads the outcomes of devices in windows: at once when a backup ended, else every 15 minutes. A failed read is repeated at the
 * next poll, then at growing delays; where the NAS has no such API, or refuses it, at the next period.
 */
export class DeviceHistoryReader {
  readonly #read: MonitorClient['deviceResults'];
  readonly #timer = new RetryTimer(PERIOD_MS);
  #windowMs = MAX_WINDOW_MS;
  #isRefused = false;
  /** When the last window was read that reached the present (epoch ms). */
  #currentSince = -Infinity;

  constructor(read: MonitorClient['deviceResults']) {
    this.#read = read;
  }

  /** Makes the next {@link read} request everything that may be new; until then nothing counts as known. */
  restart(): void {
    this.#timer.expire();
    this.#currentSince = -Infinity;
    this.#isRefused = false;
  }

  /** Makes the next {@link read} due. */
  expire(): void {
    this.#timer.expire();
  }

  /** Whether what was read last still says how the devices are. */
  isCurrent(at: Date): boolean {
    return Math.abs(at.getTime() - this.#currentSince) < MAX_AGE_MS;
  }

  /** @param ended whether a backup has ended since the last read */
  isDue(at: Date, ended: boolean): boolean {
    return this.#timer.isDue(at.getTime()) || (ended && !this.#isRefused);
  }

  /**
   * Reads what may be new; does not reject.
   * @param ended the backups that ended; those of a wrong clock are read in a window of their own
   * @param onRead receives the outcomes of each window
   */
  async read(
    at: Date,
    basis: ReadBasis,
    ended: readonly Pick<Result, 'startedAt' | 'endedAt'>[],
    onRead: (read: OutcomesRead) => void,
  ): Promise<void> {
    const now = at.getTime();
    let { readUntil } = basis;
    let reached = 0;
    const outside = windowOutside(this.#firstWindow(now, basis).from, now + AHEAD_MS, ended);
    try {
      for (let count = 0; count < MAX_WINDOWS; count += 1) {
        const { from, to } = count === 0 ? this.#firstWindow(now, basis) : this.#windowFrom(now, reached);
        const rows = await this.#read(new Date(from), new Date(to));
        reached = to;
        readUntil = new Date(Math.min(to, now)).toISOString();
        onRead({ rows, readUntil });
        if (to >= now) break;
      }
      if (outside !== null && readUntil !== null)
        onRead({ rows: await this.#read(outside.from, outside.to), readUntil });
      this.#succeeded(now, readUntil);
    } catch (error) {
      this.#failed(now, error);
    }
  }

  #succeeded(now: number, readUntil: string | null): void {
    const isComplete = readUntil !== null && Date.parse(readUntil) >= now;
    this.#isRefused = false;
    if (isComplete) {
      this.#currentSince = now;
      this.#windowMs = MAX_WINDOW_MS;
      this.#timer.succeeded(now);
    } else this.#timer.expire();
  }

  #failed(now: number, error: unknown): void {
    this.#isRefused = isLogUnavailable(error);
    if (this.#isRefused) {
      this.#currentSince = -Infinity;
      this.#timer.succeeded(now);
      return;
    }
    this.#windowMs = Math.max(MIN_WINDOW_MS, this.#windowMs / 2);
    this.#timer.failed(now);
  }

  #firstWindow(now: number, { readUntil, openSince }: ReadBasis): { from: number; to: number } {
    const oldest = now - KEPT_MS;
    const known = readUntil === null ? oldest : Math.min(Date.parse(readUntil), now) - OVERLAP_MS;
    const open = openSince === null ? Infinity : Date.parse(openSince);
    const back = now + AHEAD_MS - this.#windowMs;
    return this.#windowFrom(now, Math.max(oldest, Math.min(known, Math.max(open, back))));
  }

  #windowFrom(now: number, from: number): { from: number; to: number } {
    return { from, to: Math.min(from + this.#windowMs, now + AHEAD_MS) };
  }
}

/** A window around the backups whose times come from a wrong clock, so that no other window contains them; null: none. */
function windowOutside(
  from: number,
  to: number,
  ended: readonly Pick<Result, 'startedAt' | 'endedAt'>[],
): { from: Date; to: Date } | null {
  const times = ended
    .flatMap(({ endedAt }) => (endedAt === null ? [] : [Date.parse(endedAt)]))
    .filter((time) => time > to || time < from);
  if (times.length === 0) return null;
  const last = times.reduce((one, other) => Math.max(one, other)) + AHEAD_MS;
  const first = times.reduce((one, other) => Math.min(one, other)) - OVERLAP_MS;
  return { from: new Date(Math.max(0, first, last - MAX_WINDOW_MS)), to: new Date(last) };
}
