import type { JobAction, Platform, ResultStatus, TaskState, TaskType } from './codes';

/*
 * The data model of flows, MQTT and Home Assistant (docs/interface.md §4). Times are ISO 8601 strings in UTC, sizes
 * bytes, durations seconds. Every field is always present; null means that DSM did not send it. A name for a number of
 * DSM is `unknown` when the number is unlisted or missing; the number itself is in the field `…Code`.
 */

/** A backup task. */
export interface Task {
  /** DSM's `task_id`, the parameter of `backup` and `cancel`. */
  id: number | null;
  /** DSM's `unikey`, unchanged when the task is renamed. */
  uuid: string | null;
  name: string | null;
  /** Kind of source. */
  type: TaskType;
  typeCode: number | null;
  /** Current state. */
  state: TaskState;
  /** `running_task_status`; null while idle. */
  stateCode: number | null;
  /** Null while idle. */
  progress: Progress | null;
  /**
   * The last backup, including a running one. Null when there was none, and when a later job hides it and the log does
   * not contain it; {@link LaterJobs} distinguishes the two.
   */
  lastResult: Result | null;
  /**
   * End of the last successful backup; null when this response does not contain it (the last backup failed, for
   * example).
   */
  lastSuccessAt: string | null;
  /** Null for a task without a schedule. */
  nextRunAt: string | null;
  /** Always null in a response; set by the monitor, which has earlier responses and a clock. */
  overdue: boolean | null;
  /** Failed backups since the last success. This and the next two are always null in a response, like `overdue`. */
  failuresInRow: number | null;
  /** Names of the devices whose backup failed in the last finished backup; null while the outcomes are unknown. */
  devicesFailed: string[] | null;
  /** When the running backup usually ends, from the durations of earlier ones; null below three of them. */
  expectedEndAt: string | null;
  /** Whether DSM permits manual starts. */
  manualAllowed: boolean | null;
  schedule: Schedule;
  retention: Retention;
  /** Id of its `Storage`. */
  storageId: number | null;
  /** Shared folder of that storage. */
  shareName: string | null;
  /** Folder of the task in the storage. */
  targetDir: string | null;
  /** Number of versions; null unless requested with `load_versions`. */
  versionCount: number | null;
  /** Whether an ActiveProtect leader manages the task, so that this NAS may refuse to start or cancel it. */
  managed: boolean | null;
  /** The protected devices. */
  devices: Device[];
}

/**
 * By task id: the last job of each task whose last job is no backup (a deletion of old versions, for example). Such a
 * task has had backups, even if its `lastResult` is null. Part of a task list but not of the data model: neither
 * messages nor MQTT documents contain it.
 */
export type LaterJobs = ReadonlyMap<number, Result>;

/** The tasks of one response. */
export interface TaskListing {
  /** In the order of the NAS. */
  readonly tasks: readonly Task[];
  readonly laterJobs: LaterJobs;
}

/** A task for one of its devices: a row of `list_with_device`. */
export interface TaskDeviceRow extends Task {
  /** The device of this row; also the only entry of `devices`. */
  device: Device;
}

/** Progress of a run. */
export interface Progress {
  /** 0–100, one decimal. */
  percent: number | null;
  transferredBytes: number | null;
  /** Null also while DSM is still counting. */
  totalBytes: number | null;
  /** Since the previous poll; null at the first poll, and when the run restarted or the clock was set back. */
  bytesPerSecond: number | null;
  /** From `bytesPerSecond`; null without it or without a total. */
  remainingSeconds: number | null;
}

/** One run of a job: a backup, a restore, a deletion of versions … */
export interface Result {
  /** Assigned at the start of a run, so runs do not end in the order of their ids. */
  id: number | null;
  taskId: number | null;
  taskName: string | null;
  /** Kind of the job. */
  action: JobAction;
  /** `job_action`: bit flags. */
  actionCode: number | null;
  status: ResultStatus;
  statusCode: number | null;
  startedAt: string | null;
  /** Null while it runs. */
  endedAt: string | null;
  /** Null when start or end is unknown; never negative. */
  durationSeconds: number | null;
  /** Null in results of `Log.list_result`, which omits it. */
  transferredBytes: number | null;
  /** These three count devices or items, and may be 0 whatever the status (docs/facts/dsm.md §6.9). */
  successCount: number | null;
  warningCount: number | null;
  errorCount: number | null;
  /** Reason of a failure; null until the details have been read (`model/result.ts`). */
  reason: string | null;
  /** The outcome for each device. Always null in a response; set by the monitor, which reads the outcomes separately. */
  devices: NamedDeviceResult[] | null;
}

