import type { JsonObject } from '../../src/dsm/json';
import type { Random } from './random';
import type { Schedule } from './schedule';

/** DSM's `backup_type` (docs/facts/dsm.md §3.3). */
export const BACKUP_TYPE = { vm: 1, pc: 2, physical_server: 3, file_server: 4, nas: 5 } as const;
export type BackupTypeName = keyof typeof BACKUP_TYPE;

/** DSM's `platform_type` (docs/facts/dsm.md §3.4). */
export const PLATFORM = { none: 0, windows: 1, linux: 2, macos: 3, dsm: 4 } as const;

/** The `job_action` bits that are simulated (docs/facts/dsm.md §3.2). */
export const JOB_ACTION = {
  backup: 1,
  restoreDevice: 128,
  verify: 512,
  restoreFile: 1024,
  restorePhysical: 2048,
  deleteVersion: 131072,
} as const;

/** How a run ends; `never_runs`: accepted, but never started (no source selected, docs/facts/dsm.md §1.1). */
export type Outcome = 'success' | 'partial' | 'failed' | 'cancelled' | 'no_backup' | 'incomplete' | 'never_runs';

/** The part of {@link Outcome} that the backup of one device among others can have. */
export type DeviceOutcome = 'success' | 'partial' | 'failed' | 'cancelled' | 'no_backup';

/** How the backup of one device of a task ends, beside those of the others. */
export interface DevicePlan {
  outcome: DeviceOutcome;
  /** `error_code` of its row in the details (docs/facts/dsm.md §3.8); 0: none. */
  error: number;
}

/** How much the following backups of a task differ from its plan. */
interface Deviation {
  /** Factor of its bytes. */
  bytes: number;
  /** Factor of its duration. */
  seconds: number;
  /** How many runs are left to differ. */
  runs: number;
}

/** When a device is switched on and connected, in local time of the NAS. */
export interface Presence {
  /** 0 is Sunday. */
  weekdays: readonly number[];
  /** Hours of the day, 0 to 24, fractions allowed. */
  from: number;
  to: number;
  /** Each day begins up to so many minutes later. */
  spreadMinutes: number;
  /** Times away, in epoch seconds: holidays, or for good with `Infinity`. */
  away: readonly (readonly [from: number, to: number])[];
}

/** A restore or verification that has not ended. */
export interface Job {
  resultId: number;
  endsAt: number;
  outcome: DeviceOutcome;
  bytes: number;
  /** Whether its result then takes the place of the last backup in `last_result`. */
  becomesLast: boolean;
}

/** A computer, machine or share that tasks back up. */
export interface Device {
  id: number;
  uuid: string;
  type: BackupTypeName;
  platform: number;
  hostName: string;
  address: string;
  osName: string;
  loginUser: string;
  createdAt: number;
  loggedInAt: number;
  /** Whether its agent is connected; ignored for virtual machines and file servers, which have no agent. */
  online: boolean;
  canBackup: boolean;
  /** Null: `online` changes only when a test changes it. */
  presence: Presence | null;
  /** Fields that replace or extend the usual ones in answers. */
  fields: JsonObject;
}

/** Duration, size and outcome of a task's runs. */
export interface RunPlan {
  /** From acceptance until the start, if there is capacity. */
  prepareSeconds: number;
  durationSeconds: number;
  totalBytes: number;
  outcome: Outcome;
  /** Paths that fail when a run is partial or failed; each becomes a detail row. */
  paths: string[];
}

export interface Retention {
  keep_all: boolean;
  keep_versions: number;
  gfs_days: string;
  gfs_weeks: string;
  gfs_months: string;
  gfs_years: string;
}

export interface Task {
  id: number;
  uuid: string;
  name: string;
  type: BackupTypeName;
  deviceIds: number[];
  storageId: number;
  shareName: string;
  targetDir: string;
  customVolumes: string[];
  schedule: Schedule;
  scheduleModifiedAt: number;
  /** Epoch seconds; null for a task that is only started manually. */
  nextTriggerAt: number | null;
  retention: Retention;
  manualAllowed: boolean;
  maxConcurrentDevices: number;
  /** Not empty when an ActiveProtect leader manages the task. */
  workloadUuid: string;
  /** The result in `last_result`: of the last backup, or of a later deletion of versions. Null before the first. */
  lastResultId: number | null;
  plan: RunPlan;
  /** By device id: outcomes that differ from success. Empty: all devices share the outcome of the run. */
  devicePlans: Map<number, DevicePlan>;
  deviation: Deviation | null;
  /** Fields that replace or extend the usual ones in answers. */
  fields: JsonObject;
}

interface DeviceResult {
  id: number;
  deviceId: number;
  deviceName: string;
  status: number;
  transferredBytes: number;
}

