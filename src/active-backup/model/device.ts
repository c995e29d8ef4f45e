import { BACKUP_TYPE, PLATFORM, codeToName } from '../codes';
import { objectOf, booleanOf, integerOf, objectsOf, textOf, timeOf } from '../json-fields';
import type { Device } from '../types';

/** `agent_status` as seen on one NAS; any other value leaves the state unknown. */
const ONLINE: ReadonlyMap<string | undefined, boolean> = new Map([
  ['online', true],
  ['offline', false],
]);

/**
 * Parses a device of `devices[]`, `device_info` or `Device.list`. Its secrets (tokens, passwords) are not part of the
 * data model.
 * Source: API reference; `agent_status` from a NAS called with `load_status` (docs/facts/dsm.md §1.1).
 */
export function parseDevice(value: unknown): Device {
  const raw = objectOf(value);
  const typeCode = integerOf(raw['backup_type']);
  const platformCode = integerOf(raw['platform_type']);
  return {
    id: integerOf(raw['device_id']),
    uuid: textOf(raw['device_uuid']),
    name: textOf(raw['host_name']),
    type: codeToName(BACKUP_TYPE, typeCode),
    typeCode,
    platform: codeToName(PLATFORM, platformCode),
    platformCode,
    os: textOf(raw['os_name']),
    address: textOf(raw['host_ip']),
    online: ONLINE.get(textOf(raw['agent_status'])?.toLowerCase()) ?? null,
    agentCanBackup: booleanOf(raw['agent_can_backup']),
    loginUser: textOf(raw['login_user']),
    createdAt: timeOf(raw['create_time']),
    lastLoginAt: timeOf(raw['login_time']),
  };
}

/** The devices of `Device.list`. */
export function parseDevices(data: unknown): Device[] {
  return objectsOf(objectOf(data)['devices']).map(parseDevice);
}
