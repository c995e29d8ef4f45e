import { DsmError } from '../dsm/errors';
import type { ByteBudget } from '../dsm/transport';

/** Of 200 rows and more: many times what the largest NAS has. */
const MOST_PAGES = 200;
/** All pages of one list together. */
const MOST_BYTES = 128 * 1024 * 1024;

/**
 * Bounds of one list that is read page by page. A NAS whose list does not end would fill the memory; the read fails
 * instead, since a list that was cut off would be taken for a whole one.
 */
export class PageBounds {
  readonly #budget: ByteBudget = { left: MOST_BYTES };
  #pages = 0;

  /** Counts a page that is about to be asked for. @returns the bytes that are left @throws DsmError ERESPONSE */
  next(): ByteBudget {
    this.#pages += 1;
    if (this.#pages <= MOST_PAGES) return this.#budget;
    throw new DsmError('ERESPONSE', `The NAS sends a list without an end: it goes on after ${MOST_PAGES} pages`);
  }
}
