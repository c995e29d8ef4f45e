import type { JsonObject } from '../../dsm/json';
import { nonNegativeIntegerOf, objectOf, booleanOf, integerOf, objectsOf, textOf } from '../json-fields';
import type { Share } from '../storage-types';
import { parseFormat } from './format';

/**
 * Parses the shares of `Share.list` and `Share.list_encrypted`. Source: docs/facts/dsm.md §1.2. An encrypted share was never
 * captured; the same fields are assumed.
 */
export function parseShares(data: unknown): Share[] {
  const { shares } = objectOf(data);
  const defaultShare = defaultShareOf(data);
  return objectsOf(shares).map((raw) => parseShare(raw, defaultShare));
}

/** Default share of new tasks; null when DSM names none. */
export function defaultShareOf(data: unknown): string | null {
  return textOf(objectOf(data)['default_share']);
}

function parseShare(raw: JsonObject, defaultShare: string | null): Share {
  const name = textOf(raw['name']);
  const path = textOf(raw['path']);
  return {
    id: integerOf(raw['storage_id']),
    name,
    isDefault: defaultShare === null || name === null ? null : name === defaultShare,
    path,
    volumePath: path === null ? null : volumePathOf(path),
    fileSystem: textOf(raw['type']),
    freeBytes: nonNegativeIntegerOf(raw['free_space']),
    available: booleanOf(raw['available']),
    readOnly: booleanOf(raw['readonly']),
    mounted: booleanOf(raw['storage_mounted']),
    automount: booleanOf(raw['storage_automount']),
    relinkable: booleanOf(raw['relinkable']),
    volumeFull: booleanOf(raw['volume_no_space']),
    newVersionUnsupported: booleanOf(raw['not_support_new_vesion']), // DSM's own spelling
    ...parseFormat(raw),
  };
}

/** `/volume1` of `/volume1/ActiveBackupforBusiness`. */
function volumePathOf(path: string): string | null {
  return /^\/[^/]+(?=\/)/.exec(path)?.[0] ?? null;
}
