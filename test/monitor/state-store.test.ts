import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { backupKey, parseMonitorState, type MonitorState } from '../../src/monitor/monitor-state';
import { FileStateStore, InMemoryStateStore } from '../../src/monitor/state-store';
import type { BackupRecord } from '../../src/monitor/snapshot';
import { tempDir } from '../support/temp-dir';

const ENDED: BackupRecord = {
  id: 7,
  status: 'success',
  statusCode: 2,
  startedAt: '2026-03-01T11:00:00.000Z',
  endedAt: '2026-03-01T12:30:00.000Z',
  durationSeconds: 5400,
  transferredBytes: null,
  successCount: 1,
  warningCount: 0,
  errorCount: 0,
  reason: null,
};

const MEMORY: MonitorState = {
  version: 1,
  nas: 'http://nas:5000/',
  endsSince: '2026-03-01T12:00:00.000Z',
  ends: { '7@2026-03-01T11:00:00.000Z': '2026-03-01T12:30:00.000Z' },
  tasks: {
    1: {
      uuid: 'u1',
      name: 'PC',
      activeSince: null,
      since: '2026-03-01T12:30:00.000Z',
      overdue: false,
      timing: {
        schedule: '["daily"]',
        isOn: true,
        since: null,
        offsets: [0, 3_600_000],
        next: { base: '2026-03-01T12:30:00.000Z', seenAt: '2026-03-01T12:31:00.000Z', run: '2026-03-02T12:00:00.000Z' },
        runningSince: null,
        incomplete: null,
      },
      lastSuccessAt: '2026-03-01T12:30:00.000Z',
      recent: [ENDED],
      failing: false,
      missedPolls: 0,
    },
    2: {
      uuid: null,
      name: null,
      activeSince: '2026-03-01T12:00:00.000Z',
      since: '2026-02-01T00:00:00.000Z',
      overdue: null,
      timing: null,
      lastSuccessAt: null,
      recent: [],
      failing: null,
      missedPolls: 2,
    },
  },
  devices: { 3: true, 4: null },
  low: ['1@10'],
  listeners: {
    a: { missed: [], low: ['1@10'], awaySince: null },
    b: { missed: ['7@2026-03-01T11:00:00.000Z', 'device_offline 3'], low: [], awaySince: '2026-03-01T12:00:00.000Z' },
  },
  undelivered: {
    '7@2026-03-01T11:00:00.000Z': {
      event: 'backup_succeeded',
      at: '2026-03-01T12:30:00.000Z',
      result: { ...ENDED, taskId: 1, taskName: 'PC', action: 'backup', actionCode: 1 },
      task: { id: 1, name: 'PC', uuid: 'u1' },
      deviceId: null,
      outageSeconds: null,
      error: null,
    },
    'device_offline 3': {
      event: 'device_offline',
      at: '2026-03-01T12:30:00.000Z',
      result: null,
      task: null,
      deviceId: 3,
      outageSeconds: null,
      error: null,
    },
  },
  offlineSince: null,
};

/** The memory with other fields of its first task. */
function withTask(fields: object): object {
  return { ...MEMORY, tasks: { 1: { ...MEMORY.tasks['1'], ...fields } } };
}

/** A file in a folder that does not exist yet, and what its store warns of. */
async function store(): Promise<{ path: string; folder: string; warnings: string[]; open: () => FileStateStore }> {
  const { path, remove } = await tempDir('memory');
  onTestFinished(remove);
  const folder = join(path, 'active-backup');
  const file = join(folder, 'nas.json');
  const warnings: string[] = [];
  return { path: file, folder, warnings, open: () => new FileStateStore(file, (message) => warnings.push(message)) };
}

describe('a memory on disk', () => {
  test('is not there before it was saved, and nobody is warned of that', async () => {
    const { open, warnings } = await store();
    expect(open().load()).toBeNull();
    expect(warnings).toEqual([]);
  });

  test('comes back as it was saved, in another life', async () => {
    const { open, warnings } = await store();
    open().save({ ...MEMORY, low: [] });
    open().save(MEMORY);
    expect(open().load()).toEqual(MEMORY);
    expect(warnings).toEqual([]);
  });

  test('is for its owner alone, and leaves nothing beside it', async () => {
    const { open, folder, path } = await store();
    open().save(MEMORY);
    expect(await readdir(folder)).toEqual(['nas.json']);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
  });

  test('stays whole when a process died in the middle of writing the next one', async () => {
    const { open, path, folder } = await store();
    open().save(MEMORY);
    await writeFile(`${path}.new`, JSON.stringify(MEMORY).slice(0, 50));
    expect(open().load()).toEqual(MEMORY);
    open().save({ ...MEMORY, low: [] });
    expect(await readdir(folder)).toEqual(['nas.json']);
    expect(open().load()).toEqual({ ...MEMORY, low: [] });
  });

  test('can be read and written by hand: it is plain JSON', async () => {
    const { open, path } = await store();
    open().save(MEMORY);
    expect(JSON.parse(await readFile(path, 'utf8'))).toEqual(MEMORY);
  });
});

