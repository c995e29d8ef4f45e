import { PLATFORM, RESULT_STATUSES, TASK_STATES, TASK_TYPES } from '../../src/active-backup/codes';
import type { DeviceUse, Volume } from '../../src/active-backup/storage-types';
import type { Device, DeviceResult, Result, Schedule, ScheduleKind, Task } from '../../src/active-backup/types';
import { UNUSUAL_KINDS } from '../../src/home-assistant/protected-device';
import type { BridgeOptions, NasDescription } from '../../src/home-assistant/types';
import { EVENTS, type NasEvent } from '../../src/monitor/events';
import {
  MAX_RECENT_BACKUPS,
  type BackupRecord,
  type NasSnapshot,
  type StorageSnapshot,
  type TaskSnapshot,
} from '../../src/monitor/snapshot';
import type { JobEnd } from '../../src/monitor/other-jobs';
import { PROTECTIONS, type DayOutcome, type DeviceProtection } from '../../src/monitor/protection-types';
import { createRandom, type Random } from '../nas/random';

/*
 * Random snapshots, including impossible ones: names that break careless topics and templates, null in
 * every nullable field, duplicate ids, extreme numbers. The same seed gives the same values.
 */

/** Possible names that are difficult to process. */
export const ODD_NAMES: readonly string[] = [
  'PC-Finance',
  'Büro & Empfang',
  '"quoted" \'name\'',
  'back\\slash / slash',
  'home/+/#',
  '#',
  '+',
  '$SYS/broker',
  '{{ states("sensor.x") }} {% raw %}',
  '<b>bold</b> & <script>alert(1)</script>',
  '💾 NAS 🏠👩‍👩‍👧',
  '日本語のバックアップ',
  'مهمة النسخ',
  '---',
  '   ',
  ' padded ',
  '',
  'line\nbreak\ttab',
  'nul\u0000 and bell\u0007 and \u0085 and \u009f',
  'lone \ud800 surrogate',
  'non-character \uffff',
  'None',
  'null',
  'unknown',
  '__proto__',
  'constructor',
  'x'.repeat(200),
  'Ünïcödé '.repeat(40),
  '😀'.repeat(150),
];

/** A snapshot of up to `most` tasks, also without tasks, or before anything is read. */
export function randomSnapshot(seed: number, most = 30): NasSnapshot {
  const random = createRandom(seed);
  const devices = listOf(random, 0, 12, () => randomDevice(random));
  const tasks = listOf(random, 0, random.pick([0, 3, most]), () => randomTask(random, devices));
  return {
    at: timeOf(random),
    online: random.fraction() < 0.8,
    tasks: maybe(random, tasks, 0.1),
    storages: maybe(
      random,
      listOf(random, 0, 4, () => randomStorage(random)),
      0.2,
    ),
    storageWasLow: false,
    devices: maybe(random, devices, 0.2),
    protections: maybe(
      random,
      devices.filter(() => random.fraction() < 0.9).map((device) => randomProtection(random, device)),
      0.2,
    ),
    lastVerification: maybe(random, randomJobEnd(random), 0.5),
    lastRestore: maybe(random, randomJobEnd(random), 0.5),
    transferredBytes: maybe(random, bytesOf(random), 0.2),
  };
}

/** A description of a NAS. */
export function randomNas(seed: number): NasDescription {
  const random = createRandom(seed);
  return {
    name: nameOf(random),
    model: maybe(random, random.pick(['DS920+', 'RS1221+', ...ODD_NAMES])),
    dsmVersion: maybe(random, random.pick(['DSM 7.2.1-69057', ...ODD_NAMES])),
    activeBackupVersion: maybe(random, random.pick(['2.6.1-3065', '3.1.0-4967', ...ODD_NAMES])),
    serialNumber: maybe(random, random.pick(['1930PDN000000', ...ODD_NAMES])),
    url: random.pick(['https://nas.lan:5001', 'http://192.0.2.7:5000/', 'https://[2001:db8::1]/dsm', 'nas.lan', '']),
  };
}

