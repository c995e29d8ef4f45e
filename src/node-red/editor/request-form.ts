import { methodName, methodsOf, type Method } from '../../active-backup/catalogue';
import { find, show } from './elements';
import { explainMethod } from './explanation';
import { openMethodForm, type ChosenMethod } from './method-form';
import type { Problem } from './problems';
import { apiProblem, KNOWN_APIS, methodProblem, standingOf, type Standing } from './request';
import { suggest, type Choice } from './suggestions';
import { operationText, problemText } from './texts';
import type { Params } from './typed-value';

/**
 * Brings the dialog of a request to any method to life: API and method as free text with suggestions, what the method
 * does or why an unknown one is dangerous, a row for each parameter.
 * @param saved `params` as the flow has them
 * @returns what to store in `params`
 */
export function openRequestForm(saved: unknown): () => Params {
  const api = find('#node-input-api', HTMLInputElement);
  const operation = find('#node-input-operation', HTMLInputElement);
  const standing = (): Standing => standingOf(api.value, operation.value);
  const form = openMethodForm(saved, chosen(standing()));
  const update = (): void => {
    const now = standing();
    form.show(chosen(now));
    explain(now);
    complain('api', apiProblem(api.value));
    complain('operation', methodProblem(operation.value));
  };
  suggest(api, find('#active-backup-apis', HTMLButtonElement), apiChoices, update);
  suggest(
    operation,
    find('#active-backup-methods', HTMLButtonElement),
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
function chosen({ is, method }: Standing): ChosenMethod {
  return { key: is === 'known' ? methodName(method) : '', method };
}

function explain({ is, method }: Standing): void {
  explainMethod(is === 'known' ? method : undefined);
  show(find('#active-backup-request-unknown', HTMLElement), is === 'unknown');
  show(find('#active-backup-request-open', HTMLElement), is === 'open');
}

function complain(field: 'api' | 'operation', problem: Problem | null): void {
  const place = find(`#active-backup-${field}-problem`, HTMLElement);
  place.textContent = problem === null ? '' : problemText(problem);
  show(place, problem !== null);
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
