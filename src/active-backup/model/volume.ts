import type { JsonObject } from '../../dsm/json';
import { nonNegativeIntegerOf, objectOf, objectsOf, textOf } from '../json-fields';
import type { Volume } from '../storage-types';
import { percentOf, divide } from './arithmetic';

/** The volumes of `Share.list_volume`, which sends its numbers as strings (docs/facts/dsm.md §6.1). */
export function parseVolumes(data: unknown): Volume[] {
  return objectsOf(objectOf(data)['volumes']).map(parseVolume);
}

function parseVolume(raw: JsonObject): Volume {
  const totalBytes = nonNegativeIntegerOf(raw['total_bytes']);
  const usedBytes = nonNegativeIntegerOf(raw['used_bytes']);
  return {
    path: textOf(raw['volume_path']),
    totalBytes,
    usedBytes,
    freeBytes: totalBytes === null || usedBytes === null ? null : Math.max(0, totalBytes - usedBytes),
    usedPercent: percentOf(divide(usedBytes, totalBytes)),
  };
}