/** Options of a bridge. */
export function randomOptions(seed: number): BridgeOptions {
  const random = createRandom(seed);
  return {
    baseTopic: random.pick(['active-backup', 'home/backup', 'sauvegarde']),
    nasId: random.pick(['1930pdn000000', 'nas_lan', '192_0_2_7']),
    discoveryPrefix: random.pick(['homeassistant', 'ha/discovery']),
    detail: random.pick(['minimal', 'standard', 'full']),
    commands: chance(random),
    devices: random.pick(['none', 'problems', 'all']),
    language: random.pick(['en', 'de']),
    origin: { name: 'node-red-contrib-example', version: '1.2.3', url: 'https://example.com/issues' },
  };
}

/** Any event, with or without its parts. */
export function randomEvent(seed: number): NasEvent {
  const random = createRandom(seed);
  const { task } = randomTask(random, [randomDevice(random)]);
  const { low: _low, ...storage } = randomStorage(random);
  return {
    event: random.pick(EVENTS),
    at: random.pick([timeOf(random), '']),
    late: chance(random),
    ...(chance(random) ? { task } : {}),
    ...(chance(random) ? { result: randomResult(random) } : {}),
    ...(chance(random) ? { device: randomDevice(random) } : {}),
    ...(chance(random) ? { storage } : {}),
    ...(chance(random) ? { outageSeconds: random.integer(0, 1e6) } : {}),
    ...(chance(random) ? { error: { code: 'EUNREACHABLE', message: textOf(random) } } : {}),
  };
}

function randomTask(random: Random, known: readonly Device[]): TaskSnapshot {
  const state = random.pick(TASK_STATES);
  const task: Task = {
    id: idOf(random),
    uuid: maybe(random, random.uuid()),
    name: maybe(random, nameOf(random)),
    type: random.pick(TASK_TYPES),
    typeCode: maybe(random, random.integer(-1, 99)),
    state,
    stateCode: maybe(random, random.integer(0, 99)),
    progress: state === 'idle' || chance(random) ? null : randomProgress(random),
    lastResult: maybe(random, randomResult(random)),
    lastSuccessAt: maybe(random, timeOf(random)),
    nextRunAt: maybe(random, timeOf(random)),
    overdue: maybe(random, chance(random)),
    failuresInRow: maybe(random, random.integer(0, 99)),
    devicesFailed: maybe(
      random,
      listOf(random, 0, 40, () => nameOf(random)),
    ),
    expectedEndAt: maybe(random, timeOf(random)),
    manualAllowed: maybe(random, chance(random)),
    schedule: randomSchedule(random),
    retention: {
      text: maybe(random, textOf(random)),
      keepAll: maybe(random, chance(random)),
      keepVersions: maybe(random, random.integer(0, 1000)),
      keepDays: maybe(random, random.integer(0, 1000)),
      gfsDays: null,
      gfsWeeks: null,
      gfsMonths: null,
      gfsYears: null,
    },
    storageId: maybe(random, random.integer(0, 5)),
    shareName: maybe(random, nameOf(random)),
    targetDir: maybe(random, nameOf(random)),
    versionCount: maybe(random, random.integer(0, 4000)),
    managed: maybe(random, chance(random)),
    devices: listOf(random, 0, random.pick([0, 1, 3, 60]), () =>
      known.length > 0 && chance(random) ? random.pick(known) : randomDevice(random),
    ),
  };
  return {
    task,
    recent: listOf(random, 0, MAX_RECENT_BACKUPS, () => endOf(randomResult(random))),
    failing: maybe(random, chance(random)),
    transferredBytes: maybe(random, bytesOf(random), 0.2),
  };
}

function randomProgress(random: Random): Task['progress'] {
  return {
    percent: maybe(random, random.integer(0, 1000) / 10),
    transferredBytes: maybe(random, bytesOf(random)),
    totalBytes: maybe(random, bytesOf(random)),
    bytesPerSecond: maybe(random, random.fraction() * 1e9),
    remainingSeconds: maybe(random, random.fraction() * 1e7),
  };
}

