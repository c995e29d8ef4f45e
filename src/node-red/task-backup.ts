import type { Node, NodeAPI } from 'node-red';
import { selectTasks } from '../active-backup/task-selection';
import {
  alreadyRunningError,
  isRunRefusal,
  refusalMessage,
  withTaskLabels,
  taskLabel,
} from '../active-backup/run-refusal';
import type { Result, Task, TaskListing } from '../active-backup/types';
import { startTimeout } from '../dsm/abort';
import { DsmError } from '../dsm/errors';
import { followRuns, type UnfinishedRun } from '../monitor/follow-runs';
import { trackCurrent, trackStarted } from '../monitor/run-tracker';
import { parseWaitTimeout } from '../settings/limits';
import { actsOnRuns, NODE_OPERATIONS } from '../settings/operations';
import { parseBoolean, Problem } from '../settings/rules';
import { callMethod, sendOutcome, type OperationResult } from './call';
import type { InputContext } from './input';
import { findOperation, operationOf } from './operation';
import { carry, depart } from './outgoing';
import { getNas, type NasConnection } from './nas-registry';
import { partOf } from './sequence';
import { doneStatus } from './status';
import { selectionOf, type TaskChoiceDef } from './task-selection';
import type { Message, OperationDef } from './types';
import type { RunStatusTracker } from './run-status';

/** Properties of the node that starts, cancels and manages backups (INTERFACE 2.3). */
export interface TaskBackupDef extends OperationDef, TaskChoiceDef {
  wait?: unknown;
  waitTimeout?: unknown;
}

/** The overrides that the node takes from a message. */
const USED = ['operation', 'params', 'tasks', 'startWhen'] as const;
/** The clocks of NAS and Node-RED may differ, and nobody knows by which end of a run the log filters. */
const LOG_MARGIN_MS = 48 * 3600_000;

/** Answers one message of the node. @throws DsmError with any code of INTERFACE 2.4 */
export async function taskBackup(
  RED: NodeAPI,
  node: Node,
  def: TaskBackupDef,
  msg: Message,
  turn: InputContext,
  underWay: RunStatusTracker,
): Promise<void> {
  const offer = NODE_OPERATIONS['task-backup'];
  const { operation, parameters } = await operationOf(RED, node, def, offer.defaultMethod, msg);
  const method = findOperation(offer, operation);
  if (!('task_ids' in method.parameters)) {
    sendOutcome(node, msg, await callMethod(RED, node, def, method, parameters, turn), turn, USED);
    return;
  }
  const waitMs = waitMsOf(def);
  const choice = await selectionOf(RED, node, def, parameters, msg);
  const nas = getNas(RED, def.nas);
  // Before the tasks are read: what is refused sends nothing. Which ids they are is not known yet, so any will do.
  nas.activeBackup.validate({ api: method.api, method: operation, parameters: { ...parameters, task_ids: [1] } });
  const listed = await nas.activeBackup.createTaskListClient().listTasks({ signal: turn.signal });
  const chosen = selectTasks(listed.tasks, choice);
  const running = operation === 'backup' ? chosen.filter(({ state }) => state !== 'idle') : [];
  const free = chosen.filter((task) => !running.includes(task));
  // When all of them run already, DSM is asked all the same: its own refusal says more than ours.
  const [tasks, busy] = free.length > 0 ? [free, running] : [chosen, []];
  const task_ids = tasks.map(({ id }) => id);
  const isRunOperation = actsOnRuns(operation);
  const outcome = await callMethod(RED, node, def, method, { ...parameters, task_ids }, turn).catch(
    (error: unknown) => {
      const refusal = isRunOperation ? withTaskLabels(error, tasks) : error;
      if (isRunOperation) reportRefusal(nas, refusal, tasks);
      throw refusal;
    },
  );
  nas.poller.expectChange();
  const notStarted = busy.length === 0 ? null : alreadyRunningError(busy, method);
  reportRefusal(nas, notStarted, busy);
  if (waitMs !== null && isRunOperation)
    await followToTheEnd(RED, { node, nas, msg, turn, underWay }, outcome, { ...listed, tasks }, waitMs);
  else {
    // The Catch node gets the message as it came, with what was asked in it.
    const sent = notStarted === null ? msg : RED.util.cloneMessage(msg);
    const payload = isRunOperation ? await nas.monitor.complete(new Date(), tasks) : outcome.payload;
    sendOutcome(node, sent, { ...outcome, payload }, turn, USED);
  }
  if (notStarted !== null) throw notStarted;
}

/** What a message and the node that answers it share. */
interface Answering {
  readonly node: Node;
  readonly nas: NasConnection;
  readonly msg: Message;
  readonly turn: InputContext;
  readonly underWay: RunStatusTracker;
}

