import { describe, expect, test } from 'vitest';
import type { NasSnapshot } from '../../src/monitor/snapshot';
import { addSamples, type VolumeSamples } from '../../src/monitor/storage-samples';
import { fillingAfter, type FillingStorages } from '../../src/monitor/storage-filling';
import type { StorageWithVolume } from '../../src/monitor/storage-space';
import { parseStorages } from '../../src/active-backup/model/storage';
import { startMonitored, type ManualMonitor } from './support/connect';
import type { Nas } from '../nas/index';

const HOUR = 3600;
const DAY_MS = 24 * HOUR * 1000;
const NOW = new Date('2026-03-10T12:00:00Z');

function storage(id: number, fields: Partial<StorageWithVolume> = {}): StorageWithVolume {
  const [parsed] = parseStorages({ storages: [{ storage_id: id, share_name: `S${id}`, volume_path: '/volume1' }] });
  const volume = { path: '/volume1', totalBytes: 1000, usedBytes: 400, freeBytes: 600, usedPercent: 40 };
  return { ...parsed!, share: null, volume, ...fields };
}

/** Polls every six hours while every volume grows by a part of its size per day. */
async function grow(nas: Nas, monitor: ManualMonitor, days: number, perDay: number): Promise<string[]> {
  const reported: string[] = [];
  for (let quarter = 0; quarter < days * 4; quarter += 1) {
    for (const volume of nas.state.volumes) volume.usedBytes += Math.round((volume.totalBytes * perDay) / 4);
    reported.push(...(await monitor.poll(6 * HOUR)));
  }
  return reported.filter((event) => event.startsWith('storage_filling'));
}

describe('the monitor', () => {
  test('reports a storage that will be full soon once, over a restart, with its growth in snapshots and lists', async () => {
    const { nas, monitor } = await startMonitored({}, { fullWithinDays: 30 });
    for (const volume of nas.state.volumes) volume.usedBytes = Math.round(volume.totalBytes * 0.4);
    const reported = await grow(nas, monitor, 9, 0.02);
    expect(reported.length).toBeGreaterThan(0);
    expect(new Set(reported).size).toBe(reported.length);
    const snapshots: NasSnapshot[] = [];
    monitor.nasMonitor.onSnapshot((snapshot) => snapshots.push(snapshot), 10);
    monitor.restart();
    monitor.nasMonitor.onSnapshot((snapshot) => snapshots.push(snapshot), 10);
    expect(await grow(nas, monitor, 2, 0.02)).toEqual([]);
    const [shown] = snapshots.at(-1)?.storages ?? [];
    const total = shown?.volume?.totalBytes ?? 0;
    expect((shown?.growthBytesPerDay ?? 0) / total).toBeCloseTo(0.02, 2);
    expect(Date.parse(shown?.fullAt ?? '')).toBeGreaterThan(nas.clock.now() * 1000);
    const bare = { ...shown!, growthBytesPerDay: null, fullAt: null };
    const [listed] = monitor.nasMonitor.completeStorages([bare], new Date(nas.clock.now() * 1000));
    expect(listed).toMatchObject({ growthBytesPerDay: shown?.growthBytesPerDay, fullAt: shown?.fullAt });
  });

  test('reports nothing in the first week, nor while nothing grows', async () => {
    const { nas, monitor } = await startMonitored({}, { fullWithinDays: 30 });
    for (const volume of nas.state.volumes) volume.usedBytes = Math.round(volume.totalBytes * 0.4);
    expect(await grow(nas, monitor, 5, 0.02)).toEqual([]);
    const { nas: still, monitor: other } = await startMonitored({}, { fullWithinDays: 30 });
    expect(await grow(still, other, 9, 0)).toEqual([]);
  });
});

describe('samples of a volume', () => {
  test('are taken every six hours, kept for 60 days, and one for each volume', () => {
    let samples: VolumeSamples = {};
    for (let hour = 0; hour < 24 * 70; hour += 1)
      samples = addSamples(samples, [storage(1), storage(2)], new Date(NOW.getTime() + hour * HOUR * 1000));
    expect(Object.keys(samples)).toEqual(['/volume1']);
    expect(samples['/volume1']?.length).toBeLessThanOrEqual(241);
    expect(samples['/volume1']?.length).toBeGreaterThan(235);
  });

  test('are the very same object when none is due, or the volume is unknown', () => {
    const samples = addSamples({}, [storage(1)], NOW);
    expect(addSamples(samples, [storage(1)], new Date(NOW.getTime() + HOUR * 1000))).toBe(samples);
    expect(addSamples(samples, [storage(1, { volume: null })], new Date(NOW.getTime() + DAY_MS))).toBe(samples);
  });

  test('of a clock that was ahead are dropped', () => {
    const ahead = addSamples({}, [storage(1)], new Date(NOW.getTime() + 400 * DAY_MS));
    expect(addSamples(ahead, [storage(1)], NOW)['/volume1']).toEqual([[NOW.toISOString(), 400]]);
  });
});

test('a storage is filling until it was not for three days: a trend around the limit repeats nothing', () => {
  const soon = storage(1, { fullAt: new Date(NOW.getTime() + 20 * DAY_MS).toISOString() });
  const never = storage(1);
  let filling: FillingStorages = {};
  const days: [number, StorageWithVolume][] = [
    [0, soon],
    [1, soon],
    [2, soon],
    [3, never],
    [4, soon],
    [6, never],
    [7.5, never],
    [8, soon],
  ];
  const reported = days.map(([day, each]) => {
    const after = fillingAfter(each, filling, 30, new Date(NOW.getTime() + day * DAY_MS));
    filling = after.filling;
    return after.isNew;
  });
  expect(reported).toEqual([true, false, false, false, false, false, false, true]);
});
