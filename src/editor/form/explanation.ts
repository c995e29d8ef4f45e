import type { Method } from '../../active-backup/methods';
import { createElement, query } from './dom';
import { operationText, shared } from './texts';

/**
 * Says in `#active-backup-explanation` what a method does, what level it needs unless everybody has it, and what it
 * destroys; nothing for a method only the runtime will know.
 */
export function explainMethod(method: Method | undefined): void {
  const place = query('#active-backup-explanation', HTMLElement);
  place.replaceChildren();
  if (method === undefined) return;
  place.append(operationText(method, 'explain'));
  if (method.level !== 'read')
    place.append(' ', shared('operation.level', { level: shared(`access.${method.level}.name`) }));
  if (method.level === 'delete') place.append(danger(operationText(method, 'loses')));
}

/** A line in the colour of danger, with a sign for whoever sees no colours. */
function danger(text: string): HTMLElement {
  const icon = createElement('i', { class: 'fa fa-exclamation-triangle', 'aria-hidden': 'true' });
  return createElement('div', { class: 'active-backup-danger' }, icon, ' ', text);
}
