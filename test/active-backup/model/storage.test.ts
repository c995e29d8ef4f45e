import { describe, expect, test } from 'vitest';
import { parseAemInfo } from '../../../src/active-backup/model/aem-info';
import { parseOverview } from '../../../src/active-backup/model/overview';
import { parseFailureReason } from '../../../src/active-backup/model/result';
import { parseShares, parseStorages, parseVolumes } from '../../../src/active-backup/model/storage';

test.each([
  [100, 250, 2.5],
  ['100', '250', 2.5],
  [0, 250, null],
  [100, 0, null],
  [null, 250, null],
  [100, null, null],
])('%j bytes for %j of data are a ratio of %j', (dedup_size, pc_size, dedupRatio) => {
  expect(parseStorages({ storages: [{ dedup_size, device_info: { pc_size } }] })[0]?.dedupRatio).toBe(dedupRatio);
});

test.each([
  [{ fs_name: 'btrfs', fs_type: 3 }, 'btrfs', 3],
  [{ fs_type: 3 }, 'btrfs', 3],
  [{ fs_name: '', fs_type: 4 }, 'unknown', 4],
  [{}, 'unknown', null],
])('%j is the file system %s', (raw, fileSystem, fileSystemCode) => {
  expect(parseStorages({ storages: [raw] })[0]).toMatchObject({ fileSystem, fileSystemCode });
});

test.each([
  [0, false, false],
  [1, true, true],
  [255, null, null],
  [9, null, null],
  [null, null, null],
])('the algorithm %j: encrypted %j, compressed %j', (code, encrypted, compressed) => {
  const raw = { storage_encrypt_algorithm: code, storage_compress_algorithm: code };
  const expected = { encrypted, encryptionCode: code, compressed, compressionCode: code };
  expect(parseStorages({ storages: [raw] })[0]).toMatchObject(expected);
  expect(parseShares({ shares: [raw] })[0]).toMatchObject(expected);
});

test.each([
  [{ total_bytes: '1000', used_bytes: '250' }, 750, 25],
  [{ total_bytes: 1000, used_bytes: 1500 }, 0, 100],
  [{ total_bytes: 0, used_bytes: 0 }, 0, null],
  [{ total_bytes: '1000' }, null, null],
  [{ used_bytes: 'many' }, null, null],
])('%j has %j bytes free and %j % used', (raw, freeBytes, usedPercent) => {
  expect(parseVolumes({ volumes: [raw] })[0]).toMatchObject({ freeBytes, usedPercent });
});

test.each([
  [{ name: 'a' }, 'a', true],
  [{ name: 'b' }, 'a', false],
  [{ name: 'b' }, '', null],
  [{}, 'a', null],
])('%j with the default %j: %j', (share, default_share, isDefault) => {
  expect(parseShares({ default_share, shares: [share] })[0]?.isDefault).toBe(isDefault);
});

test.each([
  ['/volume1/Backup', '/volume1'],
  ['/volumeUSB1/usbshare', '/volumeUSB1'],
  ['/volume1', null],
  ['Backup', null],
  ['', null],
])('the path %j lies on %j', (path, volumePath) => {
  expect(parseShares({ shares: [{ path }] })[0]?.volumePath).toBe(volumePath);
});

