import type { Node, NodeAPI } from 'node-red';
import { readForeign } from '../active-backup/foreign-value';
import type { Method } from '../active-backup/methods';
import { DsmError } from '../dsm/errors';
import { quoted } from '../dsm/quote';
import type { NodeOperations } from '../settings/operations';
import { evaluate } from './typed-values';
import type { Message, OperationDef } from './types';

/** The operation of one message: that of the node, unless the message overrides it. */
export interface RequestedOperation {
  readonly operation: string;
  /** Unchecked; the facade validates them. */
  readonly parameters: Readonly<Record<string, unknown>>;
}

/**
 * The operation and the parameters for one message.
 * @param preset the operation of a node without one
 * @throws DsmError EPARAM when `msg.operation` or `msg.params` has the wrong type, or a typed value cannot be evaluated
 */
export async function operationOf(
  RED: NodeAPI,
  node: Node,
  def: OperationDef,
  preset: string,
  msg: Message,
): Promise<RequestedOperation> {
  const parameters: Record<string, unknown> = {};
  const overrides = readForeign('msg.params', () => ({ ...paramsOf(msg) }));
  for (const [name, typed] of Object.entries(def.params ?? {})) {
    if (!(name in overrides)) parameters[name] = await evaluate(RED, node, name, typed, msg);
  }
  return {
    operation: readForeign('msg.operation', () => nameOf(msg)) ?? (def.operation || preset),
    parameters: { ...parameters, ...overrides },
  };
}

function nameOf({ operation }: Message): string | undefined {
  if (operation === undefined || operation === null || operation === '') return undefined;
  if (typeof operation !== 'string') throw new DsmError('EPARAM', 'msg.operation must be a text: the name of a method');
  return operation;
}

function paramsOf({ params }: Message): Record<string, unknown> {
  if (params === undefined || params === null) return {};
  if (typeof params === 'object' && !Array.isArray(params)) return params as Record<string, unknown>;
  throw new DsmError('EPARAM', 'msg.params must be an object: parameter name to value');
}

/**
 * The method of a name, among those that a node offers.
 * @throws DsmError EPARAM for any other name, with the names that the node offers
 */
export function findOperation({ methods }: NodeOperations, operation: string): Method {
  const method = methods.find((candidate) => candidate.method === operation);
  if (method !== undefined) return method;
  const known = methods.map((candidate) => candidate.method).join(', ');
  throw new DsmError('EPARAM', `There is no operation ${quoted(operation)} here; this node knows ${known}`);
}
