import { methodName, methodsOf, type Method } from '../../active-backup/methods';
import { problemOf, type Problem } from '../../settings/rules';
import { createElement, query, setVisible } from '../form/dom';
import { operationText, problemText } from '../form/texts';
import { describeMenu, MENU, menuRow, openMenu, setCombobox } from '../picker/picker';
import { explainMethod, openMethodForm, type ChosenMethod } from './operation-form';
import { KNOWN_APIS, parseApi, parseMethodName, requestKind, suggestedNames, type RequestKind } from './request-kind';
import type { Params } from './typed-value';

/**
 * Opens the dialog of a request to any method: API and method as free text with suggestions, the explanation of the method or
 * a warning about an unknown one, a row for each parameter.
 * @param saved `params` in the flow
 * @returns reads the value of `params` to store
 */
export function openRequestForm(saved: unknown): () => Params {
  const api = query('#node-input-api', HTMLInputElement);
  const operation = query('#node-input-operation', HTMLInputElement);
  const currentKind = (): RequestKind => requestKind(api.value, operation.value);
  const form = openMethodForm(saved, chosenMethod(currentKind()));
  const update = (): void => {
    const kind = currentKind();
    form.show(chosenMethod(kind));
    explain(kind);
    showProblem('api', problemOf(parseApi, api.value));
    showProblem('operation', problemOf(parseMethodName, operation.value));
  };
  const methods = (): NameSuggestion[] => methodsOf(api.value.trim()).map(methodSuggestion);
  suggestNames(api, query('#active-backup-apis', HTMLButtonElement), apiSuggestions, update);
  suggestNames(operation, query('#active-backup-methods', HTMLButtonElement), methods, update);
  update();
  return () => {
    update();
    return form.params();
  };
}

/** All unknown methods share their rows, which stay while the user corrects a name. */
function chosenMethod({ kind, method }: RequestKind): ChosenMethod {
  return { key: kind === 'known' ? methodName(method) : '', method };
}

function explain({ kind, method }: RequestKind): void {
  explainMethod(kind === 'known' ? method : undefined);
  setVisible(query('#active-backup-request-unknown', HTMLElement), kind === 'unknown');
  setVisible(query('#active-backup-request-open', HTMLElement), kind === 'open');
}

function showProblem(field: 'api' | 'operation', problem: Problem | null): void {
  const message = query(`#active-backup-${field}-problem`, HTMLElement);
  message.textContent = problem === null ? '' : problemText(problem);
  setVisible(message, problem !== null);
}

/** A suggested name. */
interface NameSuggestion {
  readonly name: string;
  readonly description: string;
  readonly isDangerous: boolean;
}

function apiSuggestions(): NameSuggestion[] {
  return KNOWN_APIS.map((name) => {
    const methods = methodsOf(name).map(({ method }) => method);
    return { name, description: methods.join(', '), isDangerous: false };
  });
}

function methodSuggestion(method: Method): NameSuggestion {
  return {
    name: method.method,
    description: operationText(method, 'label'),
    isDangerous: method.level === 'delete',
  };
}

/**
 * Makes a text field suggest names, by Node-RED's `autoComplete` and a button that lists all; any other text stays possible.
 * @param suggestions called for each search
 * @param onCommit called when the user has left the field or picked a name, not at each letter of an unfinished name
 */
function suggestNames(
  input: HTMLInputElement,
  button: HTMLButtonElement,
  suggestions: () => readonly NameSuggestion[],
  onCommit: () => void,
): void {
  setCombobox(input, true);
  $(input).autoComplete({
    minLength: 0,
    search(typed: string) {
      setTimeout(() => describeMenu(input)); // the widget shows the menu after this call
      const known = new Map(suggestions().map((suggestion) => [suggestion.name, suggestion]));
      return suggestedNames([...known.keys()], typed).map((name) => ({ value: name, label: nameRow(known.get(name)) }));
    },
  });
  button.addEventListener('click', () => openMenu(input));
  $(input).on('change', onCommit);
  // When a name is picked by one of these keys, the widget triggers no event and keeps the focus.
  $(input).on('keyup', ({ key }) => {
    if (key === 'Tab' || key === 'Enter') onCommit();
  });
  input.addEventListener('blur', ({ relatedTarget }) => {
    const isPicking = relatedTarget instanceof Element && relatedTarget.closest(MENU) !== null;
    if (!isPicking) onCommit();
  });
}

function nameRow(suggestion: NameSuggestion | undefined): JQuery {
  const { name = '', description = '', isDangerous = false } = suggestion ?? {};
  const style = isDangerous ? 'active-backup-suggestion-danger' : '';
  return menuRow(createElement('code', {}, name), createElement('span', { class: style }, description));
}
