import { NODE_OPERATIONS } from '../../src/settings/operations';
import { operationNode } from '../../src/editor/operation/operation-form';
import {
  nasProperty,
  operationProperty,
  paramsProperty,
  type OperationNodeProperties,
} from '../../src/editor/operation/operation-properties';

const OPERATIONS = NODE_OPERATIONS['aem-info'];

RED.nodes.registerType<OperationNodeProperties>('active-backup-aem-info', {
  category: 'synology',
  color: '#C6BBDD',
  icon: 'active-backup-aem-info.svg',
  inputs: 1,
  outputs: 1,
  defaults: {
    name: { value: '' },
    nas: nasProperty(),
    operation: operationProperty(OPERATIONS),
    params: paramsProperty(OPERATIONS),
  },
  paletteLabel() {
    return this._('aem-info.paletteLabel');
  },
  ...operationNode('aem-info'),
});
