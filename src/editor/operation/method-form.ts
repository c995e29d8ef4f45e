import type { Method } from '../../active-backup/methods';
import { createElement, createIcon, query } from '../form/dom';
import { operationText, shared } from '../form/texts';
import { ParameterDrafts } from './parameter-drafts';
import { openParameterForm } from './parameter-form';
import { paramsOf, type Params } from './typed-value';

/** The method that a dialog is set to. */
export interface ChosenMethod {
  /** Key of its drafts. */
  readonly key: string;
  /** Undefined for a method that is resolved at run time (`${VAR}`). */
  readonly method: Method | undefined;
}

/** The open form with the parameters of the chosen method. */
export interface MethodForm {
  /** Shows the rows of another method, and keeps those of the previous one. */
  show(next: ChosenMethod): void;
  /** The value of `params` to store. */
  params(): Params;
}

/**
 * Opens the rows for the parameters of a method, in `#active-backup-parameters`.
 * @param saved `params` in the flow; @param first the method of `saved`
 */
export function openMethodForm(saved: unknown, first: ChosenMethod): MethodForm {
  let shown = first;
  const drafts = new ParameterDrafts(paramsOf(saved), first.key, first.method);
  let readRows = openParameterForm(first.method, drafts.get(first.key));
  return {
    show(next) {
      if (next.key === shown.key) return;
      drafts.save(shown.key, readRows());
      shown = next;
      readRows = openParameterForm(next.method, drafts.get(next.key));
    },
    params() {
      drafts.save(shown.key, readRows());
      return drafts.stored(shown.key, shown.method);
    },
  };
}

/**
 * Explains a method in `#active-backup-explanation`: its purpose, the access level above `read` that it needs, and the data
 * that it deletes. Empty for a method that is resolved at run time.
 */
export function explainMethod(method: Method | undefined): void {
  const explanation = query('#active-backup-explanation', HTMLElement);
  explanation.replaceChildren();
  if (method === undefined) return;
  explanation.append(operationText(method, 'explain'));
  if (method.level !== 'read')
    explanation.append(' ', shared('operation.level', { level: shared(`access.${method.level}.name`) }));
  if (method.level === 'delete') {
    const warning = operationText(method, 'loses');
    const icon = createIcon('fa-exclamation-triangle');
    explanation.append(createElement('div', { class: 'active-backup-danger' }, icon, ' ', warning));
  }
}
