import { createElement, setVisible } from './dom';
import type { Check } from '../nas/problems';
import { problemText } from './texts';

/**
 * Says below an input, while a person types, what is wrong with it. That something is still to be entered is not said:
 * Node-RED marks the field for that.
 */
export function showValidationMessage(input: HTMLInputElement, check: Check): void {
  const place = createElement('div', {
    class: 'active-backup-problem',
    id: `${input.id}-problem`,
    'aria-live': 'polite',
  });
  input.after(place);
  input.setAttribute('aria-describedby', `${place.id} ${input.getAttribute('aria-describedby') ?? ''}`.trim());
  const look = (): void => {
    const problem = check(input.value);
    const isSaid = problem !== null && problem.key !== 'problem.required';
    place.textContent = isSaid ? problemText(problem) : '';
    setVisible(place, isSaid);
    input.setAttribute('aria-invalid', String(problem !== null));
  };
  $(input).on('input change', look);
  look();
}
