import type { Node, NodeAPI } from 'node-red';
import { apiRequestOf, type ApiRequestDef } from '../../src/node-red/api-request';
import { callMethod, sendResult } from '../../src/node-red/call';
import { onInput } from '../../src/node-red/input';
import { useNas } from '../../src/node-red/nas-registry';

const OVERRIDES = ['api', 'operation', 'params'] as const;

export = (RED: NodeAPI): void => {
  function ApiRequestNode(this: Node, def: ApiRequestDef): void {
    RED.nodes.createNode(this, def);
    useNas(RED, this, def.nas);
    onInput(this, async (msg, context) => {
      const { api, method, parameters } = await apiRequestOf(RED, this, def, msg);
      sendResult(this, msg, await callMethod(RED, this, def, { api, method }, parameters, context), context, OVERRIDES);
    });
  }
  RED.nodes.registerType('active-backup-api-request', ApiRequestNode);
};
