import { NODE_OPERATIONS } from '../../settings/operations';
import { shared } from '../form/texts';
import { openOperationForm, type OperationForm } from './operation-form';
import { operationLabel } from './operation-label';
import type { OperationNodeProperties } from './operation-properties';

/** The functions in the definition of a node that does nothing but call an operation. @param set the folder of the node */
export function operationNode(
  set: 'aem-info' | 'share-storage',
): Pick<
  EditorDefinition<OperationNodeProperties>,
  'inputLabels' | 'outputLabels' | 'label' | 'labelStyle' | 'oneditprepare' | 'oneditsave'
> {
  const operations = NODE_OPERATIONS[set];
  let form: OperationForm;
  return {
    inputLabels: () => shared('common.port.input'),
    outputLabels: () => shared('common.port.result'),
    label() {
      return this.name || operationLabel(this.operation || operations.defaultMethod);
    },
    labelStyle() {
      return this.name ? 'node_label_italic' : '';
    },
    oneditprepare() {
      form = openOperationForm(this, operations);
    },
    oneditsave() {
      this.params = form.params();
    },
  };
}
