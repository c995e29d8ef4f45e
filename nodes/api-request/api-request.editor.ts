import { operationLabel } from '../../src/editor/operation/operation-label';
import {
  nasProperty,
  validParams,
  type OperationNodeProperties,
} from '../../src/editor/operation/operation-properties';
import { openRequestForm } from '../../src/editor/operation/request-form';
import { parseApi, parseMethodName, requestKind, requestLabel } from '../../src/editor/operation/request-kind';
import { operationText, shared, textsOf } from '../../src/editor/form/texts';
import { valid } from '../../src/editor/form/validators';
import type { Params } from '../../src/editor/operation/typed-value';

interface ApiRequestProperties extends OperationNodeProperties {
  api: string;
}

const text = textsOf('api-request');
let readParams: () => Params;

RED.nodes.registerType<ApiRequestProperties>('active-backup-api-request', {
  category: 'synology',
  color: '#C3CBD2',
  icon: 'active-backup-api-request.svg',
  inputs: 1,
  outputs: 1,
  defaults: {
    name: { value: '' },
    nas: nasProperty(),
    api: { value: '', label: text('api-request.label.api'), validate: valid(parseApi) },
    operation: { value: '', label: shared('common.label.operation'), validate: valid(parseMethodName) },
    params: {
      value: {},
      validate: validParams<ApiRequestProperties>(({ api, operation }) => requestKind(api, operation).method),
    },
  },
  paletteLabel() {
    return this._('api-request.paletteLabel');
  },
  inputLabels: () => shared('common.port.input'),
  outputLabels: () => shared('common.port.result'),
  label() {
    const { api, operation } = this;
    const request = requestKind(api, operation);
    const label = request.kind === 'known' ? operationText(request.method, 'label') : requestLabel(api, operation);
    return this.name || operationLabel(label) || this._('api-request.nodeLabel');
  },
  labelStyle() {
    return this.name ? 'node_label_italic' : '';
  },
  oneditprepare() {
    readParams = openRequestForm(this.params);
  },
  oneditsave() {
    this.params = readParams();
  },
});