describe('a damaged file is set aside with a warning, and the watch begins anew', () => {
  test.each<[string, string]>([
    ['empty', ''],
    ['cut off', JSON.stringify(MEMORY).slice(0, -20)],
    ['full of zeros, as after a power failure', '\0'.repeat(200)],
    ['not an object', '[]'],
    ['of another version', JSON.stringify({ ...MEMORY, version: 2 })],
    ['without ends', JSON.stringify({ ...MEMORY, ends: undefined })],
    ['with an end that is no time', JSON.stringify({ ...MEMORY, ends: { x: 'soon' } })],
    ['with a time that is none', JSON.stringify({ ...MEMORY, endsSince: 'soon' })],
    ['with a task that is none', JSON.stringify({ ...MEMORY, tasks: { 1: null } })],
    ['with a task without its time', JSON.stringify({ ...MEMORY, tasks: { 1: { name: 'PC', overdue: false } } })],
    ['with a task whose backups are no list', JSON.stringify(withTask({ recent: {} }))],
    ['with a backup without its end', JSON.stringify(withTask({ recent: [{ id: 7, status: 'success' }] }))],
    ['with a task that fails perhaps', JSON.stringify(withTask({ failing: 'perhaps' }))],
    ['with a success at no time', JSON.stringify(withTask({ lastSuccessAt: 'soon' }))],
    ['with storages that are no list', JSON.stringify({ ...MEMORY, low: {} })],
    ['with a device in between', JSON.stringify({ ...MEMORY, devices: { 1: 'maybe' } })],
    ['with listeners that are a list', JSON.stringify({ ...MEMORY, listeners: [] })],
    ['with a listener that has missed nothing known', JSON.stringify({ ...MEMORY, listeners: { a: { missed: 1 } } })],
    ['with an event that does not exist', JSON.stringify({ ...MEMORY, undelivered: { x: { event: 'x' } } })],
    ['without what is known of the outage', JSON.stringify({ ...MEMORY, offlineSince: undefined })],
  ])('%s', async (_name, text) => {
    const { open, path, folder, warnings } = await store();
    await mkdir(folder);
    await writeFile(path, text);
    expect(open().load()).toBeNull();
    expect(warnings).toEqual([expect.stringMatching(/is damaged and was set aside as .*nas\.json\.damaged/)]);
    expect(await readFile(`${path}.damaged`, 'utf8')).toBe(text);
    expect(await readdir(folder)).toEqual(['nas.json.damaged']);
    open().save(MEMORY);
    expect(open().load()).toEqual(MEMORY);
    expect(warnings).toHaveLength(1);
  });
});

describe('a folder that cannot be used is a warning, and no crash', () => {
  test('a file stands where the folder should be', async () => {
    const { open, folder, warnings } = await store();
    await writeFile(folder, '');
    expect(open().load()).toBeNull();
    open().save(MEMORY);
    // There is no file in what is no folder: nothing is unknown, it only cannot be stored.
    expect(warnings).toEqual([expect.stringMatching(/cannot be stored in .*nas\.json/)]);
  });

  test('a folder stands where the file should be', async () => {
    const { open, path, warnings } = await store();
    await mkdir(path, { recursive: true });
    expect(open().load()).toBeNull();
    open().save(MEMORY);
    expect(warnings).toHaveLength(2);
  });

  test('what is damaged cannot be set aside', async () => {
    const { open, path, warnings } = await store();
    await mkdir(join(`${path}.damaged`, 'full'), { recursive: true });
    await writeFile(path, 'damaged');
    expect(open().load()).toBeNull();
    expect(warnings).toEqual([expect.stringMatching(/is damaged, and cannot be set aside/)]);
  });
});

test('a memory without a file lasts as long as the process', () => {
  const volatile = new InMemoryStateStore();
  expect(volatile.load()).toBeNull();
  volatile.save(MEMORY);
  expect(volatile.load()).toEqual(MEMORY);
});

test('a memory of a release that knew less of its tasks is read, and what it lacks is unknown', async () => {
  const { open, path, folder, warnings } = await store();
  const tasks = Object.entries(MEMORY.tasks).map(([id, { uuid, name, activeSince, since, overdue }]) => {
    return [id, { uuid, name, activeSince, since, overdue }] as const;
  });
  await mkdir(folder);
  await writeFile(path, JSON.stringify({ ...MEMORY, tasks: Object.fromEntries(tasks) }));
  const unknown = { lastSuccessAt: null, recent: [], failing: null, timing: null, missedPolls: 0 };
  const read = tasks.map(([id, task]) => [id, { ...task, ...unknown }] as const);
  expect(open().load()).toEqual({ ...MEMORY, tasks: Object.fromEntries(read) });
  expect(warnings).toEqual([]);
});

test('a memory of a release that noted nothing of listeners is read: it is not known who there was', async () => {
  const { open, path, folder, warnings } = await store();
  const { listeners: _listeners, undelivered: _undelivered, ...before } = MEMORY;
  await mkdir(folder);
  await writeFile(path, JSON.stringify(before));
  expect(open().load()).toEqual({ ...before, listeners: null, undelivered: {} });
  expect(warnings).toEqual([]);
});

test('a memory survives its own text', () => {
  expect(parseMonitorState(JSON.stringify(MEMORY))).toEqual(MEMORY);
});

test.each([
  [{ id: 7, startedAt: '2026-03-01T11:00:00.000Z' }, '7@2026-03-01T11:00:00.000Z'],
  [{ id: 7, startedAt: null }, '7@?'],
  [{ id: null, startedAt: '2026-03-01T11:00:00.000Z' }, '?@2026-03-01T11:00:00.000Z'],
])('the key of %o', (result, key) => {
  expect(backupKey(result)).toBe(key);
});
