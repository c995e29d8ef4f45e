import { expect, test } from 'vitest';
import { PLANTED_SECRETS } from './index';
import type { Nas } from './index';
import { field, listedTask, nasForTest, rows, signedIn } from './test-client';

const FRIDAY = (): number => Date.UTC(2025, 10, 21, 12);

/** The fields of `Task.list` without any flag, captured on a NAS with DSM 7 and Active Backup 3. */
const TASK_FIELDS =
  `agentless_backup_path agentless_backup_policy agentless_enable_block_transfer agentless_enable_dedup
  agentless_enable_windows_vss allow_manual_backup backup_cache_content backup_external backup_type bandwidth
  bandwidth_content cbt_enable_mode connection_timeout custom_volume custom_volume_alias datastore_reserved_percentage
  deactivate_by_plan dedup_api_restore dedup_path device_count devices enable_app_aware_bkp enable_compress_transfer
  enable_datastore_aware enable_dedup enable_encrypt_transfer enable_notify enable_shutdown_after_complete
  enable_verification enable_wake_up enable_windows_working_state max_concurrent_devices next_trigger_time
  pre_post_script_setting repo_dir retention_policy sched_content sched_id sched_modify_time sched_uuid share_compressed
  share_name source_type src_target_dir storage_compress_algorithm storage_encrypt_algorithm storage_id target_dir task_id
  task_name unikey verification_policy view_type vm_folder workload_uuid`.split(/\s+/);

/** Differences of rows of `list_with_device`. */
const NOT_PER_DEVICE = `allow_manual_backup device_count devices next_trigger_time share_compressed
  storage_compress_algorithm storage_encrypt_algorithm vm_folder`.split(/\s+/);

const DEVICE_FIELDS = `agent_token agentless_auth_policy auto_discovery backup_type create_time device_id device_uuid
  dsm_model dsm_unique host_ip host_name host_port hypervisor_id inventory_id kernel_version login_password login_time
  login_user login_user_id mssql_password mssql_user oracle_password oracle_user os_name time_zone
  vm_moid_path`.split(/\s+/);

test('a task has every captured field and, without flags, no other', async () => {
  const call = await signedIn(await nasForTest());
  const [task] = rows((await call('Task', 'list')).data, 'tasks');
  expect(Object.keys(task ?? {}).sort()).toEqual([...TASK_FIELDS].sort());
  const [device] = rows(task, 'devices');
  expect(Object.keys(device ?? {}).sort()).toEqual([...DEVICE_FIELDS, 'platform_type'].sort());
});

test('a row per device has its captured fields', async () => {
  const call = await signedIn(await nasForTest({ devices: 2 }));
  const { data } = await call('Task', 'list_with_device');
  const [first] = rows(data, 'tasks');
  const expected = TASK_FIELDS.filter((name) => !NOT_PER_DEVICE.includes(name));
  expect(Object.keys(first ?? {}).sort()).toEqual([...expected, 'device_info', 'last_result', 'unique_id'].sort());
  expect(Object.keys((first?.['device_info'] ?? {}) as object).sort()).toEqual([...DEVICE_FIELDS].sort());
  expect(rows(data, 'tasks').map((row) => row['unique_id'])).toEqual([
    '1-1',
    '1-2',
    '2-3',
    '2-4',
    '3-5',
    '3-6',
    '4-7',
    '4-8',
    '5-9',
    '5-10',
  ]);
  expect(data).toMatchObject({ total: 10, cms_info: { is_managed: false, unfiltered_task_size: 5 } });
});

test('each load flag of Task.list adds its fields', async () => {
  const call = await signedIn(await nasForTest());
  const firstWith = async (flag: string) => rows((await call('Task', 'list', { [flag]: true })).data, 'tasks')[0] ?? {};
  const added = async (flag: string) =>
    Object.keys(await firstWith(flag)).filter((name) => !TASK_FIELDS.includes(name));
  expect(await added('load_result')).toEqual(['last_result']);
  expect(await added('load_status')).toEqual(['target_status']);
  expect(await added('load_versions')).toEqual(['last_version_id', 'version_count', 'versions']);
  expect(rows(await firstWith('load_status'), 'devices')[0]).toMatchObject({
    agent_can_backup: true,
    agent_driver_status: 'enable',
    agent_status: 'online',
    driver_status: null,
  });
  const kinds = async (parameters: Record<string, boolean>) => (await call('Task', 'list', parameters)).data;
  expect(await kinds({})).toMatchObject({ has_devices: false, has_windows_agent: false });
  expect(await kinds({ load_devices: true })).toMatchObject({ has_devices: true, has_windows_agent: true });
});

