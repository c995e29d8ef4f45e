import { expect, test } from 'vitest';
import type { BackupRecord, TaskSnapshot } from '../../src/monitor/snapshot';
import type { NamedDeviceResult, Result } from '../../src/active-backup/types';
import { runsOf } from '../../src/report/runs';
import { daysAgo, nas, OPTIONS, taskOf } from './sources';

const hoursAgo = (hours: number): string => daysAgo(hours / 24);

function record(id: number, hours: number, status: BackupRecord['status'] = 'success'): BackupRecord {
  const [startedAt, endedAt] = [hoursAgo(hours + 0.5), hoursAgo(hours)];
  const counts = { successCount: 1, warningCount: 0, errorCount: 0 };
  return {
    id,
    status,
    statusCode: 2,
    startedAt,
    endedAt,
    durationSeconds: 1800,
    transferredBytes: 1,
    reason: null,
    ...counts,
  };
}

const outcome = (resultId: number, hours: number, name: string, status: Result['status']): NamedDeviceResult => {
  const { startedAt, endedAt, durationSeconds, transferredBytes } = record(resultId, hours);
  return {
    resultId,
    taskId: 1,
    name,
    status,
    statusCode: 2,
    startedAt,
    endedAt,
    durationSeconds,
    transferredBytes,
    reason: null,
  };
};

const source = (tasks: TaskSnapshot[], outcomes: NamedDeviceResult[] = []) => nas([], { tasks, outcomes });
const withRuns = (...recent: BackupRecord[]): TaskSnapshot => ({ ...taskOf(1, 'Servers', []), recent });

test('the backups of the last 24 hours are in the order of their start, with the name of their task', () => {
  expect(runsOf(source([withRuns(record(3, 1), record(2, 20, 'failed'), record(1, 25))]), OPTIONS.at)).toEqual([
    { taskId: 1, taskName: 'Servers', status: 'failed', startedAt: hoursAgo(20.5), endedAt: hoursAgo(20) },
    { taskId: 1, taskName: 'Servers', status: 'success', startedAt: hoursAgo(1.5), endedAt: hoursAgo(1) },
  ]);
});

test('backups that the snapshot no longer has come from the outcomes of the devices, each once and with its worst outcome', () => {
  const outcomes = [
    outcome(9, 1, 'SRV-1', 'success'),
    outcome(8, 5, 'SRV-1', 'success'),
    outcome(8, 4, 'SRV-2', 'failed'),
    outcome(7, 30, 'SRV-1', 'success'),
  ];
  expect(runsOf(source([withRuns(record(9, 1, 'partial'))], outcomes), OPTIONS.at)).toEqual([
    { taskId: 1, taskName: 'Servers', status: 'failed', startedAt: hoursAgo(5.5), endedAt: hoursAgo(4) },
    { taskId: 1, taskName: 'Servers', status: 'partial', startedAt: hoursAgo(1.5), endedAt: hoursAgo(1) },
  ]);
});

test('a backup that runs has no end', () => {
  const task = withRuns();
  const lastResult = { ...record(4, 0, 'running'), endedAt: null } as Result;
  expect(runsOf(source([{ ...task, task: { ...task.task, lastResult } }]), OPTIONS.at)).toEqual([
    { taskId: 1, taskName: 'Servers', status: 'running', startedAt: hoursAgo(0.5), endedAt: null },
  ]);
});

test('nothing is known of a NAS whose tasks were never read, which is not the same as no backups', () => {
  expect(runsOf(nas(null, { snapshot: null }), OPTIONS.at)).toBeNull();
  expect(runsOf(source([withRuns()]), OPTIONS.at)).toEqual([]);
});
