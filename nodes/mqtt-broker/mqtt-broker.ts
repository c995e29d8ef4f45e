import type { Node, NodeAPI } from 'node-red';
import { registerBrokerRoutes } from '../../src/node-red/admin/routes';
import { registerBroker, type BrokerCredentials, type BrokerDef } from '../../src/node-red/broker-registry';

export = (RED: NodeAPI): void => {
  registerBrokerRoutes(RED);
  function BrokerNode(this: Node<BrokerCredentials>, def: BrokerDef): void {
    RED.nodes.createNode(this, def);
    registerBroker(RED, this, def);
  }
  RED.nodes.registerType<Node<BrokerCredentials>, BrokerDef, object, BrokerCredentials>(
    'active-backup-mqtt-broker',
    BrokerNode,
    { credentials: { username: { type: 'text' }, password: { type: 'password' } } },
  );
};