test.each([1, 2, 5])('the device of task %i has an agent that is online or offline', async (id) => {
  const call = await signedIn(await nasForTest());
  const [device] = rows(await listedTask(call, id), 'devices');
  expect(device?.['agent_status']).toBe(id === 5 ? 'offline' : 'online');
});

test.each([3, 4])('the device of task %i has no agent and no online state', async (id) => {
  const call = await signedIn(await nasForTest());
  const [device] = rows(await listedTask(call, id), 'devices');
  expect(device).not.toHaveProperty('agent_status');
});

test('the first five tasks are a company with all types, last results and weeks of history', async () => {
  const nas = await nasForTest({ now: FRIDAY });
  expect(nas.state.tasks.map(({ type }) => type)).toEqual(['pc', 'physical_server', 'vm', 'file_server', 'pc']);
  const lastOf = (taskId: number) => nas.state.results.find(({ id }) => id === nas.state.task(taskId).lastResultId);
  expect([1, 2, 3, 4, 5].map((id) => lastOf(id)?.status)).toEqual([2, 3, 2, 4, 2]);
  expect([1, 2, 3, 4, 5].every((id) => lastOf(id)?.jobAction === 1)).toBe(true);
  const oldest = nas.state.results[0];
  expect(nas.clock.now() - (oldest?.startedAt ?? 0)).toBeGreaterThan(35 * 24 * 3600);
  expect(Math.max(...nas.state.results.map(({ transferredBytes }) => transferredBytes))).toBeGreaterThan(2 ** 32);
});

test('ids of results ascend with their starts, and no result ends before its start or in the future', async () => {
  const nas = await nasForTest({ tasks: 40 });
  const { results } = nas.state;
  expect(results.map(({ id }) => id)).toEqual(results.map((_result, index) => index + 1));
  const backups = results.filter(({ jobAction }) => jobAction === 1);
  for (const [index, { startedAt, endedAt }] of backups.entries()) {
    expect(startedAt).toBeGreaterThanOrEqual(backups[index - 1]?.startedAt ?? 0);
    expect(endedAt).toBeGreaterThanOrEqual(startedAt);
    expect(endedAt).toBeLessThanOrEqual(nas.clock.now());
  }
});

test('a task whose device is offline has earlier backups', async () => {
  const nas = await nasForTest({ now: FRIDAY });
  expect(nas.state.resultsOf(5).at(-1)).toMatchObject({ status: 2, devices: [{ status: 2 }] });
});

test('deleted versions free their space', async () => {
  const nas = await nasForTest({ now: FRIDAY });
  const used = () => nas.state.volumes[0]?.usedBytes ?? 0;
  const before = used();
  nas.state.startRun(3);
  nas.state.endRun(3);
  const bytes = nas.state.versions(3).at(-1)?.keptBytes ?? 0;
  expect(bytes).toBeGreaterThan(1e9);
  expect(used()).toBe(before + bytes);
  const oldest = nas.state.versions(3)[0]?.keptBytes ?? 0;
  nas.state.deleteVersions(3);
  expect(used()).toBe(before + bytes - oldest);
});

test('no task has more versions than its retention allows, except those of today', async () => {
  const nas = await nasForTest({ tasks: 40 });
  for (const { id, retention } of nas.state.tasks) {
    expect(nas.state.versions(id).length).toBeLessThanOrEqual(retention.keep_versions + 1);
  }
});

const dataOf = ({ state }: Nas) =>
  state.tasks.map(({ name, uuid, plan, nextTriggerAt }) => ({ name, uuid, plan, nextTriggerAt }));

test('the same seed gives the same NAS, another seed a different one', async () => {
  const [first, same, other] = await Promise.all([
    nasForTest({ tasks: 30, seed: 3, now: FRIDAY }),
    nasForTest({ tasks: 30, seed: 3, now: FRIDAY }),
    nasForTest({ tasks: 30, seed: 4, now: FRIDAY }),
  ]);
  expect(dataOf(same)).toEqual(dataOf(first));
  expect(same.state.results).toEqual(first.state.results);
  expect(dataOf(other)).not.toEqual(dataOf(first));
});

test('many tasks: all names differ, and there is a history', async () => {
  const nas = await nasForTest({ tasks: 2000 });
  expect(new Set(nas.state.tasks.map(({ name }) => name)).size).toBe(2000);
  expect(nas.state.results.length).toBeGreaterThan(2000);
  expect(nas.state.results.length).toBeLessThan(60_000);
});

