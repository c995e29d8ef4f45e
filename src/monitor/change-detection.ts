import { latest } from '../active-backup/known-values';
import { parseTasks } from '../active-backup/model/task';
import type { Device, LaterJobs, Result, Task } from '../active-backup/types';
import { FINISH_EVENTS, initialReported, unreportedBackups, markReported } from './finished-backups';
import type { NasEvent } from './events';
import { backupKey, type MonitorState, type StoredTask } from './monitor-state';
import { isGone } from './missing-item-filter';
import { isOverdue } from './overdue';
import { isEmptyHistory, updateHistory, type NewResults } from './backup-history';
import { CLOCK_TOLERANCE_MS } from './schedule';
import { updateTiming } from './task-timing';

/** The data of one poll. */
export interface PollData {
  readonly at: Date;
  readonly tasks: readonly Task[];
  /** Null when unknown. */
  readonly laterJobs: LaterJobs | null;
  /** The backups in the log since {@link MonitorState.endsSince} and the last results of the tasks, in any order. */
  readonly results: readonly Result[];
  /** False when the log could not be read: it may contain finished backups, which a later poll must find. */
  readonly isComplete: boolean;
  /** Whether the monitor did not run before this poll, so that the events are late. */
  readonly late: boolean;
  /** Of the NAS node; 0: by the schedule. */
  readonly overdueHours: number;
}

/** The state when nothing is stored of a NAS: nothing in it is reported. @param endsSince from when on the log was read */
export function initialState(poll: PollData, nas: string, endsSince: string): MonitorState {
  const { results, tasks, laterJobs } = poll;
  const resultsFor = (task: Task): NewResults => ({
    results: resultsOf(task, results),
    finished: [],
    isHidden: isHidden(task, laterJobs),
  });
  return {
    version: 1,
    nas,
    ...initialReported(results, endsSince),
    tasks: Object.fromEntries(
      tasks.map((task) => [String(task.id), updateTask(task, undefined, resultsFor(task), poll)]),
    ),
    devices: onlineOf(tasks),
    low: [],
    listeners: {},
    undelivered: {},
    offlineSince: null,
  };
}

/** Whether a state belongs to this NAS: it has the same address, or lists one of the stored tasks. */
export function isStateOfNas({ nas, tasks: stored }: MonitorState, address: string, tasks: readonly Task[]): boolean {
  const uuids = new Set(Object.values(stored).map(({ uuid }) => uuid));
  return nas === address || tasks.some(({ uuid }) => uuid !== null && uuids.has(uuid));
}

/**
 * Compares a poll with the stored state. Finished backups come first, in the order of their end: they precede the backups
 * that run now.
 */
export function detectChanges(before: MonitorState, poll: PollData): { events: NasEvent[]; after: MonitorState } {
  const { at, tasks, results, late, isComplete } = poll;
  const unreported = unreportedBackups(before, results);
  const finished = unreported.filter(({ status }) => status in FINISH_EVENTS);
  const compared = tasks.map((task) => compareTask(before, task, { unreported, finished, poll }));
  const { gone, missing } = missingTasks(before, tasks);
  const detected = { at: at.toISOString(), late };
  const taskOf = new Map(compared.flatMap(({ task, finished: own }) => own.map((result) => [result, task] as const)));
  const events: NasEvent[] = [
    ...finished.map((result) => finishEvent(result, taskOf.get(result), late)),
    ...compared.flatMap((each) => each.events.map((event) => ({ ...event, ...detected }))),
    ...gone.map((task) => ({ event: 'task_removed' as const, task, ...detected })),
    ...deviceEvents(before, tasks).map((event) => ({ ...event, ...detected })),
  ];
  const stored = compared.map((each) => each.stored);
  const after: MonitorState = {
    ...before,
    ...markReported(before, finished, { at, results: isComplete ? results : [], tasks: stored }),
    tasks: { ...missing, ...Object.fromEntries(compared.map((each) => [String(each.task.id), each.stored])) },
    devices: withAbsentDevices(before.devices, onlineOf(tasks)),
  };
  return { events, after };
}

