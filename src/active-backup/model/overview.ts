import type { Share, Storage, StorageOverview, StorageTotals, Volume } from '../storage-types';
import { percentOf, divide, sumOfKnown } from '../known-values';
import { defaultShareOf, parseShares, dedupRatioOf, parseStorages, parseVolumes } from './storage';

/** DSM's responses to the three methods of the overview. */
export interface RawOverview {
  list: unknown;
  list_storage: unknown;
  list_volume: unknown;
}

/** Adds volume and share to each storage, and calculates the totals. */
export function parseOverview({ list, list_storage, list_volume }: RawOverview): StorageOverview {
  const shares = parseShares(list);
  const volumes = parseVolumes(list_volume);
  const storages = parseStorages(list_storage).map((storage) => ({
    ...storage,
    volume: volumes.find(({ path }) => path !== null && path === storage.volumePath) ?? null,
    share: shareOf(storage, shares),
  }));
  return { defaultShare: defaultShareOf(list), storages, volumes, totals: totalsOf(storages, volumes) };
}

/** By the storage's id, or by name, because older releases send only the name. */
function shareOf({ id, shareName }: Storage, shares: readonly Share[]): Share | null {
  const byId = shares.find((share) => share.id !== null && share.id === id);
  return byId ?? shares.find(({ name }) => name !== null && name === shareName) ?? null;
}

function totalsOf(storages: readonly Storage[], volumes: readonly Volume[]): StorageTotals {
  const dedupBytes = sumOfKnown(storages.map((storage) => storage.dedupBytes));
  const logicalBytes = sumOfKnown(storages.map((storage) => storage.logicalBytes));
  const totalBytes = sumOfKnown(volumes.map((volume) => volume.totalBytes));
  const usedBytes = sumOfKnown(volumes.map((volume) => volume.usedBytes));
  return {
    storageCount: storages.length,
    deviceCount: sumOfKnown(storages.map((storage) => storage.deviceCount)),
    dedupBytes,
    logicalBytes,
    dedupRatio: dedupRatioOf(logicalBytes, dedupBytes),
    totalBytes,
    usedBytes,
    freeBytes: sumOfKnown(volumes.map((volume) => volume.freeBytes)),
    usedPercent: percentOf(divide(usedBytes, totalBytes)),
  };
}
