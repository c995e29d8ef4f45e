import type { JsonObject } from '../../dsm/json';
import { FS_TYPE, RELINK_STATE, wordOf } from '../codes';
import { amountOf, fieldsOf, flagOf, integerOf, numberOf, objectsOf, textOf } from '../raw';
import type { DeviceUse, Storage } from '../types';
import { percentOf, quotient, rounded, sumOfKnown } from './arithmetic';
import { parseFormat } from './format';

/** The storages of `Share.list_storage`. Source: API reference and a second NAS. */
export function parseStorages(data: unknown): Storage[] {
  return objectsOf(fieldsOf(data)['storages']).map(parseStorage);
}

/** How much smaller the store is than its data; null when either size is unknown or nothing is stored yet. */
export function dedupRatioOf(logicalBytes: number | null, dedupBytes: number | null): number | null {
  const ratio = quotient(logicalBytes, dedupBytes);
  return ratio === null || ratio === 0 ? null : rounded(ratio, 2);
}

function parseStorage(raw: JsonObject): Storage {
  const fileSystemCode = integerOf(raw['fs_type']);
  const relink = fieldsOf(raw['relink_state']);
  const relinkStateCode = integerOf(relink['state']);
  const dedupBytes = amountOf(raw['dedup_size']);
  const devices = devicesOf(fieldsOf(raw['device_info']));
  const logicalBytes = sumOfKnown(Object.values(devices).map(({ bytes }) => bytes));
  return {
    id: integerOf(raw['storage_id']),
    shareName: textOf(raw['share_name']),
    volumePath: textOf(raw['volume_path']),
    volumeName: textOf(raw['vol_name']),
    fileSystem: textOf(raw['fs_name']) ?? wordOf(FS_TYPE, fileSystemCode),
    fileSystemCode,
    mounted: flagOf(raw['mounted']),
    compacting: flagOf(raw['compacting']),
    compactingPercent: percentOf(quotient(numberOf(raw['compacting_percentage']), 100)),
    dedupBytes,
    compressedBytes: amountOf(raw['compressed_size']),
    logicalBytes,
    dedupRatio: dedupRatioOf(logicalBytes, dedupBytes),
    deviceCount: amountOf(raw['device_count']),
    devices,
    relinkState: wordOf(RELINK_STATE, relinkStateCode),
    relinkStateCode,
    relinkErrorCode: integerOf(fieldsOf(relink['error'])['code']),
    ...parseFormat(raw),
  };
}

/** DSM's prefixes: `agentless` are file servers, `dsm` other NASes. */
function devicesOf(raw: JsonObject): Storage['devices'] {
  const use = (prefix: string): DeviceUse => ({
    count: amountOf(raw[`${prefix}_count`]),
    bytes: amountOf(raw[`${prefix}_size`]),
  });
  return { pc: use('pc'), server: use('server'), vm: use('vm'), fileServer: use('agentless'), nas: use('dsm') };
}
