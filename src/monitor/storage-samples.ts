import type { Storage, Volume } from '../active-backup/storage-types';
import { storageTrend, type StorageTrend } from './storage-trend';

/** What was used of each volume, by its path: time (ISO 8601) and bytes, oldest first. */
export type VolumeSamples = Readonly<Record<string, readonly (readonly [at: string, usedBytes: number])[]>>;

/** A storage of a response, with its volume where that is known. */
type StorageOfResponse = Storage & { readonly volume?: Volume | null };

const PERIOD_MS = 6 * 3600_000;
const MAX_AGE_MS = 60 * 24 * 3600_000;
/** More volumes than any NAS has. */
const MAX_VOLUMES = 64;

/**
 * Adds a sample of each volume every six hours, and drops those older than 60 days, or of a clock that was ahead.
 * @param storages as just read @returns the very same object when nothing has changed
 */
export function addSamples(before: VolumeSamples, storages: readonly StorageOfResponse[], at: Date): VolumeSamples {
  const now = at.getTime();
  const added = new Map<string, VolumeSamples[string]>();
  for (const { volume } of storages) {
    const { path = null, usedBytes = null } = volume ?? {};
    if (path === null || usedBytes === null || added.has(path)) continue;
    const known = (before[path] ?? []).filter(([time]) => {
      const age = now - Date.parse(time);
      return age >= 0 && age <= MAX_AGE_MS;
    });
    const last = known.at(-1);
    if (last === undefined || now - Date.parse(last[0]) >= PERIOD_MS)
      added.set(path, [...known, [at.toISOString(), usedBytes]]);
  }
  if (added.size === 0) return before;
  const isFresh = (samples: VolumeSamples[string]): boolean =>
    now - Date.parse(samples.at(-1)?.[0] ?? '') <= MAX_AGE_MS;
  const others = Object.entries(before).filter(([path, samples]) => !added.has(path) && isFresh(samples));
  return Object.fromEntries([...others, ...added].slice(-MAX_VOLUMES));
}

/** Adds the growth of its volume to each storage, and when the volume is full. */
export class StorageTrends {
  readonly #trends = new Map<string, { readonly samples: VolumeSamples[string]; readonly trend: StorageTrend }>();

  /** @param volumes the last known ones, for storages of a response without volumes */
  complete<S extends StorageOfResponse>(
    storages: readonly S[],
    samples: VolumeSamples,
    at: Date,
    volumes: readonly Volume[] = [],
  ): S[] {
    return storages.map((storage) => {
      const path = storage.volume?.path ?? storage.volumePath;
      const own = path === null ? undefined : samples[path];
      if (path === null || own === undefined) return storage;
      const volume = storage.volume ?? volumes.find((each) => each.path === path);
      return { ...storage, ...this.#trendOf(path, own, volume?.freeBytes ?? null, at) };
    });
  }

  /** The growth changes with the samples only; the day on which the volume is full is that of the last of them. */
  #trendOf(path: string, samples: VolumeSamples[string], freeBytes: number | null, at: Date): StorageTrend {
    const known = this.#trends.get(path);
    if (known?.samples === samples) return known.trend;
    const trend = storageTrend(
      samples.map(([time, usedBytes]) => ({ at: time, usedBytes })),
      freeBytes,
      at,
    );
    // Without the free space the date is not known, which is not worth remembering.
    if (freeBytes !== null) this.#trends.set(path, { samples, trend });
    return trend;
  }
}
