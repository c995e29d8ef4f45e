import type { JsonObject } from '../../dsm/json';
import { STORAGE_COMPRESSION, STORAGE_ENCRYPTION, codeToName, FS_TYPE, RELINK_STATE } from '../codes';
import { integerOf, nonNegativeIntegerOf, objectOf, booleanOf, numberOf, objectsOf, textOf } from '../json-fields';
import type { StorageFormat, DeviceUse, Storage, Share, Volume } from '../storage-types';
import { percentOf, divide, rounded, sumOfKnown } from '../known-values';

/** Parses encryption and compression, which shares and storages have in common; null for an unlisted number. */
function parseFormat(raw: JsonObject): StorageFormat {
  const encryptionCode = integerOf(raw['storage_encrypt_algorithm']);
  const compressionCode = integerOf(raw['storage_compress_algorithm']);
  return {
    encrypted: isUsed(codeToName(STORAGE_ENCRYPTION, encryptionCode)),
    encryptionCode,
    compressed: isUsed(codeToName(STORAGE_COMPRESSION, compressionCode)),
    compressionCode,
  };
}

function isUsed(word: string): boolean | null {
  if (word === 'none') return false;
  return word === 'unknown' || word === 'not_set' ? null : true;
}

/** The storages of `Share.list_storage`. Source: docs/facts/dsm.md §1.2, and a second NAS. */
export function parseStorages(data: unknown): Storage[] {
  return objectsOf(objectOf(data)['storages']).map(parseStorage);
}

/** Size of the data divided by the size of the storage; null when either is unknown or nothing is stored yet. */
export function dedupRatioOf(logicalBytes: number | null, dedupBytes: number | null): number | null {
  const ratio = divide(logicalBytes, dedupBytes);
  return ratio === null || ratio === 0 ? null : rounded(ratio, 2);
}

function parseStorage(raw: JsonObject): Storage {
  const fileSystemCode = integerOf(raw['fs_type']);
  const relink = objectOf(raw['relink_state']);
  const relinkStateCode = integerOf(relink['state']);
  const dedupBytes = nonNegativeIntegerOf(raw['dedup_size']);
  const devices = devicesOf(objectOf(raw['device_info']));
  const logicalBytes = sumOfKnown(Object.values(devices).map(({ bytes }) => bytes));
  return {
    id: integerOf(raw['storage_id']),
    shareName: textOf(raw['share_name']),
    volumePath: textOf(raw['volume_path']),
    volumeName: textOf(raw['vol_name']),
    fileSystem: textOf(raw['fs_name']) ?? codeToName(FS_TYPE, fileSystemCode),
    fileSystemCode,
    mounted: booleanOf(raw['mounted']),
    compacting: booleanOf(raw['compacting']),
    compactingPercent: percentOf(divide(numberOf(raw['compacting_percentage']), 100)),
    dedupBytes,
    compressedBytes: nonNegativeIntegerOf(raw['compressed_size']),
    logicalBytes,
    dedupRatio: dedupRatioOf(logicalBytes, dedupBytes),
    deviceCount: nonNegativeIntegerOf(raw['device_count']),
    devices,
    relinkState: codeToName(RELINK_STATE, relinkStateCode),
    relinkStateCode,
    relinkErrorCode: integerOf(objectOf(relink['error'])['code']),
    growthBytesPerDay: null,
    fullAt: null,
    ...parseFormat(raw),
  };
}

/** DSM's prefixes: `agentless` for file servers, `dsm` for other NASes. */
function devicesOf(raw: JsonObject): Storage['devices'] {
  const use = (prefix: string): DeviceUse => ({
    count: nonNegativeIntegerOf(raw[`${prefix}_count`]),
    bytes: nonNegativeIntegerOf(raw[`${prefix}_size`]),
  });
  return { pc: use('pc'), server: use('server'), vm: use('vm'), fileServer: use('agentless'), nas: use('dsm') };
}

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