function randomResult(random: Random): Result {
  return {
    id: idOf(random),
    taskId: idOf(random),
    taskName: maybe(random, nameOf(random)),
    action: random.pick(['backup', 'restore', 'delete_version', 'unknown']),
    actionCode: maybe(random, random.integer(0, 2 ** 31)),
    status: random.pick(RESULT_STATUSES),
    statusCode: maybe(random, random.integer(-1, 99)),
    startedAt: maybe(random, timeOf(random)),
    endedAt: maybe(random, timeOf(random)),
    durationSeconds: maybe(random, random.integer(0, 1e6)),
    transferredBytes: maybe(random, bytesOf(random)),
    successCount: maybe(random, random.integer(0, 100)),
    warningCount: maybe(random, random.integer(0, 100)),
    errorCount: maybe(random, random.integer(0, 100)),
    reason: maybe(random, textOf(random)),
    devices: maybe(
      random,
      listOf(random, 0, 5, () => ({ name: maybe(random, nameOf(random)), ...randomDeviceResult(random) })),
    ),
  };
}

function endOf({ taskId, taskName, action, actionCode, ...end }: Result): BackupRecord {
  return end;
}

function randomDevice(random: Random): Device {
  return {
    id: idOf(random),
    uuid: maybe(random, random.uuid()),
    name: maybe(random, nameOf(random)),
    type: random.pick(TASK_TYPES),
    typeCode: maybe(random, random.integer(-1, 99)),
    platform: random.pick([...Object.values(PLATFORM), 'unknown'] as const),
    platformCode: maybe(random, random.integer(0, 9)),
    os: maybe(random, random.pick(['Windows 11(64-bit)', 'Ubuntu 22.04', ...ODD_NAMES])),
    address: maybe(random, random.pick(['192.0.2.17', '2001:db8::17', ...ODD_NAMES])),
    online: maybe(random, chance(random)),
    agentCanBackup: maybe(random, chance(random)),
    loginUser: maybe(random, nameOf(random)),
    createdAt: maybe(random, timeOf(random)),
    lastLoginAt: maybe(random, timeOf(random)),
  };
}

function randomJobEnd(random: Random): JobEnd {
  return {
    at: timeOf(random),
    status: random.pick(RESULT_STATUSES),
    taskId: idOf(random),
    taskName: maybe(random, nameOf(random)),
  };
}

function randomDeviceResult(random: Random): DeviceResult {
  return {
    resultId: idOf(random),
    taskId: idOf(random),
    status: random.pick(RESULT_STATUSES),
    statusCode: maybe(random, random.integer(-1, 99)),
    startedAt: maybe(random, timeOf(random)),
    endedAt: maybe(random, timeOf(random)),
    durationSeconds: maybe(random, random.integer(0, 1e6)),
    transferredBytes: maybe(random, bytesOf(random)),
    reason: maybe(random, textOf(random)),
  };
}

const DAYS: readonly DayOutcome[] = ['success', 'partial', 'failed', 'cancelled', 'none', 'off'];

/** Any judgement of a device, also one that contradicts itself. */
export function randomProtection(random: Random, device: Device): DeviceProtection {
  const gap = random.fraction() * 800;
  const habit = {
    source: random.pick(['schedule', 'learned', 'hours'] as const),
    typicalGapHours: gap,
    offDays: listOf(random, 0, 6, () => random.integer(0, 6)),
  };
  return {
    device,
    taskIds: listOf(random, 0, 3, () => random.integer(0, 99)),
    protection: random.pick(PROTECTIONS),
    online: device.online,
    lastResult: maybe(random, randomDeviceResult(random)),
    lastSuccessAt: maybe(random, timeOf(random)),
    unusual: maybe(
      random,
      { kind: random.pick(UNUSUAL_KINDS), factor: random.fraction() * 50, value: 1, usual: 1 },
      0.5,
    ),
    failuresInRow: maybe(random, random.integer(0, 99)),
    expectedBy: maybe(random, timeOf(random)),
    habit: maybe(random, habit),
    days: listOf(random, 0, 90, () => random.pick(DAYS)),
  };
}