/** Sends every task on output 1 when its run has ended, and how far it is on output 2 meanwhile. */
async function followToTheEnd(
  RED: NodeAPI,
  { node, nas, msg, turn, underWay }: Answering,
  { method, nas: asked, data }: OperationResult,
  { tasks, laterJobs }: TaskListing,
  waitMs: number,
): Promise<void> {
  const since = new Date();
  const id = RED.util.generateId();
  const following = underWay.start(tasks);
  const send = (task: Task, result: Result | null): void => {
    const index = tasks.findIndex((candidate) => candidate.id === task.id);
    const copy = copyWith({ payload: task, result });
    copy.parts = partOf(copy, { id, count: tasks.length, index });
    turn.send([copy, null]);
  };
  const copyWith = (content: { payload: unknown; result?: unknown }): Message => {
    const copy = RED.util.cloneMessage<Message>({ ...msg, payload: undefined, response: undefined });
    depart(copy, asked, USED);
    carry(copy, { response: data, ...content });
    return copy;
  };
  const deadline = startTimeout(waitMs, [turn.signal]);
  try {
    const lost = await followRuns({
      runs: tasks.map((task) => (method === 'cancel' ? trackCurrent : trackStarted)(task, laterJobs)),
      since,
      watch: nas.poller,
      startTimeoutMs: nas.startTimeoutMs,
      signal: deadline.signal,
      readResults: () => nas.activeBackup.backupsSince(new Date(since.getTime() - LOG_MARGIN_MS), turn.signal),
      onProgress: (task) => {
        following.progress(task);
        turn.send([null, copyWith({ payload: nas.monitor.completeNow([task])[0] })]);
      },
      onEnd: async (task, result) => {
        following.ended(task);
        // An end is told even when its reason cannot be read.
        const explained = await nas.activeBackup.withFailureReason(result, turn.signal).catch(() => result);
        const [completed = task] = await nas.monitor.complete(new Date(), [task]);
        send(completed, explained);
      },
    });
    // To leave the queue is what a cancelled run that waited was asked to do; there is no result of it.
    const wanted = method === 'cancel' ? lost.filter(({ why }) => why === 'dropped') : [];
    for (const task of tasks.filter((each) => wanted.some(({ taskId }) => taskId === each.id))) send(task, null);
    const unwanted = lost.filter((run) => !wanted.includes(run));
    if (unwanted.length > 0) throw lostRuns(unwanted, tasks, waitMs);
    if (!following.done()) node.status(doneStatus(new Date(), String(tasks.length)));
  } finally {
    following.done();
    deadline.clear();
  }
}

/** @returns null when the node does not wait. @throws DsmError ECONFIG */
function waitMsOf({ wait, waitTimeout }: TaskBackupDef): number | null {
  const waits = parseBoolean(wait, false);
  if (waits === null) throw new DsmError('ECONFIG', 'The property "wait" must be true or false');
  if (!waits) return null;
  const minutes = parseWaitTimeout(waitTimeout);
  if (!(minutes instanceof Problem)) return minutes * 60_000;
  throw new DsmError('ECONFIG', `The property "waitTimeout" ${minutes.reason}`);
}

/** Lets everybody who listens to the NAS hear of a start or cancel that was refused. */
function reportRefusal({ monitor: feed }: NasConnection, refusal: unknown, tasks: readonly Task[]): void {
  if (!isRunRefusal(refusal)) return;
  const why = { code: refusal.code, message: refusalMessage(refusal) };
  feed.reportRefusal(tasks, why, new Date());
}

/** One error for all runs that came to no end: the message ends once. */
function lostRuns(lost: readonly UnfinishedRun[], tasks: readonly Task[], waitMs: number): DsmError {
  const words: Readonly<Record<UnfinishedRun['why'], string>> = {
    'never-ran': 'the NAS accepted the start, but it never ran: is a source chosen in the task, and its device online?',
    dropped: 'it waited, but never ran: was it cancelled, is a source chosen in the task, and its device online?',
    'no-result': 'it ran, but left no result: see the log of Active Backup',
    removed: 'the task was removed while it ran',
    'still-running': `it has not ended after ${waitMs / 60_000} minutes and is no longer followed; the backup goes on`,
  };
  const nameOf = (taskId: number): string | null => tasks.find(({ id }) => id === taskId)?.name ?? null;
  return new DsmError(
    'EABB',
    lost.map(({ taskId, why }) => `${taskLabel({ id: taskId, name: nameOf(taskId) })}: ${words[why]}`).join('; '),
  );
}
