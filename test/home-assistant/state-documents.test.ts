import { describe, expect, test } from 'vitest';
import type { Task } from '../../src/active-backup/types';
import { ENTITIES } from '../../src/home-assistant/entities';
import { buildState } from '../../src/home-assistant/entity';
import { nasTotals } from '../../src/home-assistant/nas-totals';
import { buildStateDocuments } from '../../src/home-assistant/state-documents';
import type { NasSnapshot, TaskSnapshot } from '../../src/monitor/snapshot';
import { deviceWith, endWith, failureWith, NAS, OPTIONS, snapshotWith, storageWith, taskWith } from './examples';

const taskValues = (snapshot: TaskSnapshot): Record<string, unknown> => buildState(ENTITIES.task, snapshot);
const nasValues = (fields: Partial<NasSnapshot>): Record<string, unknown> =>
  buildState(ENTITIES.nas, { totals: nasTotals(snapshotWith(fields)), nas: NAS });

/** A result as in a task of Active Backup. */
const lastResult = (fields: Partial<NonNullable<Task['lastResult']>>): Task['lastResult'] => ({
  ...endWith(),
  taskId: 3,
  taskName: 'Büro-PCs',
  action: 'backup',
  actionCode: 1,
  devices: null,
  ...fields,
});

describe('a task', () => {
  const running = lastResult({ status: 'running', startedAt: '2026-03-01T02:00:00.000Z', endedAt: null });
  const progress = {
    percent: 41.6,
    transferredBytes: 1e9,
    totalBytes: 2e9,
    bytesPerSecond: 51.4,
    remainingSeconds: 9.6,
  };
  test.each<{ of: string; task: TaskSnapshot; expected: Record<string, unknown> }>([
    {
      of: 'that is idle after a success',
      task: taskWith(),
      expected: {
        status: 'idle',
        last_result: 'success',
        running: 'OFF',
        problem: 'OFF',
        overdue: 'OFF',
        last_error: null,
      },
    },
    {
      of: 'that runs',
      task: taskWith({ state: 'running', lastResult: running, progress }),
      expected: {
        status: 'running',
        running: 'ON',
        last_result: 'success',
        last_start: '2026-03-01T02:00:00.000Z',
        last_end: '2026-02-28T02:22:41.000Z',
        progress: 41,
        speed: 51,
        remaining: 10,
      },
    },
    { of: 'that waits', task: taskWith({ state: 'queued' }), expected: { running: 'OFF', progress: null } },
    {
      of: 'in an unknown state',
      task: taskWith({ state: 'unknown' }),
      expected: { status: 'unknown', running: null },
    },
    {
      of: 'whose last backup failed',
      task: taskWith({}, { recent: [failureWith(), endWith()], failing: true }),
      expected: { last_result: 'failed', problem: 'ON', last_error: 'The source is not accessible' },
    },
    {
      of: 'that was cancelled after a failure',
      task: taskWith({}, { recent: [endWith({ status: 'cancelled' }), failureWith()], failing: true }),
      expected: { last_result: 'cancelled', problem: 'ON', last_error: null },
    },
    {
      of: 'that has never run',
      task: taskWith({ lastSuccessAt: null }, { recent: [], failing: false }),
      expected: { last_result: 'none', problem: 'OFF', last_success: null, last_start: null, last_duration: null },
    },
    {
      of: 'with unknown backups',
      task: taskWith({ lastSuccessAt: null }, { recent: [], failing: null }),
      expected: { last_result: 'unknown', problem: null, last_success: null, last_start: null, last_duration: null },
    },
    {
      of: 'of which only a success long ago is known',
      task: taskWith({}, { recent: [] }),
      expected: { last_result: 'unknown', last_success: '2026-02-28T02:22:41.000Z' },
    },
    {
      of: 'of which nothing but its own last result is known',
      task: taskWith({ lastResult: lastResult({ status: 'partial' }) }, { recent: [] }),
      expected: { last_result: 'partial' },
    },
    {
      of: 'whose own last result is older than what is remembered',
      task: taskWith({ lastResult: lastResult({ status: 'failed' }) }),
      expected: { last_result: 'success' },
    },
    {
      of: 'whose NAS counts',
      task: taskWith({}, { recent: [endWith({ successCount: 4, errorCount: 0 })] }),
      expected: { devices_ok: 4, devices_failed: 0 },
    },
    {
      of: 'whose NAS counts nothing',
      task: taskWith({}, { recent: [endWith({ successCount: 0 })] }),
      expected: { devices_ok: null, devices_failed: null },
    },
    { of: 'with a reason of many lines', task: failing('one\ntwo\u0000'), expected: { last_error: 'one two' } },
    { of: 'with a long reason', task: failing('x'.repeat(400)), expected: { last_error: `${'x'.repeat(254)}…` } },
    { of: 'with a reason of nothing', task: failing(' \n'), expected: { last_error: null } },
  ])('$of', ({ task, expected }) => {
    expect(taskValues(task)).toMatchObject(expected);
  });

  test.each([
    { schedule: { kind: 'daily' as const }, nextRunAt: '2026-03-01T02:00:00.000Z', enabled: 'ON' },
    { schedule: { kind: 'daily' as const }, nextRunAt: null, enabled: 'OFF' },
    { schedule: { kind: 'manual' as const }, nextRunAt: null, enabled: 'OFF' },
    { schedule: { kind: 'event' as const }, nextRunAt: null, enabled: 'ON' },
    { schedule: { kind: 'continuous' as const, paused: false }, nextRunAt: null, enabled: 'ON' },
    { schedule: { kind: 'continuous' as const, paused: true }, nextRunAt: null, enabled: 'OFF' },
    { schedule: { kind: 'unknown' as const }, nextRunAt: null, enabled: null },
  ])(
    'with the schedule $schedule and the next run $nextRunAt is enabled: $enabled',
    ({ schedule, nextRunAt, enabled }) => {
      const { task } = taskWith();
      expect(taskValues(taskWith({ schedule: { ...task.schedule, ...schedule }, nextRunAt }))).toMatchObject({
        enabled,
      });
    },
  );

  function failing(reason: string): TaskSnapshot {
    return taskWith({}, { recent: [failureWith({ reason })], failing: true });
  }
});

