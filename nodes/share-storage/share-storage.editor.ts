import { methodsOf } from '../../src/active-backup/methods';
import { openOperationForm, type OperationForm } from '../../src/editor/operation/operation-form';
import { operationLabel } from '../../src/editor/operation/operation-label';
import { nasProperty, operationProperty, paramsProperty } from '../../src/editor/operation/operation-properties';
import { shared } from '../../src/editor/form/texts';
import type { Params } from '../../src/editor/operation/typed-value';

interface ShareStorageProperties {
  name: string;
  nas: string;
  operation: string;
  params: Params;
}

const METHODS = methodsOf('SYNO.ActiveBackup.Share');
const PRESET = 'overview';

let form: OperationForm;

RED.nodes.registerType<ShareStorageProperties>('active-backup-share-storage', {
  category: 'synology',
  color: '#DCCBA9',
  icon: 'active-backup-share-storage.svg',
  inputs: 1,
  outputs: 1,
  defaults: {
    name: { value: '' },
    nas: nasProperty(),
    operation: operationProperty(METHODS, PRESET),
    params: paramsProperty(METHODS, PRESET),
  },
  paletteLabel() {
    return this._('share-storage.paletteLabel');
  },
  inputLabels: () => shared('common.port.input'),
  outputLabels: () => shared('common.port.result'),
  label() {
    return this.name || operationLabel(this.operation || PRESET);
  },
  labelStyle() {
    return this.name ? 'node_label_italic' : '';
  },
  oneditprepare() {
    form = openOperationForm(this, METHODS, PRESET);
  },
  oneditsave() {
    this.params = form.params();
  },
});
