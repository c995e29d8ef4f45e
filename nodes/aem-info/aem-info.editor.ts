import { methodsOf } from '../../src/active-backup/methods';
import { openOperationForm, type OperationForm } from '../../src/editor/operation/operation-form';
import { operationLabel } from '../../src/editor/operation/operation-label';
import { nasProperty, operationProperty, paramsProperty } from '../../src/editor/operation/operation-properties';
import { shared } from '../../src/editor/form/texts';
import type { Params } from '../../src/editor/operation/typed-value';

interface AemInfoProperties {
  name: string;
  nas: string;
  operation: string;
  params: Params;
}

const METHODS = methodsOf('SYNO.ActiveBackup.AEM');
const PRESET = 'get_info';

let form: OperationForm;

RED.nodes.registerType<AemInfoProperties>('active-backup-aem-info', {
  category: 'synology',
  color: '#C6BBDD',
  icon: 'active-backup-aem-info.svg',
  inputs: 1,
  outputs: 1,
  defaults: {
    name: { value: '' },
    nas: nasProperty(),
    operation: operationProperty(METHODS, PRESET),
    params: paramsProperty(METHODS, PRESET),
  },
  paletteLabel() {
    return this._('aem-info.paletteLabel');
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
