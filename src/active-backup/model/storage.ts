import type { JsonObject } from '../../dsm/json';
import { FS_TYPE, RELINK_STATE, codeToName } from '../codes';
import { nonNegativeIntegerOf, objectOf, booleanOf, integerOf, numberOf, objectsOf, textOf } from '../json-fields';
import type { DeviceUse, Storage } from '../storage-types';
import { percentOf, divide, rounded, sumOfKnown } from './arithmetic';
import { parseFormat } from './format';

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
