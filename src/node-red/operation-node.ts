import type { Node, NodeAPI } from 'node-red';
import { callOperation, sendOutcome } from './call';
import { onInput } from './input';
import { useNas } from './nas-registry';
import type { NODE_OPERATIONS } from '../settings/operations';
import type { OperationDef } from './types';

/** The overrides that such a node takes from a message. */
const USED = ['operation', 'params'] as const;

/** Registers a node that does nothing but call an operation and pass on what comes of it. */
export function registerOperationNode(RED: NodeAPI, name: keyof typeof NODE_OPERATIONS): void {
  function OperationNode(this: Node, def: OperationDef): void {
    RED.nodes.createNode(this, def);
    useNas(RED, this, def.nas);
    onInput(this, async (msg, turn) => {
      sendOutcome(this, msg, await callOperation(RED, this, def, name, msg, turn), turn, USED);
    });
  }
  RED.nodes.registerType(`active-backup-${name}`, OperationNode);
}