describe('a NAS', () => {
  const early = taskWith({ id: 4, lastSuccessAt: '2026-01-01T00:00:00.000Z', nextRunAt: '2026-02-28T13:00:00.000Z' });
  test.each<{ with: string; snapshot: Partial<NasSnapshot>; expected: Record<string, unknown> }>([
    {
      with: 'nothing wrong',
      snapshot: {},
      expected: { problem: 'OFF', overall_status: 'ok', tasks_total: 1, storages_low: 0 },
    },
    {
      with: 'a failing task',
      snapshot: { tasks: [taskWith({ state: 'running' }, { failing: true })] },
      expected: { problem: 'ON', overall_status: 'error', tasks_failed: 1, tasks_running: 1 },
    },
    {
      with: 'an overdue task',
      snapshot: { tasks: [taskWith({ overdue: true })] },
      expected: { problem: 'ON', overall_status: 'error', tasks_overdue: 1 },
    },
    {
      with: 'a storage that is low on space',
      snapshot: { storages: [storageWith({ low: true })] },
      expected: { problem: 'ON', overall_status: 'warning', storages_low: 1 },
    },
    {
      with: 'a backup that was partial',
      snapshot: { tasks: [taskWith({}, { recent: [endWith({ status: 'partial' })] })] },
      expected: { problem: 'OFF', overall_status: 'warning' },
    },
    {
      with: 'a backup that runs',
      snapshot: { tasks: [taskWith({ state: 'running' })] },
      expected: { problem: 'OFF', overall_status: 'running', tasks_running: 1 },
    },
    {
      with: 'a backup that waits',
      snapshot: { tasks: [taskWith({ state: 'queued' })] },
      expected: { overall_status: 'ok', tasks_running: 0 },
    },
    {
      with: 'nothing read yet',
      snapshot: { tasks: null, storages: null, devices: null },
      expected: {
        problem: null,
        overall_status: 'unknown',
        tasks_total: null,
        storages_low: null,
        devices_total: null,
        last_success: null,
      },
    },
    {
      with: 'storages that cannot be read since a restart, one of which was low before',
      snapshot: { storages: null, storageWasLow: true },
      expected: { problem: 'ON', overall_status: 'warning', storages_low: null },
    },
    {
      with: 'storages that were never read',
      snapshot: { storages: null },
      expected: { problem: 'OFF', overall_status: 'ok', storages_low: null },
    },
    {
      with: 'no task at all',
      snapshot: { tasks: [] },
      expected: { problem: 'OFF', overall_status: 'ok', tasks_total: 0 },
    },
    {
      with: 'two tasks',
      snapshot: { tasks: [taskWith(), early] },
      expected: {
        last_success: '2026-02-28T02:22:41.000Z',
        oldest_success: '2026-01-01T00:00:00.000Z',
        next_run: '2026-02-28T13:00:00.000Z',
      },
    },
    {
      with: 'a task that is switched off',
      snapshot: { tasks: [taskWith(), taskWith({ ...early.task, nextRunAt: null })] },
      expected: { oldest_success: '2026-02-28T02:22:41.000Z' },
    },
    {
      with: 'machines without a task',
      snapshot: { devices: [deviceWith(), deviceWith({ id: 12 }), deviceWith({ id: 13 })] },
      expected: { devices_total: 3, devices_protected: 1, devices_unprotected: 2 },
    },
    {
      with: 'machines it does not list',
      snapshot: { devices: null },
      expected: { devices_total: null, devices_protected: null, devices_unprotected: null },
    },
    {
      with: 'a duplicate task, and two without an id for a topic',
      snapshot: {
        tasks: [taskWith(), taskWith({ overdue: true }), ...[null, -1].map((id) => taskWith({ id, overdue: true }))],
      },
      expected: { tasks_total: 1, tasks_overdue: 0 },
    },
  ])('with $with', ({ snapshot, expected }) => {
    expect(nasValues(snapshot)).toMatchObject(expected);
  });
});

