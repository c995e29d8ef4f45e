import type { JsonObject } from '../../dsm/json';
import { amountOf, fieldsOf, objectsOf, textOf } from '../raw';
import type { Volume } from '../types';
import { percentOf, quotient } from './arithmetic';

/** The volumes of `Share.list_volume`, which sends its numbers as strings (DSM facts 6.1). */
export function parseVolumes(data: unknown): Volume[] {
  return objectsOf(fieldsOf(data)['volumes']).map(parseVolume);
}

function parseVolume(raw: JsonObject): Volume {
  const totalBytes = amountOf(raw['total_bytes']);
  const usedBytes = amountOf(raw['used_bytes']);
  return {
    path: textOf(raw['volume_path']),
    totalBytes,
    usedBytes,
    freeBytes: totalBytes === null || usedBytes === null ? null : Math.max(0, totalBytes - usedBytes),
    usedPercent: percentOf(quotient(usedBytes, totalBytes)),
  };
}