/** One task after a comparison. */
interface ComparedTask {
  readonly task: Task;
  readonly stored: StoredTask;
  /** Its newly finished backups. */
  readonly finished: readonly Result[];
  readonly events: readonly Pick<NasEvent, 'event' | 'task'>[];
}

/** @param found backups that were not reported before, and those of them that have an event */
function compareTask(
  before: MonitorState,
  raw: Task,
  found: { unreported: readonly Result[]; finished: readonly Result[]; poll: PollData },
): ComparedTask {
  const { poll } = found;
  const known = storedTaskOf(before, raw);
  const finished = ownResultsOf(before, raw, found.finished);
  const results =
    known !== undefined && isEmptyHistory(known)
      ? resultsOf(raw, poll.results)
      : ownUnreported(before, raw, found.unreported);
  const stored = updateTask(raw, known, { results, finished, isHidden: isHidden(raw, poll.laterJobs) }, poll);
  const task = { ...raw, overdue: stored.overdue };
  return { task, stored, finished, events: taskEvents(task, known, stored, finished) };
}

function isHidden({ id }: Task, laterJobs: LaterJobs | null): boolean | null {
  return laterJobs === null ? null : id !== null && laterJobs.has(id);
}

function resultsOf({ id }: Task, results: readonly Result[]): Result[] {
  return results.filter(({ taskId }) => taskId === id);
}

/** With the last result of the task. Older results in the log may belong to another task that had the same id. */
function ownUnreported(before: MonitorState, task: Task, unreported: readonly Result[]): Result[] {
  return [...ownResultsOf(before, task, unreported), ...(task.lastResult === null ? [] : [task.lastResult])];
}

/** If another task had the id at the last poll, only the last result of the task is certain to be its own. */
function ownResultsOf(before: MonitorState, task: Task, results: readonly Result[]): Result[] {
  const own = resultsOf(task, results);
  if (before.tasks[String(task.id)] === undefined || storedTaskOf(before, task) !== undefined) return own;
  const { lastResult } = task;
  return own.filter((result) => lastResult !== null && backupKey(result) === backupKey(lastResult));
}

/** Ids begin again when the package is reinstalled; only the uuid identifies a task. */
function storedTaskOf(before: MonitorState, { id, uuid }: Task): StoredTask | undefined {
  const known = before.tasks[String(id)];
  const isAnother = uuid !== null && known !== undefined && known.uuid !== null && known.uuid !== uuid;
  return isAnother ? undefined : known;
}

function finishEvent(result: Result, task: Task | undefined, late: boolean): NasEvent {
  const event = FINISH_EVENTS[result.status] ?? 'backup_failed';
  return { event, at: result.endedAt ?? '', result, ...(task === undefined ? {} : { task }), late };
}

function taskEvents(
  task: Task,
  known: StoredTask | undefined,
  stored: StoredTask,
  finished: readonly Result[],
): Pick<NasEvent, 'event' | 'task'>[] {
  const events: Pick<NasEvent, 'event' | 'task'>[] = [];
  if (known === undefined) events.push({ event: 'task_added', task });
  const isNewRun = known === undefined || known.activeSince === null || finished.length > 0;
  if (stored.activeSince !== null && isNewRun) events.push({ event: 'backup_started', task });
  if (stored.overdue === true && known?.overdue !== true) events.push({ event: 'backup_overdue', task });
  if (stored.overdue === false && known?.overdue === true && hasSucceeded(known, stored))
    events.push({ event: 'backup_recovered', task });
  return events;
}

/** A task has recovered by a success only, not because its schedule was changed or switched off. */
function hasSucceeded(before: StoredTask, { lastSuccessAt }: StoredTask): boolean {
  return lastSuccessAt !== null && lastSuccessAt > before.since;
}

