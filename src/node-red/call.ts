import type { Node, NodeAPI } from 'node-red';
import type { Task } from '../active-backup/types';
import type { Json } from '../dsm/json';
import type { InputContext } from './input';
import { LISTS_TASKS, NODE_OPERATIONS } from '../settings/operations';
import { findOperation, operationOf } from './operation';
import { carry, depart, nasOfMessage, type NasOfMessage, type Override } from './outgoing';
import { getNas, type NasConnection } from './nas-registry';
import { CONNECTING, doneStatus, WORKING } from './status';
import type { Message, OperationDef } from './types';

const TASK = 'SYNO.ActiveBackup.Task';

/** What came of one operation. */
export interface OperationResult {
  readonly method: string;
  /** Which NAS answered, and what it was asked. */
  readonly nas: NasOfMessage;
  /** In the words of INTERFACE 4, or DSM's data where there is no model. */
  readonly payload: unknown;
  /** DSM's data as received, without secrets. */
  readonly data: Json;
}

/**
 * Calls the operation that a node, or this message, asks for.
 * @param name the kind of node, whose methods may be called
 * @throws DsmError with any code of INTERFACE 2.4
 */
export async function callOperation(
  RED: NodeAPI,
  node: Node,
  def: OperationDef,
  name: keyof typeof NODE_OPERATIONS,
  msg: Message,
  turn: InputContext,
): Promise<OperationResult> {
  const offered = NODE_OPERATIONS[name];
  const { operation, parameters } = await operationOf(RED, node, def, offered.defaultMethod, msg);
  return callMethod(RED, node, def, findOperation(offered, operation), parameters, turn);
}

/** Calls one method, and shows under the node that it is at work. @throws DsmError with any code of INTERFACE 2.4 */
export async function callMethod(
  RED: NodeAPI,
  node: Node,
  def: OperationDef,
  { api, method }: { readonly api: string; readonly method: string },
  parameters: Readonly<Record<string, unknown>>,
  turn: InputContext,
): Promise<OperationResult> {
  const nas = getNas(RED, def.nas);
  node.status(nas.signedIn ? WORKING : CONNECTING);
  const { data, payload } = await nas.activeBackup.call({ api, method, parameters, signal: turn.signal });
  await nas.identity.learn();
  const asked = nasOfMessage(nas, { api, method });
  return { method, nas: asked, data, payload: await completedTasks(nas, payload, api, method, turn) };
}

/** Tasks as every event and MQTT shows them; whatever else came stays as it is. */
async function completedTasks(
  { activeBackup, monitor: feed }: NasConnection,
  payload: unknown,
  api: string,
  method: string,
  { signal }: InputContext,
): Promise<unknown> {
  if (api !== TASK || !LISTS_TASKS.has(method) || !Array.isArray(payload) || payload.length === 0) return payload;
  const rows = payload as Task[];
  if (method === 'list') return feed.complete(new Date(), rows);
  // The rows of devices leave out when the task runs next.
  const tasks = await activeBackup.listTasks({ signal }).catch(() => rows);
  return feed.complete(new Date(), rows, tasks);
}

/** Lets a message travel on with what came of its operation (INTERFACE 2.3). @param used the overrides of this node */
export function sendOutcome(
  node: Node,
  msg: Message,
  { nas, payload, data }: OperationResult,
  turn: InputContext,
  used: readonly Override[],
): void {
  depart(msg, nas, used);
  carry(msg, { payload, response: data });
  turn.send(msg);
  node.status(doneStatus(new Date(), Array.isArray(payload) ? String(payload.length) : ''));
}
