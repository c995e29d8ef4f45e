import { groupByTask } from '../active-backup/backup-log';
import { isDeepStrictEqual } from 'node:util';
import { parseTasks } from '../active-backup/model/task';
import type { LaterJobs, Result, Task } from '../active-backup/types';
import { ComparisonMemory } from './comparison-memory';
import { finishEventOf, isFinishedBackup, isFinishedJob, jobKind } from './finish-events';
import { initialReported, unreportedBackups, markReported } from './finished-backups';
import { lastOtherJobs } from './other-jobs';
import { deviceEvents, devicesOf, onlineOf, withAbsentDevices } from './device-changes';
import type { NasEvent } from './events';
import { backupKey, partOf, type MonitorState, type StoredTask } from './monitor-state';
import { isGone } from './missing-item-filter';
import { failureCounts, FoundResults, isEmptyHistory } from './backup-history';
import { atOnce, type Steps } from './slices';
import { updateTask } from './stored-task';

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
  return atOnce(initialStateInSteps(poll, nas, endsSince, new ComparisonMemory()));
}

/** {@link initialState} with a step for each task. @param memory of later comparisons of this list */
export function* initialStateInSteps(
  poll: PollData,
  nas: string,
  endsSince: string,
  memory: ComparisonMemory,
): Steps<MonitorState> {
  const { results, tasks, laterJobs, overdueHours } = poll;
  const byTask = groupByTask(results);
  const stored: Record<string, StoredTask> = {};
  for (const task of tasks) {
    const found = { results: byTask.get(task.id) ?? [], finished: [], isHidden: isHidden(task, laterJobs) };
    const first = updateTask(task, undefined, found, poll);
    memory.overdueTimes.of(task, first, overdueHours);
    stored[task.id ?? 'null'] = first;
    yield;
  }
  return {
    version: 1,
    nas,
    ...initialReported(results, endsSince),
    tasks: stored,
    devices: onlineOf(devicesOf(tasks)),
    otherJobs: lastOtherJobs(null, results.filter(isFinishedJob)),
    transferredBytes: 0,
    protections: null,
    volumeSamples: {},
    low: [],
    listeners: {},
    undelivered: {},
    undeliveredOther: {},
    offlineSince: null,
  };
}

/** Whether a state belongs to this NAS: it has the same address, or lists one of the stored tasks. */
export function isStateOfNas({ nas, tasks: stored }: MonitorState, address: string, tasks: readonly Task[]): boolean {
  if (nas === address) return true;
  const uuids = new Set(Object.values(stored).map(({ uuid }) => uuid));
  return tasks.some(({ uuid }) => uuid !== null && uuids.has(uuid));
}

/** The result of a comparison. */
export interface Changes {
  readonly events: readonly NasEvent[];
  readonly after: MonitorState;
}

/**
 * Compares a poll with the stored state. Finished backups come first, in the order of their end: they precede the backups
 * that run now. What has not changed is the very same object in `after`.
 * @param memory of earlier comparisons of this list; without it every task is compared
 */
export function detectChanges(before: MonitorState, poll: PollData, memory = new ComparisonMemory()): Changes {
  return atOnce(detectChangesInSteps(before, poll, memory));
}

/** {@link detectChanges} with a step for each task that is compared. */
export function* detectChangesInSteps(before: MonitorState, poll: PollData, memory: ComparisonMemory): Steps<Changes> {
  const { at, tasks, results, late, isComplete } = poll;
  const unreported = unreportedBackups(before, results, memory.reported);
  const ended = unreported.filter((result) => finishEventOf(result) !== null);
  const finished = ended.filter(isFinishedBackup);
  const found = new FoundResults(results, unreported.filter(isFinishedBackup), finished);
  const compared: ComparedTask[] = [];
  for (const task of tasks) {
    const each = compareTask(before, task, found, poll, memory);
    compared.push(each);
    if (each.isCompared) yield;
  }
  const changed = compared.filter(({ events, finished: own }) => events.length > 0 || own.length > 0);
  const { gone, missing } = missingTasks(before, compared);
  const devices = devicesOf(tasks);
  const detected = { at: at.toISOString(), late };
  const events: NasEvent[] = [
    // The first comparison by a release that knows other jobs takes them as reported.
    ...finishEvents(before.otherJobs === null ? finished : ended, compared, late),
    ...changed.flatMap((each) => each.events.map((event) => ({ ...event, ...detected }))),
    ...gone.map((task) => ({ event: 'task_removed' as const, task, ...detected })),
    ...deviceEvents(before, devices).map((event) => ({ ...event, ...detected })),
  ];
  const stored = compared.map((each) => each.stored);
  const reported = markReported(before, ended, { at, results: isComplete ? results : [], tasks: stored });
  memory.reported.end(reported);
  const isAnyOtherTask = gone.length > 0 || missing.length > 0;
  const after: MonitorState = {
    ...before,
    ...reported,
    tasks:
      isAnyOtherTask || compared.some((each) => each.stored !== each.known)
        ? storedTasks(missing, compared)
        : before.tasks,
    devices: withAbsentDevices(before.devices, devices),
    otherJobs: before.otherJobs === null && !isComplete ? null : lastOtherJobs(before.otherJobs, ended),
  };
  return { events, after };
}

