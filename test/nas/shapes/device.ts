import type { JsonObject } from '../../../src/dsm/json';
import { plantedSecret } from '../secrets';
import { BACKUP_TYPE, hasAgent } from '../world';
import type { Device, World } from '../world';

/** A device in `Device.list` and `Task.list_with_device`: every captured field, including secrets. */
export function deviceFields(world: World, device: Device): JsonObject {
  return {
    agent_token: plantedSecret('agentToken', device.id),
    agentless_auth_policy: 0,
    auto_discovery: false,
    backup_type: BACKUP_TYPE[device.type],
    create_time: device.createdAt,
    device_id: device.id,
    device_uuid: device.uuid,
    dsm_model: device.type === 'nas' ? 'DS224+' : '',
    dsm_unique: device.type === 'nas' ? `synology_geminilakenk_${device.id}` : '',
    host_ip: device.address,
    host_name: device.hostName,
    host_port: 0,
    hypervisor_id: device.type === 'vm' ? device.uuid.toLowerCase() : '',
    inventory_id: device.type === 'vm' ? 1 : 0,
    kernel_version: device.platform === 2 ? '6.1.0-18-amd64' : '',
    login_password: plantedSecret('loginPassword', device.id),
    login_time: device.loggedInAt,
    login_user: device.loginUser,
    login_user_id: device.loginUser === '' ? 0 : 1026 + device.id,
    mssql_password: plantedSecret('mssqlPassword', device.id),
    mssql_user: '',
    oracle_password: plantedSecret('oraclePassword', device.id),
    oracle_user: '',
    os_name: device.osName,
    time_zone: world.utcOffsetSeconds,
    vm_moid_path: device.type === 'vm' ? `/Datacenter/vm/${device.hostName}` : '',
    ...device.fields,
  };
}

/** A device in `Task.list`, which adds its platform and, with `load_status`, the state of its agent. */
export function taskDeviceFields(world: World, device: Device, loadStatus: boolean): JsonObject {
  const status =
    loadStatus && hasAgent(device.type)
      ? {
          agent_can_backup: device.online && device.canBackup,
          agent_driver_status: 'enable',
          agent_status: device.online ? 'online' : 'offline',
          driver_status: null,
        }
      : {};
  return { ...deviceFields(world, device), platform_type: device.platform, ...status, ...device.fields };
}
