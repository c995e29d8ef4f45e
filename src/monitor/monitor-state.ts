import { isDeepStrictEqual } from 'node:util';
import type { Result } from '../active-backup/types';
import { EVENTS, type EventName, type NasEvent } from './events';
import type { JobEnd, OtherJobs } from './other-jobs';
import type { ReportedProtection, ReportedProtections } from './protection-events';
import type { BackupRecord } from './snapshot';
import type { FillingStorages } from './storage-filling';
import type { VolumeSamples } from './storage-samples';
import type { NextRun, TaskTiming } from './task-timing';
import {
  type Check,
  isFlag,
  isNumber,
  isText,
  isTime,
  arrayOf,
  isAnyOf,
  orMissing,
  orNull,
  recordOf,
  shaped,
} from '../storage/checks';
import { InMemoryStore, JsonFile, type JsonContent, type JsonFileOptions, type Store } from '../storage/json-file';
import { parseWithChanges } from '../storage/json-changes';

/**
 * The state of a monitor that survives a restart of Node-RED: which finished backups were reported, and the last known data,
 * so that changes can be detected. Plain JSON. Times are ISO 8601 (UTC). The names are those of the file.
 */
export interface MonitorState {
  readonly version: 1;
  /** Address of the NAS. */
  readonly nas: string;
  /** By the clock of the NAS: `ends` contains every backup finished since then; those finished before count as reported. */
  readonly endsSince: string;
  /** The finished backups that were reported, or are older than the initial state: by {@link backupKey}, with the end time. */
  readonly ends: Readonly<Record<string, string>>;
  readonly tasks: Readonly<Record<string, StoredTask>>;
  /** By device id: whether it was online; null where DSM did not report it. */
  readonly devices: Readonly<Record<string, boolean | null>>;
  /** The last verification and restore; null in a state of an older release, whose `ends` contains backups only. */
  readonly otherJobs: OtherJobs | null;
  /** What all reported backups transferred, in bytes, since the initial state: it only grows. */
  readonly transferredBytes: number;
  /** What was reported of the protection of each device; null: it was never judged. */
  readonly protections: ReportedProtections | null;
  /** What was used of each volume. */
  readonly volumeSamples: VolumeSamples;
  /** Storages that are low in snapshots, as `id@percent`. */
  readonly low: readonly string[];
  /**
   * Event listeners by id; null in a state of an older release, which delivered the same events to all.
   */
  readonly listeners: Readonly<Record<string, StoredListener>> | null;
  /** Events that some listener has missed, by the keys in {@link StoredListener.missed}. */
  readonly undelivered: Readonly<Record<string, UndeliveredEvent>>;
  /** The same for events that older releases do not know: one of them in `undelivered` would make the file unreadable for them. */
  readonly undeliveredOther: Readonly<Record<string, UndeliveredEvent>>;
  /** Since when the NAS is offline, if that was reported; else null. */
  readonly offlineSince: string | null;
}

/** The stored state of an event listener: it has received every event but those in `missed`. */
export interface StoredListener {
  /** Keys of events, oldest first. */
  readonly missed: readonly string[];
  /** Keys of those that are only held back by quiet hours; missing: none. */
  readonly held?: readonly string[];
  /** Storages that were reported to it as low, as `id@percent`. */
  readonly low: readonly string[];
  /** Storages that were reported to it as filling; missing: none. */
  readonly filling?: FillingStorages;
  /** Since when it is not subscribed, by the clock of Node-RED; null while it is. */
  readonly awaySince: string | null;
}

/** An event to deliver later, with the task or device as it is then; see {@link NasEvent} for the other fields. */
export interface UndeliveredEvent {
  readonly event: EventName;
  readonly at: string;
  readonly result: StoredResult | null;
  /** As it was, in case it is removed meanwhile; null for an event without a task. */
  readonly task: { readonly id: number | null; readonly name: string | null; readonly uuid: string | null } | null;
  readonly deviceId: number | null;
  /** Missing where it does not apply, and in events of an older release. */
  readonly failuresInRow?: number | null;
  readonly outageSeconds: number | null;
  readonly error: NonNullable<NasEvent['error']> | null;
}

/** A result as stored. The outcomes of the devices are read again instead. */
type StoredResult = Omit<Result, 'devices'>;

