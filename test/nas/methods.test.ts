import { expect, test } from 'vitest';
import type { JsonObject } from '../../src/dsm/json';
import { PACKAGE_APIS } from './apis/index';
import type { Rank } from './method';
import { field, nasForTest, rows, signedIn } from './test-client';

interface Row {
  name: string;
  needs: Rank;
  /** Its required parameters. */
  with: JsonObject;
  /** The fields of its data; null: success without data, or a list. */
  data: string[] | null;
}

const row = (name: string, needs: Rank, parameters: JsonObject, data: string[] | null): Row => ({
  name,
  needs,
  with: parameters,
  data,
});
const ids = { task_ids: [1] };
const kinds = ['has_dsm_agent', 'has_hyperv_inventories', 'has_linux_agent', 'has_mac_agent'];

/** All methods of the three APIs of the API reference. */
const REFERENCE: readonly Row[] = [
  row('Task.list', 'read', {}, [
    'has_devices',
    ...kinds,
    'has_vmware_inventories',
    'has_windows_agent',
    'tasks',
    'total',
  ]),
  row('Task.list_with_device', 'read', {}, [
    'cms_info',
    'has_hyperv_inventories',
    'has_vmware_inventories',
    'tasks',
    'total',
  ]),
  row('Task.get_default_task_name', 'read', { backup_type: 2 }, ['task_name']),
  row('Task.list_vm_check', 'read', {}, null),
  row('Task.create_vm_check', 'read', {}, ['aem_check_list', 'check_list']),
  row('Task.backup', 'operate', ids, null),
  row('Task.cancel', 'operate', ids, null),
  row('Task.cancel_waiting_backup', 'operate', {}, null),
  row('Task.vm_check_cancel', 'operate', {}, null),
  row('Task.create_agent', 'manage', {}, ['task_id']),
  row('Task.create_agentless', 'manage', {}, ['task_id']),
  row('Task.create_vm', 'manage', {}, ['task_id']),
  row('Task.set', 'manage', ids, null),
  row('Task.remove', 'manage', ids, null),
  row('Share.list', 'read', {}, ['default_share', 'shares']),
  row('Share.list_storage', 'read', {}, ['storages']),
  row('Share.list_volume', 'read', {}, ['volumes']),
  row('Share.list_encrypted', 'read', {}, ['shares']),
  row('Share.list_file', 'read', { root_path: '/' }, ['files', 'total']),
  row('Share.check_file', 'read', {}, ['error_files']),
  row('Share.create_fs_dir', 'manage', { paths: ['/ActiveBackupforBusiness/new'] }, []),
  row('Share.relink', 'manage', { share_name: 'ActiveBackupforBusiness' }, []),
  row('Share.remove', 'admin', { is_remove_data: false }, null),
  row('AEM.get_info', 'read', {}, ['addr', 'role', 'status']),
  row('AEM.get_join_state', 'read', {}, ['join_state']),
  row('AEM.check_key', 'read', { key: 'k' }, []),
  row('AEM.check_leader_address', 'read', { leader_addr: '192.168.1.9' }, []),
  row('AEM.edit_connection', 'admin', { hostname: 'nas.lan' }, []),
  row('AEM.join', 'admin', { key: 'k' }, []),
  row('AEM.rebuild_version', 'admin', {}, null),
  row('AEM.rebuild_workload', 'admin', {}, null),
  row('AEM.leave', 'admin', {}, null),
  row('AEM.leave_by_leader', 'admin', {}, null),
];

