import type { Device, Task } from '../../src/active-backup/types';
import type { BridgeOptions, NasDescription } from '../../src/home-assistant/types';
import type { DeviceProtection } from '../../src/monitor/protection-types';
import type { BackupRecord, NasSnapshot, StorageSnapshot, TaskSnapshot } from '../../src/monitor/snapshot';

/** The default options, but with commands. */
export const OPTIONS: BridgeOptions = {
  baseTopic: 'active-backup',
  nasId: '1930pdn000000',
  discoveryPrefix: 'homeassistant',
  detail: 'standard',
  commands: true,
  devices: 'none',
  language: 'en',
  origin: { name: 'node-red-contrib-example', version: '1.2.3', url: 'https://example.com/issues' },
};

export const NAS: NasDescription = {
  name: 'DiskStation',
  model: 'DS920+',
  dsmVersion: 'DSM 7.2.1-69057',
  activeBackupVersion: '2.6.1-3065',
  serialNumber: '1930PDN000000',
  url: 'https://nas.lan:5001',
};

const DEVICE: Device = {
  id: 11,
  uuid: '3c1f',
  name: 'RECEPTION-01',
  type: 'pc',
  typeCode: 2,
  platform: 'windows',
  platformCode: 1,
  os: 'Windows 11(64-bit)',
  address: '192.0.2.17',
  online: true,
  agentCanBackup: true,
  loginUser: 'reception',
  createdAt: '2025-11-02T09:00:00.000Z',
  lastLoginAt: '2026-02-28T07:30:00.000Z',
};

const PROTECTION: DeviceProtection = {
  device: DEVICE,
  taskIds: [3],
  protection: 'protected',
  online: true,
  lastResult: {
    resultId: 501,
    taskId: 3,
    status: 'success',
    statusCode: 2,
    startedAt: '2026-02-28T02:00:03.000Z',
    endedAt: '2026-02-28T02:22:41.000Z',
    durationSeconds: 1358,
    transferredBytes: 7_340_032_000,
    reason: null,
  },
  lastSuccessAt: '2026-02-28T02:22:41.000Z',
  unusual: null,
  failuresInRow: 0,
  expectedBy: '2026-03-01T08:00:00.000Z',
  habit: { source: 'learned', typicalGapHours: 26, offDays: [0, 6] },
  days: ['success', 'off', 'off', 'failed', 'none', 'success'],
};

const SUCCESS: BackupRecord = {
  id: 501,
  status: 'success',
  statusCode: 2,
  startedAt: '2026-02-28T02:00:03.000Z',
  endedAt: '2026-02-28T02:22:41.000Z',
  durationSeconds: 1358,
  transferredBytes: 7_340_032_000,
  successCount: 1,
  warningCount: 0,
  errorCount: 0,
  reason: null,
};

const FAILURE: BackupRecord = {
  ...SUCCESS,
  id: 502,
  status: 'failed',
  statusCode: 4,
  successCount: 0,
  errorCount: 1,
  reason: 'The source is not accessible',
};

const TASK: Task = {
  id: 3,
  uuid: 'a7b2',
  name: 'Büro-PCs',
  type: 'pc',
  typeCode: 2,
  state: 'idle',
  stateCode: null,
  progress: null,
  lastResult: null,
  lastSuccessAt: '2026-02-28T02:22:41.000Z',
  nextRunAt: '2026-03-01T02:00:00.000Z',
  overdue: false,
  failuresInRow: 0,
  devicesFailed: [],
  expectedEndAt: null,
  manualAllowed: true,
  schedule: {
    kind: 'daily',
    kindCode: 1,
    text: 'daily 03:00',
    weekdays: [0, 1, 2, 3, 4, 5, 6],
    hour: 3,
    minute: 0,
    repeatHours: null,
    startDate: null,
    events: [],
    backupWindowEnabled: false,
    backupWindow: null,
    paused: null,
    changedAt: null,
    utcOffsets: [],
  },
  retention: {
    text: 'the latest 7 versions',
    keepAll: false,
    keepVersions: 7,
    keepDays: null,
    gfsDays: null,
    gfsWeeks: null,
    gfsMonths: null,
    gfsYears: null,
  },
  storageId: 1,
  shareName: 'ActiveBackupforBusiness',
  targetDir: 'ActiveBackupData/@3',
  versionCount: 7,
  managed: false,
  devices: [DEVICE],
};

const STORAGE: StorageSnapshot = {
  id: 1,
  shareName: 'ActiveBackupforBusiness',
  volumePath: '/volume1',
  volumeName: 'Volume 1',
  fileSystem: 'btrfs',
  fileSystemCode: 3,
  mounted: true,
  compacting: false,
  compactingPercent: 0,
  dedupBytes: 400_000_000_000,
  compressedBytes: 0,
  logicalBytes: 880_000_000_000,
  dedupRatio: 2.2,
  deviceCount: 4,
  devices: {
    pc: { count: 4, bytes: 880_000_000_000 },
    server: { count: 0, bytes: 0 },
    vm: { count: 0, bytes: 0 },
    fileServer: { count: 0, bytes: 0 },
    nas: { count: 0, bytes: 0 },
  },
  relinkState: 'idle',
  relinkStateCode: 0,
  relinkErrorCode: 0,
  growthBytesPerDay: 20_000_000_000,
  fullAt: '2026-07-29T00:00:00.000Z',
  encrypted: false,
  encryptionCode: 0,
  compressed: true,
  compressionCode: 1,
  volume: {
    path: '/volume1',
    totalBytes: 8_000_000_000_000,
    usedBytes: 5_000_000_000_000,
    freeBytes: 3_000_000_000_000,
    usedPercent: 62.5,
  },
  share: null,
  low: false,
};

/** A device of the task of {@link taskWith}, with changed fields. */
export function deviceWith(fields: Partial<Device> = {}): Device {
  return { ...DEVICE, ...fields };
}

/** The judgement of {@link deviceWith}, which is protected, with changed fields. */
export function protectionWith(fields: Partial<DeviceProtection> = {}): DeviceProtection {
  return { ...PROTECTION, ...fields };
}

/** A task with successful backups, with changed fields. */
export function taskWith(fields: Partial<Task> = {}, past: Partial<Omit<TaskSnapshot, 'task'>> = {}): TaskSnapshot {
  return { task: { ...TASK, ...fields }, recent: [SUCCESS], failing: false, transferredBytes: 52_000_000_000, ...past };
}

/** A successful backup, with changed fields. */
export function endWith(fields: Partial<BackupRecord> = {}): BackupRecord {
  return { ...SUCCESS, ...fields };
}

/** A failed backup with its reason, with changed fields. */
export function failureWith(fields: Partial<BackupRecord> = {}): BackupRecord {
  return { ...FAILURE, ...fields };
}

/** A storage with free space, with changed fields. */
export function storageWith(fields: Partial<StorageSnapshot> = {}): StorageSnapshot {
  return { ...STORAGE, ...fields };
}

/** A NAS with one task, one storage and one device, with changed fields. */
export function snapshotWith(fields: Partial<NasSnapshot> = {}): NasSnapshot {
  return {
    at: '2026-02-28T12:00:00.000Z',
    online: true,
    tasks: [taskWith()],
    storages: [storageWith()],
    storageWasLow: false,
    devices: [DEVICE],
    protections: [PROTECTION],
    lastVerification: null,
    lastRestore: null,
    transferredBytes: 184_000_000_000,
    ...fields,
  };
}
