import { describe, expect, test } from 'vitest';
import { parseOverview } from '../../src/active-backup/model/overview';
import { spaceEvents, type StorageWithVolume } from '../../src/monitor/storage-space';

/** A storage whose volume has this much of 1000 bytes free; null: DSM sends no sizes. */
function storage(freeBytes: number | null, id = 1): StorageWithVolume {
  const volumePath = `/volume${id}`;
  const sizes = freeBytes === null ? {} : { total_bytes: '1000', used_bytes: String(1000 - freeBytes) };
  const [found] = parseOverview({
    list: { shares: [] },
    list_storage: { storages: [{ storage_id: id, volume_path: volumePath }] },
    list_volume: { volumes: [{ volume_path: volumePath, ...sizes }] },
  }).storages;
  return found!;
}

/** Checks one storage with changing free space. @returns the event of each check; `-` for none */
function checkEvents(percent: number, free: (number | null)[]): string[] {
  let low: readonly string[] = [];
  return free.map((freeBytes) => {
    const found = spaceEvents([storage(freeBytes)], low, percent);
    low = found.low;
    return found.events.map(({ event }) => event).join() || '-';
  });
}

describe('free space of 1000 bytes, low below 10 %', () => {
  test.each<[string, (number | null)[], string[]]>([
    ['plenty', [500, 120, 100], ['-', '-', '-']],
    ['low from the first check on is reported once', [99, 50, 0], ['storage_low', '-', '-']],
    ['at the limit it is not low yet', [100, 99], ['-', 'storage_low']],
    [
      'it recovers only two percent above the limit',
      [99, 100, 119, 120, 130],
      ['storage_low', '-', '-', 'storage_ok', '-'],
    ],
    ['around the limit it does not flap', [99, 101, 99, 105, 98], ['storage_low', '-', '-', '-', '-']],
    ['low again after it recovered', [99, 120, 99], ['storage_low', 'storage_ok', 'storage_low']],
    ['missing sizes change nothing', [99, null, 99, null, 120], ['storage_low', '-', '-', '-', 'storage_ok']],
    ['sizes that are always missing', [null, null], ['-', '-']],
  ])('%s', (_name, free, events) => {
    expect(checkEvents(10, free)).toEqual(events);
  });
});

test('a limit of 0 % is never reached', () => {
  expect(checkEvents(0, [500, 0])).toEqual(['-', '-']);
});

test('a volume without size is not low', () => {
  const empty = {
    ...storage(0),
    volume: { path: '/volume1', totalBytes: 0, usedBytes: 0, freeBytes: 0, usedPercent: null },
  };
  expect(spaceEvents([empty, { ...empty, volume: null }], [], 10)).toEqual({ events: [], low: [] });
});

test('several storages and several limits are independent', () => {
  const storages = [storage(150, 1), storage(50, 2)];
  const first = spaceEvents(storages, [], 10);
  const second = spaceEvents(storages, first.low, 20);
  expect(first.events).toMatchObject([{ event: 'storage_low', storage: { id: 2, volume: { freeBytes: 50 } } }]);
  expect(second.events.map(({ storage }) => storage?.id)).toEqual([1, 2]);
  expect(spaceEvents(storages, second.low, 10).events).toEqual([]);
});
