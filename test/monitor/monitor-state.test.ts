import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import {
  backupKey,
  parseMonitorState,
  type MonitorState,
  FileStateStore,
  InMemoryStateStore,
} from '../../src/monitor/monitor-state';
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

const STATE: MonitorState = {
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
        queuedSince: null,
        incomplete: null,
      },
      lastSuccessAt: '2026-03-01T12:30:00.000Z',
      recent: [ENDED],
      failing: false,
      failuresInRow: 0,
      transferredBytes: 1000,
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
      failuresInRow: null,
      transferredBytes: 0,
      missedPolls: 2,
    },
  },
  devices: { 3: true, 4: null },
  otherJobs: {
    verification: { at: '2026-03-01T12:45:00.000Z', status: 'success', taskId: 1, taskName: 'PC' },
    restore: null,
  },
  transferredBytes: 1500,
  protections: { 3: { late: true, unusual: null }, 4: { late: false, unusual: 7 } },
  volumeSamples: { '/volume1': [['2026-03-01T12:00:00.000Z', 1000]] },
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
  undeliveredOther: {
    '8@2026-03-01T12:40:00.000Z': {
      event: 'verification_failed',
      at: '2026-03-01T12:45:00.000Z',
      result: { ...ENDED, id: 8, taskId: 1, taskName: 'PC', action: 'verify', actionCode: 512 },
      task: { id: 1, name: 'PC', uuid: 'u1' },
      deviceId: null,
      outageSeconds: null,
      error: null,
    },
  },
  offlineSince: null,
};