describe('a storage', () => {
  test.each([
    { storage: storageWith(), expected: { low_space: 'OFF', used_percent: 62.5, free: 3e12, saved: 480_000_000_000 } },
    { storage: storageWith({ low: true }), expected: { low_space: 'ON' } },
    { storage: storageWith({ volume: null }), expected: { used_percent: null, free: null, used: null, total: null } },
    { storage: storageWith({ logicalBytes: 1 }), expected: { saved: 0 } },
    { storage: storageWith({ dedupBytes: null }), expected: { abb_used: null, saved: null } },
  ])('has $expected', ({ storage, expected }) => {
    expect(buildState(ENTITIES.storage, storage)).toMatchObject(expected);
  });
});

describe('a device', () => {
  const failing = taskWith(
    { id: 4 },
    { failing: true, recent: [failureWith({ endedAt: '2026-02-28T09:00:00.000Z' })] },
  );
  test.each([
    {
      of: 'one task',
      tasks: [taskWith()],
      expected: { status: 'ok', problem: 'OFF', last_result: 'success', task_count: 1 },
    },
    {
      of: 'two tasks, one of which fails',
      tasks: [taskWith(), failing],
      expected: { status: 'failing', problem: 'ON', last_result: 'failed', last_success: '2026-02-28T02:22:41.000Z' },
    },
    {
      of: 'a task that is overdue',
      tasks: [taskWith({ overdue: true })],
      expected: { status: 'overdue', overdue: 'ON' },
    },
    { of: 'a task that runs', tasks: [taskWith({ state: 'running' })], expected: { status: 'running' } },
    {
      of: 'a task that has never run',
      tasks: [taskWith({ lastSuccessAt: null }, { recent: [], failing: false })],
      expected: { status: 'ok', problem: 'OFF', last_result: 'none' },
    },
    {
      of: 'a task with unknown backups',
      tasks: [taskWith({ lastSuccessAt: null }, { recent: [], failing: null })],
      expected: { status: 'unknown', problem: null, last_result: 'unknown' },
    },
    {
      of: 'no task',
      tasks: [],
      expected: { status: 'unprotected', problem: null, overdue: null, last_result: 'none' },
    },
    { of: 'tasks not read yet', tasks: null, expected: { status: 'unknown', problem: null, last_result: 'unknown' } },
  ])('of $of', ({ tasks, expected }) => {
    expect(buildState(ENTITIES.device, { device: deviceWith(), tasks })).toMatchObject(expected);
  });
});