/** The stored data of a task. */
export interface StoredTask {
  readonly uuid: string | null;
  readonly name: string | null;
  /** Since when it is active, including pauses; null while it is idle or queued. */
  readonly activeSince: string | null;
  /** Its last success, or the first poll that listed it while there is none: the base of `overdue`. */
  readonly since: string;
  /** Null while unknown. */
  readonly overdue: boolean | null;
  /**
   * The last success of its devices when it became overdue by their habit (ISO 8601, UTC; null: none was known), also while
   * nothing can be said of it; missing: it is not overdue by their habit.
   */
  readonly lateAfter?: string | null;
  /** Null in a state of an older release. */
  readonly timing: TaskTiming | null;
  /** End of its last successful backup; null when none is known. */
  readonly lastSuccessAt: string | null;
  /** See `TaskSnapshot`. */
  readonly recent: readonly BackupRecord[];
  /** See `TaskSnapshot`. */
  readonly failing: boolean | null;
  /** Failed backups since the last success; null while unknown, as in a state of an older release. */
  readonly failuresInRow: number | null;
  /** What its reported backups transferred, in bytes, since the task is known: it only grows. */
  readonly transferredBytes: number;
  /** Polls in a row that did not list it, see `POLLS_UNTIL_GONE`; 0 while it is listed. */
  readonly missedPolls: number;
}

/**
 * Identifies a backup. Within one installation the id is unique; with the start time the key is unique even when the package
 * was reinstalled and the ids begin again.
 */
export function backupKey({
  id,
  startedAt,
}: {
  readonly id: number | null;
  readonly startedAt: string | null;
}): string {
  return `${id ?? '?'}@${startedAt ?? '?'}`;
}

/** The part of a record by id that belongs to an id. A number as the key is found faster than its text. */
export function partOf<T>(byId: Readonly<Record<string, T>>, id: number | null): T | undefined {
  return byId[id ?? 'null'];
}

/** Whether two states have the same content. Parts that are the same object are not compared. */
export function isSameState(one: MonitorState, other: MonitorState): boolean {
  const { tasks, ...others } = one;
  const { tasks: otherTasks, ...otherOthers } = other;
  if (!isDeepStrictEqual(others, otherOthers)) return false;
  if (tasks === otherTasks) return true;
  const ids = Object.keys(tasks);
  const isSameTask = (id: string): boolean =>
    tasks[id] === otherTasks[id] || isDeepStrictEqual(tasks[id], otherTasks[id]);
  return ids.length === Object.keys(otherTasks).length && ids.every(isSameTask);
}

/**
 * Parses a stored state, with the changes appended to it, also of an older release that stored less.
 * @returns null when the text is not JSON or any part of it is invalid
 */
export function parseMonitorState(text: string): MonitorState | null {
  try {
    const read = parseWithChanges(text);
    if (!isState(read)) return null;
    const tasks = Object.entries(read.tasks).map(([id, task]) => {
      const timing = task.timing ? { ...ADDED_TO_TIMING, ...task.timing } : null;
      return [id, { ...ADDED_TO_TASK, ...task, timing }] as const;
    });
    const state = { ...ADDED_TO_STATE, ...read, tasks: Object.fromEntries(tasks) };
    return { ...state, undeliveredOther: ofKnownEvents(state.undeliveredOther) };
  } catch {
    return null;
  }
}

/** Without events that only a newer release knows. */
function ofKnownEvents(stored: MonitorState['undeliveredOther']): MonitorState['undeliveredOther'] {
  return Object.fromEntries(Object.entries(stored).filter(([, { event }]) => isEvent(event)));
}

const isEvent: Check = (value) => EVENTS.some((event) => event === value);
const isSample: Check = (value) => Array.isArray(value) && value.length === 2 && isTime(value[0]) && isNumber(value[1]);

const BACKUP_RECORD = {
  id: orNull(isNumber),
  status: isText,
  statusCode: orNull(isNumber),
  startedAt: orNull(isTime),
  endedAt: orNull(isTime),
  durationSeconds: orNull(isNumber),
  transferredBytes: orNull(isNumber),
  successCount: orNull(isNumber),
  warningCount: orNull(isNumber),
  errorCount: orNull(isNumber),
  reason: orNull(isText),
} as const satisfies Record<keyof BackupRecord, Check>;

/** Fields that the first releases did not store. */
const ADDED_TO_TASK = {
  lastSuccessAt: null,
  recent: [],
  failing: null,
  failuresInRow: null,
  timing: null,
  transferredBytes: 0,
  missedPolls: 0,
} as const satisfies Partial<StoredTask>;

const NEXT_RUN = { base: isTime, seenAt: isTime, run: isTime } as const satisfies Record<keyof NextRun, Check>;

/** Fields that older releases did not store. */
const ADDED_TO_TIMING = {
  runningSince: null,
  queuedSince: null,
  incomplete: null,
} as const satisfies Partial<TaskTiming>;

const TIMING = {
  schedule: isText,
  isOn: isFlag,
  since: orNull(isTime),
  offsets: arrayOf(isNumber),
  next: orNull(shaped(NEXT_RUN)),
  runningSince: orMissing(orNull(isTime)),
  queuedSince: orMissing(orNull(isTime)),
  incomplete: orMissing(orNull(shaped({ since: isTime, answers: isNumber }))),
} as const satisfies Record<keyof TaskTiming, Check>;

/** Fields that older releases did not store. */
const ADDED_TO_STATE = {
  listeners: null,
  undelivered: {},
  undeliveredOther: {},
  otherJobs: null,
  transferredBytes: 0,
  protections: null,
  volumeSamples: {},
} as const satisfies Partial<MonitorState>;

