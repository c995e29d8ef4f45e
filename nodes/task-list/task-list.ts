import type { Node, NodeAPI } from 'node-red';
import { callOperation, sendOutcome } from '../../src/node-red/call';
import { onInput } from '../../src/node-red/input';
import { report } from '../../src/node-red/operation';
import { OFFERS } from '../../src/node-red/operations';
import { useNas } from '../../src/node-red/registry';
import { rowsOf, type TaskFilterDef } from '../../src/node-red/rows';
import { sequence } from '../../src/node-red/sequence';
import { doneStatus } from '../../src/node-red/status';
import type { OperationDef } from '../../src/node-red/types';

interface TaskListDef extends OperationDef, TaskFilterDef {
  output?: 'array' | 'messages';
}

export = (RED: NodeAPI): void => {
  function TaskListNode(this: Node, def: TaskListDef): void {
    RED.nodes.createNode(this, def);
    useNas(RED, this, def.nas);

    onInput(this, async (msg, turn) => {
      const outcome = await callOperation(RED, this, def, OFFERS['task-list'], msg, turn);
      const rows = rowsOf(outcome, def, msg);
      if (rows === null || def.output !== 'messages') {
        sendOutcome(this, msg, { ...outcome, payload: rows?.map((row) => row.payload) ?? outcome.payload }, turn);
        return;
      }
      report(msg, outcome.operation);
      for (const message of sequence(RED, msg, rows)) turn.send(message);
      this.status(doneStatus(new Date(), String(rows.length)));
    });
  }
  RED.nodes.registerType('active-backup-task-list', TaskListNode);
};
