import type { LaterJobs, Result, Task, TaskListing } from '../active-backup/types';
import { isGone } from './missing-item-filter';
import type { FollowedTask, RunMark } from './followed-requests';
import { CLOCK_TOLERANCE_MS } from './schedule';

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
