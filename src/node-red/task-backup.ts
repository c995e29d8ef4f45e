import {
  alreadyRunningError,
  alreadyWaitingError,
  isRunRefusal,
  refusalMessage,
  withTaskLabels,
} from '../active-backup/errors';
import { readForeign } from '../active-backup/json-fields';
import type { Method } from '../active-backup/methods';
import { areAllRunning, selectTasks, tasksToStart } from '../active-backup/task-selection';
import type { Task, TaskListing } from '../active-backup/types';
import { DsmError } from '../dsm/errors';
import type { FollowedRequest, FollowedTask } from '../monitor/followed-requests';
import { trackCurrent, trackStarted } from '../monitor/run-tracker';
import type { Starter } from '../monitor/waiting-starts';
import { parseStartWhen, parseWaitTimeout, START_WHEN, type StartWhen } from '../settings/limits';
import { actsOnRuns, NODE_OPERATIONS } from '../settings/operations';
import { parseBoolean, Problem } from '../settings/rules';
import { messageToJson } from '../storage/bounded-json';
import { type OperationResult, callMethod, sendResult } from './call';
import type { InputContext } from './input';
import type { NasConnection } from '../client/nas-connection';
import { getNas, nasNodeIdFor } from './nas-registry';
import { findOperation, operationOf } from './operation';
import { OVERRIDES, RequestRun, type FollowingNode } from './request-run';
import { selectionOf, type TaskSelectionDef } from './task-selection';
import type { Message, OperationDef } from './types';

/** Properties of the task-backup node (`docs/interface.md §2.3`). */
export interface TaskBackupDef extends OperationDef, TaskSelectionDef {
  wait?: unknown;
  waitTimeout?: unknown;
  startWhen?: unknown;
}

/** A deployed task-backup node. */
export interface TaskBackupNode extends FollowingNode {
  readonly def: TaskBackupDef;
}

/** How the runs of a message are started and followed. */
interface FollowSettings {
  readonly wait: boolean;
  readonly waitMs: number;
  readonly startWhen: StartWhen;
}

/** A message whose operation acts on tasks. */
interface TaskCall {
  readonly self: TaskBackupNode;
  readonly nas: NasConnection;
  readonly msg: Message;
  readonly context: InputContext;
  readonly method: Method;
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly settings: FollowSettings;
}

/** Messages of more characters are stored without their largest properties. */
const MAX_MESSAGE_LENGTH = 256 * 1024;

/** Handles one message of the node. @throws DsmError with any code of `docs/interface.md §2.4` */
export async function handleTaskBackup(own: TaskBackupNode, msg: Message, context: InputContext): Promise<void> {
  const self = actingOn(own, nasNodeIdFor(own.RED, own.def.nas, msg));
  const { RED, node, def } = self;
  const operations = NODE_OPERATIONS['task-backup'];
  const { operation, parameters } = await operationOf(RED, node, def, operations.defaultMethod, msg);
  const method = findOperation(operations, operation);
  if (!('task_ids' in method.parameters)) {
    sendResult(node, msg, await callMethod(RED, node, def, method, parameters, context), context, OVERRIDES);
    return;
  }
  const settings = followSettings(def, msg, operation);
  const selection = await selectionOf(RED, node, def, parameters, msg);
  const nas = getNas(RED, def.nas);
  // Before the task list is read, because a rejected call must send nothing. The task ids are not known yet; any id will do.
  nas.activeBackup.validate({ api: method.api, method: operation, parameters: { ...parameters, task_ids: [1] } });
  const listing = await nas.activeBackup.createTaskListClient().listTasks({ signal: context.signal });
  const selected = selectTasks(listing.tasks, selection);
  const call = { self, nas, msg, context, method, parameters, settings };
  await (settings.startWhen === 'online' ? startOnline(call, listing, selected) : startNow(call, listing, selected));
}

/** The node, as if it were set to this NAS config node. */
export function actingOn(self: TaskBackupNode, nas: string): TaskBackupNode {
  return { ...self, def: { ...self.def, nas } };
}

