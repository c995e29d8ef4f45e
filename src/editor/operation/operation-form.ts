import type { Method } from '../../active-backup/methods';
import { createElement, createIcon, query } from '../form/dom';
import { operationText, shared } from '../form/texts';
import { ParameterDrafts } from './parameter-drafts';
import { openParameterForm } from './parameter-form';
import { paramsOf, type Params } from './typed-value';
import { type NodeOperations, NODE_OPERATIONS } from '../../settings/operations';
import { fillSelect } from '../form/fields';
import { methodNamed, type OperationNodeProperties } from './operation-properties';
import { operationLabel } from './operation-label';

/** The method that a dialog is set to. */
export interface ChosenMethod {
  /** Key of its drafts. */
  readonly key: string;
  /** Undefined for a method that is resolved at run time (`${VAR}`). */
  readonly method: Method | undefined;
}

/** The open form with the parameters of the chosen method. */
interface MethodForm {
  /** Shows the rows of another method, and keeps those of the previous one. */
  show(next: ChosenMethod): void;
  /** The value of `params` to store. */
  params(): Params;
}

/**
 * Opens the rows for the parameters of a method, in `#active-backup-parameters`.
 * @param saved `params` in the flow; @param first the method of `saved`
 */
export function openMethodForm(saved: unknown, first: ChosenMethod): MethodForm {
  let shown = first;
  const drafts = new ParameterDrafts(paramsOf(saved), first.key, first.method);
  let readRows = openParameterForm(first.method, drafts.get(first.key));
  return {
    show(next) {
      if (next.key === shown.key) return;
      drafts.save(shown.key, readRows());
      shown = next;
      readRows = openParameterForm(next.method, drafts.get(next.key));
    },
    params() {
      drafts.save(shown.key, readRows());
      return drafts.stored(shown.key, shown.method);
    },
  };
}

/**
 * Explains a method in `#active-backup-explanation`: its purpose, the access level above `read` that it needs, and the data
 * that it deletes. Empty for a method that is resolved at run time.
 */
export function explainMethod(method: Method | undefined): void {
  const explanation = query('#active-backup-explanation', HTMLElement);
  explanation.replaceChildren();
  if (method === undefined) return;
  explanation.append(operationText(method, 'explain'));
  if (method.level !== 'read')
    explanation.append(' ', shared('operation.level', { level: shared(`access.${method.level}.name`) }));
  if (method.level === 'delete') {
    const warning = operationText(method, 'loses');
    const icon = createIcon('fa-exclamation-triangle');
    explanation.append(createElement('div', { class: 'active-backup-danger' }, icon, ' ', warning));
  }
}

/** Properties that the form reads. */
interface OperationFields {
  readonly operation?: unknown;
  readonly params?: unknown;
}

/** The open form. */
interface OperationForm {
  /** The value of `params` to store. */
  params(): Params;
}

/**
 * Opens the operation part of a dialog: the select of operations, the explanation of the chosen one, a row for each of its
 * parameters. The dialog has `#node-input-operation`, `#active-backup-explanation` and `#active-backup-parameters`.
 * @param onOperation called with the operation now, and when the user chooses another
 */
export function openOperationForm(
  { operation: saved, params }: OperationFields,
  { methods, defaultMethod }: NodeOperations,
  onOperation: (operation: string) => void = () => undefined,
): OperationForm {
  const select = query('#node-input-operation', HTMLSelectElement);
  const names = methods.map(({ method }) => method);
  const isDangerous = (name: string): boolean => methodNamed(methods, name)?.level === 'delete';
  fillSelect(select, names, { saved, preset: defaultMethod, label: (name) => optionText(methods, name), isDangerous });

  const chosen = (): ChosenMethod => ({ key: select.value, method: methodNamed(methods, select.value) });
  const form = openMethodForm(params, chosen());
  const showOperation = (): void => {
    const { key, method } = chosen();
    form.show({ key, method });
    explainMethod(method);
    select.classList.toggle('active-backup-danger', isDangerous(key));
    onOperation(key);
  };
  showOperation();
  select.addEventListener('change', showOperation);
  return form;
}

function optionText(methods: readonly Method[], name: string): string {
  const method = methodNamed(methods, name);
  return method === undefined ? name : `${operationText(method, 'label')} (${name})`;
}

/**
 * What an operation does, as the label of a node shows it: `List tasks`.
 * @param method as stored in a flow; empty: the default
 */
export function operationName({ methods, defaultMethod }: NodeOperations, method: string): string {
  const known = methodNamed(methods, method || defaultMethod);
  return known === undefined ? method : operationText(known, 'label');
}

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
      return this.name || operationLabel(operationName(operations, this.operation));
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