describe('a device whose task protects several', () => {
  const devices = [deviceWith(), deviceWith({ id: 12, name: 'RECEPTION-02' })];
  const ofBoth = { failing: true, recent: [failureWith()] };
  const expected = (tasks: readonly TaskSnapshot[]): Record<string, unknown> =>
    buildState(ENTITIES.device, { device: deviceWith(), tasks });

  test.each([
    { of: 'fails', task: taskWith({ devices }, ofBoth) },
    { of: 'succeeded', task: taskWith({ devices }) },
    { of: 'is overdue', task: taskWith({ devices, overdue: true }) },
    { of: 'runs', task: taskWith({ devices, state: 'running' }) },
  ])('has an unknown state when that task $of', ({ task }) => {
    const unknown = { status: 'unknown', problem: null, overdue: null, last_success: null, last_result: 'unknown' };
    expect(expected([task])).toMatchObject({ ...unknown, task_count: 1, next_run: task.task.nextRunAt });
  });

  test('has the state of its own task, and a partly unknown one', () => {
    const own = taskWith({ id: 4, lastSuccessAt: '2026-02-27T02:00:00.000Z' });
    expect(expected([taskWith({ devices }, ofBoth), own])).toMatchObject({
      ...{ status: 'unknown', problem: null, overdue: null },
      ...{ last_success: '2026-02-27T02:00:00.000Z', last_result: 'success', task_count: 2 },
    });
    const failing = taskWith({ id: 4, overdue: true }, ofBoth);
    expect(expected([taskWith({ devices }), failing])).toMatchObject({
      status: 'failing',
      problem: 'ON',
      overdue: 'ON',
    });
  });

  test('is not published as a problem when that task fails', () => {
    const own = taskWith({ id: 4, devices: [deviceWith({ id: 13 })] }, ofBoth);
    const snapshot = snapshotWith({ tasks: [taskWith({ devices }, ofBoth), own], devices });
    const topics = [...buildStateDocuments(snapshot, NAS, { ...OPTIONS, devices: 'problems' }).keys()];
    expect(topics.filter((topic) => topic.includes('/device/'))).toEqual([expect.stringContaining('/device/13/')]);
  });
});

describe('the topics', () => {
  test('are those of the NAS and of each item', () => {
    const topics = [...buildStateDocuments(snapshotWith(), NAS, { ...OPTIONS, devices: 'all' }).keys()];
    expect(topics).toEqual([
      'active-backup/1930pdn000000/state',
      'active-backup/1930pdn000000/storage/1/state',
      'active-backup/1930pdn000000/task/3/state',
      'active-backup/1930pdn000000/task/3/attributes',
      'active-backup/1930pdn000000/task/3/active',
      'active-backup/1930pdn000000/device/11/state',
    ]);
  });

  test.each([
    { which: 'none', ids: [] },
    { which: 'problems', ids: [12, 13, 14] },
    { which: 'all', ids: [11, 12, 13, 14] },
  ] as const)('of machines are those that are asked for: $which', ({ which, ids }) => {
    const failing = taskWith({ id: 4, devices: [deviceWith({ id: 12 })] }, { failing: true });
    const snapshot = snapshotWith({
      tasks: [taskWith({ devices: [deviceWith(), deviceWith({ id: 13, online: false })] }), failing],
      devices: [deviceWith(), deviceWith({ id: 14 })],
    });
    const topics = [...buildStateDocuments(snapshot, NAS, { ...OPTIONS, devices: which }).keys()];
    const published = topics.flatMap((topic) => /\/device\/(\d+)\//.exec(topic)?.[1] ?? []).map(Number);
    expect(published.sort()).toEqual(ids);
  });

  test.each([
    { state: 'idle', active: 'offline' },
    { state: 'queued', active: 'online' },
    { state: 'running', active: 'online' },
    { state: 'pausing', active: 'online' },
    { state: 'cancelling', active: 'offline' },
    { state: 'unknown', active: 'offline' },
  ] as const)('of a task that is $state state whether a run can be cancelled: $active', ({ state, active }) => {
    const documents = buildStateDocuments(snapshotWith({ tasks: [taskWith({ state })] }), NAS, OPTIONS);
    expect(documents.get('active-backup/1930pdn000000/task/3/active')).toBe(active);
  });

  test('contain nothing that changes with time alone', () => {
    const later = snapshotWith({ at: '2026-03-07T12:00:00.000Z' });
    expect([...buildStateDocuments(later, NAS, OPTIONS)]).toEqual([
      ...buildStateDocuments(snapshotWith(), NAS, OPTIONS),
    ]);
  });

  test('do not change while the NAS is offline', () => {
    const away = snapshotWith({ online: false });
    expect([...buildStateDocuments(away, NAS, OPTIONS)]).toEqual([
      ...buildStateDocuments(snapshotWith(), NAS, OPTIONS),
    ]);
  });
});
