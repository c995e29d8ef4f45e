import type { Node, NodeAPI } from 'node-red';
import type { Result, Task, TaskListing } from '../active-backup/types';
import { startTimeout } from '../dsm/abort';
import { DsmError } from '../dsm/errors';
import { followRuns, type UnfinishedRun, unfinishedRunsText } from '../monitor/follow-runs';
import { trackCurrent, trackStarted } from '../monitor/run-tracker';
import { type OperationResult, callMethod, sendResult } from './call';
import { type InputContext, prepareMessage, setContent, type MessageOverride, messageParts } from './input';
import type { NasConnection } from './nas-connection';
import { type RunStatusTracker, doneStatus } from './status';
import type { Message, OperationDef } from './types';
import type { Method } from '../active-backup/methods';
import { alreadyRunningError, isRunRefusal, refusalMessage, withTaskLabels } from '../active-backup/errors';
import { selectTasks, tasksToStart } from '../active-backup/task-selection';
import { parseWaitTimeout } from '../settings/limits';
import { actsOnRuns, NODE_OPERATIONS } from '../settings/operations';
import { parseBoolean, Problem } from '../settings/rules';
import { getNas } from './nas-registry';
import { findOperation, operationOf } from './operation';
import { selectionOf, type TaskSelectionDef } from './task-selection';

/** An accepted start or cancel whose backups are followed. */
interface FollowedRequest {
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
async function followToEnd(
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

/** Properties of the task-backup node (`docs/interface.md §2.3`). */
export interface TaskBackupDef extends OperationDef, TaskSelectionDef {
  wait?: unknown;
  waitTimeout?: unknown;
}

/** A deployed task-backup node. */
interface TaskBackupNode {
  readonly RED: NodeAPI;
  readonly node: Node;
  readonly def: TaskBackupDef;
  readonly runStatus: RunStatusTracker;
}

/** The overrides that the node reads from a message. */
const OVERRIDES = ['operation', 'params', 'tasks', 'startWhen'] as const;

/** Handles one message of the node. @throws DsmError with any code of `docs/interface.md §2.4` */
export async function handleTaskBackup(self: TaskBackupNode, msg: Message, context: InputContext): Promise<void> {
  const { RED, node, def } = self;
  const operations = NODE_OPERATIONS['task-backup'];
  const { operation, parameters } = await operationOf(RED, node, def, operations.defaultMethod, msg);
  const method = findOperation(operations, operation);
  if (!('task_ids' in method.parameters)) {
    sendResult(node, msg, await callMethod(RED, node, def, method, parameters, context), context, OVERRIDES);
    return;
  }
  const waitMs = waitMsOf(def);
  const selection = await selectionOf(RED, node, def, parameters, msg);
  const nas = getNas(RED, def.nas);
  // Before the task list is read, because a rejected call must send nothing. The task ids are not known yet; any id will do.
  nas.activeBackup.validate({ api: method.api, method: operation, parameters: { ...parameters, task_ids: [1] } });
  const listing = await nas.activeBackup.createTaskListClient().listTasks({ signal: context.signal });
  const selected = selectTasks(listing.tasks, selection);
  const { tasks, running } = operation === 'backup' ? tasksToStart(selected) : { tasks: selected, running: [] };
  const result = await callForTasks(self, nas, method, parameters, tasks, context);
  nas.poller.expectChange();
  const notStarted = running.length === 0 ? null : alreadyRunningError(running, method);
  reportRefusal(nas, notStarted, running);
  if (waitMs !== null && actsOnRuns(operation)) {
    await followToEnd(self, {
      nas,
      msg,
      context,
      result,
      listing: { ...listing, tasks },
      waitMs,
      overrides: OVERRIDES,
    });
  } else {
    // The Catch node receives the message as it came, with its overrides.
    const sent = notStarted === null ? msg : RED.util.cloneMessage(msg);
    const payload = actsOnRuns(operation) ? await nas.monitor.complete(new Date(), tasks) : result.payload;
    sendResult(node, sent, { ...result, payload }, context, OVERRIDES);
  }
  if (notStarted !== null) throw notStarted;
}

/** Sends one request for all tasks. A refused start or cancel becomes an event, and its error contains the names of the tasks. */
async function callForTasks(
  { RED, node, def }: TaskBackupNode,
  nas: NasConnection,
  method: Method,
  parameters: Readonly<Record<string, unknown>>,
  tasks: readonly Task[],
  context: InputContext,
): Promise<OperationResult> {
  const task_ids = tasks.map(({ id }) => id);
  try {
    return await callMethod(RED, node, def, method, { ...parameters, task_ids }, context);
  } catch (error) {
    if (!actsOnRuns(method.method)) throw error;
    const refusal = withTaskLabels(error, tasks);
    reportRefusal(nas, refusal, tasks);
    throw refusal;
  }
}

/** Emits the event `backup_refused` for each task, if the error is a refused start or cancel. */
function reportRefusal({ monitor }: NasConnection, error: unknown, tasks: readonly Task[]): void {
  if (!isRunRefusal(error)) return;
  monitor.reportRefusal(tasks, { code: error.code, message: refusalMessage(error) }, new Date());
}

/** How long the node waits for results; null: not at all. @throws DsmError ECONFIG */
function waitMsOf({ wait, waitTimeout }: TaskBackupDef): number | null {
  const waits = parseBoolean(wait, false);
  if (waits === null) throw new DsmError('ECONFIG', 'The property "wait" must be true or false');
  if (!waits) return null;
  const minutes = parseWaitTimeout(waitTimeout);
  if (!(minutes instanceof Problem)) return minutes * 60_000;
  throw new DsmError('ECONFIG', `The property "waitTimeout" ${minutes.reason}`);
}
