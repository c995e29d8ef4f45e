import { latest } from '../active-backup/model/arithmetic';
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

/** Everything that one look showed. */
export interface PollData {
  readonly at: Date;
  readonly tasks: readonly Task[];
  /** Null when nobody knows them. */
  readonly laterJobs: LaterJobs | null;
  /** Backups of the log since {@link MonitorState.endsSince}, in any order, and the tasks' own last results. */
  readonly results: readonly Result[];
  /** False when the log could not be read although it may hold ends: they stay to be asked for. */
  readonly isComplete: boolean;
  /** Whether nobody watched before: the first look of a feed. */
  readonly late: boolean;
  /** Of the NAS node; 0: by the schedule. */
  readonly overdueHours: number;
}

/** What is there at the first look ever: nothing of it is news. @param endsSince from when on the log was read */
export function initialState(snapshot: PollData, nas: string, endsSince: string): MonitorState {
  const { results, tasks, laterJobs } = snapshot;
  const seen = (task: Task): NewResults => ({
    results: resultsOf(task, results),
    news: [],
    isHidden: isHidden(task, laterJobs),
  });
  return {
    version: 1,
    nas,
    ...initialReported(results, endsSince),
    tasks: Object.fromEntries(tasks.map((task) => [String(task.id), memoryOf(task, undefined, seen(task), snapshot)])),
    devices: onlineOf(tasks),
    low: [],
    listeners: {},
    undelivered: {},
    offlineSince: null,
  };
}

/** Whether a memory is of this NAS: asked at the same address, or with one of the tasks that it had. */
export function isStateOfNas({ nas, tasks: known }: MonitorState, address: string, tasks: readonly Task[]): boolean {
  const uuids = new Set(Object.values(known).map(({ uuid }) => uuid));
  return nas === address || tasks.some(({ uuid }) => uuid !== null && uuids.has(uuid));
}

/**
 * What happened between two looks, as well as that can be told, and what to remember of it. Ends come first, in their own
 * order: they precede runs that are active now.
 */
export function detectChanges(before: MonitorState, snapshot: PollData): { events: NasEvent[]; after: MonitorState } {
  const { at, tasks, laterJobs, results, late, isComplete } = snapshot;
  const untold = unreportedBackups(before, results);
  const ends = untold.filter(({ status }) => status in FINISH_EVENTS);
  const told = tasks.map((raw) => {
    const known = knownOf(before, raw);
    const ownEnds = ownResultsOf(before, raw, ends);
    const ownResults =
      known !== undefined && isEmptyHistory(known) ? resultsOf(raw, results) : ownUntold(before, raw, untold);
    const seen = { results: ownResults, news: ownEnds, isHidden: isHidden(raw, laterJobs) };
    const memory = memoryOf(raw, known, seen, snapshot);
    const task = { ...raw, overdue: memory.overdue };
    return { task, memory, ownEnds, events: taskEvents(task, known, memory, ownEnds) };
  });
  const { gone, missing } = missingTasks(before, tasks);
  const now = { at: at.toISOString(), late };
  const taskOf = new Map(told.flatMap(({ task, ownEnds }) => ownEnds.map((end) => [end, task] as const)));
  const events: NasEvent[] = [
    ...ends.map((result) => endEvent(result, taskOf.get(result), late)),
    ...told.flatMap((each) => each.events.map((event) => ({ ...event, ...now }))),
    ...gone.map((task) => ({ event: 'task_removed' as const, task, ...now })),
    ...deviceEvents(before, tasks).map((event) => ({ ...event, ...now })),
  ];
  const after: MonitorState = {
    ...before,
    ...markReported(before, ends, { at, results: isComplete ? results : [], tasks: told.map(({ memory }) => memory) }),
    tasks: { ...missing, ...Object.fromEntries(told.map(({ task, memory }) => [String(task.id), memory])) },
    devices: withGone(before.devices, onlineOf(tasks)),
  };
  return { events, after };
}

function isHidden({ id }: Task, laterJobs: LaterJobs | null): boolean | null {
  return laterJobs === null ? null : id !== null && laterJobs.has(id);
}

function resultsOf({ id }: Task, results: readonly Result[]): Result[] {
  return results.filter(({ taskId }) => taskId === id);
}

/** With what the task tells itself, again and again. The rest of the log may be of another task that had the same id. */
function ownUntold(before: MonitorState, task: Task, untold: readonly Result[]): Result[] {
  return [...ownResultsOf(before, task, untold), ...(task.lastResult === null ? [] : [task.lastResult])];
}

/** Where another task had the id at the last poll, only the result that the task tells itself is surely its own. */
function ownResultsOf(before: MonitorState, task: Task, results: readonly Result[]): Result[] {
  const own = resultsOf(task, results);
  if (before.tasks[String(task.id)] === undefined || knownOf(before, task) !== undefined) return own;
  const { lastResult } = task;
  return own.filter((result) => lastResult !== null && backupKey(result) === backupKey(lastResult));
}

