import type { NodeAPI } from 'node-red';
import { registerOperationNode } from '../../src/node-red/call';

export = (RED: NodeAPI): void => {
  registerOperationNode(RED, 'aem-info');
};
