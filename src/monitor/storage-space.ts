import type { StorageOverview } from '../active-backup/types';
import type { NasEvent } from './events';

/** A storage of the overview, with its volume. */
export type StorageWithVolume = StorageOverview['storages'][number];

/** So much more than the limit must be free again before a storage counts as recovered: a value at the limit would flap. */
const HYSTERESIS_PERCENT = 2;

/**
 * Which storages have become low, or have recovered.
 * @param low those that were low, as `id@percent`; @param percent free space below this is low
 * @returns the events, and what is low now
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

/** Whether a storage is low, when `low` were low before; see {@link spaceEvents}. */
export function isLow(storage: StorageWithVolume, low: readonly string[], percent: number): boolean {
  return spaceEvents([storage], low, percent).low.includes(keyOf(storage, percent));
}

/** Whether any storage is among those that `low` remembers as low. */
export function wasAnyLow(low: readonly string[], percent: number): boolean {
  return low.some((key) => key.endsWith(`@${percent}`));
}

function keyOf({ id }: StorageWithVolume, percent: number): string {
  return `${id ?? '?'}@${percent}`;
}

/** Null when DSM does not tell the sizes of the volume. */
function freePercent({ volume }: StorageWithVolume): number | null {
  const { totalBytes = null, freeBytes = null } = volume ?? {};
  return totalBytes === null || freeBytes === null || totalBytes <= 0 ? null : (100 * freeBytes) / totalBytes;
}
