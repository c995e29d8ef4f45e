import { describe, expect, test } from 'vitest';
import type { Task } from '../../src/active-backup/types';
import { ENTITIES } from '../../src/home-assistant/entities';
import { buildState } from '../../src/home-assistant/entity';
import { nasTotals } from '../../src/home-assistant/nas-totals';
import { buildStateDocuments } from '../../src/home-assistant/state-documents';
import type { BridgeOptions } from '../../src/home-assistant/types';
import type { DayOutcome, DeviceProtection, Protection } from '../../src/monitor/protection-types';
import type { NasSnapshot, TaskSnapshot } from '../../src/monitor/snapshot';
import {
  deviceWith,
  endWith,
  failureWith,
  NAS,
  OPTIONS,
  protectionWith,
  snapshotWith,
  storageWith,
  taskWith,
} from './examples';

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
      task: taskWith({ devicesFailed: null }, { recent: [endWith({ successCount: 0 })] }),
      expected: { devices_ok: null, devices_failed: null },
    },
    {
      of: 'whose NAS counts nothing, but reports the outcome of each machine',
      task: taskWith({ devicesFailed: ['PC-17'] }, { recent: [endWith({ successCount: 0 })] }),
      expected: { devices_ok: null, devices_failed: 1 },
    },
    {
      of: 'whose NAS counts less than the outcomes of its machines',
      task: taskWith({ devicesFailed: ['PC-17', 'PC-18'] }, { recent: [endWith({ successCount: 4, errorCount: 1 })] }),
      expected: { devices_ok: 4, devices_failed: 2 },
    },
    {
      of: 'whose NAS counts a failure that the outcomes do not have yet',
      task: taskWith({ devicesFailed: [] }, { recent: [endWith({ successCount: 4, errorCount: 1 })] }),
      expected: { devices_failed: 1 },
    },
    {
      of: 'that runs as long as usual, after failures',
      task: taskWith({ state: 'running', failuresInRow: 3, expectedEndAt: '2026-03-01T02:22:41.000Z' }),
      expected: { failures_in_row: 3, expected_end: '2026-03-01T02:22:41.000Z' },
    },
    {
      of: 'of which neither is known',
      task: taskWith({ state: 'running', failuresInRow: null, expectedEndAt: null }),
      expected: { failures_in_row: null, expected_end: null },
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

/** Judgements of devices that have nothing else in common with those of {@link snapshotWith}. */
const judged = (...protections: readonly Protection[]): DeviceProtection[] =>
  protections.map((protection, index) => protectionWith({ device: deviceWith({ id: 20 + index }), protection }));

const job = { taskId: 3, taskName: 'Büro-PCs' };

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
      with: 'machines that fail and are late, although no task does',
      snapshot: { protections: [protectionWith({ protection: 'failing' }), ...judged('late', 'late', 'never')] },
      expected: { problem: 'ON', overall_status: 'error', devices_failing: 1, devices_late: 2, devices_never: 1 },
    },
    {
      with: 'machines that have no success yet, or no task',
      snapshot: { protections: judged('never', 'unprotected', 'protected') },
      expected: { problem: 'OFF', overall_status: 'ok', devices_failing: 0, devices_late: 0, devices_never: 1 },
    },
    {
      with: 'a machine that is late, and one that is unknown',
      snapshot: { protections: judged('late', 'unknown') },
      expected: { problem: 'ON', devices_failing: 0, devices_late: 1 },
    },
    {
      with: 'machines that are all unknown or unprotected',
      snapshot: { protections: judged('unknown', 'unprotected') },
      expected: { problem: 'OFF', devices_failing: null, devices_late: null, devices_never: null },
    },
    {
      with: 'outcomes that have not been read yet',
      snapshot: { protections: null },
      expected: { problem: 'OFF', devices_failing: null, devices_late: null, devices_never: null },
    },
    {
      with: 'a verification and a restore',
      snapshot: {
        lastVerification: { ...job, at: '2026-02-27T01:00:00.000Z', status: 'success' },
        lastRestore: { ...job, at: '2026-02-20T09:00:00.000Z', status: 'failed' },
      },
      expected: {
        ...{ last_verification: '2026-02-27T01:00:00.000Z', last_verification_result: 'success' },
        ...{ last_restore: '2026-02-20T09:00:00.000Z', last_restore_result: 'failed', problem: 'OFF' },
      },
    },
    {
      with: 'no verification and no restore that is known',
      snapshot: {},
      expected: {
        last_verification: null,
        last_verification_result: 'unknown',
        last_restore: null,
        last_restore_result: 'unknown',
      },
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
  const failed = { ...protectionWith().lastResult!, status: 'failed' as const, reason: 'The source is not accessible' };
  const noSuccess = { lastResult: null, lastSuccessAt: null, expectedBy: null, failuresInRow: 0 };

  test.each<{ which: string; protection: Partial<DeviceProtection> | null; expected: Record<string, unknown> }>([
    {
      which: 'is protected',
      protection: {},
      expected: {
        ...{ protection: 'protected', status: 'ok', problem: 'OFF', overdue: 'OFF', last_result: 'success' },
        ...{ last_success: '2026-02-28T02:22:41.000Z', expected_by: '2026-03-01T08:00:00.000Z', failures_in_row: 0 },
        ...{ days: ['success', 'off', 'off', 'failed', 'none', 'success'], usual_gap: 93_600, habit_source: 'learned' },
        ...{ last_error: null, online: true, connected: 'ON' },
      },
    },
    {
      which: 'is protected, as far as its first successes tell',
      protection: { expectedBy: null, habit: null },
      expected: { protection: 'protected', problem: 'OFF', overdue: null, expected_by: null, usual_gap: null },
    },
    {
      which: 'fails',
      protection: { protection: 'failing', lastResult: failed, failuresInRow: 3 },
      expected: {
        ...{ protection: 'failing', status: 'failing', problem: 'ON', overdue: null, last_result: 'failed' },
        ...{ failures_in_row: 3, last_error: 'The source is not accessible' },
      },
    },
    {
      which: 'failed after a success was expected',
      protection: { protection: 'failing', lastResult: failed, expectedBy: '2026-02-28T01:00:00.000Z' },
      expected: { protection: 'failing', overdue: 'ON' },
    },
    {
      which: 'had a backup of seven times its usual size',
      protection: { unusual: { kind: 'larger', factor: 7, value: 7e9, usual: 1e9 } },
      expected: { protection: 'protected', problem: 'OFF', unusual: 'ON', unusual_kind: 'larger', unusual_factor: 7 },
    },
    {
      which: 'had a backup as usual',
      protection: { days: Array<DayOutcome>(9).fill('success') },
      expected: { unusual: 'OFF', unusual_kind: null, unusual_factor: null },
    },
    {
      which: 'had too few backups to tell',
      protection: { days: Array<DayOutcome>(8).fill('success') },
      expected: { unusual: null },
    },
    {
      which: 'is late',
      protection: { protection: 'late' },
      expected: { protection: 'late', status: 'overdue', problem: 'ON', overdue: 'ON', last_result: 'success' },
    },
    {
      which: 'has a task, but no success yet',
      protection: { protection: 'never', ...noSuccess },
      expected: { protection: 'never', status: 'never', problem: 'ON', overdue: null, last_result: 'none' },
    },
    {
      which: 'no task protects',
      protection: { protection: 'unprotected', ...noSuccess },
      expected: { protection: 'unprotected', status: 'unprotected', problem: 'ON', overdue: null },
    },
    {
      which: 'the NAS reports no outcomes of',
      protection: { protection: 'unknown', ...noSuccess, failuresInRow: null, habit: null, days: [] },
      expected: {
        ...{ protection: 'unknown', status: 'unknown', problem: null, overdue: null, last_result: 'unknown' },
        ...{ last_success: null, failures_in_row: null, habit_source: null, days: [] },
      },
    },
    {
      which: 'has outcomes that have not been read yet',
      protection: null,
      expected: {
        ...{ protection: 'unknown', status: 'unknown', problem: null, overdue: null, last_result: 'unknown' },
        ...{ last_success: null, expected_by: null, failures_in_row: null, days: null, usual_gap: null, unusual: null },
      },
    },
  ])('that $which', ({ protection, expected }) => {
    const source = { device: deviceWith(), tasks: [taskWith()], protection: protection && protectionWith(protection) };
    expect(buildState(ENTITIES.device, source)).toMatchObject(expected);
  });

  test.each([
    { tasks: [], protection: 'unprotected', problem: 'ON' },
    { tasks: null, protection: 'unknown', problem: null },
  ])('with the tasks $tasks and unknown outcomes is $protection', ({ tasks, ...expected }) => {
    const unknown = protectionWith({ protection: 'unknown', lastResult: null });
    for (const protection of [null, unknown])
      expect(buildState(ENTITIES.device, { device: deviceWith(), tasks, protection })).toMatchObject(expected);
  });

  test('runs while a task of it alone runs; a run of a task of several need not be its own', () => {
    const running = taskWith({ state: 'running' });
    const ofSeveral = taskWith({ state: 'running', devices: [deviceWith(), deviceWith({ id: 12 })] });
    const statusWith = (task: TaskSnapshot): unknown =>
      buildState(ENTITIES.device, { device: deviceWith(), tasks: [task], protection: protectionWith() })['status'];
    expect([statusWith(running), statusWith(ofSeveral)]).toEqual(['running', 'ok']);
  });

  test('has at most 90 days, the last ones', () => {
    const days = [...Array<DayOutcome>(10).fill('off'), ...Array<DayOutcome>(90).fill('success')];
    const source = { device: deviceWith(), tasks: [taskWith()], protection: protectionWith({ days }) };
    expect(buildState(ENTITIES.device, source)['days']).toEqual(Array(90).fill('success'));
  });
});

