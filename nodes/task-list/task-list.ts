import type { Node, NodeAPI } from 'node-red';
import { callOperation, sendOutcome } from '../../src/node-red/call';
import { onInput } from '../../src/node-red/input';
import { depart } from '../../src/node-red/outgoing';
import { useNas } from '../../src/node-red/nas-registry';
import { filterOf, rowsOf, type TaskFilterDef } from '../../src/node-red/rows';
import { toMessages } from '../../src/node-red/sequence';
import { doneStatus } from '../../src/node-red/status';
import type { OperationDef } from '../../src/node-red/types';

interface TaskListDef extends OperationDef, TaskFilterDef {
  output?: 'array' | 'messages';
}

const USED = ['operation', 'params', 'filter'] as const;

export = (RED: NodeAPI): void => {
  function TaskListNode(this: Node, def: TaskListDef): void {
    RED.nodes.createNode(this, def);
    useNas(RED, this, def.nas);

    onInput(this, async (msg, turn) => {
      const passes = filterOf(def, msg);
      const outcome = await callOperation(RED, this, def, 'task-list', msg, turn);
      const rows = rowsOf(outcome, passes);
      if (rows === null || def.output !== 'messages') {
        const payload = rows?.map((row) => row.payload) ?? outcome.payload;
        sendOutcome(this, msg, { ...outcome, payload }, turn, USED);
        return;
      }
      depart(msg, outcome.nas, USED);
      for (const message of toMessages(RED, msg, rows)) turn.send(message);
      this.status(doneStatus(new Date(), String(rows.length)));
    });
  }
  RED.nodes.registerType('active-backup-task-list', TaskListNode);
};
