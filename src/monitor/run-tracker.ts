import type { LaterJobs, Result, Task, TaskListing } from '../active-backup/types';
import { isGone } from './missing-item-filter';
import { overlongRuns } from './finished-backups';
import type { FollowedTask, RunMark } from './followed-requests';
import { CLOCK_TOLERANCE_MS } from './schedule';
import { type StoredTask, backupKey, type MonitorState } from './monitor-state';
import { latest } from '../active-backup/known-values';

/** A started run of a task, from the moment DSM has accepted the start. */
export interface TrackedRun extends RunMark {
  readonly taskId: number;
  /** Polls in a row that did not list its task. */
  readonly missedPolls: number;
  /** Since when (ms of the caller's clock) the task is idle without a result of this run; null while it is active. */
  readonly idleSinceMs: number | null;
  /**
   * When the start was sent (epoch ms), if it is unknown whether DSM has accepted it: Node-RED ended before the response.
   * Null: accepted.
   */
  readonly sentAt: number | null;
}

/** The state of a run after a poll. */
export type RunStatus =
  | { readonly is: 'running'; readonly run: TrackedRun; readonly task: Task }
  /** DSM has accepted the start, but the task neither runs nor has a result yet. */
  | { readonly is: 'pending'; readonly run: TrackedRun }
  | { readonly is: 'ended'; readonly task: Task; readonly result: Result }
  /** There is a new job, this run or a later one: the log must be read. */
  | { readonly is: 'ambiguous'; readonly run: TrackedRun; readonly task: Task }
  | { readonly is: 'lost'; readonly why: 'never-ran' | 'dropped' | 'no-result' | 'removed' | 'uncertain' };

/** Why a run is lost whose task is idle without a result, by the furthest state observed. */
const LOST_REASON = { nothing: 'never-ran', queued: 'dropped', running: 'no-result' } as const;

/** Tracks a run that DSM has just accepted. @param before the task just before the start, with the jobs of that list */
export function trackStarted(before: Task, laterJobs: LaterJobs): TrackedRun {
  return newRun(before, Math.max(before.lastResult?.id ?? 0, laterJobId(before, laterJobs)));
}

/** Tracks the active run of a task. @param now the task; its last result may be the open one of the run itself */
export function trackCurrent(now: Task, laterJobs: LaterJobs): TrackedRun {
  const last = now.lastResult;
  return newRun(now, last?.status === 'running' ? (last.id ?? 1) - 1 : latestResultId(now, laterJobs));
}

/** Tracks a run that was stored, see `followed-requests.ts`. */
export function trackStored({ id, phase, since, run }: FollowedTask): TrackedRun {
  return { ...newRun({ id }, run.knownResultId), ...run, sentAt: phase === 'sending' ? since : null };
}

function newRun({ id }: Pick<Task, 'id'>, knownResultId: number): TrackedRun {
  return {
    taskId: id ?? 0,
    knownResultId,
    resultId: null,
    seen: 'nothing',
    missedPolls: 0,
    idleSinceMs: null,
    sentAt: null,
  };
}

/** Id of the newest backup of a task; if a later job hides it, the id of that job: ids ascend over jobs of all kinds. */
function latestResultId(task: Task, laterJobs: LaterJobs): number {
  return task.lastResult === null ? laterJobId(task, laterJobs) : (task.lastResult.id ?? 0);
}

/** 0 if the newest job is a backup, or there is none. */
function laterJobId({ id }: Task, laterJobs: LaterJobs): number {
  return (id === null ? null : laterJobs.get(id)?.id) ?? 0;
}

/**
 * The state of a run after a poll. A run is identified by its result id: DSM assigns ids in the order in which runs start, and
 * rejects the start of a running task, so the first new id after an accepted start is its own; a higher one belongs to a
 * later run.
 * @param results backups from the log; null: not read for this poll
 * @param nowMs time of the poll (ms of a monotonic clock)
 * @param startTimeoutMs how long a task may be idle without a result
 */
export function checkRun(
  before: TrackedRun,
  { tasks, laterJobs }: TaskListing,
  results: readonly Result[] | null,
  nowMs: number,
  startTimeoutMs: number,
): RunStatus {
  const task = tasks.find((candidate) => candidate.id === before.taskId);
  const run = { ...before, missedPolls: task === undefined ? before.missedPolls + 1 : 0 };
  if (task === undefined) return isGone(run.missedPolls) ? { is: 'lost', why: 'removed' } : { is: 'pending', run };
  const lastId = latestResultId(task, laterJobs);
  if (results === null && lastId > run.knownResultId && lastId !== run.resultId) return { is: 'ambiguous', run, task };
  const own = ownResult(run, task, results ?? []);
  if (own !== null && isOfLaterStart(run, own)) return { is: 'lost', why: 'uncertain' };
  if (own !== null && own.status !== 'running') return { is: 'ended', task, result: own };
  const resultId = own?.id ?? run.resultId;
  if (own !== null || task.state !== 'idle') {
    const seen = run.seen !== 'running' && task.state === 'queued' ? 'queued' : 'running';
    return { is: 'running', run: { ...run, resultId, seen, idleSinceMs: null }, task };
  }
  const idleSinceMs = Math.min(run.idleSinceMs ?? nowMs, nowMs); // the monotonic clock starts at zero after a restart
  if (nowMs - idleSinceMs >= startTimeoutMs) return { is: 'lost', why: lostReason(run) };
  return { is: 'pending', run: { ...run, idleSinceMs } };
}

function lostReason({ seen, sentAt }: TrackedRun): (typeof LOST_REASON)[keyof typeof LOST_REASON] | 'uncertain' {
  return seen === 'nothing' && sentAt !== null ? 'uncertain' : LOST_REASON[seen];
}

