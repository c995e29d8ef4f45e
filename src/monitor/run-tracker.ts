import type { LaterJobs, Result, Task, TaskListing } from '../active-backup/types';
import { isGone } from './missing-item-filter';

/** A run of a task that was asked for, from the moment DSM accepted it. */
export interface TrackedRun {
  readonly taskId: number;
  /** The highest id of a backup of this task that was known before; the lowest above it is this run's. */
  readonly knownResultId: number;
  /** Its own id, once the log has told; null before. */
  readonly resultId: number | null;
  /** The most that was ever seen of it: nothing, that it waits for its turn, that it runs. */
  readonly seen: 'nothing' | 'queued' | 'running';
  /** How many polls in a row did not list its task. */
  readonly missedPolls: number;
  /** Since when (ms of the caller's clock) the task has been idle without a result of this run; null while it is active. */
  readonly idleSinceMs: number | null;
}

/** What a look says of a run. */
export type RunStatus =
  | { readonly is: 'under-way'; readonly run: TrackedRun; readonly task: Task }
  /** Nothing to see: DSM has accepted, but neither runs nor has written a result yet. */
  | { readonly is: 'awaited'; readonly run: TrackedRun }
  | { readonly is: 'ended'; readonly task: Task; readonly result: Result }
  /** There is a new job, our backup or a later one: the log has to tell. */
  | { readonly is: 'unclear'; readonly run: TrackedRun; readonly task: Task }
  | { readonly is: 'lost'; readonly why: 'never-ran' | 'dropped' | 'no-result' | 'removed' };

/** What became of a run that is idle again without a result, by the most that was seen of it. */
const LOST_REASON = { nothing: 'never-ran', queued: 'dropped', running: 'no-result' } as const;

/** A run that DSM has just accepted to start. @param before the task as it was just before, with the jobs of that list */
export function trackStarted(before: Task, laterJobs: LaterJobs): TrackedRun {
  return runAfter(before, Math.max(before.lastResult?.id ?? 0, laterJobId(before, laterJobs)));
}

/** The run that is under way. @param now the task as it is: its last result may be that of the run itself, still open */
export function trackCurrent(now: Task, laterJobs: LaterJobs): TrackedRun {
  const last = now.lastResult;
  return runAfter(now, last?.status === 'running' ? (last.id ?? 1) - 1 : newestId(now, laterJobs));
}

function runAfter({ id }: Task, knownResultId: number): TrackedRun {
  return { taskId: id ?? 0, knownResultId, resultId: null, seen: 'nothing', missedPolls: 0, idleSinceMs: null };
}

/** Id of the newest backup of a task; while that is unknown, of the job that hides it: ids ascend over jobs of all kinds. */
function newestId(task: Task, laterJobs: LaterJobs): number {
  return task.lastResult === null ? laterJobId(task, laterJobs) : (task.lastResult.id ?? 0);
}

/** 0 where the newest job is a backup, or there is none. */
function laterJobId({ id }: Task, laterJobs: LaterJobs): number {
  return (id === null ? null : laterJobs.get(id)?.id) ?? 0;
}

/**
 * What a look at the tasks says of a run. A run is told by its result id: DSM gives ids in the order in which runs start,
 * and refuses to start a task that runs, so the first new id after an accepted start is the one of that start; a
 * higher one belongs to somebody else's run that came after.
 * @param listing of the look; @param results backups of this NAS from the log, when they were read for this look
 * @param nowMs when the look was made, by a clock that nobody sets (ms); @param patienceMs how long an idle task without a result is awaited
 */
export function checkRun(
  before: TrackedRun,
  { tasks, laterJobs }: TaskListing,
  results: readonly Result[] | null,
  nowMs: number,
  patienceMs: number,
): RunStatus {
  const task = tasks.find((candidate) => candidate.id === before.taskId);
  const run = { ...before, missedPolls: task === undefined ? before.missedPolls + 1 : 0 };
  if (task === undefined) return isGone(run.missedPolls) ? { is: 'lost', why: 'removed' } : { is: 'awaited', run };
  const lastId = newestId(task, laterJobs);
  if (results === null && lastId > run.knownResultId && lastId !== run.resultId) return { is: 'unclear', run, task };
  const own = ownResult(run, task, results ?? []);
  if (own !== null && own.status !== 'running') return { is: 'ended', task, result: own };
  const resultId = own?.id ?? run.resultId;
  if (own !== null || task.state !== 'idle') {
    const seen = run.seen !== 'running' && task.state === 'queued' ? 'queued' : 'running';
    return { is: 'under-way', run: { ...run, resultId, seen, idleSinceMs: null }, task };
  }
  const idleSinceMs = Math.min(run.idleSinceMs ?? nowMs, nowMs); // after a restart the clock begins anew
  if (nowMs - idleSinceMs >= patienceMs) return { is: 'lost', why: LOST_REASON[run.seen] };
  return { is: 'awaited', run: { ...run, idleSinceMs } };
}

/** The run's own result: of its id, else the first new one. The task's own comes first: the log leaves the bytes out. */
function ownResult(run: TrackedRun, task: Task, results: readonly Result[]): Result | null {
  const backups = [task.lastResult, ...results].filter((result) => result !== null);
  const candidates = backups
    .filter(({ taskId }) => taskId === null || taskId === run.taskId)
    .filter(({ id }) => id !== null && (run.resultId === null ? id > run.knownResultId : id === run.resultId))
    .sort((one, other) => (one.id ?? 0) - (other.id ?? 0));
  return candidates[0] ?? null;
}
