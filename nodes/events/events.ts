import type { Node, NodeAPI } from 'node-red';
import { sendEvents, type EventsDef } from '../../src/node-red/events';
import { useNas } from '../../src/node-red/nas-registry';

export = (RED: NodeAPI): void => {
  function EventsNode(this: Node, def: EventsDef): void {
    RED.nodes.createNode(this, def);
    useNas(RED, this, def.nas);
    sendEvents(RED, this, def);
  }
  RED.nodes.registerType('active-backup-events', EventsNode);
};