/** Whether a result began so long after an uncertain start was sent that it may belong to another start. */
function isOfLaterStart({ sentAt }: TrackedRun, { startedAt }: Result): boolean {
  return sentAt !== null && startedAt !== null && Date.parse(startedAt) > sentAt + CLOCK_TOLERANCE_MS;
}

/** The result with the id of the run, else the first new one. The task's result is preferred: log rows contain no bytes. */
function ownResult(run: TrackedRun, task: Task, results: readonly Result[]): Result | null {
  const backups = [task.lastResult, ...results].filter((result) => result !== null);
  const candidates = backups
    .filter(({ taskId }) => taskId === null || taskId === run.taskId)
    .filter(({ id }) => id !== null && (run.resultId === null ? id > run.knownResultId : id === run.resultId))
    .sort((one, other) => (one.id ?? 0) - (other.id ?? 0));
  return candidates[0] ?? null;
}

/** Warns of runs that last so long that the log is no longer read from their beginning, once per run. */
export class OverlongRunWarning {
  readonly #warn: (message: string) => void;
  /** The runs of the last check, by task and beginning. */
  #known: ReadonlySet<string> = new Set();

  constructor(warn: (message: string) => void) {
    this.#warn = warn;
  }

  check(tasks: readonly StoredTask[], at: Date): void {
    const runs = overlongRuns(tasks, at);
    const before = this.#known;
    this.#known = new Set(runs.map(({ uuid, name, activeSince }) => `${uuid ?? name ?? ''} ${activeSince ?? ''}`));
    if ([...this.#known].every((run) => before.has(run))) return;
    const list = runs.map(({ name, activeSince }) => `"${name ?? ''}" (since ${activeSince ?? ''})`).join(', ');
    this.#warn(`The log is not read back to the start of these long runs; their end is taken from the task: ${list}`);
  }
}

/**
 * Adds to a task what its own response lacks: `overdue`, the last success and the reason of the last result. Used for every
 * list, event and MQTT document, so that all of them agree.
 * @param stored data of the task; undefined: none
 * @param success the last success according to the versions, used if nothing else contains one
 */
export function completeTask<T extends Task>(
  task: T,
  stored: StoredTask | undefined,
  success: string | null = null,
): T {
  if (stored === undefined) return task;
  return {
    ...task,
    overdue: stored.overdue,
    failuresInRow: stored.failuresInRow,
    expectedEndAt: expectedEndOf(task, stored),
    lastSuccessAt: stored.lastSuccessAt ?? task.lastSuccessAt ?? success,
    lastResult: withReason(task.lastResult, stored),
  };
}

/** Durations of so many complete runs make an expected end. */
const MIN_DURATIONS = 3;

/** When a running backup usually ends: its start and the median duration of the recent complete runs. */
function expectedEndOf({ state, lastResult }: Task, { timing, recent }: StoredTask): string | null {
  if (state === 'idle' || state === 'queued') return null;
  const startedAt = lastResult?.status === 'running' ? lastResult.startedAt : (timing?.runningSince ?? null);
  const durations = recent
    .filter(({ status }) => status === 'success' || status === 'partial')
    .flatMap(({ durationSeconds }) => durationSeconds ?? [])
    .sort((one, other) => one - other);
  const median = durations[Math.floor((durations.length - 1) / 2)];
  if (startedAt === null || median === undefined || durations.length < MIN_DURATIONS) return null;
  return new Date(Date.parse(startedAt) + median * 1000).toISOString();
}

/** Completes tasks, or rows of them. @param stored data by task id */
export function completeTasks<T extends Task>(tasks: readonly T[], stored: MonitorState['tasks']): T[] {
  return tasks.map((task) => completeTask(task, stored[String(task.id)]));
}

/**
 * Adds the speed and remaining time of the last poll, because a list read between two polls contains no speed.
 * @param polled the tasks of the last poll
 */
export function withSpeedOf<T extends Task>(tasks: readonly T[], polled: readonly Task[]): T[] {
  const speeds = new Map(polled.map(({ id, progress }) => [id, progress?.bytesPerSecond ?? null]));
  return tasks.map((task) => {
    const speed = speeds.get(task.id) ?? null;
    const { progress } = task;
    if (progress?.bytesPerSecond !== null || speed === null || speed <= 0) return task;
    const { totalBytes, transferredBytes } = progress;
    const left = totalBytes === null || transferredBytes === null ? null : Math.max(0, totalBytes - transferredBytes);
    const remainingSeconds = left === null ? null : Math.ceil(left / speed);
    return { ...task, progress: { ...progress, bytesPerSecond: speed, remainingSeconds } };
  });
}

function withReason(result: Result | null, { recent }: StoredTask): Result | null {
  if (result?.reason !== null) return result;
  const backup = recent.find((each) => backupKey(each) === backupKey(result));
  const reason = backup?.reason ?? null;
  return reason === null ? result : { ...result, reason };
}

/** Stores last successes that only the versions contain, by task id. The very same object when there are none. */
export function withSuccesses(
  tasks: MonitorState['tasks'],
  successes: ReadonlyMap<number, string>,
): MonitorState['tasks'] {
  if (successes.size === 0) return tasks;
  const updated = [...successes].flatMap(([id, at]) => {
    const stored = tasks[String(id)];
    if (stored === undefined) return [];
    // Without a known success `since` was the time of the first poll that listed the task.
    const since = stored.lastSuccessAt === null ? at : stored.since;
    return [[String(id), { ...stored, since, lastSuccessAt: latest([stored.lastSuccessAt, at]) }] as const];
  });
  return { ...tasks, ...Object.fromEntries(updated) };
}
