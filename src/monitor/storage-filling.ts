import type { StorageWithVolume } from './storage-space';

/** The storages that were reported as filling, as `id@days`, with the last time at which they were (ISO 8601). */
export type FillingStorages = Readonly<Record<string, string>>;

const DAY_MS = 24 * 3600_000;
/** A storage is filling no longer when it was not for so long: a trend around the limit does not repeat the event. */
const RECEDE_MS = 3 * DAY_MS;

/**
 * Whether a storage will be full within so many days, and was not reported as such.
 * @param days 0: no event
 * @returns `isNew`: report it; the very same object as `before` when nothing has changed
 */
export function fillingAfter(
  { id, volume, fullAt }: StorageWithVolume,
  before: FillingStorages,
  days: number,
  at: Date,
): { isNew: boolean; filling: FillingStorages } {
  const unchanged = { isNew: false, filling: before };
  // Without sizes nothing can be said.
  if (days <= 0 || (volume?.freeBytes ?? null) === null) return unchanged;
  const key = `${id ?? '?'}@${days}`;
  const last = before[key];
  const age = last === undefined ? Infinity : at.getTime() - Date.parse(last);
  const isFilling = fullAt !== null && Date.parse(fullAt) - at.getTime() <= days * DAY_MS;
  if (isFilling) {
    if (age >= 0 && age < DAY_MS) return unchanged;
    return { isNew: last === undefined, filling: { ...before, [key]: at.toISOString() } };
  }
  if (last === undefined || (age >= 0 && age < RECEDE_MS)) return unchanged;
  return { isNew: false, filling: Object.fromEntries(Object.entries(before).filter(([each]) => each !== key)) };
}