async function startNow(call: TaskCall, listing: TaskListing, selected: readonly Task[]): Promise<void> {
  const { nas, method, settings } = call;
  const isStart = method.method === 'backup';
  const { tasks, running } = isStart ? tasksToStart(selected) : { tasks: selected, running: [] };
  if (isStart && areAllRunning(tasks)) throw await refusalOf(call, tasks);
  const notStarted = running.length === 0 ? null : alreadyRunningError(running, method);
  if (settings.wait && actsOnRuns(method.method)) {
    await startAndFollow(call, { ...listing, tasks }, notStarted, running);
    return;
  }
  const result = await callForTasks(call, tasks);
  nas.poller.expectChange();
  reportRefusal(nas, notStarted, running);
  await sendAccepted(call, result, tasks, notStarted !== null);
  if (notStarted !== null) throw notStarted;
}

/** The error for a start of tasks that all run already, on a NAS that accepts it. @throws DsmError the refusal of the NAS */
async function refusalOf(call: TaskCall, running: readonly Task[]): Promise<DsmError> {
  await callForTasks(call, running);
  const error = alreadyRunningError(running, call.method);
  reportRefusal(call.nas, error, running);
  return error;
}

async function sendAccepted(
  { self, nas, msg, context, method }: TaskCall,
  result: OperationResult,
  tasks: readonly Task[],
  isErrorFollowing: boolean,
): Promise<void> {
  // The Catch node receives the message as it came, with its overrides.
  const sent = isErrorFollowing ? self.RED.util.cloneMessage(msg) : msg;
  const payload = actsOnRuns(method.method) ? await nas.monitor.complete(new Date(), tasks) : result.payload;
  sendResult(self.node, sent, { ...result, payload }, context, OVERRIDES);
}

/** @param running the tasks of `notStarted` */
async function startAndFollow(
  call: TaskCall,
  listing: TaskListing,
  notStarted: DsmError | null,
  running: readonly Task[],
): Promise<void> {
  const { self, nas, context, method } = call;
  const track = method.method === 'cancel' ? trackCurrent : trackStarted;
  const request = await newRequest(call, listing.tasks, (task) => {
    const { knownResultId, resultId, seen } = track(task, listing.laterJobs);
    return { phase: 'sending', run: { knownResultId, resultId, seen } };
  });
  if (!(await self.requests.commit(request))) return; // the node has closed
  const data = await callForTasks(call, listing.tasks).then(
    (result) => result.data,
    (error: unknown) => {
      if (!context.signal.aborted) self.requests.remove(request.id);
      throw error;
    },
  );
  nas.poller.expectChange();
  const run = new RequestRun(self, { nas, request, msg: call.msg, context, ...starterOf(call), isResumed: false });
  run.state.setAccepted(
    request.tasks.map(({ id }) => id),
    data,
  );
  reportRefusal(nas, notStarted, running);
  if (notStarted !== null) run.state.fail([], notStarted);
  await run.complete(listing);
}

/** Starts each task as soon as one of its devices is on line. A task that waits already is not started twice. */
async function startOnline(call: TaskCall, listing: TaskListing, selected: readonly Task[]): Promise<void> {
  const { self, nas, msg, context } = call;
  const waiting = new Set(
    self.requests.all.flatMap(({ tasks }) => tasks.filter(({ phase }) => phase === 'waiting').map(({ id }) => id)),
  );
  const waits = ({ id }: Task): boolean => id !== null && waiting.has(id);
  const already = selected.filter(waits);
  const error = already.length === 0 ? null : alreadyWaitingError(already);
  const tasks = selected.filter((task) => !waits(task));
  if (error !== null && tasks.length === 0) throw error;
  const run = { knownResultId: 0, resultId: null, seen: 'nothing' } as const;
  const request = await newRequest(call, tasks, () => ({ phase: 'waiting', run }));
  if (context.signal.aborted) return;
  self.requests.set(request);
  const started = new RequestRun(self, { nas, request, msg, context, ...starterOf(call), isResumed: false });
  if (error !== null) started.state.fail([], error);
  await started.complete(listing);
}

/** Sends and reports the starts of a request that waits for devices. */
export function starterOf(call: Omit<TaskCall, 'settings' | 'msg'>): Starter {
  return {
    start: async (task) => (await sendForTasks(call, [task])).data,
    reportRefusal: (error, task) => {
      reportRefusal(call.nas, error, [task]);
    },
  };
}

