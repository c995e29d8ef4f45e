import type { Node, NodeAPI } from 'node-red';
import { callOperation, sendResult } from '../../src/node-red/call';
import { type MessageNas, onInput, prepareMessage, toMessages } from '../../src/node-red/input';
import { useNas } from '../../src/node-red/nas-registry';
import { doneStatus, taskCount } from '../../src/node-red/status';
import { resultRows, taskTestOf, type TaskFilterDef } from '../../src/node-red/task-list-rows';
import type { OperationDef } from '../../src/node-red/types';

interface TaskListDef extends OperationDef, TaskFilterDef {
  output?: 'array' | 'messages';
}

const OVERRIDES = ['operation', 'params', 'filter'] as const;

/** For the status: `5 tasks`, or the number alone when a task may have several rows. */
function summaryOf(RED: NodeAPI, { length }: readonly unknown[], { method }: MessageNas): string {
  return method === 'list' ? taskCount(RED, length) : String(length);
}

export = (RED: NodeAPI): void => {
  function TaskListNode(this: Node, def: TaskListDef): void {
    RED.nodes.createNode(this, def);
    useNas(RED, this, def.nas);

    onInput(this, async (msg, context) => {
      const passes = taskTestOf(def, msg);
      const result = await callOperation(RED, this, def, 'task-list', msg, context);
      const rows = resultRows(result, passes);
      if (rows === null || def.output !== 'messages') {
        const payload = rows?.map((row) => row.payload) ?? result.payload;
        const summary = rows === null ? undefined : summaryOf(RED, rows, result.nas);
        sendResult(this, msg, { ...result, payload, summary }, context, OVERRIDES);
        return;
      }
      prepareMessage(msg, result.nas, OVERRIDES);
      for (const message of toMessages(RED, msg, rows)) context.send(message);
      this.status(doneStatus(new Date(), summaryOf(RED, rows, result.nas)));
    });
  }
  RED.nodes.registerType('active-backup-task-list', TaskListNode);
};
