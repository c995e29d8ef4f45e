import { operationLabel } from '../../src/editor/operation/operation-label';
import { nasProperty } from '../../src/editor/operation/operation-properties';
import { apiProblem, methodProblem, requestLabel, requestKind } from '../../src/editor/operation/request-kind';
import { openRequestForm } from '../../src/editor/operation/request-form';
import { shared } from '../../src/editor/form/texts';
import type { Params } from '../../src/editor/operation/typed-value';
import { filledParameters, valid } from '../../src/editor/form/validators';

interface ApiRequestProperties {
  name: string;
  nas: string;
  api: string;
  operation: string;
  params: Params;
}

const text = (key: string): string => RED._(`node-red-contrib-synology-active-backup/api-request:${key}`);
let params: () => Params;

RED.nodes.registerType<ApiRequestProperties>('active-backup-api-request', {
  category: 'synology',
  color: '#C3CBD2',
  icon: 'active-backup-api-request.svg',
  inputs: 1,
  outputs: 1,
  defaults: {
    name: { value: '' },
    nas: nasProperty(),
    api: { value: '', label: text('api-request.label.api'), validate: valid(apiProblem) },
    operation: { value: '', label: shared('common.label.operation'), validate: valid(methodProblem) },
    params: {
      value: {},
      validate: filledParameters<ApiRequestProperties>(({ api, operation }) => requestKind(api, operation).method),
    },
  },
  paletteLabel() {
    return this._('api-request.paletteLabel');
  },
  inputLabels: () => shared('common.port.input'),
  outputLabels: () => shared('common.port.result'),
  label() {
    const { api, operation } = this;
    return this.name || operationLabel(requestLabel(api, operation)) || this._('api-request.paletteLabel');
  },
  labelStyle() {
    return this.name ? 'node_label_italic' : '';
  },
  oneditprepare() {
    params = openRequestForm(this.params);
  },
  oneditsave() {
    this.params = params();
  },
});
