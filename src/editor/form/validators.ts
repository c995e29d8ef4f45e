import type { Method, Parameter } from '../../active-backup/methods';
import { isVariable, type Check } from '../nas/problems';
import { parameterText, problemText, shared } from './texts';
import { choiceProblem, choosesTasks, shownChoice, type TaskChoice } from '../picker/task-selection';
import { fieldText, isFilled, parameterProblem, paramsOf, type TypedValue } from '../operation/typed-value';

/** A validator for a property that Node-RED takes the reason from; `label` of the property stands before it. */
export function valid(check: Check): Validator {
  return (value, options) => {
    const problem = check(value);
    return problem === null ? true : because(options.label, problemText(problem));
  };
}

/** Several validators in one; the first reason counts. */
export function firstOf(...validators: Validator[]): Validator {
  return function (value, options) {
    return (
      validators.map((validate) => validate.call(this, value, options)).find((verdict) => verdict !== true) ?? true
    );
  };
}

/**
 * A validator for a config node with an account. Node-RED looks at credentials while the dialog is open only, and tells them
 * to nobody before it was: unknown is valid.
 */
export function hasAccount(this: EditorNode): true | string {
  const { credentials } = this;
  if (credentials === undefined) return true;
  const { username, password, has_password: isStored } = credentials;
  if (!username) return because(shared('nas.label.username'), problemText({ key: 'problem.required' }));
  return password || isStored ? true : because(shared('nas.label.password'), problemText({ key: 'problem.required' }));
}

/**
 * A validator for a config node whose account may be missing, but not half: MQTT 3.1.1 has no password without a user name.
 * Node-RED tells nobody of the account before the dialog was open: unknown is valid.
 * @param label of the field for the user name
 */
export function namesAccount(label: string): Validator {
  return function () {
    const { username, password, has_password: isStored } = this.credentials ?? {};
    if (username || !(password || isStored)) return true;
    return because(label, problemText({ key: 'problem.userForPassword' }));
  };
}

/** What is wrong with one row of the parameter form, in words; null when nothing is. */
export function validateParameters(parameter: Parameter | undefined, typed: TypedValue | undefined): string | null {
  const problem = parameterProblem(parameter, typed);
  if (problem !== null) return problemText(problem);
  if (typed === undefined || !isFilled(typed)) return null;
  const verdict = RED.utils.validateTypedProperty(fieldText(typed), typed.type, {});
  return verdict === true ? null : verdict;
}

/** A validator for the operation: one of those the node offers. */
export function offeredOperation(methods: readonly Method[]): Validator {
  return (value, options) => {
    if (typeof value !== 'string' || value === '' || isVariable(value) || methodNamed(methods, value) !== undefined)
      return true;
    return because(options.label, problemText({ key: 'problem.operation', values: { operation: value } }));
  };
}

/** A validator for the parameters of the method that `this` node is set to. @param methodOf undefined when only the runtime will know */
export function filledParameters<Properties>(
  methodOf: (node: Partial<Properties>) => Method | undefined,
): Validator<Properties> {
  return function (value, options) {
    const params = paramsOf(value);
    const listed = new Map(Object.entries(methodOf(this)?.parameters ?? {}));
    const verdicts = [...new Set([...listed.keys(), ...Object.keys(params)])].flatMap((name) => {
      const verdict = validateParameters(listed.get(name), params[name]);
      return verdict === null ? [] : [because(listed.has(name) ? parameterText(name, 'label') : name, verdict)];
    });
    return verdicts.length === 0 ? true : because(options.label, verdicts.join('; '));
  };
}

/** What is wrong with a choice of tasks, in words; null when nothing is. */
export function validateSelection(typed: TypedValue): string | null {
  const problem = choiceProblem(typed);
  return problem === null ? validateParameters(undefined, typed) : problemText(problem);
}

/** A validator for the tasks that `this` node is to act on, if its operation acts on tasks at all. */
export function chosenTasks(
  methods: readonly Method[],
  preset: string,
): Validator<TaskChoice & { operation: unknown }> {
  return function (tasks, options) {
    if (!choosesTasks(chosenMethod(methods, preset, this))) return true;
    const verdict = validateSelection(shownChoice({ ...this, tasks }));
    return verdict === null ? true : because(options.label, verdict);
  };
}

/** The method that a node is set to; undefined when only the runtime will know it. */
export function chosenMethod(
  methods: readonly Method[],
  preset: string,
  { operation }: { operation?: unknown },
): Method | undefined {
  return methodNamed(methods, typeof operation === 'string' && operation !== '' ? operation : preset);
}

/** The method of a name among those a node offers. */
export function methodNamed(methods: readonly Method[], name: string): Method | undefined {
  return methods.find(({ method }) => method === name);
}

function because(label: string | undefined, reason: string): string {
  return label === undefined ? reason : `${label}: ${reason}`;
}
