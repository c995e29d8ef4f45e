import type { Node, NodeAPI } from 'node-red';
import { onInput } from '../../src/node-red/input';
import { useNas } from '../../src/node-red/nas-registry';
import { openFollowedStore } from '../../src/node-red/node-files';
import { Receivers } from '../../src/node-red/receivers';
import { resumeRequests } from '../../src/node-red/resumed-requests';
import { NAS_OF_MESSAGE, RunStatusTracker } from '../../src/node-red/status';
import { handleTaskBackup, type TaskBackupDef } from '../../src/node-red/task-backup';

export = (RED: NodeAPI): void => {
  function TaskBackupNode(this: Node, def: TaskBackupDef): void {
    RED.nodes.createNode(this, def);
    if (def.nas) useNas(RED, this, def.nas);
    else this.status(NAS_OF_MESSAGE);
    const requests = openFollowedStore(RED, this);
    const receivers = new Receivers(RED, this);
    const self = { RED, node: this, def, runStatus: new RunStatusTracker(this), requests, receivers };
    onInput(this, (msg, context) => handleTaskBackup(self, msg, context));
    resumeRequests(self);
  }
  RED.nodes.registerType('active-backup-task-backup', TaskBackupNode);
};
