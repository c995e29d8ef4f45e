import type { ResultStatus } from '../active-backup/codes';
import type { NamedDeviceResult, Task } from '../active-backup/types';
import type { NasDescription } from '../home-assistant/types';
import type { DeviceProtection, Protection } from '../monitor/protection-types';
import type { ReportLanguage } from '../settings/report-settings';
import type { NasSnapshot, StorageSnapshot } from '../monitor/snapshot';

/** The last snapshot of a NAS, with the protection of its devices. */
type ProtectedSnapshot = NasSnapshot & {
  /** Null until the outcomes of the devices have been read, and where the NAS does not report them. */
  readonly protections?: readonly DeviceProtection[] | null;
};

/** What a report is made of: one NAS as its monitor knows it. */
export interface NasForReport {
  /** As in MQTT topics; unique. */
  readonly id: string;
  /** For people. */
  readonly name: string;
  readonly description: NasDescription;
  /** Null when the NAS has never answered. */
  readonly snapshot: ProtectedSnapshot | null;
  /** Outcomes of the last {@link RUN_HOURS} hours, of each run for each of its devices; absent: none is known. */
  readonly outcomes?: readonly NamedDeviceResult[];
  /** Why the NAS does not answer now, in words; null while it does. */
  readonly error: string | null;
}

/** A report has the backups of so many hours. */
export const RUN_HOURS = 24;

/** A backup in a report. */
export interface ReportRun {
  taskId: number | null;
  taskName: string | null;
  /** `running` while it has not ended. */
  status: ResultStatus;
  startedAt: string;
  /** Null while it runs. */
  endedAt: string | null;
}

/** Options of {@link buildReport}. */
export interface ReportOptions {
  readonly at: Date;
  /** Number of days of the strips and of the compliance, today included; 7–90. */
  readonly days: number;
  /** Of findings and of all texts. */
  readonly language: ReportLanguage;
  /** IANA name of the time zone of times in texts. */
  readonly timeZone: string;
  /** A volume that is full within so many days is a finding. */
  readonly fullWithinDays: number;
}

/** A storage; the trend is absent until it has been read (docs/interface.md §4). */
export type ReportStorage = StorageSnapshot & {
  /** What the volume loses per day; null when it does not grow or too little is known. */
  readonly growthBytesPerDay?: number | null;
  /** When the volume is full at that rate (ISO 8601); null likewise. */
  readonly fullAt?: string | null;
};

/** How many backups of days on which one was due were made. */
export interface Compliance {
  /** Days with a successful backup. */
  made: number;
  /** Days on which a backup was due. */
  due: number;
  /** 0–100, one decimal, rounded down; null when none was due. */
  percent: number | null;
}

/** A NAS of a report. */
export interface ReportNas {
  id: string;
  name: string;
  /** False: what follows is what was last known. */
  online: boolean;
  /** Why it does not answer; null while it does. */
  error: string | null;
  model: string | null;
  /** Null when never read. */
  tasks: Task[] | null;
  storages: ReportStorage[] | null;
  /** The backups that ended in the last {@link RUN_HOURS} hours, or run now, in the order of their start; null when never read. */
  runs: ReportRun[] | null;
  compliance: Compliance;
}

/** Names a NAS, a task, a device or a storage. */
export interface ReportRef {
  id: string | number | null;
  name: string;
}

/** A device of a report. */
export interface ReportDevice extends DeviceProtection {
  nas: ReportRef;
}

/** Kinds of findings, in the order of the list within one severity. */
export const FINDING_KINDS = [
  'nas_unreachable',
  'devices_failing',
  'task_failing',
  'device_late',
  'task_overdue',
  'storage_full',
  'storage_low',
  'storage_filling',
  'device_never',
  'task_partial',
  'device_unprotected',
  'backup_unusual',
  'outcomes_unknown',
] as const;

/** One of {@link FINDING_KINDS}. */
export type FindingKind = (typeof FINDING_KINDS)[number];

/** Severities of findings, the worst first. */
export const SEVERITIES = ['error', 'warning', 'info'] as const;

/** One of {@link SEVERITIES}. */
export type FindingSeverity = (typeof SEVERITIES)[number];

/** One thing to do. */
export interface Finding {
  severity: FindingSeverity;
  kind: FindingKind;
  nas: ReportRef;
  /** The task, the device and the storage it is about; null when it is about several or none. */
  task: ReportRef | null;
  device: ReportRef | null;
  storage: ReportRef | null;
  /** What is wrong, in one sentence without the name of the NAS. */
  text: string;
  /** What to do. */
  advice: string;
}

/** How many machines have each protection. */
export type ReportTotals = { machines: number } & Record<Protection, number>;

/** A report (docs/interface.md §4). */
export interface Report {
  /** ISO 8601, UTC. */
  at: string;
  days: number;
  nas: ReportNas[];
  /** Those that need attention first. */
  devices: ReportDevice[];
  totals: ReportTotals;
  compliance: Compliance;
  /** The worst first. */
  findings: Finding[];
}
