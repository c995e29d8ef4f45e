import type { Node, NodeAPI } from 'node-red';
import { DsmError } from '../dsm/errors';
import { quoted } from '../dsm/quote';
import type { TypedValue } from '../settings/operations';
import type { Message } from './types';

/**
 * Evaluates what a typed input holds, for one message.
 * @param name what the value is for, named in the error
 * @returns undefined when a `msg`, `flow`, `global` or JSONata value does not exist
 * @throws DsmError EPARAM when it cannot be evaluated (bad JSON, bad JSONata, unknown type)
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
  // The core function takes texts alone; an import may hold a number or an object already.
  if (typeof value !== 'string') return value;
  try {
    return await new Promise((resolve, reject) => {
      RED.util.evaluateNodeProperty(value, type, node, msg, (error: Error | null | undefined, result: unknown) => {
        if (error) reject(error);
        else resolve(result);
      });
    });
  } catch (error) {
    throw new DsmError('EPARAM', `Parameter "${name}" cannot be read as ${quoted(type)}${whereabouts(error)}`);
  }
}

/**
 * Where and why a value cannot be read, as far as that says nothing of the value itself: JSON and JSONata quote it in
 * their messages, and it may be a key.
 */
function whereabouts(error: unknown): string {
  const { code, position, message } = error as { code?: unknown; position?: unknown; message?: unknown };
  const inMessage = typeof message === 'string' ? /\bat position (\d+)/.exec(message)?.[1] : undefined;
  const at = typeof position === 'number' ? String(position) : inMessage;
  const parts = [
    ...(typeof code === 'string' && /^[A-Z]\d{4}$/.test(code) ? [code] : []),
    ...(at === undefined ? [] : [`at position ${at}`]),
  ];
  return parts.length === 0 ? '' : ` (${parts.join(' ')})`;
}
