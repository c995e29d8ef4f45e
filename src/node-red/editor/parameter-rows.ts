import type { Parameter } from '../../active-backup/catalogue';
import { element, show } from './elements';
import type { NamedValue } from './parameter-memory';
import { parameterText, shared } from './texts';
import { typedField } from './typed-field';
import type { TypedValue } from './typed-value';
import { parameterVerdict } from './verdict';

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
  const label = element('label', { for: id, id: `${id}-label` }, labelText(name, parameter));
  if (parameter.required === true) label.append(requiredMark());
  const hint = element('div', { class: 'active-backup-hint', id: `${id}-hint` }, element('code', {}, name), ' ');
  hint.append(parameterText(name, 'hint'));
  const row = openRow(parent, { id, parameter, typed, onChange, labelledBy: label.id, describedBy: hint.id }, label);
  row.box.append(hint, row.complaint);
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
  const naming = element('input', { type: 'text', id: `${id}-name`, placeholder: shared('parameter.name') });
  naming.setAttribute('aria-label', shared('parameter.name'));
  naming.value = name;
  naming.addEventListener('input', onChange);
  const row = openRow(
    parent,
    { id, parameter: undefined, typed, onChange, labelledBy: naming.id, describedBy: '' },
    naming,
  );
  const remove = element('button', { type: 'button', class: 'red-ui-button red-ui-button-small' });
  remove.append(element('i', { class: 'fa fa-remove', 'aria-hidden': 'true' }));
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

/** Heading, typed input and a line that says what is wrong, the last still to be put in place. */
function openRow(
  parent: HTMLElement,
  { parameter, onChange, describedBy, ...options }: RowOptions,
  heading: HTMLElement,
) {
  const box = element('div', { class: 'form-row' }, heading);
  parent.append(box);
  const complaint = element('div', {
    class: 'active-backup-problem',
    id: `${options.id}-problem`,
    'aria-live': 'polite',
  });
  const field = typedField(box, {
    ...options,
    parameter,
    describedBy: `${describedBy} ${complaint.id}`.trim(),
    onChange() {
      check();
      onChange();
    },
  });
  const check = (): void => {
    const verdict = parameterVerdict(parameter, field.read());
    complaint.textContent = verdict ?? '';
    show(complaint, verdict !== null);
    field.mark(verdict !== null);
  };
  check();
  return { box, field: field.box, complaint, read: () => field.read(), focus: () => field.focus() };
}

function requiredMark(): HTMLElement {
  return element('span', { class: 'active-backup-required', title: shared('problem.required') }, ' *');
}

function labelText(name: string, { unit }: Parameter): string {
  const label = parameterText(name, 'label');
  return unit === undefined ? label : `${label} (${shared(`unit.${unit}`)})`;
}
