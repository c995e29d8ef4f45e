import type { Node, NodeAPI } from 'node-red';
import { DsmError } from '../dsm/errors';
import { quoted } from '../dsm/redact';
import type { TypedValue, NodeOperations } from '../settings/operations';
import type { Message, OperationDef } from './types';
import { readForeign } from '../active-backup/json-fields';
import type { Method } from '../active-backup/methods';

/**
 * Evaluates a typed value for one message.
 * @param name of the parameter, for the error
 * @returns undefined for a `msg`, `flow`, `global` or JSONata value that does not exist
 * @throws DsmError EPARAM if it cannot be evaluated (invalid JSON or JSONata, unknown type)
 */
export async function evaluate(
  RED: NodeAPI,
  node: Node,
  name: string,
  typed: TypedValue,
  msg: Message,
): Promise<unknown> {
  if (typeof (typed as unknown) !== 'object' || (typed as unknown) === null) {
    throw new DsmError('EPARAM', `Parameter "${name}" of the node is damaged: it must be {value, type}`);
  }
  const { value, type } = typed;
  // Node-RED's function takes texts only; an imported flow may have a number or an object.
  if (typeof value !== 'string') return value;
  try {
    return await new Promise((resolve, reject) => {
      RED.util.evaluateNodeProperty(value, type, node, msg, (error: Error | null | undefined, result: unknown) => {
        if (error) reject(error);
        else resolve(result);
      });
    });
  } catch (error) {
    throw new DsmError('EPARAM', `Parameter "${name}" cannot be read as ${quoted(type)}${errorPosition(error)}`);
  }
}

/** Code and position of a parse error. Not its message: JSON and JSONata quote the value, which may be a secret. */
function errorPosition(error: unknown): string {
  const { code, position, message } = error as { code?: unknown; position?: unknown; message?: unknown };
  const inMessage = typeof message === 'string' ? /\bat position (\d+)/.exec(message)?.[1] : undefined;
  const at = typeof position === 'number' ? String(position) : inMessage;
  const parts = [
    ...(typeof code === 'string' && /^[A-Z]\d{4}$/.test(code) ? [code] : []),
    ...(at === undefined ? [] : [`at position ${at}`]),
  ];
  return parts.length === 0 ? '' : ` (${parts.join(' ')})`;
}

/** The operation of one message: that of the node, unless the message overrides it. */
interface RequestedOperation {
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
