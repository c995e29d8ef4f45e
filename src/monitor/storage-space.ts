import type { StorageOverview } from '../active-backup/storage-types';
import type { NasEvent } from './events';

/** A storage with its volume. */
export type StorageWithVolume = StorageOverview['storages'][number];

/** A storage recovers when this much more than the limit is free, so that a value around the limit does not flap. */
const HYSTERESIS_PERCENT = 2;

/**
 * Finds the storages that have become low or have recovered.
 * @param low storages that were low, as `id@percent` @param percent free space below this is low
 * @returns the events, and the storages that are low now
 */
export function spaceEvents(
  storages: readonly StorageWithVolume[],
  low: readonly string[],
  percent: number,
): { events: Pick<NasEvent, 'event' | 'storage'>[]; low: string[] } {
  const events: Pick<NasEvent, 'event' | 'storage'>[] = [];
  const now = new Set(low);
  for (const storage of storages) {
    const key = keyOf(storage, percent);
    const free = freePercent(storage);
    if (free === null) continue;
    if (!now.has(key) && free < percent) {
      now.add(key);
      events.push({ event: 'storage_low', storage });
    } else if (now.has(key) && free >= percent + HYSTERESIS_PERCENT) {
      now.delete(key);
      events.push({ event: 'storage_ok', storage });
    }
  }
  return { events, low: [...now] };
}

/** Whether a storage is low now. @param low storages that were low, see {@link spaceEvents} */
export function isLow(storage: StorageWithVolume, low: readonly string[], percent: number): boolean {
  return spaceEvents([storage], low, percent).low.includes(keyOf(storage, percent));
}

/** Whether any storage was low by this limit. */
export function wasAnyLow(low: readonly string[], percent: number): boolean {
  return low.some((key) => key.endsWith(`@${percent}`));
}

function keyOf({ id }: StorageWithVolume, percent: number): string {
  return `${id ?? '?'}@${percent}`;
}

/** Null when DSM sends no sizes of the volume. */
function freePercent({ volume }: StorageWithVolume): number | null {
  const { totalBytes = null, freeBytes = null } = volume ?? {};
  return totalBytes === null || freeBytes === null || totalBytes <= 0 ? null : (100 * freeBytes) / totalBytes;
}
