import type { Api, Methods } from '../method';
import { AEM_METHODS } from './aem';
import { DEVICE_METHODS } from './device';
import { LOG_METHODS } from './log';
import { OVERVIEW_METHODS } from './overview';
import {
  ACTIVATION_METHODS,
  INVENTORY_METHODS,
  RESTORE_METHODS,
  SETTING_METHODS,
  TASK_TEMPLATE_METHODS,
} from './package';
import { SHARE_METHODS } from './share';
import { TASK_METHODS } from './task';
import { VERSION_METHODS } from './version';

/** An API of the package: JSON values; versions 1 and 2, of which only 1 has methods (docs/facts/dsm.md §1.0). */
const packageApi = (methods: Methods): Api => ({
  path: 'entry.cgi',
  minVersion: 1,
  maxVersion: 2,
  methodsUpTo: 1,
  requestFormat: 'JSON',
  methods,
});

/** The APIs of Active Backup for Business, absent while the package is stopped. */
export const PACKAGE_APIS: Readonly<Record<string, Api>> = {
  'SYNO.ActiveBackup.AEM': packageApi(AEM_METHODS),
  'SYNO.ActiveBackup.Activation': packageApi(ACTIVATION_METHODS),
  'SYNO.ActiveBackup.Device': packageApi(DEVICE_METHODS),
  'SYNO.ActiveBackup.Inventory': packageApi(INVENTORY_METHODS),
  'SYNO.ActiveBackup.Log': packageApi(LOG_METHODS),
  'SYNO.ActiveBackup.Overview': packageApi(OVERVIEW_METHODS),
  'SYNO.ActiveBackup.Restore': packageApi(RESTORE_METHODS),
  'SYNO.ActiveBackup.Setting': packageApi(SETTING_METHODS),
  'SYNO.ActiveBackup.Share': packageApi(SHARE_METHODS),
  'SYNO.ActiveBackup.Task': packageApi(TASK_METHODS),
  'SYNO.ActiveBackup.TaskTemplate': packageApi(TASK_TEMPLATE_METHODS),
  'SYNO.ActiveBackup.Version': packageApi(VERSION_METHODS),
};