/** One row of the history; `endedAt` is null and `status` 1 while the run lasts. Times in epoch seconds. */
export interface Result {
  id: number;
  taskId: number;
  taskName: string;
  type: BackupTypeName;
  jobAction: number;
  status: number;
  startedAt: number;
  endedAt: number | null;
  transferredBytes: number;
  successCount: number;
  warningCount: number;
  errorCount: number;
  activityUuid: string;
  devices: DeviceResult[];
}

export interface ResultDetail {
  id: number;
  resultId: number;
  level: number;
  at: number;
  type: number;
  other: JsonObject;
}

export interface LogRow {
  id: number;
  level: number;
  at: number;
  type: number;
  /** 0 when the row belongs to no result. */
  resultId: number;
  task: { id: number; name: string; type: BackupTypeName } | null;
  device: { id: number; hostName: string } | null;
  userName: string;
}

export interface Version {
  id: number;
  uuid: string;
  taskId: number;
  status: number;
  startedAt: number;
  endedAt: number;
  /** Space it takes in the storage. */
  keptBytes: number;
  locked: boolean;
}

/** An accepted backup that has not ended. */
export interface Run {
  taskId: number;
  /** The user that started it; '' for its schedule. */
  startedBy: string;
  state: 'waiting' | 'running' | 'cancelling';
  /** When it may start, if there is capacity. */
  readyAt: number;
  /** Null while it waits: DSM gives the id when a run starts. */
  resultId: number | null;
  startedAt: number;
  /** Infinity while it waits. */
  endsAt: number;
  /** Duration without cancellation, to which its percentage refers. */
  durationSeconds: number;
  totalBytes: number;
  outcome: Outcome;
  /** Devices that were offline when it was accepted. */
  missing: ReadonlySet<number>;
  pid: number;
}

export interface Storage {
  id: number;
  shareName: string;
  volumePath: string;
  volumeName: string;
  mounted: boolean;
  dedupBytes: number;
  compressedBytes: number;
  /** What other users of the volume add per day, so that it fills by itself. */
  growthPerDay: number;
  compacting: boolean;
  encrypted: boolean;
  /** Epoch seconds until which a relink lasts; 0: none. */
  relinksUntil: number;
}

export interface Share {
  name: string;
  path: string;
  storageId: number;
  encrypted: boolean;
}

export interface Volume {
  path: string;
  totalBytes: number;
  usedBytes: number;
}

/** Management by an ActiveProtect leader. The numbers of role and status are undocumented (docs/facts/dsm.md §1.3). */
export interface Aem {
  joined: boolean;
  leaderAddress: string;
  localAddress: string;
  /** The only valid key; null: any key that is not empty. */
  key: string | null;
}

/** All data of a simulated NAS. Lists are in the order of DSM's answers. */
export interface World {
  readonly utcOffsetSeconds: number;
  readonly random: Random;
  /** Whether schedules start tasks and retention deletes old versions. */
  schedules: boolean;
  /** Whether a result that has not ended is in the history, with status 1 and no end (docs/facts/dsm.md §2.9). */
  showsOpenResults: boolean;
  /** Whether history and log begin with the newest row. A capture begins with the oldest; other clients expect the newest (docs/facts/dsm.md §2.2). */
  newestFirst: boolean;
  /** Whether devices have rows of runs that have not ended, with status 1 and no end. */
  showsOpenDeviceResults: boolean;
  hostName: string;
  serialNumber: string;
  activated: boolean;
  packageRunning: boolean;
  /** Epoch seconds up to which everything has been simulated; see `advanceRuns`. */
  simulatedUntil: number;
  nextRetentionAt: number;
  /** When each device with a presence comes or goes next, epoch seconds. */
  presenceEdges: Map<number, number>;
  tasks: Map<number, Task>;
  devices: Map<number, Device>;
  results: Map<number, Result>;
  details: Map<number, ResultDetail[]>;
  versions: Map<number, Version[]>;
  logs: LogRow[];
  /** By task, at most one each, in the order of acceptance. */
  runs: Map<number, Run>;
  /** Restores and verifications that have not ended, by result id. */
  jobs: Map<number, Job>;
  storages: Storage[];
  shares: Share[];
  volumes: Volume[];
  /** Directories made with `create_fs_dir`. */
  directories: Set<string>;
  settings: Map<string, string>;
  aem: Aem;
  ids: Record<'task' | 'device' | 'result' | 'deviceResult' | 'detail' | 'log' | 'version' | 'pid', number>;
}

/** The next id of a kind; ids are never used twice. */
export function nextId(world: World, kind: keyof World['ids']): number {
  world.ids[kind] += 1;
  return world.ids[kind];
}

/** The devices of a task that still exist. */
export function devicesOf(world: World, task: Task): Device[] {
  const devices: Device[] = [];
  for (const id of task.deviceIds) {
    const device = world.devices.get(id);
    if (device !== undefined) devices.push(device);
  }
  return devices;
}

/** Whether devices of this type have an agent that can be online or offline (docs/facts/dsm.md §6.22). */
export function hasAgent(type: BackupTypeName): boolean {
  return type === 'pc' || type === 'physical_server' || type === 'nas';
}
