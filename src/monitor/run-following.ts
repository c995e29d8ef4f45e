import type { Result, Task } from '../active-backup/types';
import { runError } from '../active-backup/run-errors';
import type { ActiveBackup } from '../active-backup/active-backup';
import type { FollowedRequest, FollowedTask } from './followed-requests';
import { followRuns, type UnfinishedRun, unfinishedRunsText } from './follow-runs';
import type { NasMonitor } from './nas-monitor';
import type { TaskPoller } from './poller';
import type { RequestState } from './request-state';
import { trackStored } from './run-tracker';
import type { WaitReason } from './start-when-online';

/** The NAS of a request. */
interface FollowedNas {
  readonly activeBackup: Pick<ActiveBackup, 'backupsSince' | 'withFailureReason' | 'listTasks'>;
  readonly poller: Pick<TaskPoller, 'subscribe' | 'expectChange'>;
  readonly monitor: Pick<NasMonitor, 'complete' | 'completeNow' | 'processed'>;
  /** After this time without a sign of a started backup it counts as never run. */
  readonly startTimeoutMs: number;
}

/** Receives what is to be sent about the tasks of a request. */
interface FollowOutput {
  /** The progress of a task. */
  sendProgress(request: FollowedRequest, task: Task | undefined): void;
  /** A task that was started or has ended. @param result of its backup; undefined: it was only started */
  sendTask(request: FollowedRequest, task: Task | null, index: number, result: Result | null | undefined): void;
}

/** The backups that one message waits for, as they are shown to the user. */
export interface MessageRuns {
  /** Updates the progress of a backup. */
  progress(task: Task): void;
  /** Shows why the start of a backup waits. */
  waiting(taskId: number, why: WaitReason): void;
  /** Marks a backup as finished. */
  ended(taskId: number | null): void;
  /** Removes the message; may be called twice. @returns whether the node still waits for backups of other messages, whose status stays */
  done(): boolean;
}

/** What carries out one request. */
export interface RequestParts {
  readonly nas: FollowedNas;
  readonly state: RequestState;
  readonly output: FollowOutput;
  /** The status of the node. */
  readonly runs: MessageRuns;
  /** Aborted when the node closes: the request then stays in the store, and nothing more is sent. */
  readonly closing: AbortSignal;
}

/** The clocks of NAS and Node-RED may differ, and it is unknown whether the log filters by start or end of a backup. */
const LOG_MARGIN_MS = 48 * 3600_000;

/**
 * Follows the runs of tasks: sends the progress of each on output 2, and each finished task with its result on output 1. A run
 * without a result becomes an error of the request.
 * @param limit aborts after the time limit, and when the node closes
 * @throws DsmError when a poll fails with an error that no later poll resolves
 */
export async function followTasks(
  parts: RequestParts,
  tasks: readonly FollowedTask[],
  limit: AbortSignal,
): Promise<void> {
  const { nas, state, output, runs, closing } = parts;
  const since = Math.min(...tasks.map((task) => task.since));
  const polled = new Map<number, Task>();
  const unfinished = await followRuns({
    runs: tasks.map(trackStored),
    since: new Date(since),
    poller: nas.poller,
    startTimeoutMs: nas.startTimeoutMs,
    signal: limit,
    readResults: () => nas.activeBackup.backupsSince(new Date(since - LOG_MARGIN_MS), closing),
    onProgress: (task) => {
      if (closing.aborted) return;
      if (task.id !== null) polled.set(task.id, task);
      runs.progress(task);
      output.sendProgress(state.request, nas.monitor.completeNow([task])[0]);
    },
    onEnd: (task, backup) => sendEnd(parts, task, backup),
    onTrack: (tracked) => {
      if (!closing.aborted) state.noteRuns(tracked);
    },
  });
  if (!closing.aborted) await endUnfinished(parts, unfinished, polled);
}

async function sendEnd(parts: RequestParts, task: Task, backup: Result): Promise<void> {
  const { nas, closing } = parts;
  // The result is sent also if its failure reason cannot be read.
  const explained = await nas.activeBackup.withFailureReason(backup, closing).catch(() => backup);
  // The monitor may still be reading how each device fared.
  await nas.monitor.processed();
  const [completed = task] = await nas.monitor.complete(new Date(), [task]);
  if (closing.aborted) return;
  const { lastResult } = completed;
  // They are those of this backup, unless a later one is the last one already.
  const devices = lastResult?.id === explained.id ? lastResult.devices : explained.devices;
  sendTask(parts, task.id ?? 0, completed, { ...explained, devices });
}

/** Sends a task and notes its end. @param result of its backup; undefined: it was only started */
export function sendTask(
  { state, output, runs }: RequestParts,
  id: number,
  task: Task | null,
  result: Result | null | undefined,
): void {
  const index = state.tasks.find((each) => each.id === id)?.index ?? 0;
  output.sendTask(state.request, task, index, result);
  runs.ended(id);
  state.end(id);
}

/** A backup that a cancel has removed from the queue ends without a result, as requested. All others are errors. */
async function endUnfinished(
  parts: RequestParts,
  unfinished: readonly UnfinishedRun[],
  polled: ReadonlyMap<number, Task>,
): Promise<void> {
  const { state, runs, nas, closing } = parts;
  const { method } = state.request;
  const isCancelled = ({ why }: UnfinishedRun): boolean => method === 'cancel' && why === 'dropped';
  for (const { taskId } of unfinished.filter(isCancelled)) {
    const tasks = await nas.activeBackup.listTasks({ signal: closing }).catch(() => []);
    if (closing.aborted) return;
    sendTask(parts, taskId, tasks.find(({ id }) => id === taskId) ?? polled.get(taskId) ?? null, null);
  }
  const failed = unfinished.filter((run) => !isCancelled(run));
  if (failed.length === 0) return;
  const ids = failed.map(({ taskId }) => taskId);
  for (const id of ids) runs.ended(id);
  state.fail(ids, runError(unfinishedRunsText(failed, state.tasks, state.request)));
}