/** Ids begin again when the package is reinstalled: only the uuid tells that it is another task. */
function knownOf(before: MonitorState, { id, uuid }: Task): StoredTask | undefined {
  const known = before.tasks[String(id)];
  const isAnother = uuid !== null && known !== undefined && known.uuid !== null && known.uuid !== uuid;
  return isAnother ? undefined : known;
}

function endEvent(result: Result, task: Task | undefined, late: boolean): NasEvent {
  const event = FINISH_EVENTS[result.status] ?? 'backup_failed';
  return { event, at: result.endedAt ?? '', result, ...(task === undefined ? {} : { task }), late };
}

function taskEvents(
  task: Task,
  known: StoredTask | undefined,
  memory: StoredTask,
  ends: readonly Result[],
): Pick<NasEvent, 'event' | 'task'>[] {
  const events: Pick<NasEvent, 'event' | 'task'>[] = [];
  if (known === undefined) events.push({ event: 'task_added', task });
  const isNewRun = known === undefined || known.activeSince === null || ends.length > 0;
  if (memory.activeSince !== null && isNewRun) events.push({ event: 'backup_started', task });
  if (memory.overdue === true && known?.overdue !== true) events.push({ event: 'backup_overdue', task });
  if (memory.overdue === false && known?.overdue === true && hasSucceeded(known, memory))
    events.push({ event: 'backup_recovered', task });
  return events;
}

/** A task that is overdue no more because its schedule was switched off or changed has not recovered. */
function hasSucceeded(before: StoredTask, { lastSuccessAt }: StoredTask): boolean {
  return lastSuccessAt !== null && lastSuccessAt > before.since;
}

function memoryOf(task: Task, known: StoredTask | undefined, seen: NewResults, snapshot: PollData): StoredTask {
  const at = snapshot.at.toISOString();
  const past = updateHistory(task, known, seen, snapshot.at);
  const isAhead = known !== undefined && Date.parse(known.since) > snapshot.at.getTime() + CLOCK_TOLERANCE_MS;
  const since = latest([isAhead ? null : (known?.since ?? null), past.lastSuccessAt]) ?? at;
  const memory = {
    uuid: task.uuid ?? known?.uuid ?? null,
    name: task.name,
    activeSince: activeSince(task, seen.news.length === 0 ? (known?.activeSince ?? null) : null, at),
    since,
    timing: updateTiming(task, known?.timing ?? null, since, snapshot.at),
    overdue: known?.overdue ?? null,
    ...past,
    missedPolls: 0,
  };
  // An answer that lacks the schedule says nothing new; a success does all the same.
  if (memory.timing.incomplete !== null) return { ...memory, overdue: since === known?.since ? known.overdue : false };
  return { ...memory, overdue: isOverdue(task, memory, snapshot.overdueHours, snapshot.at) };
}

/** A run that waits in between is the same one; one that waits before it begins has not started. @param before of the same run */
function activeSince({ state }: Task, before: string | null, at: string): string | null {
  if (state === 'idle') return null;
  return state === 'queued' ? before : (before ?? at);
}

/**
 * The tasks that an answer leaves out: those of which another has the number now, or that enough answers in a row have
 * missed, are gone; the others are kept as they were.
 */
function missingTasks(before: MonitorState, tasks: readonly Task[]): { gone: Task[]; missing: MonitorState['tasks'] } {
  const listed = new Set(tasks.map(({ id }) => String(id)));
  const present = new Set(tasks.filter((task) => knownOf(before, task) !== undefined).map(({ id }) => String(id)));
  const counted = Object.entries(before.tasks)
    .filter(([id]) => !present.has(id))
    .map(([id, known]) => [id, { ...known, missedPolls: known.missedPolls + 1 }] as const);
  const isOver = ([id, { missedPolls }]: (typeof counted)[number]): boolean => listed.has(id) || isGone(missedPolls);
  return {
    gone: counted.filter(isOver).map(([id, known]) => taskFromStored(id, known)),
    missing: Object.fromEntries(counted.filter((each) => !isOver(each))),
  };
}

/** A task that is not listed, as far as it is remembered: nobody knows what it does. */
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

/** Each machine once, though several tasks may protect it. */
export function devicesOf(tasks: readonly Task[]): Device[] {
  return [...new Map(tasks.flatMap((task) => task.devices).map((device) => [device.id, device])).values()];
}

/** Of so many machines that are in no task any more it is remembered whether they were on line: one answer may lack some. */
const MOST_GONE = 200;

/** Ids are counted up: those of the newest machines are the highest, and an object has them in that order. */
function withGone(before: MonitorState['devices'], present: MonitorState['devices']): MonitorState['devices'] {
  const gone = Object.entries(before).filter(([id]) => !(id in present));
  return { ...Object.fromEntries(gone.slice(-MOST_GONE)), ...present };
}

function onlineOf(tasks: readonly Task[]): MonitorState['devices'] {
  return Object.fromEntries(devicesOf(tasks).map(({ id, online }) => [String(id), online]));
}
