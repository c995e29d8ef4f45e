import type { Method } from '../../active-backup/methods';
import type { NodeOperations } from '../../settings/operations';
import { isVariable, Problem } from '../../settings/rules';
import { parameterLabel, problemText, shared } from '../form/texts';
import { labelled } from '../form/validators';
import { actsOnTasks, shownSelection, type TaskSelectionFields } from './task-selection';
import { validateParameter, validateSelection } from './typed-field';
import { paramsOf, type Params } from './typed-value';

/** Properties of a node that does nothing but call an operation. */
export interface OperationNodeProperties {
  name: string;
  nas: string;
  operation: string;
  params: Params;
}

/** `nas`, of every node that uses a NAS. @param required false: without one `msg.nas` names it */
export function nasProperty(required = true): EditorProperty {
  return { value: '', type: 'active-backup-nas', required, label: shared('common.label.nas') };
}

/** `operation`: one of the node's methods. */
export function operationProperty({ methods, defaultMethod }: NodeOperations): EditorProperty {
  return {
    value: defaultMethod,
    label: shared('common.label.operation'),
    validate(value, options) {
      if (typeof value !== 'string' || value === '' || isVariable(value) || methodNamed(methods, value)) return true;
      return labelled(options.label, problemText(new Problem('problem.operation', { operation: value })));
    },
  };
}

/** `params` of the method that the node is set to. */
export function paramsProperty(operations: NodeOperations): EditorProperty {
  return { value: {}, validate: validParams((node) => chosenMethod(operations, node)) };
}

/** A validator for `params`. @param methodOf the method of a node; undefined if it is resolved at run time */
export function validParams<Properties>(
  methodOf: (node: Partial<Properties>) => Method | undefined,
): Validator<Properties> {
  return function (value, options) {
    const params = paramsOf(value);
    const listed = new Map(Object.entries(methodOf(this)?.parameters ?? {}));
    const reasons = [...new Set([...listed.keys(), ...Object.keys(params)])].flatMap((name) => {
      const reason = validateParameter(listed.get(name), params[name]);
      return reason === null ? [] : [labelled(listed.has(name) ? parameterLabel(name) : name, reason)];
    });
    return reasons.length === 0 ? true : labelled(options.label, reasons.join('; '));
  };
}

/** A validator for `tasks` of a node whose method acts on tasks. */
export function validTasks(operations: NodeOperations): Validator<TaskSelectionFields & { operation: unknown }> {
  return function (tasks, options) {
    if (!actsOnTasks(chosenMethod(operations, this))) return true;
    const reason = validateSelection(shownSelection({ ...this, tasks }));
    return reason === null ? true : labelled(options.label, reason);
  };
}

/** The method of a name, among those of a node. */
export function methodNamed(methods: readonly Method[], name: string): Method | undefined {
  return methods.find(({ method }) => method === name);
}

/** The method that a node is set to; undefined if it is resolved at run time. */
function chosenMethod(
  { methods, defaultMethod }: NodeOperations,
  { operation }: { operation?: unknown },
): Method | undefined {
  return methodNamed(methods, typeof operation === 'string' && operation !== '' ? operation : defaultMethod);
}
