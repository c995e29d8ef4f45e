import { describe, expect, test } from 'vitest';
import {
  ACCESS_LEVELS,
  COMPOSITE_METHODS,
  includesLevel,
  methodName,
  methodOf,
  METHODS,
  methodsOf,
  type Method,
} from '../../src/active-backup/methods';
import { ACTIVE_BACKUP_ERRORS } from '../../src/active-backup/errors';

const ROWS: [string, Method][] = Object.entries(METHODS);

/** Every method of the API reference with its level and required parameters as in docs/interface.md §3. */
const REFERENCE = [
  ['Task', 'backup', 'operate', 'task_ids'],
  ['Task', 'cancel', 'operate', 'task_ids'],
  ['Task', 'cancel_waiting_backup', 'operate', ''],
  ['Task', 'create_agent', 'manage', ''],
  ['Task', 'create_agentless', 'manage', ''],
  ['Task', 'create_vm', 'manage', ''],
  ['Task', 'create_vm_check', 'read', ''],
  ['Task', 'get_default_task_name', 'read', 'backup_type'],
  ['Task', 'list', 'read', ''],
  ['Task', 'list_vm_check', 'read', ''],
  ['Task', 'list_with_device', 'read', ''],
  ['Task', 'remove', 'delete', 'task_ids'],
  ['Task', 'set', 'manage', 'task_ids'],
  ['Task', 'vm_check_cancel', 'operate', ''],
  ['Share', 'check_file', 'read', ''],
  ['Share', 'create_fs_dir', 'manage', 'paths'],
  ['Share', 'list', 'read', ''],
  ['Share', 'list_encrypted', 'read', ''],
  ['Share', 'list_file', 'read', 'root_path'],
  ['Share', 'list_storage', 'read', ''],
  ['Share', 'list_volume', 'read', ''],
  ['Share', 'relink', 'manage', 'share_name'],
  ['Share', 'remove', 'delete', 'is_remove_data'],
  ['AEM', 'check_key', 'read', 'key'],
  ['AEM', 'check_leader_address', 'read', 'leader_addr'],
  ['AEM', 'edit_connection', 'manage', 'hostname'],
  ['AEM', 'get_info', 'read', ''],
  ['AEM', 'get_join_state', 'read', ''],
  ['AEM', 'join', 'manage', 'key'],
  ['AEM', 'leave', 'delete', ''],
  ['AEM', 'leave_by_leader', 'delete', ''],
  ['AEM', 'rebuild_version', 'manage', ''],
  ['AEM', 'rebuild_workload', 'manage', ''],
] as const;

describe('the 33 methods of the API reference', () => {
  test('are 33, and exactly those of the three APIs in the table', () => {
    expect(REFERENCE).toHaveLength(33);
    const ours = ROWS.map(([name]) => name).filter((name) => /^(?:Task|Share|AEM)\./.test(name));
    expect(ours.sort()).toEqual(REFERENCE.map(([api, method]) => `${api}.${method}`).sort());
  });

  test.each(REFERENCE)('%s.%s: %s, required: %s', (api, method, level, required) => {
    const row = methodOf(`SYNO.ActiveBackup.${api}`, method);
    const names = Object.entries(row.parameters).filter(([, parameter]) => parameter.required === true);
    expect(row.level).toBe(level);
    expect(names.map(([name]) => name).join()).toBe(required);
  });
});

test.each(ROWS)('the row %s is named after its API and method', (name, row) => {
  expect(methodName(row)).toBe(name);
  expect(methodOf(row.api, row.method)).toBe(row);
});

test.each(ROWS)('%s has a data loss warning only if it deletes', (_name, row) => {
  expect(row.dataLossWarning === undefined).toBe(row.level !== 'delete');
});

test('the methods of the other APIs only read', () => {
  const others = ROWS.filter(([name]) => !/^(?:Task|Share|AEM)\./.test(name));
  expect(new Set(others.map(([, row]) => row.level))).toEqual(new Set(['read']));
});

test.each([
  ['SYNO.ActiveBackup.Log', 'clear'],
  ['SYNO.ActiveBackup.Version', 'delete'],
  ['SYNO.ActiveBackup.Task', 'List'],
  ['SYNO.ActiveBackup.Task', 'toString'],
  ['SYNO.ActiveBackup.Nobody', 'knows'],
  ['constructor', ''],
])('the unknown method %s.%s needs the highest level', (api, method) => {
  expect(methodOf(api, method)).toMatchObject({
    api,
    method,
    level: 'delete',
    parameters: {},
    allowsExtraParameters: true,
  });
});

test('the overview is a composite method: listed first for Share, and no method of DSM', () => {
  const share = methodsOf('SYNO.ActiveBackup.Share').map(({ method }) => method);
  expect(share[0]).toBe('overview');
  expect(share).toHaveLength(10);
  expect(methodOf('SYNO.ActiveBackup.Share', 'overview')).toBe(COMPOSITE_METHODS['Share.overview']);
  expect(Object.keys(METHODS)).not.toContain('Share.overview');
});

test('a level includes itself and those before it', () => {
  for (const [granted, level] of ACCESS_LEVELS.entries()) {
    for (const [needed, other] of ACCESS_LEVELS.entries()) expect(includesLevel(level, other)).toBe(needed <= granted);
  }
});

test('no code of Active Backup is a common code of DSM', () => {
  expect(
    Object.keys(ACTIVE_BACKUP_ERRORS)
      .map(Number)
      .filter((code) => code < 1000),
  ).toEqual([]);
});

/** Names of parameters that refer to objects on the NAS. */
const CHOSEN: Readonly<Record<string, string>> = {
  task_id: 'tasks',
  task_ids: 'tasks',
  device_id: 'devices',
  device_ids: 'devices',
  share_name: 'shares',
  storage_id: 'storages',
};

test('exactly the parameters that refer to objects on the NAS have a picker', () => {
  for (const [method, { parameters }] of ROWS) {
    for (const [name, { picker: choose }] of Object.entries(parameters))
      expect(choose, `${method} ${name}`).toBe(CHOSEN[name]);
  }
});