function randomStorage(random: Random): StorageSnapshot {
  const use = (): DeviceUse => ({ count: maybe(random, random.integer(0, 50)), bytes: maybe(random, bytesOf(random)) });
  const volume: Volume = {
    path: maybe(random, '/volume1'),
    totalBytes: maybe(random, bytesOf(random)),
    usedBytes: maybe(random, bytesOf(random)),
    freeBytes: maybe(random, bytesOf(random)),
    usedPercent: maybe(random, random.integer(0, 1000) / 10),
  };
  return {
    id: idOf(random),
    shareName: maybe(random, nameOf(random)),
    volumePath: maybe(random, nameOf(random)),
    volumeName: maybe(random, random.pick(['Volume 1', ...ODD_NAMES])),
    fileSystem: random.pick(['btrfs', 'unknown', ...ODD_NAMES]),
    fileSystemCode: maybe(random, 3),
    mounted: maybe(random, chance(random)),
    compacting: maybe(random, chance(random)),
    compactingPercent: maybe(random, random.integer(0, 100)),
    dedupBytes: maybe(random, bytesOf(random)),
    compressedBytes: maybe(random, bytesOf(random)),
    logicalBytes: maybe(random, bytesOf(random)),
    dedupRatio: maybe(random, random.integer(0, 500) / 100),
    deviceCount: maybe(random, random.integer(0, 200)),
    devices: { pc: use(), server: use(), vm: use(), fileServer: use(), nas: use() },
    relinkState: random.pick(['idle', 'unknown']),
    relinkStateCode: maybe(random, random.integer(0, 9)),
    relinkErrorCode: maybe(random, random.integer(0, 9)),
    growthBytesPerDay: maybe(random, bytesOf(random)),
    fullAt: maybe(random, timeOf(random)),
    encrypted: maybe(random, chance(random)),
    encryptionCode: maybe(random, random.integer(0, 255)),
    compressed: maybe(random, chance(random)),
    compressionCode: maybe(random, random.integer(0, 255)),
    volume: maybe(random, volume),
    share: null,
    low: chance(random),
  };
}

const SCHEDULE_KINDS: readonly ScheduleKind[] = ['manual', 'weekly', 'daily', 'once', 'event', 'continuous', 'unknown'];

function randomSchedule(random: Random): Schedule {
  return {
    kind: random.pick(SCHEDULE_KINDS),
    kindCode: maybe(random, random.integer(0, 7)),
    text: maybe(random, textOf(random)),
    weekdays: listOf(random, 0, 7, () => random.integer(0, 6)),
    hour: maybe(random, random.integer(0, 23)),
    minute: maybe(random, random.integer(0, 59)),
    repeatHours: maybe(random, random.integer(1, 12)),
    startDate: maybe(random, '2026-03-01'),
    events: listOf(random, 0, 3, () => random.pick(['startup', 'screen_lock', 'log_off'] as const)),
    backupWindowEnabled: maybe(random, chance(random)),
    backupWindow: maybe(random, '1'.repeat(168)),
    paused: maybe(random, chance(random)),
    changedAt: maybe(random, '2026-03-01T12:00:00.000Z'),
    utcOffsets: listOf(random, 0, 2, () => random.integer(-12, 14) * 3600),
  };
}

/** An odd name, or two of them. */
function nameOf(random: Random): string {
  return chance(random) ? random.pick(ODD_NAMES) : `${random.pick(ODD_NAMES)}${random.pick(ODD_NAMES)}`;
}

/** A text of up to some thousand characters. */
function textOf(random: Random): string {
  return listOf(random, 0, 40, () => random.pick(ODD_NAMES)).join(' ');
}

/** An id: sometimes null, often a duplicate. */
function idOf(random: Random): number | null {
  return maybe(random, random.pick([random.integer(0, 5), random.integer(0, 300), 2 ** 31, 2 ** 53 - 1]), 0.05);
}

function bytesOf(random: Random): number {
  return random.pick([0, 1, random.integer(0, 1e9), random.integer(0, 2 ** 50), 2 ** 53 - 1]);
}

function timeOf(random: Random): string {
  return new Date(random.integer(0, 4e9) * 1000).toISOString();
}

function chance(random: Random): boolean {
  return random.fraction() < 0.5;
}

/** The value, or null. @param rate how often null */
function maybe<T>(random: Random, value: T, rate = 0.25): T | null {
  return random.fraction() < rate ? null : value;
}

function listOf<T>(random: Random, least: number, most: number, item: () => T): T[] {
  return Array.from({ length: random.integer(least, most) }, item);
}
