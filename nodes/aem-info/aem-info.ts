import type { NodeAPI } from 'node-red';
import { registerOperationNode } from '../../src/node-red/operation-node';

export = (RED: NodeAPI): void => {
  registerOperationNode(RED, 'aem-info');
};
