import { methodName, type Method } from '../../active-backup/methods';
import { type Problem, problemOf, type Rule } from '../../settings/rules';
import { createElement, setVisible } from './dom';

/** Looks up a text of one catalogue in the language of the editor. `__name__` in the text is replaced by `values.name`. */
export type Text = (key: string, values?: Readonly<Record<string, string | number>>) => string;

/** The texts of one node's own catalogue. @param set the folder of the node */
export function textsOf(set: string): Text {
  return (key, values) => RED._(`node-red-contrib-synology-active-backup/${set}:${key}`, values);
}

/** A text of the catalogue that all nodes share: that of the set `nas`, which every working flow has loaded. */
export const shared: Text = textsOf('nas');

/** The text of a problem. */
export function problemText({ key, values }: Problem): string {
  return shared(key, values);
}

/** `label`: name of a method; `explain`: its purpose; `loses`, of level `delete` alone: the data that it deletes. */
export function operationText(method: Method, part: 'label' | 'explain' | 'loses'): string {
  return shared(`operations.${methodName(method)}.${part}`);
}

/** The name of a parameter. */
export function parameterLabel(name: string): string {
  return shared(`parameters.${name}.label`);
}

/** The value to enter for a parameter of a method. */
export function parameterHint(method: Method, name: string): string {
  const isOwn = method.parameters[name]?.hasOwnHint === true;
  return shared(isOwn ? `operations.${methodName(method)}.hint.${name}` : `parameters.${name}.hint`);
}

/** The display name of a word of the data model (docs/interface.md §4). */
export function wordText(kind: 'type' | 'state' | 'result', word: string): string {
  return shared(`word.${kind}.${word}`);
}

/** Date and time in the language of the editor. @param at ISO 8601 */
export function dateTimeText(at: string): string {
  const format = new Intl.DateTimeFormat(RED.i18n.lang(), { dateStyle: 'medium', timeStyle: 'short' });
  return format.format(new Date(at));
}

/** A date in the language of the editor. @param at ISO 8601 */
export function dateText(at: string): string {
  return new Intl.DateTimeFormat(RED.i18n.lang(), { dateStyle: 'long' }).format(new Date(at));
}

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
