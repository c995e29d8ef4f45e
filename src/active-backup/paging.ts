import { DsmError } from '../dsm/errors';
import type { ByteBudget } from '../dsm/transport';
import type { Json } from '../dsm/json';
import { parseDevices } from './model/task';
import { nonNegativeIntegerOf, objectOf } from './json-fields';
import type { Device } from './types';

/** Pages have 200 rows or more: many times the size of the largest NAS. */
const MAX_PAGES = 200;
/** Limit for all pages of one list. */
const MAX_BYTES = 128 * 1024 * 1024;

/** Time limit of a list that is read in pages. */
export interface PagingTimeLimit {
  /** In milliseconds. */
  readonly limitMs: number;
  /** Milliseconds of a monotonic clock. */
  readonly now: () => number;
}

/** For callers without a clock: only pages and bytes are limited. */
export const NO_TIME_LIMIT: PagingTimeLimit = { limitMs: Infinity, now: () => 0 };

/**
 * Limits of one list that is read in pages, so that an endless list cannot fill the memory. The read fails then,
 * because a truncated list would be mistaken for a complete one.
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

  /** Counts a page before it is requested. @returns the remaining bytes @throws DsmError ERESPONSE */
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

const ROWS_PER_REQUEST = 200;

/**
 * Every device of `Device.list`, read in pages, each once.
 * @param readPage one page of `Device.list`; @param time time limit of all pages
 */
export async function fetchAllDevices(
  readPage: (page: { offset: number; limit: number }, budget: ByteBudget) => Promise<Json>,
  time: PagingTimeLimit = NO_TIME_LIMIT,
): Promise<Device[]> {
  const bounds = new PagingLimits(time);
  const devices = new Map<number | null, Device>();
  for (let offset = 0, total = 1; offset < total;) {
    const page = objectOf(await readPage({ offset, limit: ROWS_PER_REQUEST }, bounds.next()));
    const rows = parseDevices(page);
    const known = devices.size;
    for (const device of rows) devices.set(device.id, device);
    // `total` may count devices this account cannot see, so a page without new devices is the last.
    total = devices.size === known ? 0 : (nonNegativeIntegerOf(page['total']) ?? 0);
    offset += rows.length;
  }
  return [...devices.values()];
}