test.each([0, 1, 3])('there can be %i tasks', async (tasks) => {
  const nas = await nasForTest({ tasks });
  const call = await signedIn(nas);
  expect((await call('Task', 'list', { load_result: true })).data).toMatchObject({ total: tasks });
});

test('Task.list is paged and filtered, and `total` counts the filtered tasks', async () => {
  const nas = await nasForTest({ tasks: 20 });
  const call = await signedIn(nas);
  const list = async (parameters: Record<string, number | Record<string, string | number | number[]>>) => {
    const { data } = await call('Task', 'list', parameters);
    return { ids: rows(data, 'tasks').map(({ task_id: id }) => id), total: field(data, 'total') };
  };
  expect(await list({ offset: 18, limit: 5 })).toEqual({ ids: [19, 20], total: 20 });
  expect(await list({ filter: { offset: 2, limit: 2 } })).toEqual({ ids: [3, 4], total: 20 });
  expect(await list({ filter: { task_id: 7 } })).toEqual({ ids: [7], total: 1 });
  expect(await list({ filter: { task_id: [7, 9] } })).toEqual({ ids: [7, 9], total: 2 });
  // DSM accepts it only inside the filter.
  expect(await list({ task_id: 7 })).toMatchObject({ total: 20 });
  expect(await list({ filter: { key_word: 'archive' } })).toEqual({ ids: [4], total: 1 });
  expect(await list({ filter: { backup_type: -1 } })).toMatchObject({ total: 20 });
  nas.state.startRun(1);
  expect(await list({ filter: { status: 'waiting' } })).toEqual({ ids: [1], total: 1 });
  nas.clock.advance(60);
  expect(await list({ filter: { status: 'backingup' } })).toEqual({ ids: [1], total: 1 });
  expect((await list({ filter: { status: 4 } })).ids).toContain(5);
});

test('fields that a test sets are sent', async () => {
  const nas = await nasForTest();
  const call = await signedIn(nas);
  nas.state.task(1).fields = { custom_volume: null, brand_new: [1] };
  nas.state.device(1).fields = { host_ip: '' };
  const task = await listedTask(call, 1);
  expect(task).toMatchObject({ custom_volume: null, brand_new: [1], devices: [{ host_ip: '' }] });
});

test('the list follows renamed, removed and added tasks', async () => {
  const nas = await nasForTest();
  const call = await signedIn(nas);
  nas.state.task(1).name = 'Front desk';
  nas.state.removeTask(2);
  const device = nas.state.addDevice({ hostName: 'NEW-PC' });
  const added = nas.state.addTask({ name: 'Brand new', deviceIds: [device.id] });
  const { data } = await call('Task', 'list', { load_result: true });
  expect(rows(data, 'tasks').map((task) => task['task_name'])).toEqual([
    'Front desk',
    'Virtual machines',
    'Drawings archive',
    'Anna’s laptop',
    'Brand new',
  ]);
  // Without any run DSM omits the field.
  expect(await listedTask(call, added.id)).not.toHaveProperty('last_result');
  expect(() => nas.state.task(2)).toThrow('no task 2');
});

test('storage and volume agree, and numbers of the volume are strings', async () => {
  const nas = await nasForTest();
  const call = await signedIn(nas);
  const [volume] = rows((await call('Share', 'list_volume')).data, 'volumes');
  const [share] = rows((await call('Share', 'list')).data, 'shares');
  expect(volume).toEqual({
    total_bytes: expect.stringMatching(/^\d+$/) as string,
    used_bytes: expect.stringMatching(/^\d+$/) as string,
    volume_path: '/volume1',
  });
  expect(share?.['free_space']).toBe(Number(volume?.['total_bytes']) - Number(volume?.['used_bytes']));
  const [storage] = rows((await call('Share', 'list_storage')).data, 'storages');
  expect(storage).toMatchObject({ device_count: 5, device_info: { pc_count: 2, vm_count: 1, agentless_count: 1 } });
});

test('every read contains secrets only in known secret fields', async () => {
  const call = await signedIn(await nasForTest());
  const answers = [
    await call('Task', 'list_with_device'),
    await call('Device', 'list'),
    await call('Overview', 'list_device_transfer_size', { time_start: 0 }),
    await call('Inventory', 'list'),
  ];
  const secretFields = JSON.stringify(answers).match(/"\w+":"planted-[^"]*"/g) ?? [];
  const names = new Set(secretFields.map((pair) => pair.split('"')[1]));
  expect([...names].sort()).toEqual([
    'agent_token',
    'host_password',
    'login_password',
    'mssql_password',
    'oracle_password',
  ]);
  expect(PLANTED_SECRETS.every((secret) => secret.startsWith('planted-'))).toBe(true);
});