const OTHERS: readonly Row[] = [
  row('Activation.get', 'read', {}, ['activated', 'serial_number']),
  row('Device.list', 'read', {}, ['devices', 'total', 'total_devices_of_backup_type']),
  row('Device.list_tasks', 'read', { device_ids: [1] }, ['tasks', 'total']),
  row('Device.remove', 'manage', { device_ids: [1] }, null),
  row('Inventory.list', 'read', {}, null),
  row('Log.clear', 'admin', {}, null),
  row('Log.get_info', 'read', {}, ['retention_policy', 'send_log_setting']),
  row('Log.list_log', 'read', {}, ['count', 'logs']),
  row('Log.list_result', 'read', {}, ['count', 'results']),
  row('Log.list_result_detail', 'read', { result_id: 1 }, ['count', 'result_detail_list']),
  row('Overview.list_activity', 'read', {}, ['activity_list', 'total']),
  row('Overview.list_device_last_backup', 'read', {}, ['device_list', 'total']),
  row('Overview.list_device_transfer_size', 'read', { time_start: 0 }, ['device_list', 'total']),
  row('Overview.list_result_status_summary', 'read', {}, ['info_list', 'total']),
  row('Overview.list_type_transfer_size', 'read', {}, ['info_list', 'total']),
  row('Restore.list', 'read', {}, ['restore_infos', 'total']),
  row('Setting.list', 'read', {}, ['cert_info', 'settings']),
  row('Setting.set', 'admin', { settings: [{ name: 'max_concurrent_devices', value: '2' }] }, null),
  row('TaskTemplate.list', 'read', {}, ['success', 'template_list', 'total']),
  row('Version.list', 'read', { task_id: 1 }, ['total', 'versions']),
  row('Version.lock', 'manage', { task_id: 1, version_ids: [] }, null),
  row('Version.unlock', 'manage', { task_id: 1, version_ids: [] }, null),
  row('Version.delete', 'manage', { task_id: 1, version_ids: [] }, null),
];

const ALL = [...REFERENCE, ...OTHERS];
const split = (name: string): [api: string, method: string] => {
  const [api = '', method = ''] = name.split('.');
  return [api, method];
};

test('the NAS has these methods and no others', () => {
  expect(REFERENCE).toHaveLength(33);
  const served = Object.entries(PACKAGE_APIS).flatMap(([name, { methods }]) =>
    Object.keys(methods).map((method) => `${name.replace('SYNO.ActiveBackup.', '')}.${method}`),
  );
  expect(served.sort()).toEqual(ALL.map(({ name }) => name).sort());
});

test.each(ALL)('$name answers with $data', async ({ name, with: parameters, data }) => {
  const call = await signedIn(await nasForTest());
  const answer = await call(...split(name), parameters);
  expect(answer).toMatchObject({ success: true });
  if (data !== null) expect(Object.keys(answer.data as object).sort()).toEqual([...data].sort());
});

test.each(ALL.flatMap(({ name, with: given }) => Object.keys(given).map((missing) => ({ name, given, missing }))))(
  '$name without $missing is refused with 120',
  async ({ name, given, missing }) => {
    const call = await signedIn(await nasForTest());
    const { [missing]: _left, ...rest } = given;
    const answer = await call(...split(name), rest);
    expect(answer.error).toEqual({ code: 120, errors: { name: missing, reason: 'required' } });
  },
);

test.each(ALL)('$name needs $needs', async ({ name, needs, with: parameters }) => {
  const accounts = [
    { name: 'read', password: 'p', delegated: 'operator' as const },
    { name: 'operate', password: 'p', delegated: 'operator' as const },
    { name: 'manage', password: 'p', delegated: 'manager' as const },
    { name: 'admin', password: 'p' },
    { name: 'plain', password: 'p', admin: false },
  ];
  const nas = await nasForTest({ accounts });
  const ranks = ['operate', 'manage', 'admin'];
  const allowed = needs === 'read' ? ranks : ranks.slice(ranks.indexOf(needs));
  for (const account of [...ranks, 'plain'].reverse()) {
    const call = await signedIn(nas, { account, passwd: 'p' });
    const refused = (await call(...split(name), parameters)).error?.code;
    if (account === 'plain') expect(refused).toBe(105);
    else if (!allowed.includes(account)) expect(refused).toBe(1036);
    else expect([105, 1036]).not.toContain(refused);
  }
});

