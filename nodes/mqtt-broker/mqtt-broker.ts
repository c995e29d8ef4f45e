import type { Node, NodeAPI } from 'node-red';
import { openBroker, type BrokerCredentials, type BrokerDef } from '../../src/node-red/mqtt-broker';

export = (RED: NodeAPI): void => {
  function BrokerNode(this: Node<BrokerCredentials>, def: BrokerDef): void {
    RED.nodes.createNode(this, def);
    openBroker(RED, this, def);
  }
  RED.nodes.registerType<Node<BrokerCredentials>, BrokerDef, object, BrokerCredentials>(
    'active-backup-mqtt-broker',
    BrokerNode,
    { credentials: { username: { type: 'text' }, password: { type: 'password' } } },
  );
};
