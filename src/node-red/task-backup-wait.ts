import type { Node, NodeAPI } from 'node-red';
import type { Result, Task, TaskListing } from '../active-backup/types';
import { startTimeout } from '../dsm/abort';
import { DsmError } from '../dsm/errors';
import { followRuns, type UnfinishedRun } from '../monitor/follow-runs';
import { trackCurrent, trackStarted } from '../monitor/run-tracker';
import { unfinishedRunsText } from '../monitor/unfinished-runs';
import type { OperationResult } from './call';
import type { InputContext } from './input';
import type { NasConnection } from './nas-connection';
import { prepareMessage, setContent, type MessageOverride } from './outgoing-message';
import type { RunStatusTracker } from './run-status';
import { messageParts } from './sequence';
import { doneStatus } from './status';
import type { Message } from './types';

/** An accepted start or cancel whose backups are followed. */
export interface FollowedRequest {
  readonly nas: NasConnection;
  readonly msg: Message;
  readonly context: InputContext;
  /** Of the accepted request. */
  readonly result: OperationResult;
  /** The tasks of the request, as they were listed before it. */
  readonly listing: TaskListing;
  readonly waitMs: number;
  /** The overrides that the node reads from a message. */
  readonly overrides: readonly MessageOverride[];
}

/** The clocks of NAS and Node-RED may differ, and it is unknown whether the log filters by start or end of a backup. */
const LOG_MARGIN_MS = 48 * 3600_000;

/**
 * Follows the backups of a request: sends the progress of each on output 2, and each finished task with its result on output 1.
 * @throws DsmError EABB naming the backups that ended without a result, or not within `waitMs`
 */
export async function followToEnd(
  { RED, node, runStatus }: { readonly RED: NodeAPI; readonly node: Node; readonly runStatus: RunStatusTracker },
  request: FollowedRequest,
): Promise<void> {
  const { nas, context, result, listing, waitMs } = request;
  const { tasks, laterJobs } = listing;
  const since = new Date();
  const output = createOutput(RED, request);
  const runs = runStatus.start(tasks);
  const timeout = startTimeout(waitMs, [context.signal]);
  const track = result.method === 'cancel' ? trackCurrent : trackStarted;
  try {
    const unfinished = await followRuns({
      runs: tasks.map((task) => track(task, laterJobs)),
      since,
      poller: nas.poller,
      startTimeoutMs: nas.startTimeoutMs,
      signal: timeout.signal,
      readResults: () => nas.activeBackup.backupsSince(new Date(since.getTime() - LOG_MARGIN_MS), context.signal),
      onProgress: (task) => {
        runs.progress(task);
        output.sendProgress(nas.monitor.completeNow([task])[0]);
      },
      onEnd: async (task, backup) => {
        runs.ended(task);
        // The result is sent also if its failure reason cannot be read.
        const explained = await nas.activeBackup.withFailureReason(backup, context.signal).catch(() => backup);
        const [completed = task] = await nas.monitor.complete(new Date(), [task]);
        output.sendEnd(completed, explained);
      },
    });
    endUnfinished(request, unfinished, (task) => {
      output.sendEnd(task, null);
    });
    if (!runs.done()) node.status(doneStatus(new Date(), String(tasks.length)));
  } finally {
    runs.done();
    timeout.clear();
  }
}

/** Sends the messages of one request; those of output 1 are a sequence. */
function createOutput(
  RED: NodeAPI,
  { msg, context, result: { nas, data }, listing: { tasks }, overrides }: FollowedRequest,
): { sendProgress: (task: Task | undefined) => void; sendEnd: (task: Task, result: Result | null) => void } {
  const id = RED.util.generateId();
  const messageWith = (content: { payload: unknown; result?: unknown }): Message => {
    const copy = RED.util.cloneMessage<Message>({ ...msg, payload: undefined, response: undefined });
    prepareMessage(copy, nas, overrides);
    setContent(copy, { response: data, ...content });
    return copy;
  };
  return {
    sendProgress: (task) => {
      context.send([null, messageWith({ payload: task })]);
    },
    sendEnd: (task, result) => {
      const index = tasks.findIndex((candidate) => candidate.id === task.id);
      const message = messageWith({ payload: task, result });
      message.parts = messageParts(message, { id, count: tasks.length, index });
      context.send([message, null]);
    },
  };
}

/**
 * A backup that a cancel has removed from the queue ends without a result, as requested.
 * @throws DsmError EABB for all others, in one error: a message ends once
 */
function endUnfinished(
  { result: { method }, listing: { tasks }, waitMs }: FollowedRequest,
  unfinished: readonly UnfinishedRun[],
  end: (task: Task) => void,
): void {
  const cancelled = method === 'cancel' ? unfinished.filter(({ why }) => why === 'dropped') : [];
  for (const task of tasks.filter(({ id }) => cancelled.some(({ taskId }) => taskId === id))) end(task);
  const failed = unfinished.filter((run) => !cancelled.includes(run));
  if (failed.length > 0) throw new DsmError('EABB', unfinishedRunsText(failed, tasks, waitMs));
}