test('a used name is refused with 4003, and no task is created', async () => {
  const nas = await nasForTest();
  const call = await signedIn(nas);
  const taken = { task_name: 'Reception PC' };
  expect((await call('Task', 'create_agent', taken)).error).toEqual({ code: 4003 });
  expect((await call('Task', 'set', { task_ids: [2], ...taken })).error).toEqual({ code: 4003 });
  expect(nas.state.tasks).toHaveLength(5);
});

test('a task is created with its settings, and can be changed and removed', async () => {
  const nas = await nasForTest({ now: () => Date.UTC(2025, 10, 21, 12) });
  const call = await signedIn(nas);
  const devices = [{ device_id: 1 }];
  const sched = { schedule_setting_type: 1, run_weekday: [6], run_hour: 4, run_min: 15 };
  const made = await call('Task', 'create_agent', { task_name: 'Second', devices, sched_content: sched });
  const id = Number(field(made.data, 'task_id'));
  expect(nas.state.task(id)).toMatchObject({ name: 'Second', deviceIds: [1], type: 'pc' });
  expect(nas.state.task(id).nextTriggerAt).toBe(Date.UTC(2025, 10, 22, 3, 15) / 1000);
  await call('Task', 'set', { task_ids: [id], task_name: 'Third', retention_policy: { keep_versions: 3 } });
  expect(nas.state.task(id)).toMatchObject({ name: 'Third', retention: { keep_versions: 3, gfs_days: '7' } });
  expect((await call('Task', 'set', { task_ids: [id], devices: [77] })).error).toEqual({ code: 1103 });
  await call('Task', 'remove', { task_ids: [id] });
  expect((await call('Task', 'set', { task_ids: [id] })).error).toEqual({ code: 1010 });
});

test('a new virtual machine becomes a device with its task', async () => {
  const nas = await nasForTest();
  const call = await signedIn(nas);
  await call('Task', 'create_vm', { task_name: 'New machine', devices: [{ host_name: 'vm-new', inventory_id: 1 }] });
  expect(nas.state.devices.at(-1)).toMatchObject({ hostName: 'vm-new', type: 'vm' });
});

test.each([
  { backup_type: 1, name: 'VM-Task-1' },
  { backup_type: 2, name: 'PC-Task-1' },
])('the default name for type $backup_type is $name', async ({ backup_type, name }) => {
  const call = await signedIn(await nasForTest());
  expect((await call('Task', 'get_default_task_name', { backup_type })).data).toEqual({ task_name: name });
});

test('AEM: joining and leaving appear in get_info and list_with_device', async () => {
  const nas = await nasForTest();
  nas.state.aem.key = 'right-key';
  const call = await signedIn(nas);
  const seen = async () => ({
    info: (await call('AEM', 'get_info')).data,
    cms: field((await call('Task', 'list_with_device')).data, 'cms_info'),
    state: field((await call('AEM', 'get_join_state')).data, 'join_state'),
  });
  expect(await seen()).toMatchObject({ info: { role: 2, status: 0 }, cms: { is_managed: false }, state: 0 });
  expect((await call('AEM', 'join', { key: 'wrong' })).error).toEqual({ code: 3103 });
  await call('AEM', 'join', { key: 'right-key', leader_addr: '192.168.1.9' });
  expect(await seen()).toMatchObject({
    info: { addr: '192.168.1.9' },
    cms: { is_managed: true, leader_address: '192.168.1.9' },
    state: 1,
  });
  expect((await call('AEM', 'join', { key: 'right-key' })).error).toEqual({ code: 4001 });
  await call('AEM', 'leave');
  expect(await seen()).toMatchObject({ info: { role: 2, status: 0 }, cms: { is_managed: false }, state: 0 });
});

test.each([
  { method: 'check_key', parameters: { key: '' }, code: 3103 },
  { method: 'check_leader_address', parameters: { leader_addr: 'not a host' }, code: 1028 },
  { method: 'edit_connection', parameters: { hostname: '' }, code: 3103 },
])('AEM.$method with $parameters is refused with $code', async ({ method, parameters, code }) => {
  const call = await signedIn(await nasForTest());
  expect((await call('AEM', method, parameters)).error).toEqual({ code });
});

