import { NODE_OPERATIONS } from '../../src/settings/operations';
import { operationNode } from '../../src/editor/operation/operation-form';
import {
  nasProperty,
  operationProperty,
  paramsProperty,
  type OperationNodeProperties,
} from '../../src/editor/operation/operation-properties';

const OPERATIONS = NODE_OPERATIONS['share-storage'];

RED.nodes.registerType<OperationNodeProperties>('active-backup-share-storage', {
  category: 'synology',
  color: '#DCCBA9',
  icon: 'active-backup-share-storage.svg',
  inputs: 1,
  outputs: 1,
  defaults: {
    name: { value: '' },
    nas: nasProperty(),
    operation: operationProperty(OPERATIONS),
    params: paramsProperty(OPERATIONS),
  },
  paletteLabel() {
    return this._('share-storage.paletteLabel');
  },
  ...operationNode('share-storage'),
});