/** The state with other fields of its first task. */
function withTask(fields: object): object {
  return { ...STATE, tasks: { 1: { ...STATE.tasks['1'], ...fields } } };
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

describe('a state on disk', () => {
  test('is null before the first save, without a warning', async () => {
    const { open, warnings } = await store();
    expect(open().load()).toBeNull();
    expect(warnings).toEqual([]);
  });

  test('is loaded as it was saved, after a restart', async () => {
    const { open, warnings } = await store();
    open().save({ ...STATE, low: [] });
    open().save(STATE);
    expect(open().load()).toEqual(STATE);
    expect(warnings).toEqual([]);
  });

  test('is for its owner alone, and leaves nothing beside it', async () => {
    const { open, folder, path } = await store();
    open().save(STATE);
    expect(await readdir(folder)).toEqual(['nas.json']);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
  });

  test('stays whole when a process died in the middle of writing the next one', async () => {
    const { open, path, folder } = await store();
    open().save(STATE);
    await writeFile(`${path}.new`, JSON.stringify(STATE).slice(0, 50));
    expect(open().load()).toEqual(STATE);
    open().save({ ...STATE, low: [] });
    expect(await readdir(folder)).toEqual(['nas.json']);
    expect(open().load()).toEqual({ ...STATE, low: [] });
  });

  test('can be read and written by hand: it is plain JSON', async () => {
    const { open, path } = await store();
    open().save(STATE);
    expect(JSON.parse(await readFile(path, 'utf8'))).toEqual(STATE);
  });
});

describe('a damaged file is set aside with a warning, and monitoring starts again without history', () => {
  test.each<[string, string]>([
    ['empty', ''],
    ['cut off', JSON.stringify(STATE).slice(0, -20)],
    ['full of zeros, as after a power failure', '\0'.repeat(200)],
    ['not an object', '[]'],
    ['of another version', JSON.stringify({ ...STATE, version: 2 })],
    ['without ends', JSON.stringify({ ...STATE, ends: undefined })],
    ['with an end that is no time', JSON.stringify({ ...STATE, ends: { x: 'soon' } })],
    ['with a time that is none', JSON.stringify({ ...STATE, endsSince: 'soon' })],
    ['with a task that is none', JSON.stringify({ ...STATE, tasks: { 1: null } })],
    ['with a task without its time', JSON.stringify({ ...STATE, tasks: { 1: { name: 'PC', overdue: false } } })],
    ['with a task whose backups are no list', JSON.stringify(withTask({ recent: {} }))],
    ['with a backup without its end', JSON.stringify(withTask({ recent: [{ id: 7, status: 'success' }] }))],
    ['with a task that failed many times', JSON.stringify(withTask({ failuresInRow: 'many' }))],
    ['with a task that fails perhaps', JSON.stringify(withTask({ failing: 'perhaps' }))],
    ['with a success at no time', JSON.stringify(withTask({ lastSuccessAt: 'soon' }))],
    ['with storages that are no list', JSON.stringify({ ...STATE, low: {} })],
    ['with a device in between', JSON.stringify({ ...STATE, devices: { 1: 'maybe' } })],
    ['with listeners that are a list', JSON.stringify({ ...STATE, listeners: [] })],
    ['with a listener that has missed nothing known', JSON.stringify({ ...STATE, listeners: { a: { missed: 1 } } })],
    ['with an event that does not exist', JSON.stringify({ ...STATE, undelivered: { x: { event: 'x' } } })],
    ['without what is known of the outage', JSON.stringify({ ...STATE, offlineSince: undefined })],
  ])('%s', async (_name, text) => {
    const { open, path, folder, warnings } = await store();
    await mkdir(folder);
    await writeFile(path, text);
    expect(open().load()).toBeNull();
    expect(warnings).toEqual([expect.stringMatching(/is damaged and was set aside as .*nas\.json\.damaged/)]);
    expect(await readFile(`${path}.damaged`, 'utf8')).toBe(text);
    expect(await readdir(folder)).toEqual(['nas.json.damaged']);
    open().save(STATE);
    expect(open().load()).toEqual(STATE);
    expect(warnings).toHaveLength(1);
  });
});

describe('a folder that cannot be used is a warning, and no crash', () => {
  test('a file stands where the folder should be', async () => {
    const { open, folder, warnings } = await store();
    await writeFile(folder, '');
    expect(open().load()).toBeNull();
    open().save(STATE);
    // There is no file in what is no folder: nothing is unknown, it only cannot be stored.
    expect(warnings).toEqual([expect.stringMatching(/cannot be stored in .*nas\.json/)]);
  });

  test('a folder stands where the file should be', async () => {
    const { open, path, warnings } = await store();
    await mkdir(path, { recursive: true });
    expect(open().load()).toBeNull();
    open().save(STATE);
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

test('a state without a file lasts as long as the process', () => {
  const volatile = new InMemoryStateStore();
  expect(volatile.load()).toBeNull();
  volatile.save(STATE);
  expect(volatile.load()).toEqual(STATE);
});

test('a state of an older release is read, and missing fields are unknown', async () => {
  const { open, path, folder, warnings } = await store();
  const tasks = Object.entries(STATE.tasks).map(([id, { uuid, name, activeSince, since, overdue }]) => {
    return [id, { uuid, name, activeSince, since, overdue }] as const;
  });
  await mkdir(folder);
  await writeFile(path, JSON.stringify({ ...STATE, tasks: Object.fromEntries(tasks) }));
  const unknown = {
    ...{ lastSuccessAt: null, recent: [], failing: null, failuresInRow: null, timing: null, missedPolls: 0 },
    transferredBytes: 0,
  };
  const read = tasks.map(([id, task]) => [id, { ...task, ...unknown }] as const);
  expect(open().load()).toEqual({ ...STATE, tasks: Object.fromEntries(read) });
  expect(warnings).toEqual([]);
});

test('a state of a release without listeners is read: the listeners are unknown', async () => {
  const { open, path, folder, warnings } = await store();
  const { listeners: _listeners, undelivered: _undelivered, ...before } = STATE;
  await mkdir(folder);
  await writeFile(path, JSON.stringify(before));
  expect(open().load()).toEqual({ ...before, listeners: null, undelivered: {} });
  expect(warnings).toEqual([]);
});

test('a state is unchanged after writing and parsing', () => {
  expect(parseMonitorState(JSON.stringify(STATE))).toEqual(STATE);
});

test.each([
  [{ id: 7, startedAt: '2026-03-01T11:00:00.000Z' }, '7@2026-03-01T11:00:00.000Z'],
  [{ id: 7, startedAt: null }, '7@?'],
  [{ id: null, startedAt: '2026-03-01T11:00:00.000Z' }, '?@2026-03-01T11:00:00.000Z'],
])('the key of %o', (result, key) => {
  expect(backupKey(result)).toBe(key);
});
