import { describe, expect, test } from 'vitest';
import { parseAemInfo } from '../../src/active-backup/model/aem-info';
import { parseDevices, parseTaskDeviceRows, parseTasks } from '../../src/active-backup/model/task';
import { parseOverview } from '../../src/active-backup/model/overview';
import { parseFailureReason, parseResults } from '../../src/active-backup/model/result';
import { parseShares, parseStorages, parseVolumes } from '../../src/active-backup/model/storage';
import { captured } from './captured';

/* Responses of two real NASes, and their meaning: every value on the right was derived by hand from the capture. */

const ALWAYS = '1'.repeat(168);

const DEVICE_1 = {
  id: 1,
  uuid: '37E1E2FE-B040-0F76-E903-40B0760FE904',
  name: 'HOSTNAME',
  type: 'pc',
  typeCode: 2,
  platform: 'windows',
  platformCode: 1,
  os: 'Windows 11(64-bit)',
  address: '192.168.X.X',
  online: null, // called without load_status
  agentCanBackup: null,
  loginUser: 'peterm',
  createdAt: '2020-07-14T14:01:45.000Z',
  lastLoginAt: '2020-07-14T14:01:58.000Z',
};

const TASK_1 = {
  id: 1,
  uuid: '75711daf-8ee1-4bcb-bd84-2b04e9983f6d',
  name: 'peterm-Default',
  type: 'pc',
  typeCode: 2,
  state: 'idle',
  stateCode: null,
  progress: null,
  lastResult: null, // called without load_result
  lastSuccessAt: null,
  nextRunAt: '2025-11-23T08:00:00.000Z', // Sunday 03:00 at UTC-5
  overdue: null,
  failuresInRow: null,
  devicesFailed: null,
  expectedEndAt: null,
  manualAllowed: true,
  schedule: {
    kind: 'weekly',
    kindCode: 1,
    text: 'weekly, Sunday 03:00',
    weekdays: [0],
    hour: 3,
    minute: 0,
    repeatHours: null,
    startDate: null,
    events: [],
    backupWindowEnabled: false,
    backupWindow: ALWAYS,
    paused: false,
    changedAt: '2022-06-07T11:05:34.000Z',
    utcOffsets: [-18000],
  },
  retention: {
    text: 'the latest 7 versions, daily for 7 days, weekly for 4 weeks, monthly for 12 months, yearly for 36 years',
    keepAll: false,
    keepVersions: 7,
    keepDays: null,
    gfsDays: 7,
    gfsWeeks: 4,
    gfsMonths: 12,
    gfsYears: 36,
  },
  storageId: 1,
  shareName: 'ActiveBackupforBusiness',
  targetDir: 'PC-PETERM-PC-peterm-Default',
  versionCount: null,
  managed: false,
  devices: [DEVICE_1],
};

const RESULT_7544 = {
  id: 7544,
  taskId: 1,
  taskName: 'peterm-Default',
  action: 'backup',
  actionCode: 1,
  status: 'success',
  statusCode: 2,
  startedAt: '2025-11-11T08:00:03.000Z',
  endedAt: '2025-11-11T08:08:45.000Z',
  durationSeconds: 522,
  transferredBytes: 4_754_168_380,
  successCount: 0,
  warningCount: 0,
  errorCount: 0,
  reason: null,
  devices: null,
};