/**
 * Decides again whether tasks are overdue, after a last success of them was found that no result contains.
 * @param before the state after the comparison of this poll, with that success
 */
export function detectOverdue(before: MonitorState, poll: PollData, ids: ReadonlySet<number | null>): Changes {
  const { at, laterJobs, late } = poll;
  const detected = { at: at.toISOString(), late };
  const compared = poll.tasks.flatMap((raw) => {
    const known = ids.has(raw.id) ? storedTaskOf(before, raw) : undefined;
    if (known === undefined) return [];
    const stored = updateTask(raw, known, { results: [], finished: [], isHidden: isHidden(raw, laterJobs) }, poll);
    const task = { ...raw, overdue: stored.overdue };
    return [{ stored, events: taskEvents(task, known, stored, []), id: task.id }];
  });
  return {
    events: compared.flatMap(({ events }) => events.map((event) => ({ ...event, ...detected }))),
    after: {
      ...before,
      tasks: { ...before.tasks, ...Object.fromEntries(compared.map(({ id, stored }) => [String(id), stored])) },
    },
  };
}

/** One task after a comparison. */
interface ComparedTask {
  /** False: what an earlier comparison has decided still holds. */
  readonly isCompared: boolean;
  readonly task: Task;
  /** Its stored data before; undefined: it is new. */
  readonly known: StoredTask | undefined;
  /** The very same object as `known` when nothing has changed. */
  readonly stored: StoredTask;
  /** Its newly finished backups. */
  readonly finished: readonly Result[];
  readonly events: readonly Pick<NasEvent, 'event' | 'task'>[];
}

function compareTask(
  before: MonitorState,
  raw: Task,
  found: FoundResults,
  poll: PollData,
  memory: ComparisonMemory,
): ComparedTask {
  const known = storedTaskOf(before, raw);
  const input = { at: poll.at, isHidden: isHidden(raw, poll.laterJobs), overdueHours: poll.overdueHours };
  const isUnchanged = known !== undefined && found.hasNone(raw) && !isEmptyHistory(known);
  if (isUnchanged && memory.isSettled(raw, known, input)) return unchanged(raw, known, false);
  const finished = ownResultsOf(before, raw, found.finishedOf(raw.id));
  const results =
    known !== undefined && isEmptyHistory(known)
      ? found.allOf(raw.id)
      : ownUnreported(before, raw, found.unreportedOf(raw.id));
  const stored = updateTask(raw, known, { results, finished, isHidden: input.isHidden }, poll);
  if (isUnchanged && isDeepStrictEqual(stored, known)) {
    memory.remember(raw, known, input);
    return unchanged(raw, known, true);
  }
  const task = { ...raw, overdue: stored.overdue };
  memory.overdueTimes.of(raw, stored, poll.overdueHours);
  const events = taskEvents(task, known, stored, finished);
  return { isCompared: true, task, known, stored, finished, events };
}

const NONE: readonly never[] = [];

function unchanged(task: Task, stored: StoredTask, isCompared: boolean): ComparedTask {
  return { isCompared, task, known: stored, stored, finished: NONE, events: NONE };
}

function isHidden({ id }: Task, laterJobs: LaterJobs | null): boolean | null {
  return laterJobs === null ? null : id !== null && laterJobs.has(id);
}

