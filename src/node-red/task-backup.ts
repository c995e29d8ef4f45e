import type { Node, NodeAPI } from 'node-red';
import type { Method } from '../active-backup/methods';
import { alreadyRunningError, isRunRefusal, refusalMessage, withTaskLabels } from '../active-backup/run-refusal';
import { selectTasks, tasksToStart } from '../active-backup/task-selection';
import type { Task } from '../active-backup/types';
import { DsmError } from '../dsm/errors';
import { parseWaitTimeout } from '../settings/limits';
import { actsOnRuns, NODE_OPERATIONS } from '../settings/operations';
import { parseBoolean, Problem } from '../settings/rules';
import { callMethod, sendResult, type OperationResult } from './call';
import type { InputContext } from './input';
import type { NasConnection } from './nas-connection';
import { getNas } from './nas-registry';
import { findOperation, operationOf } from './operation';
import type { RunStatusTracker } from './run-status';
import { followToEnd } from './task-backup-wait';
import { selectionOf, type TaskSelectionDef } from './task-selection';
import type { Message, OperationDef } from './types';

/** Properties of the task-backup node (`docs/interface.md §2.3`). */
export interface TaskBackupDef extends OperationDef, TaskSelectionDef {
  wait?: unknown;
  waitTimeout?: unknown;
}

/** A deployed task-backup node. */
export interface TaskBackupNode {
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
