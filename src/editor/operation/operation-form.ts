import type { Method } from '../../active-backup/methods';
import type { NodeOperations } from '../../settings/operations';
import { query } from '../form/dom';
import { fillSelect } from '../form/fields';
import { operationText } from '../form/texts';
import { explainMethod, openMethodForm, type ChosenMethod } from './method-form';
import { methodNamed } from './operation-properties';
import type { Params } from './typed-value';

/** Properties that the form reads. */
interface OperationFields {
  readonly operation?: unknown;
  readonly params?: unknown;
}

/** The open form. */
export interface OperationForm {
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
