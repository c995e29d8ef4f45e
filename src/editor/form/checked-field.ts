import { createElement, setVisible } from './dom';
import { typedField, type TypedField, type TypedFieldOptions } from '../operation/typed-field';
import type { TypedValue } from '../operation/typed-value';

/** A typed input and the line that says what is wrong with it, the latter still to be put in place. */
export interface CheckedField extends Omit<TypedField, 'mark'> {
  readonly complaint: HTMLElement;
}

/**
 * Makes a typed input inside `box` that complains while a person types.
 * @param verdict what is wrong with a value, in words; null when nothing is
 */
export function checkedField(
  box: HTMLElement,
  { describedBy, onChange, ...options }: TypedFieldOptions,
  verdict: (typed: TypedValue) => string | null,
): CheckedField {
  const complaint = createElement('div', {
    class: 'active-backup-problem',
    id: `${options.id}-problem`,
    'aria-live': 'polite',
  });
  const field = typedField(box, {
    ...options,
    describedBy: `${describedBy} ${complaint.id}`.trim(),
    onChange() {
      check();
      onChange();
    },
  });
  const check = (): void => {
    const why = verdict(field.read());
    complaint.textContent = why ?? '';
    setVisible(complaint, why !== null);
    field.mark(why !== null);
  };
  check();
  return { complaint, input: field.input, read: () => field.read(), focus: () => field.focus() };
}
