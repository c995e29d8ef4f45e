import type { Method } from '../../active-backup/methods';
import { query } from '../form/dom';
import { explainMethod } from '../form/explanation';
import { openMethodForm, type ChosenMethod } from './method-form';
import { operationText } from '../form/texts';
import type { Params } from './typed-value';
import { methodNamed } from '../form/validators';
import { fillSelect } from '../form/select-field';

/** What the form of a node with an operation needs of the node. */
interface OperationProperties {
  readonly operation?: unknown;
  readonly params?: unknown;
}

/** The open form. */
export interface OperationForm {
  /** What to store in `params`. */
  params(): Params;
}

/**
 * Brings the operation part of a dialog to life: the select of operations, what the chosen one does, a row for each of its
 * parameters. The dialog has `#node-input-operation`, `#active-backup-explanation` and `#active-backup-parameters`.
 * @param methods what the node offers, from the catalogue
 * @param preset operation of a node without one
 * @param onOperation told the operation now, and whenever a person chooses another
 */
export function openOperationForm(
  { operation: saved, params }: OperationProperties,
  methods: readonly Method[],
  preset: string,
  onOperation: (operation: string) => void = () => undefined,
): OperationForm {
  const select = query('#node-input-operation', HTMLSelectElement);
  const names = methods.map(({ method }) => method);
  const isDangerous = (name: string): boolean => methodNamed(methods, name)?.level === 'delete';
  fillSelect(select, names, { saved, preset, label: (name) => optionText(methods, name), isDangerous });

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
