import type { Node, NodeAPI } from 'node-red';
import { requestOf, type ApiRequestDef } from '../../src/node-red/api-request';
import { callMethod, sendOutcome } from '../../src/node-red/call';
import { onInput } from '../../src/node-red/input';
import { useNas } from '../../src/node-red/nas-registry';

const USED = ['api', 'operation', 'params'] as const;

export = (RED: NodeAPI): void => {
  function ApiRequestNode(this: Node, def: ApiRequestDef): void {
    RED.nodes.createNode(this, def);
    useNas(RED, this, def.nas);
    onInput(this, async (msg, turn) => {
      const { api, method, parameters } = await requestOf(RED, this, def, msg);
      sendOutcome(this, msg, await callMethod(RED, this, def, { api, method }, parameters, turn), turn, USED);
    });
  }
  RED.nodes.registerType('active-backup-api-request', ApiRequestNode);
};
