import { Problem, problemOf, type Rule } from '../../settings/rules';
import { problemText, shared } from './texts';

const REQUIRED = new Problem('problem.required');

/** A validator for a property with a rule. Node-RED shows the reason behind the label of the property. */
export function valid(rule: Rule<unknown>): Validator {
  return (value, options) => {
    const problem = problemOf(rule, value);
    return problem === null ? true : labelled(options.label, problemText(problem));
  };
}

/** Several validators in one; the first reason counts. */
export function firstOf(...validators: Validator[]): Validator {
  return function (value, options) {
    return validators.map((validate) => validate.call(this, value, options)).find((result) => result !== true) ?? true;
  };
}

/**
 * A validator for a config node that needs an account. Node-RED loads credentials when the dialog opens for the first time:
 * before that they are unknown, and valid.
 */
export function hasAccount(this: EditorNode): true | string {
  const { credentials } = this;
  if (credentials === undefined) return true;
  const { username, password, has_password: isStored } = credentials;
  if (!username) return labelled(shared('nas.label.username'), problemText(REQUIRED));
  return password || isStored ? true : labelled(shared('nas.label.password'), problemText(REQUIRED));
}

/**
 * A validator for a config node whose account may be missing, but not half: MQTT 3.1.1 has no password without a user name.
 * Unknown credentials are valid, see {@link hasAccount}.
 * @param label of the field for the user name
 */
export function hasUserForPassword(label: string): Validator {
  return function () {
    const { username, password, has_password: isStored } = this.credentials ?? {};
    if (username || !(password || isStored)) return true;
    return labelled(label, problemText(new Problem('problem.userForPassword')));
  };
}

/** A reason as Node-RED shows it, behind the label of its field. */
export function labelled(label: string | undefined, reason: string): string {
  return label === undefined ? reason : `${label}: ${reason}`;
}
