import type { JobAction, Platform, RELINK_STATE, ResultStatus, TaskState, TaskType } from './codes';

/*
 * The data model: what flows, MQTT and Home Assistant see (INTERFACE 4). Times are ISO 8601 strings in UTC, sizes bytes,
 * durations seconds. Every field is always there; null means that DSM did not say. A word that stands for a number of DSM
 * is `unknown` when the number is new or missing, and the number itself stands beside it as `…Code`.
 */

/** A backup task. */
export interface Task {
  /** DSM's `task_id`: what `backup` and `cancel` take. */
  id: number | null;
  /** DSM's `unikey`: stays when the task is renamed. */
  uuid: string | null;
  name: string | null;
  /** What it protects. */
  type: TaskType;
  typeCode: number | null;
  /** What it does now. */
  state: TaskState;
  /** `running_task_status`; null while idle. */
  stateCode: number | null;
  /** Null unless it is active. */
  progress: Progress | null;
  /**
   * The last backup, also one that still runs. Null when there was none, and when a later job hides it and the log does
   * not tell it: which of the two, only {@link LaterJobs} say.
   */
  lastResult: Result | null;
  /** When the last successful backup ended; null when this answer does not tell (the last one failed, say). */
  lastSuccessAt: string | null;
  /** Null for a task without a schedule. */
  nextRunAt: string | null;
  /** Always null in an answer of the NAS: whoever knows earlier answers and the clock decides it. */
  overdue: boolean | null;
  /** Whether DSM lets a person start it by hand. */
  manualAllowed: boolean | null;
  schedule: Schedule;
  retention: Retention;
  /** The {@link Storage} it writes to. */
  storageId: number | null;
  /** The shared folder of that storage. */
  shareName: string | null;
  /** Folder of the task in the storage. */
  targetDir: string | null;
  /** How many versions are kept; null unless versions were asked for (`load_versions`). */
  versionCount: number | null;
  /** Whether an ActiveProtect leader manages it, so that this NAS may refuse to start or cancel it. */
  managed: boolean | null;
  /** The machines it protects. */
  devices: Device[];
}

/**
 * By task id: the newest job of each task whose newest job is no backup (a deletion of old versions, for example). Such a
 * task has had backups, also where its `lastResult` is null. It belongs to a list of tasks and is no part of the data
 * model: no message and no MQTT document has it.
 */
export type LaterJobs = ReadonlyMap<number, Result>;

/** The tasks of one answer. */
export interface TaskListing {
  /** In the order of the NAS. */
  readonly tasks: readonly Task[];
  readonly laterJobs: LaterJobs;
}

/** A task as far as one of its devices goes: the rows of `list_with_device`. */
export interface TaskDeviceRow extends Task {
  /** The device of this row; also the only entry of `devices`. */
  device: Device;
}

/** How far the run of a task is. */
export interface Progress {
  /** 0–100, one decimal. */
  percent: number | null;
  transferredBytes: number | null;
  /** Null also while DSM has not counted yet. */
  totalBytes: number | null;
  /** Since the look before; null for a first look, and when the run or the clock began anew. */
  bytesPerSecond: number | null;
  /** From `bytesPerSecond`; null without it or without a total. */
  remainingSeconds: number | null;
}

/** One run of one job: a backup, a restore, a deletion of versions … */
export interface Result {
  /** Given when the run starts, so runs may end out of the order of their ids. */
  id: number | null;
  taskId: number | null;
  taskName: string | null;
  /** What the job did. */
  action: JobAction;
  /** `job_action`: bit flags. */
  actionCode: number | null;
  status: ResultStatus;
  statusCode: number | null;
  startedAt: string | null;
  /** Null while it runs. */
  endedAt: string | null;
  /** Null when either end is unknown; never negative. */
  durationSeconds: number | null;
  /** Null in answers of `Log.list_result`, which leave it out. */
  transferredBytes: number | null;
  /** These three count devices or items, and may be 0 whatever the status (DSM facts 6.9). */
  successCount: number | null;
  warningCount: number | null;
  errorCount: number | null;
  /** Why it did not succeed, in words; null until somebody has read the details (`model/reason.ts`). */
  reason: string | null;
}

/** A protected machine. */
export interface Device {
  /** Changes when the agent signs in as another user; `uuid` does not (DSM facts 6.10). */
  id: number | null;
  uuid: string | null;
  /** Host name. */
  name: string | null;
  /** In the words of a task's type. */
  type: TaskType;
  typeCode: number | null;
  platform: Platform;
  /** Null in `list_with_device` and `Device.list`, which leave it out. */
  platformCode: number | null;
  /** As the machine calls it: `Windows 11(64-bit)`. */
  os: string | null;
  address: string | null;
  /** Null without `load_status`, and for virtual machines and file servers, which have no agent. */
  online: boolean | null;
  agentCanBackup: boolean | null;
  /** The account the agent signed in with. */
  loginUser: string | null;
  createdAt: string | null;
  lastLoginAt: string | null;
}

/** `weekly`, `daily`, `once`: by the clock. */
export type ScheduleKind = 'manual' | 'weekly' | 'daily' | 'once' | 'event' | 'continuous' | 'unknown';

/** What starts an event-driven backup. */
export type ScheduleEvent = 'startup' | 'screen_lock' | 'log_off';