/** A request for the tasks that is to be stored, `phaseOf` says how far each is. */
async function newRequest(
  { self, nas, msg, method, parameters, settings: { wait, waitMs } }: TaskCall,
  tasks: readonly Task[],
  phaseOf: (task: Task) => Pick<FollowedTask, 'phase' | 'run'>,
): Promise<FollowedRequest> {
  await nas.identity.resolve();
  const since = Date.now();
  return {
    id: self.RED.util.generateId(),
    nas: { node: self.def.nas ?? '', id: nas.identity.id, address: nas.address },
    method: method.method === 'cancel' ? 'cancel' : 'backup',
    parameters: messageToJson({ ...parameters, task_ids: undefined }, MAX_MESSAGE_LENGTH),
    wait,
    waitMs,
    count: tasks.length,
    tasks: tasks.map((task, index) => {
      const { id, name } = task;
      return { id: id ?? 0, name, index, since, until: since + waitMs, ...phaseOf(task) };
    }),
    errors: [],
    response: 'null',
    message: messageToJson(msg, MAX_MESSAGE_LENGTH),
  };
}

/** Sends one request for all tasks. A refused start or cancel becomes an event, and its error contains the names of the tasks. */
async function callForTasks(call: TaskCall, tasks: readonly Task[]): Promise<OperationResult> {
  try {
    return await sendForTasks(call, tasks);
  } catch (error) {
    if (actsOnRuns(call.method.method)) reportRefusal(call.nas, error, tasks);
    throw error;
  }
}

/** Sends one request for all tasks. The error of a refused start or cancel contains their names. */
async function sendForTasks(
  { self: { RED, node, def }, method, parameters, context }: Omit<TaskCall, 'settings' | 'msg'>,
  tasks: readonly Task[],
): Promise<OperationResult> {
  const task_ids = tasks.map(({ id }) => id);
  try {
    return await callMethod(RED, node, def, method, { ...parameters, task_ids }, context);
  } catch (error) {
    throw actsOnRuns(method.method) ? withTaskLabels(error, tasks, new Date()) : error;
  }
}

/** Emits the event `backup_refused` for each task, if the error is a refused start or cancel. */
function reportRefusal({ monitor }: NasConnection, error: unknown, tasks: readonly Task[]): void {
  if (!isRunRefusal(error)) return;
  const now = new Date();
  monitor.reportRefusal(tasks, { code: error.code, message: refusalMessage(error, tasks, now) }, now);
}

/** @throws DsmError ECONFIG for a wrong property, EPARAM for a wrong `msg.startWhen` */
function followSettings(def: TaskBackupDef, msg: Message, operation: string): FollowSettings {
  const startWhen = operation === 'backup' ? startWhenOf(def, msg) : 'now';
  const wait = parseBoolean(def.wait, false);
  if (wait === null) throw new DsmError('ECONFIG', 'The property "wait" must be true or false');
  if (!wait && startWhen === 'now') return { wait, waitMs: 0, startWhen };
  const minutes = parseWaitTimeout(def.waitTimeout);
  if (!(minutes instanceof Problem)) return { wait, waitMs: minutes * 60_000, startWhen };
  throw new DsmError('ECONFIG', `The property "waitTimeout" ${minutes.reason}`);
}

/** When the start is sent: by `msg.startWhen`, else by the node. */
function startWhenOf(def: TaskBackupDef, msg: Message): StartWhen {
  const ofMessage = readForeign('msg.startWhen', () => msg.startWhen);
  const isSet = ofMessage !== undefined && ofMessage !== null && ofMessage !== '';
  const value = isSet ? ofMessage : def.startWhen;
  const startWhen = value === undefined || value === null || typeof value === 'string' ? parseStartWhen(value) : null;
  if (startWhen !== null && !(startWhen instanceof Problem)) return startWhen;
  const words = `must be one of ${START_WHEN.join(', ')}`;
  throw isSet
    ? new DsmError('EPARAM', `msg.startWhen ${words}`)
    : new DsmError('ECONFIG', `The property "startWhen" ${words}`);
}
