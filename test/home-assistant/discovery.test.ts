import { format } from 'prettier';
import { describe, expect, test } from 'vitest';
import { buildDiscovery, type DiscoveryPayload } from '../../src/home-assistant/discovery';
import type { BridgeOptions, NasDescription } from '../../src/home-assistant/types';
import { buildStateDocuments } from '../../src/home-assistant/state-documents';
import type { NasSnapshot } from '../../src/monitor/snapshot';
import { deviceWith, NAS, OPTIONS, snapshotWith, storageWith, taskWith } from './examples';

const ALL = { ...OPTIONS, devices: 'all', detail: 'full' } as const;

/** Discovery of the device whose object id ends with `end`; without `end`, of the NAS device. */
function discoveryAt(
  end: string,
  {
    snapshot = {},
    nas = {},
    ...options
  }: { snapshot?: Partial<NasSnapshot>; nas?: Partial<NasDescription> } & Partial<BridgeOptions>,
): DiscoveryPayload {
  const all = buildDiscovery(snapshotWith(snapshot), { ...NAS, ...nas }, { ...OPTIONS, ...options });
  return all.find(({ objectId }) => objectId === `active_backup_1930pdn000000${end}`)!.payload;
}

const golden = async (name: string, value: unknown): Promise<void> =>
  expect(await format(JSON.stringify(value), { parser: 'json', printWidth: 120 })).toMatchFileSnapshot(
    `golden/${name}.json`,
  );

describe('discovery', () => {
  test.each([
    { name: 'hub', end: '', state: 'state' },
    { name: 'task', end: '_task_3', state: 'task/3/state' },
    { name: 'storage', end: '_storage_1', state: 'storage/1/state' },
    { name: 'device', end: '_device_11', state: 'device/11/state' },
  ])('of a $name, with its state', async ({ name, end, state }) => {
    await golden(`${name}.config`, discoveryAt(end, ALL));
    const document = buildStateDocuments(snapshotWith(), NAS, ALL).get(`active-backup/1930pdn000000/${state}`);
    await golden(`${name}.state`, JSON.parse(document!));
  });

  test('starts with the NAS device, on the topic of its object id', () => {
    expect(buildDiscovery(snapshotWith(), NAS, ALL).map(({ topic }) => topic)).toEqual([
      'homeassistant/device/active_backup_1930pdn000000/config',
      'homeassistant/device/active_backup_1930pdn000000_storage_1/config',
      'homeassistant/device/active_backup_1930pdn000000_task_3/config',
      'homeassistant/device/active_backup_1930pdn000000_device_11/config',
    ]);
  });

  test.each([
    {
      detail: 'minimal',
      keys: ['status', 'last_result', 'problem', 'overdue', 'last_success', 'event', 'start'],
    },
    {
      detail: 'standard',
      keys: [
        ...['status', 'last_result', 'running', 'problem', 'overdue', 'last_success', 'next_run', 'last_start'],
        ...[
          'last_end',
          'last_duration',
          'last_transferred',
          'transferred_total',
          'version_count',
          'progress',
          'expected_end',
          'failures_in_row',
          'last_error',
        ],
        ...['event', 'start', 'cancel'],
      ],
    },
  ] as const)('of a task with $detail detail has its few entities', ({ detail, keys }) => {
    expect(Object.keys(discoveryAt('_task_3', { detail }).components)).toEqual(keys);
  });

  test('with full detail disables the additional entities', () => {
    const { components } = discoveryAt('_task_3', { detail: 'full' });
    const off = Object.entries(components).filter(([, { enabled_by_default }]) => enabled_by_default === false);
    expect(off.map(([key]) => key)).toEqual(['speed', 'remaining', 'enabled']);
  });

  test('has counters for a task with several devices', () => {
    const tasks = [taskWith({ devices: [deviceWith(), deviceWith({ id: 12 })] })];
    expect(Object.keys(discoveryAt('_task_3', { snapshot: { tasks } }).components)).toEqual(
      expect.arrayContaining(['devices_ok', 'devices_failed']),
    );
  });

  test('has no buttons while commands are off', () => {
    const all = buildDiscovery(snapshotWith(), NAS, { ...ALL, commands: false });
    const platforms = all.flatMap(({ payload }) => Object.values(payload.components).map(({ platform }) => platform));
    expect(platforms).not.toContain('button');
  });

  test('contains only the NAS before anything is read', () => {
    const snapshot = snapshotWith({ tasks: null, storages: null, devices: null });
    expect(buildDiscovery(snapshot, NAS, ALL).map(({ objectId }) => objectId)).toEqual(['active_backup_1930pdn000000']);
  });
});

describe('availability', () => {
  const root = 'active-backup/1930pdn000000';
  test.each([
    { end: '', key: 'connected', topics: ['bridge'] },
    { end: '', key: 'last_success', topics: ['bridge'] },
    { end: '', key: 'event', topics: ['bridge'] },
    { end: '', key: 'problem', topics: ['bridge', 'connection'] },
    { end: '_task_3', key: 'status', topics: ['bridge', 'connection'] },
    { end: '_task_3', key: 'start', topics: ['bridge', 'connection'] },
    { end: '_task_3', key: 'cancel', topics: ['bridge', 'connection', 'task/3/active'] },
  ])('of $key$end is $topics', ({ end, key, topics }) => {
    const payload = discoveryAt(end, {});
    const { availability, availability_mode } = { ...payload, ...payload.components[key] };
    expect(availability).toEqual(topics.map((topic) => ({ topic: `${root}/${topic}` })));
    expect(availability_mode).toBe('all');
  });
});