describe('a task of forty devices, one of which fails', () => {
  const devices = Array.from({ length: 40 }, (_, id) => deviceWith({ id, name: `PC-${id}` }));
  const task = taskWith({ devices }, { failing: true, recent: [failureWith()] });
  const protections = devices.map((device) =>
    protectionWith({ device, protection: device.id === 17 ? 'failing' : 'protected' }),
  );
  const snapshot = snapshotWith({ tasks: [task], devices, protections });
  const published = (which: BridgeOptions['devices']): Record<string, unknown>[] =>
    [...buildStateDocuments(snapshot, NAS, { ...OPTIONS, devices: which })]
      .filter(([topic]) => topic.includes('/device/'))
      .map(([, payload]) => JSON.parse(payload) as Record<string, unknown>);

  test('has exactly that one with a problem', () => {
    const failing = published('all').filter(({ protection }) => protection !== 'protected');
    expect(failing).toMatchObject([{ device_id: 17, protection: 'failing', status: 'failing', problem: 'ON' }]);
    expect(published('all').filter(({ problem }) => problem === 'OFF')).toHaveLength(39);
  });

  test('has only that one published as a problem', () => {
    expect(published('problems')).toMatchObject([{ device_id: 17 }]);
  });

  test('is counted at the NAS', () => {
    expect(nasValues({ tasks: [task], devices, protections })).toMatchObject({ devices_failing: 1, devices_late: 0 });
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
    { which: 'problems', ids: [12, 13, 14, 15] },
    { which: 'all', ids: [11, 12, 13, 14, 15, 16, 17] },
  ] as const)('of machines are those that are asked for: $which', ({ which, ids }) => {
    const protections = [
      protectionWith(),
      ...(['failing', 'late', 'never', 'unprotected', 'unknown'] as const).map((protection, index) =>
        protectionWith({ device: deviceWith({ id: 12 + index }), protection }),
      ),
    ];
    const devices = [11, 12, 13, 14, 15, 16, 17].map((id) => deviceWith({ id, online: false }));
    const snapshot = snapshotWith({ tasks: [taskWith({ devices }, { failing: true })], devices, protections });
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
