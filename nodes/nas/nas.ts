import type { Node, NodeAPI } from 'node-red';
import { registerAdminRoutes } from '../../src/node-red/admin/routes';
import { registerNas } from '../../src/node-red/nas-registry';
import type { NasCredentials, NasDef } from '../../src/node-red/settings';

export = (RED: NodeAPI): void => {
  registerAdminRoutes(RED);
  function NasNode(this: Node<NasCredentials>, def: NasDef): void {
    RED.nodes.createNode(this, def);
    registerNas(RED, this, def);
  }
  RED.nodes.registerType<Node<NasCredentials>, NasDef, object, NasCredentials>('active-backup-nas', NasNode, {
    credentials: { username: { type: 'text' }, password: { type: 'password' }, deviceId: { type: 'password' } },
  });
};
