import type { Parameter } from '../../active-backup/methods';
import { checkedField } from '../form/checked-field';
import { createElement } from '../form/dom';
import type { NamedValue } from './parameter-drafts';
import { makePicker } from '../picker/picker';
import type { InsertMode } from '../picker/matching';
import { parameterText, shared } from '../form/texts';
import { inputTypes, isPickedType, placeholder } from './typed-input-types';
import { isRuntimeType, type TypedValue } from './typed-value';
import { validateParameters } from '../form/validators';

/** One row of the parameter form. */
export interface ParameterRow {
  readonly box: HTMLElement;
  read(): NamedValue;
}

/** The row of a parameter the catalogue lists: what it is, what to enter, and what is wrong with what was entered. */
export function listedRow(
  parent: HTMLElement,
  name: string,
  parameter: Parameter,
  typed: TypedValue | undefined,
  onChange: () => void,
): ParameterRow {
  const id = `active-backup-parameter-${name}`;
  const label = createElement('label', { for: id, id: `${id}-label` }, labelText(name, parameter));
  if (parameter.required === true) label.append(requiredMark());
  const hint = createElement(
    'div',
    { class: 'active-backup-hint', id: `${id}-hint` },
    createElement('code', {}, name),
    ' ',
  );
  hint.append(parameterText(name, 'hint'));
  if (parameter.secret === true) hint.append(' ', shared('parameter.secret'));
  const row = openRow(parent, { id, parameter, typed, onChange, labelledBy: label.id, describedBy: hint.id }, label);
  if (row.picker !== null) row.box.append(row.picker.line);
  row.box.append(hint, row.complaint);
  row.picker?.open(row.input, () => (isPickedType(row.read().type) ? pickedWay(parameter) : null));
  label.addEventListener('click', row.focus);
  return { box: row.box, read: () => ({ name, typed: row.read() }) };
}

/** A row whose parameter a person names: for methods whose parameters nobody has written down. */
export function addedRow(
  parent: HTMLElement,
  id: string,
  { name, typed }: NamedValue,
  { onChange, onRemove }: { onChange: () => void; onRemove: () => void },
): ParameterRow {
  const naming = createElement('input', { type: 'text', id: `${id}-name`, placeholder: shared('parameter.name') });
  naming.setAttribute('aria-label', shared('parameter.name'));
  naming.value = name;
  naming.addEventListener('input', onChange);
  const row = openRow(
    parent,
    { id, parameter: undefined, typed, onChange, labelledBy: naming.id, describedBy: '' },
    naming,
  );
  const remove = createElement('button', { type: 'button', class: 'red-ui-button red-ui-button-small' });
  remove.append(createElement('i', { class: 'fa fa-remove', 'aria-hidden': 'true' }));
  for (const attribute of ['title', 'aria-label']) remove.setAttribute(attribute, shared('parameter.remove'));
  remove.addEventListener('click', onRemove);
  row.field.append(remove);
  row.box.append(row.complaint);
  return { box: row.box, read: () => ({ name: naming.value.trim(), typed: row.read() }) };
}

interface RowOptions {
  readonly id: string;
  readonly parameter: Parameter | undefined;
  readonly typed: TypedValue | undefined;
  readonly labelledBy: string;
  readonly describedBy: string;
  readonly onChange: () => void;
}

/** Heading and typed input; the line that says what is wrong is still to be put in place. */
function openRow(parent: HTMLElement, { parameter, typed, ...options }: RowOptions, heading: HTMLElement) {
  const picker = parameter?.picker === undefined ? null : makePicker(parameter.picker, `${options.id}-names`);
  const field = createElement('div', { class: 'active-backup-field' });
  const box = createElement('div', { class: 'form-row' }, heading, field);
  parent.append(box);
  const types = inputTypes(parameter, typed?.type, parameter && picker?.search(pickedWay(parameter)));
  const describedBy = picker === null ? options.describedBy : `${picker.line.id} ${options.describedBy}`;
  const example = (type: string): string => (isRuntimeType(type) ? '' : placeholder(parameter));
  const checked = checkedField(field, { ...options, describedBy, types, example, typed }, (now) =>
    validateParameters(parameter, now),
  );
  if (picker !== null) field.append(picker.button);
  return { box, field, picker, ...checked };
}

/** Things are sent by their ids; shared folders have none but their names. */
function pickedWay({ type }: Parameter): InsertMode {
  return { writes: 'value', isList: type === 'integers' };
}

function requiredMark(): HTMLElement {
  return createElement('span', { class: 'active-backup-required', title: shared('problem.required') }, ' *');
}

function labelText(name: string, { unit }: Parameter): string {
  const label = parameterText(name, 'label');
  return unit === undefined ? label : `${label} (${shared(`unit.${unit}`)})`;
}