test('a created directory is listed; unknown directories and wrong paths are refused', async () => {
  const call = await signedIn(await nasForTest());
  const root = '/ActiveBackupforBusiness';
  await call('Share', 'create_fs_dir', { paths: [`${root}/new/`] });
  const { data } = await call('Share', 'list_file', { root_path: root });
  expect(rows(data, 'files').map(({ name }) => name)).toContain('new');
  expect((await call('Share', 'list_file', { root_path: '/nowhere' })).error).toEqual({ code: 1103 });
  expect((await call('Share', 'create_fs_dir', { paths: ['new'] })).error).toEqual({ code: 3103 });
});

test('a relink is visible for a minute; an unknown share is refused', async () => {
  const nas = await nasForTest();
  const call = await signedIn(nas);
  const alive = async () => {
    const [storage] = rows((await call('Share', 'list_storage')).data, 'storages');
    return field(storage?.['relink_state'], 'alive');
  };
  await call('Share', 'relink', { share_name: 'ActiveBackupforBusiness' });
  expect(await alive()).toBe(true);
  nas.clock.advance(60);
  expect(await alive()).toBe(false);
  expect((await call('Share', 'relink', { share_name: 'Nothing' })).error).toEqual({ code: 1401 });
});

test('removing a storage removes its share and, on request, the versions', async () => {
  const nas = await nasForTest();
  const call = await signedIn(nas);
  expect((await call('Share', 'remove', { is_remove_data: true, storage_id: 9 })).error).toEqual({ code: 1103 });
  await call('Share', 'remove', { is_remove_data: true, storage_id: 1 });
  expect(nas.state.storages).toEqual([]);
  expect(nas.state.shares).toEqual([]);
  expect(nas.state.versions(1)).toEqual([]);
});

test('Log.clear empties the log but for one row about it', async () => {
  const nas = await nasForTest();
  const call = await signedIn(nas);
  await call('Log', 'clear');
  expect((await call('Log', 'list_log')).data).toMatchObject({
    count: 1,
    logs: [{ log_type: 1009, user_name: 'admin' }],
  });
});

test('Version.delete needs existing, unlocked versions and counts as a run', async () => {
  const nas = await nasForTest();
  const call = await signedIn(nas);
  const [first] = nas.state.versions(1);
  const chosen = { task_id: 1, version_ids: [first!.id] };
  expect((await call('Version', 'delete', { task_id: 1, version_ids: [9999] })).error).toEqual({ code: 1103 });
  await call('Version', 'lock', chosen);
  expect((await call('Version', 'delete', chosen)).error).toEqual({ code: 1101 });
  await call('Version', 'unlock', chosen);
  expect(await call('Version', 'delete', chosen)).toEqual({ success: true });
  expect(nas.state.versions(1)).not.toContain(first);
  expect(nas.state.resultsOf(1).at(-1)).toMatchObject({ jobAction: 131072 });
});

test('the activity list has running and waiting backups', async () => {
  const nas = await nasForTest({ maxConcurrentDevices: 1 });
  const call = await signedIn(nas);
  await call('Task', 'backup', { task_ids: [1, 2] });
  nas.clock.advance(10);
  const { data } = await call('Overview', 'list_activity');
  expect(rows(data, 'activity_list').map(({ job }) => [field(job, 'task_id'), field(job, 'status')])).toEqual([
    [1, 3],
    [2, 1],
  ]);
});

test('the transfers of a device are listed within the requested window', async () => {
  const nas = await nasForTest();
  const call = await signedIn(nas);
  const transfers = async (timeStart: number) => {
    const { data } = await call('Overview', 'list_device_transfer_size', { time_start: timeStart });
    return rows(data, 'device_list').flatMap((device) => rows(device, 'transfer_list'));
  };
  const now = Math.floor(nas.clock.now());
  const all = await transfers(0);
  const week = await transfers(now - 7 * 24 * 3600);
  expect(week.length).toBeGreaterThan(0);
  expect(week.length).toBeLessThan(all.length);
  expect(await transfers(now)).toEqual([]);
});