describe('numbers', () => {
  test.each([
    { end: '_task_3', key: 'last_transferred', unit: 'GB', size: '1000000000', decimals: 3 },
    { end: '_task_3', key: 'last_duration', unit: 'min', size: '60', decimals: 2 },
    { end: '_task_3', key: 'speed', unit: 'MB/s', size: '1000000', decimals: 3 },
    { end: '_storage_1', key: 'free', unit: 'GB', size: '1000000000', decimals: 3 },
  ])('like $key are displayed in $unit, and unknown without a value', ({ end, key, unit, size, decimals }) => {
    const value = `value_json.${key}`;
    expect(discoveryAt(end, ALL).components[key]).toMatchObject({
      value_template: `{{ (${value} / ${size}) | round(${decimals}) if ${value} is number else None }}`,
      unit_of_measurement: unit,
      suggested_display_precision: 1,
      state_class: 'measurement',
    });
  });

  test('are bytes and seconds in the state document', () => {
    const documents = buildStateDocuments(snapshotWith(), NAS, ALL);
    expect(JSON.parse(documents.get('active-backup/1930pdn000000/task/3/state') ?? '')).toMatchObject({
      last_transferred: 7_340_032_000,
      last_duration: 1358,
    });
  });

  test.each([
    { percent: 41.9, shown: 41 },
    { percent: 99.96, shown: 99 },
    { percent: 100, shown: 100 },
  ])('like a progress of $percent % are whole: $shown', ({ percent, shown }) => {
    const progress = { percent, transferredBytes: 1, totalBytes: 2, bytesPerSecond: null, remainingSeconds: null };
    const tasks = [taskWith({ state: 'running', progress })];
    const documents = buildStateDocuments(snapshotWith({ tasks }), NAS, ALL);
    const state = documents.get('active-backup/1930pdn000000/task/3/state') ?? '';
    expect(JSON.parse(state)).toMatchObject({ progress: shown });
  });
});

describe('names', () => {
  test.each([
    { name: 'Büro & Empfang', device: 'Büro & Empfang', id: 'sensor.diskstation_buro_empfang_status' },
    { name: 'Straße #1/+', device: 'Straße #1/+', id: 'sensor.diskstation_strasse_1_status' },
    { name: '💾', device: '💾', id: 'sensor.diskstation_task_3_status' },
    { name: '', device: 'Task 3', id: 'sensor.diskstation_task_3_status' },
    { name: null, device: 'Task 3', id: 'sensor.diskstation_task_3_status' },
    { name: 'a\nb\u0007', device: 'a b', id: 'sensor.diskstation_a_b_status' },
    { name: `${'x'.repeat(63)} yz`, device: `${'x'.repeat(63)} yz`, id: `sensor.diskstation_${'x'.repeat(63)}_status` },
    { name: 'сервер 1', device: 'сервер 1', id: 'sensor.diskstation_server_1_status' },
    { name: '財務部', device: '財務部', id: 'sensor.diskstation_task_3_status' },
    { name: '😀'.repeat(200), device: `${'😀'.repeat(127)}…`, id: 'sensor.diskstation_task_3_status' },
  ])('like $name are sanitized', ({ name, device, id }) => {
    const payload = discoveryAt('_task_3', { snapshot: { tasks: [taskWith({ name })] } });
    expect(payload.device.name).toBe(device);
    expect(payload.components['status']).toMatchObject({
      default_entity_id: id,
      unique_id: 'active_backup_1930pdn000000_task_3_status',
    });
  });

  test('may be German; keys, values and entity ids stay English', () => {
    const { device, components } = discoveryAt('_task_3', {
      language: 'de',
      snapshot: { tasks: [taskWith({ name: null })] },
    });
    expect(device).toMatchObject({ name: 'Aufgabe 3', model: 'Sicherungsaufgabe für PC' });
    expect(components).toMatchObject({
      problem: {
        name: 'Fehlgeschlagen',
        default_entity_id: 'binary_sensor.diskstation_task_3_problem',
      },
      start: { name: 'Jetzt sichern', payload_press: 'backup' },
    });
    expect(components['status']!['options']).toContain('running');
  });

  test.each([
    { url: 'https://nas.lan:5001', shown: 'https://nas.lan:5001/' },
    { url: 'http://[2001:db8::1]:5000/dsm', shown: 'http://[2001:db8::1]:5000/dsm' },
    { url: 'nas.lan', shown: undefined },
    { url: 'ftp://nas.lan', shown: undefined },
    { url: 'https://admin:secret@nas.lan', shown: undefined },
    { url: '', shown: undefined },
  ])('of the address $url: the link to it is $shown', ({ url, shown }) => {
    expect(discoveryAt('', { nas: { url } }).device.configuration_url).toBe(shown);
  });

  test('of a NAS without a description omit values that Home Assistant would reject', () => {
    const nas = { name: ' ', model: null, dsmVersion: null, activeBackupVersion: null, serialNumber: null, url: '' };
    expect(discoveryAt('', { nas }).device).toEqual({
      identifiers: ['active_backup_1930pdn000000'],
      name: 'Active Backup',
      manufacturer: 'Synology',
      model: 'NAS',
    });
  });

  test('of two tasks may be the same: their ids differ', () => {
    const tasks = [taskWith(), taskWith({ id: 4 })];
    const all = buildDiscovery(snapshotWith({ tasks, storages: [storageWith()] }), NAS, OPTIONS);
    const ids = all.flatMap(({ payload }) =>
      Object.values(payload.components).flatMap(({ unique_id, default_entity_id }) => [unique_id, default_entity_id]),
    );
    expect(new Set(ids).size).toBe(ids.length);
  });
});
