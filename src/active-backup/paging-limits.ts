import { DsmError } from '../dsm/errors';
import type { ByteBudget } from '../dsm/transport';

/** Of 200 rows and more: many times what the largest NAS has. */
const MAX_PAGES = 200;
/** All pages of one list together. */
const MAX_BYTES = 128 * 1024 * 1024;

/** How long a list that is read page by page may take. */
export interface PagingTimeLimit {
  /** In milliseconds. */
  readonly limitMs: number;
  /** Milliseconds that never go back. */
  readonly now: () => number;
}

/** For callers without a clock: pages and bytes are the only bounds. */
export const NO_TIME_LIMIT: PagingTimeLimit = { limitMs: Infinity, now: () => 0 };

/**
 * Bounds of one list that is read page by page. A NAS whose list does not end would fill the memory; the read fails
 * instead, since a list that was cut off would be taken for a whole one.
 */
export class PagingLimits {
  readonly #budget: ByteBudget = { left: MAX_BYTES };
  readonly #time: PagingTimeLimit;
  readonly #startedAt: number;
  #pages = 0;

  constructor(time: PagingTimeLimit = NO_TIME_LIMIT) {
    this.#time = time;
    this.#startedAt = time.now();
  }

  /** Counts a page that is about to be asked for. @returns the bytes that are left @throws DsmError ERESPONSE */
  next(): ByteBudget {
    this.#pages += 1;
    if (this.#pages > MAX_PAGES) {
      throw new DsmError('ERESPONSE', `The NAS sends a list without an end: it goes on after ${MAX_PAGES} pages`);
    }
    const { limitMs, now } = this.#time;
    if (this.#pages > 1 && now() - this.#startedAt > limitMs) {
      const seconds = Math.round(limitMs / 1000);
      throw new DsmError('ERESPONSE', `The NAS sends a list too slowly: it goes on after ${seconds} seconds`);
    }
    return this.#budget;
  }
}
