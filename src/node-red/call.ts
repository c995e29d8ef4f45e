import type { Node, NodeAPI } from 'node-red';
import type { Json } from '../dsm/json';
import type { Turn } from './input';
import { operationOf } from './operation';
import { offered, type Offer } from './operations';
import { nasOf } from './registry';
import { CONNECTING, WORKING } from './status';
import type { Message, OperationDef } from './types';

/** What came of one operation. */
export interface Outcome {
  readonly operation: string;
  /** In the words of INTERFACE 4, or DSM's data where there is no model. */
  readonly payload: unknown;
  /** DSM's data as received, without secrets. */
  readonly data: Json;
}

/**
 * Calls the operation that a node, or this message, asks for, and shows under the node that it is at work.
 * @throws DsmError with any code of INTERFACE 2.4
 */
export async function callOperation(
  RED: NodeAPI,
  node: Node,
  def: OperationDef,
  offer: Offer,
  msg: Message,
  turn: Turn,
): Promise<Outcome> {
  const { operation, parameters } = await operationOf(RED, node, def, offer.preset, msg);
  const { api, method } = offered(offer, operation);
  const nas = nasOf(RED, def.nas);
  node.status(nas.signedIn ? WORKING : CONNECTING);
  const { data, payload } = await nas.activeBackup.call({ api, method, parameters, signal: turn.signal });
  return { operation, data, payload };
}