/** The outcome of a run for one of its devices, from `Overview.list_device_transfer_size` (docs/facts/dsm.md §2.1). */
export interface DeviceResult extends Pick<
  Result,
  'status' | 'statusCode' | 'startedAt' | 'endedAt' | 'durationSeconds' | 'transferredBytes' | 'reason'
> {
  /** Id of the {@link Result} of the whole task. */
  resultId: number | null;
  /** DSM does not send it here: from the result of that id; null while that is unknown. */
  taskId: number | null;
}

/** The outcome for a device within a {@link Result}. */
export interface NamedDeviceResult extends DeviceResult {
  /** Host name of the device. */
  name: string | null;
}

/** A protected device. */
export interface Device {
  /** Changes when the agent signs in as another user; `uuid` does not (docs/facts/dsm.md §6.10). */
  id: number | null;
  uuid: string | null;
  /** Host name. */
  name: string | null;
  /** Same names as the type of a task. */
  type: TaskType;
  typeCode: number | null;
  platform: Platform;
  /** Null in `list_with_device` and `Device.list`, which omit it. */
  platformCode: number | null;
  /** As reported by the device: `Windows 11(64-bit)`. */
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

/** `weekly`, `daily` and `once` run at a time of day. */
export type ScheduleKind = 'manual' | 'weekly' | 'daily' | 'once' | 'event' | 'continuous' | 'unknown';

/** Events that can start a backup. */
export type ScheduleEvent = 'startup' | 'screen_lock' | 'log_off';

/** Schedule of a task, in the local time of the NAS. */
export interface Schedule {
  kind: ScheduleKind;
  /** `schedule_setting_type`: flags 1 by time, 2 on events, 4 continuous; 0 manual. */
  kindCode: number | null;
  /** English text: `weekly, Sunday 03:00`; null when the schedule is unknown. */
  text: string | null;
  /** 0 Sunday … 6 Saturday, ascending; empty unless the task runs at a time of day. */
  weekdays: number[];
  /** 0–23 and 0–59; null unless the task runs at a time of day. */
  hour: number | null;
  minute: number | null;
  /** Interval of repetitions on the same day; null when it runs once. */
  repeatHours: number | null;
  /** `2026-03-01`, of a schedule with a first or only day. */
  startDate: string | null;
  events: ScheduleEvent[];
  /** Whether backups are limited to `backupWindow`. */
  backupWindowEnabled: boolean | null;
  /** 168 characters, one per hour of the week, `1` allowed; presumably starting on Sunday 00:00. */
  backupWindow: string | null;
  /** Whether a continuous backup is paused. */
  paused: boolean | null;
  /** Last change of the schedule, by the clock of the NAS; null when DSM does not send it. */
  changedAt: string | null;
  /**
   * Seconds east of UTC in the time zones of the task's devices, without duplicates; empty when unknown. DSM does not
   * send its own time zone; devices are usually, though not always, in the same one.
   */
  utcOffsets: number[];
}

/** Retention rules of a task; unused rules are null. */
export interface Retention {
  /** English text: `the latest 7 versions, daily for 7 days, weekly for 4 weeks`; null when unknown. */
  text: string | null;
  keepAll: boolean | null;
  /** Number of latest versions kept. */
  keepVersions: number | null;
  /** Number of days for which all versions are kept. */
  keepDays: number | null;
  /** Number of days, weeks, months and years for which the last version of each is kept. */
  gfsDays: number | null;
  gfsWeeks: number | null;
  gfsMonths: number | null;
  gfsYears: number | null;
}

/** Management of this NAS by an ActiveProtect leader. */
export interface AemInfo {
  /**
   * False when the numbers are those of a NAS known to be unmanaged; otherwise null, because their meaning is not
   * public.
   */
  joined: boolean | null;
  /** The address of the NAS for its leader. */
  address: string | null;
  role: 'unknown';
  roleCode: number | null;
  status: 'unknown';
  statusCode: number | null;
}