describe('Active Backup 3.x', () => {
  test('Task.list', () => {
    expect(parseTasks(captured('Task.list.abb3'), null)).toStrictEqual([TASK_1]);
  });

  test('Task.list_with_device has the result, but neither platform, next run nor permission to start', () => {
    const device = { ...DEVICE_1, platform: 'unknown', platformCode: null };
    expect(parseTaskDeviceRows(captured('Task.list_with_device.abb3'), null)).toStrictEqual([
      {
        ...TASK_1,
        lastResult: RESULT_7544,
        lastSuccessAt: '2025-11-11T08:08:45.000Z',
        nextRunAt: null,
        manualAllowed: null,
        devices: [device],
        device,
      },
    ]);
  });

  test('Device.list', () => {
    expect(parseDevices(captured('Device.list.abb3'))).toStrictEqual([
      { ...DEVICE_1, platform: 'unknown', platformCode: null },
    ]);
  });

  test('Log.list_result omits the bytes', () => {
    expect(parseResults(captured('Log.list_result.abb3'))).toStrictEqual([
      {
        ...RESULT_7544,
        id: 1,
        startedAt: '2020-07-14T14:03:28.000Z',
        endedAt: '2020-07-14T15:12:12.000Z',
        durationSeconds: 4124,
        transferredBytes: null,
      },
    ]);
  });

  const SHARE = {
    id: 1,
    name: 'ActiveBackupforBusiness',
    isDefault: true,
    path: '/volume1/ActiveBackupforBusiness',
    volumePath: '/volume1',
    fileSystem: 'btrfs',
    freeBytes: 10_401_845_899_264,
    available: true,
    readOnly: false,
    mounted: true,
    automount: true,
    relinkable: false,
    volumeFull: false,
    newVersionUnsupported: false,
    encrypted: false,
    encryptionCode: 0,
    compressed: false,
    compressionCode: 0,
  };

  const STORAGE = {
    id: 1,
    shareName: 'ActiveBackupforBusiness',
    volumePath: '/volume1',
    volumeName: 'Volume 1',
    fileSystem: 'btrfs',
    fileSystemCode: 3,
    mounted: true,
    compacting: false,
    compactingPercent: 0,
    dedupBytes: 9_121_643_806_720,
    compressedBytes: 0,
    logicalBytes: 20_039_709_263_360,
    dedupRatio: 2.2, // 2.1969…
    deviceCount: 4,
    devices: {
      pc: { count: 4, bytes: 20_039_709_263_360 },
      server: { count: 0, bytes: 0 },
      vm: { count: 0, bytes: 0 },
      fileServer: { count: 0, bytes: 0 },
      nas: { count: 0, bytes: 0 },
    },
    relinkState: 'idle',
    relinkStateCode: 0,
    relinkErrorCode: 0,
    growthBytesPerDay: null,
    fullAt: null,
    encrypted: false,
    encryptionCode: 0,
    compressed: false,
    compressionCode: 0,
  };

  /** Total 23,030,223,990,784 minus used is exactly the free space in Share.list. */
  const VOLUME = {
    path: '/volume1',
    totalBytes: 23_030_223_990_784,
    usedBytes: 12_628_378_091_520,
    freeBytes: 10_401_845_899_264,
    usedPercent: 54.8, // 54.83…
  };

  test('Share.list', () => {
    expect(parseShares(captured('Share.list.abb3'))).toStrictEqual([SHARE]);
  });

  test('Share.list_encrypted', () => {
    expect(parseShares(captured('Share.list_encrypted.abb3'))).toStrictEqual([]);
  });

  test('Share.list_storage', () => {
    expect(parseStorages(captured('Share.list_storage.abb3'))).toStrictEqual([STORAGE]);
  });

  test('Share.list_volume', () => {
    expect(parseVolumes(captured('Share.list_volume.abb3'))).toStrictEqual([VOLUME]);
  });

  test('the three methods form the overview', () => {
    const overview = parseOverview({
      list: captured('Share.list.abb3'),
      list_storage: captured('Share.list_storage.abb3'),
      list_volume: captured('Share.list_volume.abb3'),
    });
    expect(overview).toStrictEqual({
      defaultShare: 'ActiveBackupforBusiness',
      storages: [{ ...STORAGE, volume: VOLUME, share: SHARE }],
      volumes: [VOLUME],
      totals: {
        storageCount: 1,
        deviceCount: 4,
        dedupBytes: 9_121_643_806_720,
        logicalBytes: 20_039_709_263_360,
        dedupRatio: 2.2,
        totalBytes: 23_030_223_990_784,
        usedBytes: 12_628_378_091_520,
        freeBytes: 10_401_845_899_264,
        usedPercent: 54.8,
      },
    });
  });

  test('AEM.get_info of an unmanaged NAS', () => {
    expect(parseAemInfo(captured('AEM.get_info.abb3'))).toStrictEqual({
      joined: false,
      address: '192.168.X.X',
      role: 'unknown',
      roleCode: 2,
      status: 'unknown',
      statusCode: 0,
    });
  });
});

