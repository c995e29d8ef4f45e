import type { Node, NodeAPI } from 'node-red';
import { registerBridgeRoutes } from '../../src/node-red/admin/routes';
import { BridgeNode } from '../../src/node-red/bridge-node';
import { onInput } from '../../src/node-red/input';
import type { BridgeDef } from '../../src/node-red/mqtt-bridge';
import { useNas } from '../../src/node-red/nas-registry';
import { closeLinksWhenStopped } from '../../src/node-red/bridge-resources';

export = (RED: NodeAPI): void => {
  registerBridgeRoutes(RED);
  function MqttBridgeNode(this: Node, def: BridgeDef): void {
    RED.nodes.createNode(this, def);
    closeLinksWhenStopped(RED);
    useNas(RED, this, def.nas);
    const bridge = new BridgeNode(RED, this, def);
    onInput(this, async ({ topic }) => {
      try {
        if (topic === 'purge') await bridge.purge();
        else bridge.publishAll();
      } catch (error) {
        setImmediate(() => {
          bridge.refreshStatus();
        });
        throw error;
      }
    });
  }
  RED.nodes.registerType('active-backup-mqtt-bridge', MqttBridgeNode);
};
