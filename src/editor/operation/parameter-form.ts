import type { Method } from '../../active-backup/methods';
import { createElement, query, setVisible } from '../form/dom';
import type { FormValues, NamedValue } from './parameter-drafts';
import { addedRow, listedRow, type ParameterRow } from './parameter-rows';
import { shared } from '../form/texts';
import { isFilled } from './typed-value';

const EMPTY: NamedValue = { name: '', typed: { value: '', type: 'json' } };

/**
 * Builds the rows for the parameters of a method in `#active-backup-parameters`, folded away while nothing in them needs to
 * be seen.
 * @param method undefined for an operation only the runtime will know: it has the rows that were stored
 * @returns reads the rows
 */
export function openParameterForm(method: Method | undefined, values: FormValues): () => FormValues {
  const parameters = Object.entries(method?.parameters ?? {});
  const isOpen = method?.allowsExtraParameters === true;
  const summary = createElement('summary');
  const listed = createElement('div');
  const added = createElement('div');
  const details = query('#active-backup-parameters', HTMLDetailsElement);
  details.replaceChildren(summary, listed, added);

  const listedRows: ParameterRow[] = [];
  const addedRows = new Set<ParameterRow>();
  const filled = (): number => [...listedRows, ...addedRows].filter((row) => isFilled(row.read().typed)).length;
  const count = (): void => {
    summary.textContent = shared(filled() === 0 ? 'parameter.none' : 'parameter.some', { filled: filled() });
  };
  let nextId = 0;
  const add = (value: NamedValue): void => {
    nextId += 1;
    const onRemove = (): void => {
      addedRows.delete(row);
      row.box.remove();
      count();
    };
    const row = addedRow(added, `active-backup-added-${nextId}`, value, { onChange: count, onRemove });
    addedRows.add(row);
  };

  for (const [name, parameter] of parameters) {
    listedRows.push(listedRow(listed, name, parameter, values.listed.get(name), count));
  }
  values.added.forEach(add);
  if (isOpen) details.append(adder(() => add(EMPTY)));
  count();
  details.open = isOpen || filled() > 0 || parameters.some(([, { required }]) => required === true);
  setVisible(details, isOpen || parameters.length > 0 || values.added.length > 0);
  return () => ({
    listed: new Map(listedRows.map((row) => row.read()).map(({ name, typed }) => [name, typed])),
    added: [...addedRows].map((row) => row.read()),
  });
}

function adder(onClick: () => void): HTMLElement {
  const icon = createElement('i', { class: 'fa fa-plus', 'aria-hidden': 'true' });
  const button = createElement(
    'button',
    { type: 'button', class: 'red-ui-button red-ui-button-small' },
    icon,
    ' ',
    shared('parameter.add'),
  );
  button.addEventListener('click', onClick);
  const hint = createElement('div', { class: 'active-backup-hint' }, shared('parameter.openHint'));
  return createElement('div', { class: 'active-backup-add' }, button, hint);
}
