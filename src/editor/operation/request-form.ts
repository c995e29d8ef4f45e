import { methodName, methodsOf, type Method } from '../../active-backup/methods';
import { query, setVisible } from '../form/dom';
import { explainMethod } from '../form/explanation';
import { openMethodForm, type ChosenMethod } from './method-form';
import type { Problem } from '../nas/problems';
import { apiProblem, KNOWN_APIS, methodProblem, requestKind, type RequestKind } from './request-kind';
import { suggest, type Choice } from '../picker/suggestions';
import { operationText, problemText } from '../form/texts';
import type { Params } from './typed-value';

/**
 * Brings the dialog of a request to any method to life: API and method as free text with suggestions, what the method
 * does or why an unknown one is dangerous, a row for each parameter.
 * @param saved `params` as the flow has them
 * @returns what to store in `params`
 */
export function openRequestForm(saved: unknown): () => Params {
  const api = query('#node-input-api', HTMLInputElement);
  const operation = query('#node-input-operation', HTMLInputElement);
  const standing = (): RequestKind => requestKind(api.value, operation.value);
  const form = openMethodForm(saved, chosen(standing()));
  const update = (): void => {
    const now = standing();
    form.show(chosen(now));
    explain(now);
    complain('api', apiProblem(api.value));
    complain('operation', methodProblem(operation.value));
  };
  suggest(api, query('#active-backup-apis', HTMLButtonElement), apiChoices, update);
  suggest(
    operation,
    query('#active-backup-methods', HTMLButtonElement),
    () => methodsOf(api.value.trim()).map(methodChoice),
    update,
  );
  update();
  return () => {
    update();
    return form.params();
  };
}

/** Rows of unknown methods are remembered together: they stay while a person mends a name. */
function chosen({ is, method }: RequestKind): ChosenMethod {
  return { key: is === 'known' ? methodName(method) : '', method };
}

function explain({ is, method }: RequestKind): void {
  explainMethod(is === 'known' ? method : undefined);
  setVisible(query('#active-backup-request-unknown', HTMLElement), is === 'unknown');
  setVisible(query('#active-backup-request-open', HTMLElement), is === 'open');
}

function complain(field: 'api' | 'operation', problem: Problem | null): void {
  const place = query(`#active-backup-${field}-problem`, HTMLElement);
  place.textContent = problem === null ? '' : problemText(problem);
  setVisible(place, problem !== null);
}

function apiChoices(): Choice[] {
  return KNOWN_APIS.map((name) => ({
    name,
    what: methodsOf(name)
      .map(({ method }) => method)
      .join(', '),
    isDangerous: false,
  }));
}

function methodChoice(method: Method): Choice {
  return { name: method.method, what: operationText(method, 'label'), isDangerous: method.level === 'delete' };
}
