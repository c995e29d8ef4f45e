import type { Node, NodeAPI } from 'node-red';
import { DsmError } from '../dsm/errors';
import { quoted } from '../dsm/quote';
import type { TypedValue } from '../settings/operations';
import type { Message } from './types';

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