describe('overview', () => {
  const storages = [
    {
      storage_id: 1,
      share_name: 'A',
      volume_path: '/volume1',
      dedup_size: 100,
      device_count: 2,
      device_info: { pc_size: 300 },
    },
    {
      storage_id: 2,
      share_name: 'B',
      volume_path: '/volume1',
      dedup_size: 100,
      device_count: 1,
      device_info: { vm_size: 100 },
    },
    { storage_id: null, share_name: 'C', volume_path: '/volume9' },
    {},
  ];
  const shares = [
    { storage_id: 2, name: 'B' },
    { storage_id: 1, name: 'renamed' },
    { storage_id: 255, name: 'C' },
  ];
  const overview = parseOverview({
    list: { default_share: 'B', shares },
    list_storage: { storages },
    list_volume: { volumes: [{ volume_path: '/volume1', total_bytes: '1000', used_bytes: '400' }] },
  });

  test('a storage has its share by id or name, and its volume by path', () => {
    const found = overview.storages.map(({ share, volume }) => [share?.name ?? null, volume?.path ?? null]);
    expect(found).toEqual([
      ['renamed', '/volume1'],
      ['B', '/volume1'],
      ['C', null],
      [null, null],
    ]);
  });

  test('sums include known values, and each volume once', () => {
    expect(overview.totals).toEqual({
      storageCount: 4,
      deviceCount: 3,
      dedupBytes: 200,
      logicalBytes: 400,
      dedupRatio: 2,
      totalBytes: 1000,
      usedBytes: 400,
      freeBytes: 600,
      usedPercent: 40,
    });
  });

  test.each([null, {}, [], 'x'])('the sums of %j are null', (data) => {
    expect(parseOverview({ list: data, list_storage: data, list_volume: data })).toStrictEqual({
      defaultShare: null,
      storages: [],
      volumes: [],
      totals: {
        storageCount: 0,
        deviceCount: null,
        dedupBytes: null,
        logicalBytes: null,
        dedupRatio: null,
        totalBytes: null,
        usedBytes: null,
        freeBytes: null,
        usedPercent: null,
      },
    });
  });
});

test.each([
  [
    { addr: '10.0.0.1', role: 2, status: 0 },
    { joined: false, address: '10.0.0.1', roleCode: 2, statusCode: 0 },
  ],
  [
    { addr: '', role: 1, status: 0 },
    { joined: null, address: null, roleCode: 1, statusCode: 0 },
  ],
  [
    { role: '2', status: '0' },
    { joined: false, roleCode: 2, statusCode: 0 },
  ],
  [{}, { joined: null, address: null, roleCode: null, statusCode: null }],
  [null, { joined: null }],
])('the AEM info %j', (data, expected) => {
  expect(parseAemInfo(data)).toMatchObject({ role: 'unknown', status: 'unknown', ...expected });
});

describe('the reason of a failure', () => {
  const failed = { log_level: 0, log_type: 1104 };
  const path = { log_level: 0, log_type: 6002, other_params: { path: 'docs', fs_error: -65 } };

  test.each([
    [
      'an error with its path and number',
      [path, failed],
      'backup of a path failed: docs (no permission on the source)',
    ],
    [
      'several errors',
      [path, path, path, failed],
      'backup of a path failed: docs (no permission on the source), and 2 more',
    ],
    ['nothing but the end', [failed, failed], 'backup failed'],
    [
      'a warning where there is no error',
      [
        { log_level: 1, log_type: 8001 },
        { log_level: 2, log_type: 1101 },
      ],
      'no space left',
    ],
    ['an error, not a warning', [{ log_level: 1, log_type: 8001 }, failed], 'backup failed'],
    ['an unknown type', [{ log_level: 0, log_type: 7777, error_code: -999 }], 'log type 7777 (error -999)'],
    ['no type at all', [{ log_level: '0' }], 'log type unknown'],
    [
      'the device',
      [{ log_level: 0, log_type: 1125, other_params: { path: '', device_name: 'PC 1' } }],
      'backup cancelled, the device is offline: PC 1',
    ],
    ['good news only', [{ log_level: 2, log_type: 1102 }], null],
  ])('%s', (_case, result_detail_list, reason) => {
    expect(parseFailureReason({ result_detail_list })).toBe(reason);
  });

  test.each([null, {}, [], 'x', { result_detail_list: null }, { result_detail_list: [null, 5] }])(
    '%j has no reason',
    (data) => {
      expect(parseFailureReason(data)).toBeNull();
    },
  );
});
