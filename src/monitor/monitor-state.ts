import type { Result } from '../active-backup/types';
import { EVENTS, type EventName, type NasEvent } from './events';
import type { BackupRecord } from './snapshot';
import type { NextRun, TaskTiming } from './task-timing';

/**
 * What a feed must not forget, also over a restart of Node-RED: which ends of backups it has told of, and what it knew, so
 * that it can tell what is new. Plain JSON. Times are ISO 8601 (UTC).
 */
export interface MonitorState {
  readonly version: 1;
  /** Address of the NAS that it is of. */
  readonly nas: string;
  /** By the clock of the NAS: of the ends since then `ends` has every one; what ended before was told, or was there before. */
  readonly endsSince: string;
  /** The ends that were told, or were there before: by {@link backupKey}, with the time of the end. */
  readonly ends: Readonly<Record<string, string>>;
  readonly tasks: Readonly<Record<string, StoredTask>>;
  /** By device id: whether it was on line; null when DSM did not say. */
  readonly devices: Readonly<Record<string, boolean | null>>;
  /** Storages that observers were shown as low, as `storage@percent`. */
  readonly low: readonly string[];
  /**
   * What each listener has had, by its id; null in a memory of a release that noted nothing of them: all had the same then.
   */
  readonly listeners: Readonly<Record<string, StoredListener>> | null;
  /** Events that some listener has not had, by the keys in {@link StoredListener.missed}. */
  readonly undelivered: Readonly<Record<string, UndeliveredEvent>>;
  /** Since when the NAS has been away, if that was told; else null. */
  readonly offlineSince: string | null;
}

/** What is remembered of a listener. Of everything that happened it has had all but what it has missed. */
export interface StoredListener {
  /** Keys of events, oldest first. */
  readonly missed: readonly string[];
  /** Storages that were reported to it as low, as `storage@percent`. */
  readonly low: readonly string[];
  /** Since when it has been away, by the clock of Node-RED; null while it is there. */
  readonly awaySince: string | null;
}

/** An event that is to be delivered later. Tasks and machines are told as they are then; see `NasEvent` for the rest. */
export interface UndeliveredEvent {
  readonly event: EventName;
  readonly at: string;
  readonly result: Result | null;
  /** As it was, since it may be gone; null where the event is of no task. */
  readonly task: { readonly id: number | null; readonly name: string | null; readonly uuid: string | null } | null;
  readonly deviceId: number | null;
  readonly outageSeconds: number | null;
  readonly error: NonNullable<NasEvent['error']> | null;
}

/** What is remembered of a task. */
export interface StoredTask {
  readonly uuid: string | null;
  readonly name: string | null;
  /** Since when it has been seen to run, with its pauses; null while it is idle or waits for its turn. */
  readonly activeSince: string | null;
  /** Its last success, or, while there is none, when it was first seen: what it is overdue from. */
  readonly since: string;
  /** Null while nobody can say. */
  readonly overdue: boolean | null;
  /** Null until the task has been seen by a release that knows of it. */
  readonly timing: TaskTiming | null;
  /** When its last success ended; null when none is known. */
  readonly lastSuccessAt: string | null;
  /** See `TaskPicture`. */
  readonly recent: readonly BackupRecord[];
  /** See `TaskPicture`. */
  readonly failing: boolean | null;
  /** How many polls in a row did not list it, see `POLLS_UNTIL_GONE`; 0 while it is listed. */
  readonly missedPolls: number;
}

/**
 * Tells one end of a backup from every other. The id alone would do on one installation; with the start it also does when
 * the package was reinstalled and the ids begin again.
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

/**
 * Reads what {@link JSON.stringify} made of a memory, also in a release that remembered less of each task.
 * @returns null when it is none, or anything in it is not as it should be
 */
export function parseMonitorState(text: string): MonitorState | null {
  try {
    const read = JSON.parse(text) as unknown;
    if (!isMemory(read)) return null;
    const tasks = Object.entries(read.tasks).map(([id, task]) => {
      const timing = task.timing ? { ...NO_ANSWERS, ...task.timing } : null;
      return [id, { ...NOT_REMEMBERED, ...task, timing }] as const;
    });
    return { ...NOTHING_OF_LISTENERS, ...read, tasks: Object.fromEntries(tasks) };
  } catch {
    return null;
  }
}

type Check = (value: unknown) => boolean;