describe('Active Backup 2.7', () => {
  test('Task.list with every load flag', () => {
    const tasks = parseTasks(captured('Task.list.loaded.abb2'), null);
    expect(tasks).toStrictEqual([
      {
        id: 5,
        uuid: 'xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx',
        name: 'xxx',
        type: 'pc',
        typeCode: 2,
        state: 'idle',
        stateCode: null,
        progress: null,
        lastResult: {
          id: 593,
          taskId: 5,
          taskName: 'xxxxxxxxxxx',
          action: 'backup',
          actionCode: 1,
          status: 'success',
          statusCode: 2,
          startedAt: '2025-03-14T09:57:47.000Z',
          endedAt: '2025-03-14T10:00:39.000Z',
          durationSeconds: 172,
          transferredBytes: 2_122_801_152,
          successCount: 0,
          warningCount: 0,
          errorCount: 0,
          reason: null,
          devices: null,
        },
        lastSuccessAt: '2025-03-14T10:00:39.000Z',
        nextRunAt: '2025-03-17T02:00:00.000Z', // Monday 03:00 at UTC+1
        overdue: null,
        failuresInRow: null,
        devicesFailed: null,
        expectedEndAt: null,
        manualAllowed: true,
        schedule: {
          kind: 'weekly',
          kindCode: 1,
          text: 'weekly, weekdays 03:00',
          weekdays: [1, 2, 3, 4, 5],
          hour: 3,
          minute: 0,
          repeatHours: null,
          startDate: null,
          events: [],
          backupWindowEnabled: false,
          backupWindow: ALWAYS,
          paused: false,
          changedAt: '2024-03-02T21:07:26.000Z',
          utcOffsets: [], // missing before release 3
        },
        retention: {
          text: 'the latest 10 versions, daily for 7 days, weekly for 4 weeks, monthly for 12 months, yearly for 3 years',
          keepAll: false,
          keepVersions: 10,
          keepDays: null,
          gfsDays: 7,
          gfsWeeks: 4,
          gfsMonths: 12,
          gfsYears: 3,
        },
        storageId: 1,
        shareName: 'ActiveBackupforBusiness',
        targetDir: 'xxxxxxxxxxx',
        versionCount: 2,
        managed: null, // no leaders in this release
        devices: [
          {
            id: 5,
            uuid: 'xxxxxxxxxxxx',
            name: 'xxxxxxxxx',
            type: 'pc',
            typeCode: 2,
            platform: 'windows',
            platformCode: 1,
            os: 'Windows 11(64-bit)',
            address: '192.168.0.63',
            online: true,
            agentCanBackup: true,
            loginUser: 'xxxx',
            createdAt: '2024-03-02T21:04:44.000Z',
            lastLoginAt: '2024-03-02T21:04:53.000Z',
          },
        ],
      },
    ]);
  });

  test('Share.list_storage: four devices, only PCs use space', () => {
    expect(parseStorages(captured('Share.list_storage.abb2'))).toMatchObject([
      {
        volumePath: '/volume3',
        volumeName: 'Volume 3',
        dedupBytes: 1_617_010_274_304,
        logicalBytes: 6_128_863_440_896,
        dedupRatio: 3.79,
        deviceCount: 4,
        devices: {
          pc: { count: 2, bytes: 6_128_863_440_896 },
          server: { count: 1, bytes: 0 },
          fileServer: { count: 1, bytes: 0 },
        },
        relinkState: 'idle',
        relinkErrorCode: null, // no errors in this release
        growthBytesPerDay: null,
        fullAt: null,
      },
    ]);
  });

  test('Log.list_result also contains results of other jobs', () => {
    expect(parseResults(captured('Log.list_result.abb2'))).toMatchObject([
      {
        id: 594,
        taskId: 5,
        action: 'delete_version',
        actionCode: 131_072,
        status: 'success',
        durationSeconds: 20,
        successCount: 1,
      },
    ]);
  });

  test('Log.list_result_detail contains the reason of a failure', () => {
    expect(parseFailureReason(captured('Log.list_result_detail.abb2'))).toBe(
      'backup of a path failed: abc (no permission on the source)',
    );
  });
});
