import type { Node, NodeAPI } from 'node-red';
import { onInput } from '../../src/node-red/input';
import { useNas } from '../../src/node-red/nas-registry';
import { taskBackup, type TaskBackupDef } from '../../src/node-red/task-backup';
import { RunStatusTracker } from '../../src/node-red/run-status';

export = (RED: NodeAPI): void => {
  function TaskBackupNode(this: Node, def: TaskBackupDef): void {
    RED.nodes.createNode(this, def);
    useNas(RED, this, def.nas);
    const underWay = new RunStatusTracker(this);
    onInput(this, (msg, turn) => taskBackup(RED, this, def, msg, turn, underWay));
  }
  RED.nodes.registerType('active-backup-task-backup', TaskBackupNode);
};
