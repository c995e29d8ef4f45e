import type { Json } from '../dsm/json';
import type { ByteBudget } from '../dsm/transport';
import { parseDevices } from './model/device';
import { NO_TIME_LIMIT, PagingLimits, type PagingTimeLimit } from './paging-limits';
import { nonNegativeIntegerOf, objectOf } from './json-fields';
import type { Device } from './types';

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
