import { problemOf, type Rule } from '../../settings/rules';
import { createElement, setVisible } from './dom';
import { problemText } from './texts';

/** The line for the problem of an input, read out by screen readers. @param inputId id of the input */
export function createValidationMessage(inputId: string): HTMLElement {
  return createElement('div', { class: 'active-backup-problem', id: `${inputId}-problem`, 'aria-live': 'polite' });
}

/**
 * Shows the problem of an input below it, while the user types. A missing value shows no message: Node-RED marks the
 * field for that.
 */
export function showValidationMessage(input: HTMLInputElement, rule: Rule<unknown>): void {
  const message = createValidationMessage(input.id);
  input.after(message);
  input.setAttribute('aria-describedby', `${message.id} ${input.getAttribute('aria-describedby') ?? ''}`.trim());
  const update = (): void => {
    const problem = problemOf(rule, input.value);
    const isShown = problem !== null && problem.key !== 'problem.required';
    message.textContent = isShown ? problemText(problem) : '';
    setVisible(message, isShown);
    input.setAttribute('aria-invalid', String(problem !== null));
  };
  $(input).on('input change', update);
  update();
}