function updateTask(task: Task, known: StoredTask | undefined, found: NewResults, poll: PollData): StoredTask {
  const at = poll.at.toISOString();
  const history = updateHistory(task, known, found, poll.at);
  const isAhead = known !== undefined && Date.parse(known.since) > poll.at.getTime() + CLOCK_TOLERANCE_MS;
  const since = latest([isAhead ? null : (known?.since ?? null), history.lastSuccessAt]) ?? at;
  const stored = {
    uuid: task.uuid ?? known?.uuid ?? null,
    name: task.name,
    activeSince: activeSince(task, found.finished.length === 0 ? (known?.activeSince ?? null) : null, at),
    since,
    timing: updateTiming(task, known?.timing ?? null, since, poll.at),
    overdue: known?.overdue ?? null,
    ...history,
    missedPolls: 0,
  };
  // A response without the schedule leaves `overdue` as it is, unless it contains a success.
  if (stored.timing.incomplete !== null) return { ...stored, overdue: since === known?.since ? known.overdue : false };
  return { ...stored, overdue: isOverdue(task, stored, poll.overdueHours, poll.at) };
}

/** A queued run has not started; a started one that waits in between goes on. @param before `activeSince` of the same run */
function activeSince({ state }: Task, before: string | null, at: string): string | null {
  if (state === 'idle') return null;
  return state === 'queued' ? before : (before ?? at);
}

/**
 * The stored tasks that the poll does not list. A task is gone when another task has its id, or after enough polls in a row
 * without it; until then its stored data is kept.
 */
function missingTasks(before: MonitorState, tasks: readonly Task[]): { gone: Task[]; missing: MonitorState['tasks'] } {
  const listed = new Set(tasks.map(({ id }) => String(id)));
  const present = new Set(tasks.filter((task) => storedTaskOf(before, task) !== undefined).map(({ id }) => String(id)));
  const counted = Object.entries(before.tasks)
    .filter(([id]) => !present.has(id))
    .map(([id, known]) => [id, { ...known, missedPolls: known.missedPolls + 1 }] as const);
  const isRemoved = ([id, { missedPolls }]: (typeof counted)[number]): boolean => listed.has(id) || isGone(missedPolls);
  return {
    gone: counted.filter(isRemoved).map(([id, known]) => taskFromStored(id, known)),
    missing: Object.fromEntries(counted.filter((each) => !isRemoved(each))),
  };
}

/** A task that is not listed, from its stored data: its state is unknown. */
export function taskFromStored(id: string, { name, uuid }: StoredTask): Task {
  const [task] = parseTasks({ tasks: [{ task_id: Number(id), task_name: name, unikey: uuid }] }, null);
  if (task === undefined) throw new TypeError('A row of a list is always a task');
  return { ...task, state: 'unknown' };
}

function deviceEvents(before: MonitorState, tasks: readonly Task[]): Pick<NasEvent, 'event' | 'device'>[] {
  return devicesOf(tasks).flatMap((device) => {
    const was = before.devices[String(device.id)];
    if (typeof was !== 'boolean' || device.online === null || device.online === was) return [];
    return [{ event: device.online ? 'device_online' : 'device_offline', device } as const];
  });
}

/** The devices of the tasks, each once, since several tasks may protect it. */
export function devicesOf(tasks: readonly Task[]): Device[] {
  return [...new Map(tasks.flatMap((task) => task.devices).map((device) => [device.id, device])).values()];
}

/** Devices without a task of which `online` is kept, because a response may lack some devices. */
const MAX_ABSENT_DEVICES = 200;

/** Keeps the absent devices with the highest ids: ids ascend, and an object has numeric keys in ascending order. */
function withAbsentDevices(before: MonitorState['devices'], present: MonitorState['devices']): MonitorState['devices'] {
  const absent = Object.entries(before).filter(([id]) => !(id in present));
  return { ...Object.fromEntries(absent.slice(-MAX_ABSENT_DEVICES)), ...present };
}

function onlineOf(tasks: readonly Task[]): MonitorState['devices'] {
  return Object.fromEntries(devicesOf(tasks).map(({ id, online }) => [String(id), online]));
}