/** When a task runs, in the local time of the NAS. */
export interface Schedule {
  kind: ScheduleKind;
  /** `schedule_setting_type`: flags 1 by the clock, 2 on events, 4 continuous; 0 manual. */
  kindCode: number | null;
  /** For people: `weekly, Sunday 03:00`; null when the schedule is unknown. */
  text: string | null;
  /** 0 Sunday … 6 Saturday, ascending; empty unless it runs by the clock. */
  weekdays: number[];
  /** 0–23 and 0–59; null unless it runs by the clock. */
  hour: number | null;
  minute: number | null;
  /** It runs again every so many hours of its day; null when it runs once. */
  repeatHours: number | null;
  /** `2026-03-01`, of a schedule that has a first or only day. */
  startDate: string | null;
  events: ScheduleEvent[];
  /** Whether backups are held to `backupWindow`. */
  backupWindowEnabled: boolean | null;
  /** 168 characters, one per hour of the week, `1` allowed; the first is, we believe, Sunday 00:00. */
  backupWindow: string | null;
  /** Whether a continuous backup is paused. */
  paused: boolean | null;
  /** When the schedule was last changed, by the clock of the NAS; null when DSM does not say. */
  changedAt: string | null;
  /**
   * Seconds east of UTC in the time zones of the task's machines, each once; empty where none says. DSM tells no time zone of
   * its own; a machine mostly stands beside its NAS, though not always.
   */
  utcOffsets: number[];
}

/** Which versions a task keeps; a rule that is not used is null. */
export interface Retention {
  /** For people: `the latest 7 versions, daily for 7 days, weekly for 4 weeks`; null when unknown. */
  text: string | null;
  keepAll: boolean | null;
  /** The latest so many versions. */
  keepVersions: number | null;
  /** All versions of so many days. */
  keepDays: number | null;
  /** The last version of each day, week, month and year, for so many of them. */
  gfsDays: number | null;
  gfsWeeks: number | null;
  gfsMonths: number | null;
  gfsYears: number | null;
}

/** What shares and storages say of their encryption and compression. */
export interface StorageFormat {
  /** Whether the store is encrypted; null when it was never set up. */
  encrypted: boolean | null;
  encryptionCode: number | null;
  /** Whether the store is compressed; null when it was never set up. */
  compressed: boolean | null;
  compressionCode: number | null;
}

/** A shared folder that holds, or could hold, a storage. */
export interface Share extends StorageFormat {
  /** DSM's `storage_id`: the {@link Storage} in it. */
  id: number | null;
  name: string | null;
  /** Whether new tasks go here; null when the answer names no default. */
  isDefault: boolean | null;
  path: string | null;
  /** First part of the path: `/volume1`. */
  volumePath: string | null;
  /** `btrfs` … */
  fileSystem: string | null;
  freeBytes: number | null;
  available: boolean | null;
  readOnly: boolean | null;
  /** Whether the storage in it is mounted, and mounts itself. */
  mounted: boolean | null;
  automount: boolean | null;
  /** Whether it holds a store that may be linked to this NAS. */
  relinkable: boolean | null;
  /** Whether its volume has no space left. */
  volumeFull: boolean | null;
  /** DSM's `not_support_new_vesion`: it cannot take a store of this release, we believe. */
  newVersionUnsupported: boolean | null;
}

/** Devices of one kind in a storage. */
export interface DeviceUse {
  count: number | null;
  /** Size of their data before deduplication, we believe (DSM facts 1.2). */
  bytes: number | null;
}

/** A store of backups: one per shared folder. */
export interface Storage extends StorageFormat {
  id: number | null;
  shareName: string | null;
  volumePath: string | null;
  /** `Volume 1` */
  volumeName: string | null;
  /** `btrfs` …, else `unknown`. */
  fileSystem: string;
  fileSystemCode: number | null;
  mounted: boolean | null;
  compacting: boolean | null;
  /** 0–100; of the compacting that runs or ran last. */
  compactingPercent: number | null;
  /** What the store takes on the volume. */
  dedupBytes: number | null;
  /** What of it is compressed. */
  compressedBytes: number | null;
  /** What the store would take without deduplication: the sum over `devices`. */
  logicalBytes: number | null;
  /** `logicalBytes` / `dedupBytes`, two decimals: 2.2 means that the data take less than half of their size. */
  dedupRatio: number | null;
  deviceCount: number | null;
  devices: { pc: DeviceUse; server: DeviceUse; vm: DeviceUse; fileServer: DeviceUse; nas: DeviceUse };
  relinkState: (typeof RELINK_STATE)[keyof typeof RELINK_STATE] | 'unknown';
  relinkStateCode: number | null;
  /** 0 is no error. */
  relinkErrorCode: number | null;
}

/** A volume of the NAS. */
export interface Volume {
  /** `/volume1` */
  path: string | null;
  totalBytes: number | null;
  usedBytes: number | null;
  freeBytes: number | null;
  /** 0–100, one decimal. */
  usedPercent: number | null;
}

/** Everything about storage in one look: `list`, `list_storage` and `list_volume`. */
export interface StorageOverview {
  /** Where new tasks go. */
  defaultShare: string | null;
  storages: (Storage & {
    /** The volume it lies on; null when DSM does not list it. */
    volume: Volume | null;
    /** The shared folder it lies in; null when DSM does not list it. */
    share: Share | null;
  })[];
  volumes: Volume[];
  totals: StorageTotals;
}

/** Sums; each volume counts once, however many storages lie on it. What nobody said does not count; null when nobody said anything. */
export interface StorageTotals {
  storageCount: number;
  deviceCount: number | null;
  dedupBytes: number | null;
  logicalBytes: number | null;
  dedupRatio: number | null;
  totalBytes: number | null;
  usedBytes: number | null;
  freeBytes: number | null;
  usedPercent: number | null;
}

/** Management of this NAS by an ActiveProtect leader. */
export interface AemInfo {
  /** Whether it is managed. False where a NAS known to be unmanaged gave the same numbers; else null: no meaning is public. */
  joined: boolean | null;
  /** Address the NAS has for this purpose. */
  address: string | null;
  role: 'unknown';
  roleCode: number | null;
  status: 'unknown';
  statusCode: number | null;
}