/** With the last result of the task. Older results in the log may belong to another task that had the same id. */
function ownUnreported(before: MonitorState, task: Task, unreported: readonly Result[]): Result[] {
  return [...ownResultsOf(before, task, unreported), ...(task.lastResult === null ? [] : [task.lastResult])];
}

/** If another task had the id at the last poll, only the last result of the task is certain to be its own. @param own by id */
function ownResultsOf(before: MonitorState, task: Task, own: readonly Result[]): readonly Result[] {
  if (partOf(before.tasks, task.id) === undefined || storedTaskOf(before, task) !== undefined) return own;
  const { lastResult } = task;
  return own.filter((result) => lastResult !== null && backupKey(result) === backupKey(lastResult));
}

/** Ids begin again when the package is reinstalled; only the uuid identifies a task. */
function storedTaskOf(before: MonitorState, { id, uuid }: Task): StoredTask | undefined {
  const known = partOf(before.tasks, id);
  const isAnother = uuid !== null && known !== undefined && known.uuid !== null && known.uuid !== uuid;
  return isAnother ? undefined : known;
}

function finishEvents(ended: readonly Result[], compared: readonly ComparedTask[], late: boolean): NasEvent[] {
  if (ended.length === 0) return [];
  const ownerOf = new Map(compared.flatMap((each) => each.finished.map((result) => [result, each] as const)));
  return ended.map((result) => finishEvent(result, ownerOf.get(result) ?? otherOwner(result, compared), late));
}

/** The task of a verification or restore, unless another task had its id before. */
function otherOwner(result: Result, compared: readonly ComparedTask[]): ComparedTask | undefined {
  if (jobKind(result) === 'backup') return undefined;
  return compared.find(({ task, known }) => task.id === result.taskId && known !== undefined);
}

/** @param owner the task of the result; undefined: unknown */
function finishEvent(result: Result, owner: ComparedTask | undefined, late: boolean): NasEvent {
  const event = finishEventOf(result) ?? 'backup_failed';
  const at = result.endedAt ?? '';
  if (owner === undefined) return { event, at, result, late };
  const { task, known, stored, finished } = owner;
  if (event !== 'backup_failed') return { event, at, result, task, late };
  const counts = failureCounts(known?.failuresInRow ?? null, stored.failuresInRow, finished);
  return { event, at, result, task, failuresInRow: counts.get(result) ?? null, late };
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

/**
 * The stored tasks that the poll does not list. A task is gone when another task has its id, or after enough polls in a row
 * without it; until then its stored data is kept.
 */
function missingTasks(
  before: MonitorState,
  compared: readonly ComparedTask[],
): { gone: Task[]; missing: [string, StoredTask][] } {
  const present = new Set<number | null>();
  for (const { task, known } of compared) if (known !== undefined) present.add(task.id);
  const ids = Object.keys(before.tasks);
  if (ids.length === present.size) return { gone: [], missing: [] };
  const texts = new Set(Array.from(present, String));
  const absent = ids.filter((id) => !texts.has(id));
  const listed = new Set(compared.map(({ task }) => String(task.id)));
  const counted = absent.flatMap((id): [string, StoredTask][] => {
    const known = before.tasks[id];
    return known === undefined ? [] : [[id, { ...known, missedPolls: known.missedPolls + 1 }]];
  });
  const isRemoved = ([id, { missedPolls }]: [string, StoredTask]): boolean => listed.has(id) || isGone(missedPolls);
  return {
    gone: counted.filter(isRemoved).map(([id, known]) => taskFromStored(id, known)),
    missing: counted.filter((each) => !isRemoved(each)),
  };
}

function storedTasks(
  missing: readonly (readonly [string, StoredTask])[],
  compared: readonly ComparedTask[],
): MonitorState['tasks'] {
  const tasks: Record<string, StoredTask> = Object.fromEntries(missing);
  for (const { task, stored } of compared) tasks[task.id ?? 'null'] = stored;
  return tasks;
}

/** A task that is not listed, from its stored data: its state is unknown. */
export function taskFromStored(id: string, { name, uuid }: StoredTask): Task {
  const [task] = parseTasks({ tasks: [{ task_id: Number(id), task_name: name, unikey: uuid }] }, null);
  if (task === undefined) throw new TypeError('A row of a list is always a task');
  return { ...task, state: 'unknown' };
}