const isText: Check = (value) => typeof value === 'string';
const isFlag: Check = (value) => typeof value === 'boolean';
const isNumber: Check = (value) => typeof value === 'number';
const isTime: Check = (value) => typeof value === 'string' && !Number.isNaN(Date.parse(value));
const isObject = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const orNull =
  (check: Check): Check =>
  (value) =>
    value === null || check(value);
const orMissing =
  (check: Check): Check =>
  (value) =>
    value === undefined || check(value);
const listOf =
  (check: Check): Check =>
  (value) =>
    Array.isArray(value) && value.every(check);
const recordOf =
  (check: Check): Check =>
  (value) =>
    isObject(value) && Object.values(value).every(check);
const shaped =
  (fields: Readonly<Record<string, Check>>): Check =>
  (value) =>
    isObject(value) && Object.entries(fields).every(([name, check]) => check((value as Record<string, unknown>)[name]));

const ENDED_BACKUP = {
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

/** Of a task remembered by the first releases, which knew nothing of these. */
const NOT_REMEMBERED = {
  lastSuccessAt: null,
  recent: [],
  failing: null,
  timing: null,
  missedPolls: 0,
} as const satisfies Partial<StoredTask>;

const NEXT_RUN = { base: isTime, seenAt: isTime, run: isTime } as const satisfies Record<keyof NextRun, Check>;

/** Of a timing that was remembered before these were. */
const NO_ANSWERS = { runningSince: null, incomplete: null } as const satisfies Partial<TaskTiming>;

const TIMING = {
  schedule: isText,
  isOn: isFlag,
  since: orNull(isTime),
  offsets: listOf(isNumber),
  next: orNull(shaped(NEXT_RUN)),
  runningSince: orMissing(orNull(isTime)),
  incomplete: orMissing(orNull(shaped({ since: isTime, answers: isNumber }))),
} as const satisfies Record<keyof TaskTiming, Check>;

/** Of a memory of a release that noted nothing of listeners. */
const NOTHING_OF_LISTENERS = { listeners: null, undelivered: {} } as const satisfies Partial<MonitorState>;

const TASK = {
  uuid: orNull(isText),
  name: orNull(isText),
  activeSince: orNull(isTime),
  since: isTime,
  overdue: orNull(isFlag),
  timing: orMissing(orNull(shaped(TIMING))),
  lastSuccessAt: orMissing(orNull(isTime)),
  recent: orMissing(listOf(shaped(ENDED_BACKUP))),
  failing: orMissing(orNull(isFlag)),
  missedPolls: orMissing(isNumber),
} as const satisfies Record<keyof StoredTask, Check>;

const LISTENER = {
  missed: listOf(isText),
  low: listOf(isText),
  awaySince: orNull(isTime),
} as const satisfies Record<keyof StoredListener, Check>;

const RESULT = {
  ...ENDED_BACKUP,
  taskId: orNull(isNumber),
  taskName: orNull(isText),
  action: isText,
  actionCode: orNull(isNumber),
} as const satisfies Record<keyof Result, Check>;

const UNDELIVERED = {
  event: (value) => EVENTS.some((event) => event === value),
  at: isText,
  result: orNull(shaped(RESULT)),
  task: orNull(shaped({ id: orNull(isNumber), name: orNull(isText), uuid: orNull(isText) })),
  deviceId: orNull(isNumber),
  outageSeconds: orNull(isNumber),
  error: orNull(shaped({ code: isText, message: isText })),
} as const satisfies Record<keyof UndeliveredEvent, Check>;

const MEMORY = {
  version: (value) => value === 1,
  nas: isText,
  endsSince: isTime,
  ends: recordOf(isTime),
  tasks: recordOf(shaped(TASK)),
  devices: recordOf(orNull(isFlag)),
  low: listOf(isText),
  listeners: orMissing(orNull(recordOf(shaped(LISTENER)))),
  undelivered: orMissing(recordOf(shaped(UNDELIVERED))),
  offlineSince: orNull(isTime),
} as const satisfies Record<keyof MonitorState, Check>;

/** What a task of a memory has at least. */
type Remembered = Omit<StoredTask, keyof typeof NOT_REMEMBERED> & Partial<StoredTask>;

function isMemory(
  read: unknown,
): read is Omit<MonitorState, 'listeners' | 'undelivered'> &
  Partial<MonitorState> & { readonly tasks: Readonly<Record<string, Remembered>> } {
  return shaped(MEMORY)(read);
}
