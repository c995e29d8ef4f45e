import { describe, expect, test } from 'vitest';
import { fetchAllDevices } from '../../src/active-backup/paging';
import type { Json, JsonObject } from '../../src/dsm/json';

/** Reads a NAS with `count` devices. @param change modifies a response @returns the ids read, and the requested pages */
async function read(
  count: number,
  change: (page: JsonObject, offset: number) => Json = (page) => page,
): Promise<{ ids: (number | null)[]; offsets: number[] }> {
  const all = Array.from({ length: count }, (_, index) => ({ device_id: index + 1, host_name: `pc-${index + 1}` }));
  const offsets: number[] = [];
  const devices = await fetchAllDevices(({ offset, limit }) => {
    offsets.push(offset);
    return Promise.resolve(change({ devices: all.slice(offset, offset + limit), total: count }, offset));
  });
  return { ids: devices.map(({ id }) => id), offsets };
}

const upTo = (count: number): number[] => Array.from({ length: count }, (_, index) => index + 1);

describe('the devices of a NAS', () => {
  test.each([
    { count: 0, offsets: [0] },
    { count: 1, offsets: [0] },
    { count: 200, offsets: [0] },
    { count: 201, offsets: [0, 200] },
    { count: 450, offsets: [0, 200, 400] },
  ])('$count are read in $offsets.length requests', async ({ count, offsets }) => {
    expect(await read(count)).toEqual({ ids: upTo(count), offsets });
  });

  test('are complete when the NAS has no paging', async () => {
    const devices = upTo(250).map((id) => ({ device_id: id }));
    expect((await read(250, () => ({ devices, total: 250 }))).ids).toEqual(upTo(250));
    expect((await read(250, () => ({ devices }))).ids).toEqual(upTo(250));
  });

  test('end with the page without new devices, even if the total includes devices invisible to the account', async () => {
    const { ids, offsets } = await read(3, (page) => ({ ...page, total: 900 }));
    expect(ids).toEqual(upTo(3));
    expect(offsets).toEqual([0, 3]);
  });

  test('are empty without a list', async () => {
    expect((await read(3, () => null)).ids).toEqual([]);
  });
});
