import type { Device, DeviceResult, Task } from '../../src/active-backup/types';
import type { DayOutcome, DeviceProtection } from '../../src/monitor/protection-types';
import type { TaskSnapshot } from '../../src/monitor/snapshot';
import { parseListedTask } from '../../src/active-backup/model/task';
import type { NasForReport, ReportOptions, ReportStorage } from '../../src/report/types';

/** Saturday, 28 November 2026, 07:00 in Berlin. */
const AT = new Date('2026-11-28T06:00:00Z');

export const OPTIONS: ReportOptions = {
  at: AT,
  days: 30,
  language: 'en',
  timeZone: 'Europe/Berlin',
  fullWithinDays: 30,
};

const DAY_MS = 86_400_000;
export const daysAgo = (days: number): string => new Date(AT.getTime() - days * DAY_MS).toISOString();

export function device(id: number, name: string, given: Partial<Device> = {}): Device {
  return {
    id,
    uuid: `uuid-${id}`,
    name,
    type: 'pc',
    typeCode: 2,
    platform: 'windows',
    platformCode: 1,
    os: 'Windows 11(64-bit)',
    address: '192.168.1.7',
    online: true,
    agentCanBackup: true,
    loginUser: 'anna',
    createdAt: daysAgo(400),
    lastLoginAt: daysAgo(1),
    ...given,
  };
}

function deviceResult(given: Partial<DeviceResult> = {}): DeviceResult {
  return {
    resultId: 1,
    taskId: 1,
    status: 'success',
    statusCode: 2,
    startedAt: daysAgo(0.5),
    endedAt: daysAgo(0.49),
    durationSeconds: 600,
    transferredBytes: 1e9,
    reason: null,
    ...given,
  };
}

const GOOD_DAYS = Array.from({ length: 30 }, (_, index): DayOutcome =>
  [1, 2].includes(index % 7) ? 'off' : 'success',
);

/** A protected device; `given` makes it another. */
export function protectionOf(id: number, name: string, given: Partial<DeviceProtection> = {}): DeviceProtection {
  const own = given.device ?? device(id, name);
  return {
    device: own,
    taskIds: [id],
    protection: 'protected',
    online: own.online,
    lastResult: deviceResult(),
    lastSuccessAt: daysAgo(0.49),
    failuresInRow: 0,
    expectedBy: daysAgo(-2),
    habit: { source: 'learned', typicalGapHours: 26, offDays: [0, 6] },
    unusual: null,
    days: GOOD_DAYS,
    ...given,
  };
}

export const failing = (id: number, name: string, reason: string | null, given: Partial<DeviceProtection> = {}) =>
  protectionOf(id, name, {
    protection: 'failing',
    failuresInRow: 3,
    lastSuccessAt: daysAgo(4),
    lastResult: deviceResult({ status: 'failed', statusCode: 4, reason }),
    days: [...GOOD_DAYS.slice(0, 27), 'failed', 'failed', 'failed'],
    ...given,
  });

export const late = (id: number, name: string, online: boolean | null, given: Partial<DeviceProtection> = {}) =>
  protectionOf(id, name, {
    device: device(id, name, { online }),
    protection: 'late',
    lastSuccessAt: '2026-11-20T17:10:00Z',
    expectedBy: daysAgo(2),
    days: [...GOOD_DAYS.slice(0, 22), 'none', 'off', 'off', 'none', 'none', 'none', 'none', 'none'],
    ...given,
  });

/** A task of these devices. */
export function taskOf(id: number, name: string, devices: Device[], given: Partial<Task> = {}): TaskSnapshot {
  const task: Task = { ...parseListedTask({ task_id: id, task_name: name, backup_type: 2 }, null), devices, ...given };
  return { task, recent: [], failing: false, transferredBytes: 0 };
}

export function storage(given: Partial<ReportStorage> = {}, usedPercent = 60): ReportStorage {
  const totalBytes = 10e12;
  const usedBytes = (totalBytes * usedPercent) / 100;
  return {
    id: 1,
    name: 'ActiveBackupforBusiness',
    shareName: 'ActiveBackupforBusiness',
    volumePath: '/volume1',
    volumeName: 'Volume 1',
    fileSystem: 'btrfs',
    mounted: true,
    compacting: false,
    dedupBytes: 4e12,
    compressedBytes: null,
    logicalBytes: 9e12,
    dedupRatio: 2.25,
    deviceCount: 3,
    low: usedPercent > 90,
    volume: { path: '/volume1', totalBytes, usedBytes, freeBytes: totalBytes - usedBytes, usedPercent },
    ...given,
  } as ReportStorage;
}

/** A NAS with these protections, each device in a task of its own unless `tasks` are given. */
export function nas(
  protections: readonly DeviceProtection[] | null,
  given: Partial<NasForReport> & { tasks?: TaskSnapshot[]; storages?: ReportStorage[]; online?: boolean } = {},
): NasForReport {
  const { tasks, storages, online = true, ...rest } = given;
  const devices = (protections ?? []).map((each) => each.device);
  return {
    id: '2340sim1',
    name: 'Office NAS',
    description: {
      name: 'Office NAS',
      model: 'DS923+',
      dsmVersion: 'DSM 7.2.1-69057',
      activeBackupVersion: '3.1.0',
      serialNumber: '2340SIM1',
      url: 'https://nas.lan:5001',
    },
    snapshot: {
      at: AT.toISOString(),
      online,
      tasks: tasks ?? devices.map((each) => taskOf(each.id ?? 0, `Task ${each.name ?? ''}`, [each])),
      storages: storages ?? [storage()],
      storageWasLow: false,
      lastVerification: null,
      lastRestore: null,
      transferredBytes: 0,
      devices,
      protections,
    },
    error: null,
    ...rest,
  };
}
