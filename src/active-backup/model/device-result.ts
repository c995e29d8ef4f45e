import { epochSecondsOf, integerOf, objectOf, objectsOf } from '../json-fields';
import type { JsonObject } from '../../dsm/json';
import type { Device, DeviceResult } from '../types';
import { parseOutcome } from './result';
import { parseDevice } from './task';

/** The outcomes of the backups of one device. */
export interface DeviceResults {
  readonly device: Device;
  /** In the order of their ids, without duplicates; `taskId` and `reason` are null. */
  readonly results: readonly DeviceResult[];
}

/**
 * Parses `Overview.list_device_transfer_size`: a row for each device, also without a backup in the window. The order of
 * `transfer_list` is not dependable, and a device whose own fields are missing is identified by those of its transfers.
 * Source: docs/facts/dsm.md §2.1.
 * @throws TypeError when there is no list: it must not be taken for a time without backups
 */
export function parseDeviceResults(data: unknown): DeviceResults[] {
  if (objectOf(data)['device_list'] === undefined) throw new TypeError('There is no list of devices');
  return objectsOf(objectOf(data)['device_list']).map((row) => {
    const transfers = objectsOf(row['transfer_list']);
    return { device: deviceOf(objectOf(row['device']), transfers), results: resultsOf(transfers) };
  });
}

function deviceOf(raw: JsonObject, transfers: readonly JsonObject[]): Device {
  if (raw['device_id'] !== undefined && raw['host_name'] !== undefined) return parseDevice(raw);
  const first = objectOf(transfers[0]);
  const device_id = raw['device_id'] ?? first['config_device_id'];
  const host_name = raw['host_name'] ?? first['device_name'];
  return parseDevice({ ...raw, ...defined({ device_id, host_name }) });
}

function defined(fields: Readonly<Record<string, JsonObject[string] | undefined>>): JsonObject {
  return Object.fromEntries(
    Object.entries(fields).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
}

function resultsOf(transfers: readonly JsonObject[]): DeviceResult[] {
  const inOrder = [...transfers].sort(
    (one, other) => idOf(one, 'result_id') - idOf(other, 'result_id') || endTime(one) - endTime(other),
  );
  const results = inOrder.map(parseDeviceResult);
  // Of several rows of one result, the one that ended last counts.
  return results.filter(({ resultId }, index) => resultId === null || results[index + 1]?.resultId !== resultId);
}

function parseDeviceResult(raw: JsonObject): DeviceResult {
  return { resultId: integerOf(raw['result_id']), taskId: null, ...parseOutcome(raw), reason: null };
}

function idOf(raw: JsonObject, name: string): number {
  return integerOf(raw[name]) ?? 0;
}

function endTime(raw: JsonObject): number {
  return epochSecondsOf(raw['time_end']) ?? 0;
}
