import type { Method } from '../../active-backup/catalogue';
import { element, find } from './elements';
import { openParameterForm } from './parameter-form';
import { ParameterMemory } from './parameter-memory';
import { operationText, shared } from './texts';
import { paramsOf, type Params } from './typed-value';
import { methodNamed } from './verdict';
import { fillSelect } from './word-select';

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
  const select = find('#node-input-operation', HTMLSelectElement);
  const names = methods.map(({ method }) => method);
  fillSelect(select, names, { saved, preset, label: (name) => optionText(methods, name) });

  let shown = select.value;
  const known = (): Method | undefined => methodNamed(methods, shown);
  const memory = new ParameterMemory(paramsOf(params), shown, known());
  let rows = openParameterForm(known(), memory.recall(shown));
  const showOperation = (): void => {
    explain(known());
    onOperation(shown);
  };
  showOperation();
  select.addEventListener('change', () => {
    // Node-RED triggers a change of every input once the dialog is open.
    if (select.value === shown) return;
    memory.keep(shown, rows());
    shown = select.value;
    rows = openParameterForm(known(), memory.recall(shown));
    showOperation();
  });
  return {
    params() {
      memory.keep(shown, rows());
      return memory.stored(shown, known());
    },
  };
}

function optionText(methods: readonly Method[], name: string): string {
  const method = methodNamed(methods, name);
  return method === undefined ? name : `${operationText(method, 'label')} (${name})`;
}

/** What the operation does, what level it needs unless everybody has it, and what it destroys. */
function explain(method: Method | undefined): void {
  const place = find('#active-backup-explanation', HTMLElement);
  place.replaceChildren();
  if (method === undefined) return;
  place.append(operationText(method, 'explain'));
  if (method.level !== 'read')
    place.append(' ', shared('operation.level', { level: shared(`access.${method.level}.name`) }));
  if (method.level !== 'delete') return;
  const icon = element('i', { class: 'fa fa-exclamation-triangle', 'aria-hidden': 'true' });
  place.append(element('div', { class: 'active-backup-danger' }, icon, ' ', operationText(method, 'loses')));
}
