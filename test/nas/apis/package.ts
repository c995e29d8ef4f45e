import { method } from '../method';
import type { Methods } from '../method';
import { isJsonObject } from '../../../src/dsm/json';
import { plantedSecret } from '../secrets';
import { CODE, ApiError } from '../api-error';

/** SYNO.ActiveBackup.Activation: the serial number, available to accounts that DSM.Info refuses. */
export const ACTIVATION_METHODS: Methods = {
  get: method('read', {}, ({ world }) => ({ activated: world.activated, serial_number: world.serialNumber })),
};

const CERTIFICATES = {
  cert_from_dsm: {
    cert_common_name: 'synology',
    cert_issuer: 'Synology Inc. CA',
    cert_san: ['synology'],
    cert_tillTime: 'Nov 20 03:17:39 2036 GMT',
  },
  cert_from_package: {
    cert_common_name: 'Active Backup for Business',
    cert_issuer: 'Synology Active Backup for Business',
    cert_san: ['Active Backup for Business'],
    cert_tillTime: 2079189993468,
  },
  cert_use_package: false,
};

/** SYNO.ActiveBackup.Setting: every value is a string (docs/facts/dsm.md §2.4). */
export const SETTING_METHODS: Methods = {
  list: method('read', {}, ({ world }) => ({
    cert_info: CERTIFICATES,
    settings: [...world.settings].map(([name, value], index) => ({ id: index + 1, name, value })),
  })),
  set: method('admin', { settings: { type: 'array', required: true } }, ({ world, parameters }) => {
    for (const setting of parameters.settings) {
      const { name, value } = isJsonObject(setting) ? setting : {};
      if (typeof name !== 'string' || typeof value !== 'string') {
        throw new ApiError(CODE.badParameter, { name: 'settings', reason: 'type' });
      }
      world.settings.set(name, value);
    }
    return undefined;
  }),
};

/** SYNO.ActiveBackup.Inventory: the hypervisors; empty without virtual machines. */
export const INVENTORY_METHODS: Methods = {
  list: method('read', { filter: { type: 'object' } }, ({ world }) => {
    if (![...world.devices.values()].some(({ type }) => type === 'vm')) return [];
    return [
      {
        host_addr: '192.168.1.20',
        host_name: 'vcenter.office.lan',
        host_password: plantedSecret('inventoryPassword', 1),
        host_type: 2,
        host_user: 'backup@vsphere.local',
        inventory_id: 1,
      },
    ];
  }),
};

/** SYNO.ActiveBackup.Restore: restores are not simulated. */
export const RESTORE_METHODS: Methods = {
  list: method('read', {}, () => ({ restore_infos: [], total: 0 })),
};

/** SYNO.ActiveBackup.TaskTemplate: the template for new PCs; retention values are numbers here (docs/facts/dsm.md §3.5). */
export const TASK_TEMPLATE_METHODS: Methods = {
  list: method('read', {}, ({ world }) => ({
    success: true,
    template_list: [
      {
        backup_type: 2,
        custom_volume: [],
        instant_backup: false,
        is_default: true,
        plan_uuid: '',
        platform_type: 1,
        priority_order: 1,
        retention_policy: {
          gfs_days: 7,
          gfs_months: 12,
          gfs_weeks: 4,
          gfs_years: 3,
          keep_all: false,
          keep_versions: 7,
        },
        sched_content: {
          repeat_type: 'Weekly',
          run_hour: 3,
          run_min: 0,
          run_weekday: [0],
          schedule_setting_type: 1,
        },
        share_name: world.shares[0]?.name ?? '',
        source_type: 1,
        target_name: '',
        target_type: 0,
        template_id: 1,
        template_name: 'Default',
      },
    ],
    total: 1,
  })),
};
