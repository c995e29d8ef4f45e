import type { Node, NodeAPI } from 'node-red';
import type { NODE_OPERATIONS } from '../settings/operations';
import { callOperation, sendResult } from './call';
import { onInput } from './input';
import { useNas } from './nas-registry';
import type { OperationDef } from './types';

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