const TASK = {
  uuid: orNull(isText),
  name: orNull(isText),
  activeSince: orNull(isTime),
  since: isTime,
  overdue: orNull(isFlag),
  lateAfter: orMissing(orNull(isTime)),
  timing: orMissing(orNull(shaped(TIMING))),
  lastSuccessAt: orMissing(orNull(isTime)),
  recent: orMissing(arrayOf(shaped(BACKUP_RECORD))),
  failing: orMissing(orNull(isFlag)),
  failuresInRow: orMissing(orNull(isNumber)),
  transferredBytes: orMissing(isNumber),
  missedPolls: orMissing(isNumber),
} as const satisfies Record<keyof StoredTask, Check>;

const LISTENER = {
  missed: arrayOf(isText),
  held: orMissing(arrayOf(isText)),
  low: arrayOf(isText),
  filling: orMissing(recordOf(isTime)),
  awaySince: orNull(isTime),
} as const satisfies Record<keyof StoredListener, Check>;

const RESULT = {
  ...BACKUP_RECORD,
  taskId: orNull(isNumber),
  taskName: orNull(isText),
  action: isText,
  actionCode: orNull(isNumber),
} as const satisfies Record<keyof StoredResult, Check>;

const UNDELIVERED = {
  event: isEvent,
  at: isText,
  result: orNull(shaped(RESULT)),
  task: orNull(shaped({ id: orNull(isNumber), name: orNull(isText), uuid: orNull(isText) })),
  deviceId: orNull(isNumber),
  failuresInRow: orMissing(orNull(isNumber)),
  outageSeconds: orNull(isNumber),
  error: orNull(shaped({ code: isText, message: isText })),
} as const satisfies Record<keyof UndeliveredEvent, Check>;

const JOB_END = {
  at: isTime,
  status: isText,
  taskId: orNull(isNumber),
  taskName: orNull(isText),
} as const satisfies Record<keyof JobEnd, Check>;

const REPORTED_PROTECTION = {
  late: isFlag,
  unusual: orNull(isNumber),
} as const satisfies Record<keyof ReportedProtection, Check>;

const OTHER_JOBS = {
  verification: orNull(shaped(JOB_END)),
  restore: orNull(shaped(JOB_END)),
} as const satisfies Record<keyof OtherJobs, Check>;

const STATE = {
  version: isAnyOf(1),
  nas: isText,
  endsSince: isTime,
  ends: recordOf(isTime),
  tasks: recordOf(shaped(TASK)),
  devices: recordOf(orNull(isFlag)),
  otherJobs: orMissing(orNull(shaped(OTHER_JOBS))),
  transferredBytes: orMissing(isNumber),
  protections: orMissing(orNull(recordOf(shaped(REPORTED_PROTECTION)))),
  volumeSamples: orMissing(recordOf(arrayOf(isSample))),
  low: arrayOf(isText),
  listeners: orMissing(orNull(recordOf(shaped(LISTENER)))),
  undelivered: orMissing(recordOf(shaped(UNDELIVERED))),
  undeliveredOther: orMissing(recordOf(shaped({ ...UNDELIVERED, event: isText }))),
  offlineSince: orNull(isTime),
} as const satisfies Record<keyof MonitorState, Check>;

/** A task as any release has stored it. */
type OldStoredTask = Omit<StoredTask, keyof typeof ADDED_TO_TASK> & Partial<StoredTask>;

function isState(
  read: unknown,
): read is Omit<MonitorState, keyof typeof ADDED_TO_STATE> &
  Partial<MonitorState> & { readonly tasks: Readonly<Record<string, OldStoredTask>> } {
  return shaped(STATE)(read);
}

/** Stores the state of a monitor between two polls and over restarts of Node-RED. */
export interface StateStore {
  load(): MonitorState | null;
  /** Whether a stored state exists that could not be read, see {@link Store}; missing: never. */
  readonly isUnread?: boolean;
  save(state: MonitorState): void;
}

/** The state file of a monitor. */
export const STATE_FILE = {
  parse: parseMonitorState,
  content: 'Reported backups',
  consequence: 'monitoring starts again without history',
  whileUnread: 'until it can be, no event is reported, and none is lost',
  appendsChanges: true,
} as const satisfies JsonContent<MonitorState>;

/** A {@link StateStore} on disk. */
export class FileStateStore extends JsonFile<MonitorState> {
  /** @param warn receives a line for the user: a damaged file was set aside, or the file cannot be read or written */
  constructor(path: string, warn: (message: string) => void, more: Partial<JsonFileOptions<MonitorState>> = {}) {
    super({ ...STATE_FILE, path, warn, ...more });
  }
}

/** A {@link StateStore} that ends with the process, for a Node-RED without a user directory. */
export class InMemoryStateStore extends InMemoryStore<MonitorState> implements Store<MonitorState> {}
