import type { Method, Parameter } from '../../active-backup/methods';
import type { TypedValue } from '../../settings/operations';
import { createElement, createIcon, query, setVisible } from '../form/dom';
import { parameterHint, parameterLabel, shared } from '../form/texts';
import type { InsertMode } from '../picker/matching';
import { createPicker } from '../picker/picker';
import type { FormValues, NamedValue } from './parameter-drafts';
import { createTypedField, inputTypes, placeholder, takesPickedItems, validateParameter } from './typed-field';
import { isFilled, isRuntimeType } from './typed-value';

const EMPTY: NamedValue = { name: '', typed: { value: '', type: 'json' } };

/** A parameter that the method table lists. */
interface ListedParameter {
  readonly name: string;
  readonly parameter: Parameter;
  readonly hint: string;
}

/** One row of the form. */
interface ParameterRow {
  readonly box: HTMLElement;
  read(): NamedValue;
}

/**
 * Builds the rows for the parameters of a method in `#active-backup-parameters`, which is folded unless a row is filled or
 * required.
 * @param method undefined for an operation that is resolved at run time: it has the stored rows
 * @returns reads the rows
 */
export function openParameterForm(method: Method | undefined, values: FormValues): () => FormValues {
  const parameters = method === undefined ? [] : listedParameters(method);
  const allowsExtra = method?.allowsExtraParameters === true;
  const summary = createElement('summary');
  const [listed, added] = [createElement('div'), createElement('div')];
  const details = query('#active-backup-parameters', HTMLDetailsElement);
  details.replaceChildren(summary, listed, added);

  const listedRows: ParameterRow[] = [];
  const addedRows = new Set<ParameterRow>();
  const countFilled = (): number => [...listedRows, ...addedRows].filter((row) => isFilled(row.read().typed)).length;
  const showCount = (): void => {
    const filled = countFilled();
    summary.textContent = shared(filled === 0 ? 'parameter.none' : 'parameter.some', { filled });
  };
  let nextId = 0;
  const add = (value: NamedValue): void => {
    nextId += 1;
    const onRemove = (): void => {
      addedRows.delete(row);
      row.box.remove();
      showCount();
    };
    const row = addedRow(added, `active-backup-added-${nextId}`, value, { onChange: showCount, onRemove });
    addedRows.add(row);
  };

  for (const parameter of parameters) {
    listedRows.push(listedRow(listed, parameter, values.listed.get(parameter.name), showCount));
  }
  values.added.forEach(add);
  if (allowsExtra) details.append(addButton(() => add(EMPTY)));
  showCount();
  details.open = allowsExtra || countFilled() > 0 || parameters.some(({ parameter }) => parameter.required === true);
  setVisible(details, allowsExtra || parameters.length > 0 || values.added.length > 0);
  return () => ({
    listed: new Map(listedRows.map((row) => row.read()).map(({ name, typed }) => [name, typed])),
    added: [...addedRows].map((row) => row.read()),
  });
}

function listedParameters(method: Method): ListedParameter[] {
  return Object.entries(method.parameters).map(([name, parameter]) => ({
    name,
    parameter,
    hint: parameterHint(method, name),
  }));
}

function addButton(onClick: () => void): HTMLElement {
  const attributes = { type: 'button', class: 'red-ui-button red-ui-button-small' };
  const button = createElement('button', attributes, createIcon('fa-plus'), ' ', shared('parameter.add'));
  button.addEventListener('click', onClick);
  const hint = createElement('div', { class: 'active-backup-hint' }, shared('parameter.openHint'));
  return createElement('div', { class: 'active-backup-add' }, button, hint);
}

/** The row of a parameter that the method table lists: label, field, hint and message. */
function listedRow(
  parent: HTMLElement,
  { name, parameter, hint: hintText }: ListedParameter,
  typed: TypedValue | undefined,
  onChange: () => void,
): ParameterRow {
  const id = `active-backup-parameter-${name}`;
  const label = createElement('label', { for: id, id: `${id}-label` }, labelText(name, parameter));
  if (parameter.required === true) label.append(requiredMark());
  const hint = createElement('div', { class: 'active-backup-hint', id: `${id}-hint` });
  hint.append(createElement('code', {}, name), ' ', hintText);
  if (parameter.secret === true) hint.append(' ', shared('parameter.secret'));
  const row = createRow(parent, { id, parameter, typed, onChange, labelledBy: label.id, describedBy: hint.id }, label);
  if (row.picker !== null) row.box.append(row.picker.message);
  row.box.append(hint, row.message);
  row.picker?.open(row.input, () => (takesPickedItems(row.read().type) ? insertMode(parameter) : null));
  label.addEventListener('click', () => row.focus());
  return { box: row.box, read: () => ({ name, typed: row.read() }) };
}

/** A row that the user adds and names: for methods with undocumented parameters. */
function addedRow(
  parent: HTMLElement,
  id: string,
  { name, typed }: NamedValue,
  { onChange, onRemove }: { onChange: () => void; onRemove: () => void },
): ParameterRow {
  const placeholderText = shared('parameter.name');
  const nameInput = createElement('input', { type: 'text', id: `${id}-name`, placeholder: placeholderText });
  nameInput.setAttribute('aria-label', placeholderText);
  nameInput.value = name;
  nameInput.addEventListener('input', onChange);
  const options = { id, parameter: undefined, typed, onChange, labelledBy: nameInput.id, describedBy: '' };
  const row = createRow(parent, options, nameInput);
  const label = shared('parameter.remove');
  const remove = createElement(
    'button',
    { type: 'button', class: 'red-ui-button red-ui-button-small', title: label, 'aria-label': label },
    createIcon('fa-remove'),
  );
  remove.addEventListener('click', onRemove);
  row.field.append(remove);
  row.box.append(row.message);
  return { box: row.box, read: () => ({ name: nameInput.value.trim(), typed: row.read() }) };
}

interface RowOptions {
  readonly id: string;
  readonly parameter: Parameter | undefined;
  readonly typed: TypedValue | undefined;
  readonly labelledBy: string;
  readonly describedBy: string;
  readonly onChange: () => void;
}

/** Heading, typed input and picker; the messages are still to be placed. */
function createRow(parent: HTMLElement, { parameter, typed, ...options }: RowOptions, heading: HTMLElement) {
  const picker = parameter?.picker === undefined ? null : createPicker(parameter.picker, `${options.id}-names`);
  const field = createElement('div', { class: 'active-backup-field' });
  const box = createElement('div', { class: 'form-row' }, heading, field);
  parent.append(box);
  const typedField = createTypedField(field, {
    ...options,
    typed,
    types: inputTypes(parameter, typed?.type, parameter && picker?.search(insertMode(parameter))),
    describedBy: picker === null ? options.describedBy : `${picker.message.id} ${options.describedBy}`,
    example: (type) => (isRuntimeType(type) ? '' : placeholder(parameter)),
    validate: (value) => validateParameter(parameter, value),
  });
  if (picker !== null) field.append(picker.button);
  return { box, field, picker, ...typedField };
}

/** A parameter takes the values of items: ids, or the names of shared folders. */
function insertMode({ type }: Parameter): InsertMode {
  return { writes: 'value', isList: type === 'integers' };
}

function requiredMark(): HTMLElement {
  return createElement('span', { class: 'active-backup-required', title: shared('problem.required') }, ' *');
}

function labelText(name: string, { unit }: Parameter): string {
  const label = parameterLabel(name);
  return unit === undefined ? label : `${label} (${shared(`unit.${unit}`)})`;
}
