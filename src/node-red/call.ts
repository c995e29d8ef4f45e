import type { Node, NodeAPI } from 'node-red';
import type { Task } from '../active-backup/types';
import type { Json } from '../dsm/json';
import { NODE_OPERATIONS } from '../settings/operations';
import {
  type InputContext,
  messageNas,
  prepareMessage,
  deepCopy,
  type MessageNas,
  type MessageOverride,
  onInput,
} from './input';
import { completeResult } from '../client/complete-result';
import { getNas, useNas } from './nas-registry';
import { findOperation, operationOf } from './operation';
import { CONNECTING, doneStatus, WORKING } from './status';
import type { Message, OperationDef } from './types';

/** The result of one operation. */
export interface OperationResult {
  readonly method: string;
  /** The NAS and the call, as `msg.nas`. */
  readonly nas: MessageNas;
  /** As a type of `docs/interface.md §4`; the response of DSM for methods without one. */
  readonly payload: unknown;
  /** The payload of a method that lists tasks; null for every other method. */
  readonly tasks: readonly Task[] | null;
  /** The response of DSM, without secrets. */
  readonly data: Json;
}

/**
 * Calls the operation that is set in the node, or in the message.
 * @param name of the node type in `NODE_OPERATIONS`
 * @throws DsmError with any code of `docs/interface.md §2.4`
 */
export async function callOperation(
  RED: NodeAPI,
  node: Node,
  def: OperationDef,
  name: keyof typeof NODE_OPERATIONS,
  msg: Message,
  context: InputContext,
): Promise<OperationResult> {
  const operations = NODE_OPERATIONS[name];
  const { operation, parameters } = await operationOf(RED, node, def, operations.defaultMethod, msg);
  return callMethod(RED, node, def, findOperation(operations, operation), parameters, context);
}

/** Calls one method and shows the call in the status of the node. @throws DsmError with any code of `docs/interface.md §2.4` */
export async function callMethod(
  RED: NodeAPI,
  node: Node,
  def: OperationDef,
  { api, method }: { readonly api: string; readonly method: string },
  parameters: Readonly<Record<string, unknown>>,
  context: InputContext,
): Promise<OperationResult> {
  const nas = getNas(RED, def.nas);
  node.status(nas.signedIn ? WORKING : CONNECTING);
  const { data, payload, tasks } = await nas.activeBackup.call({ api, method, parameters, signal: context.signal });
  await nas.identity.resolve();
  const nasOfMessage = messageNas(nas, { api, method });
  const completed = await completeResult(nas, method, { payload, tasks }, context.signal);
  return { method, nas: nasOfMessage, data, ...completed };
}

/** Sends a message with the result of its operation (`docs/interface.md §2.3`). @param overrides that this node reads */
export function sendResult(
  node: Node,
  msg: Message,
  { nas, payload, data, summary }: OperationResult & { readonly summary?: string | undefined },
  context: InputContext,
  overrides: readonly MessageOverride[],
): void {
  prepareMessage(msg, nas, overrides);
  // The response is this message's own, unless it is the payload too; the payload may be shared with the monitor.
  msg.payload = deepCopy(payload);
  msg.response = payload === data ? deepCopy(data) : data;
  context.send(msg);
  node.status(doneStatus(new Date(), summary ?? (Array.isArray(payload) ? String(payload.length) : '')));
}

/** The overrides that these nodes read from a message. */
const OVERRIDES = ['operation', 'params'] as const;

/** Registers the type of a node that calls an operation for each message and sends its result. */
export function registerOperationNode(RED: NodeAPI, name: keyof typeof NODE_OPERATIONS): void {
  function OperationNode(this: Node, def: OperationDef): void {
    RED.nodes.createNode(this, def);
    useNas(RED, this, def.nas);
    onInput(this, async (msg, context) => {
      const result = await callOperation(RED, this, def, name, msg, context);
      sendResult(this, msg, result, context, OVERRIDES);
    });
  }
  RED.nodes.registerType(`active-backup-${name}`, OperationNode);
}
