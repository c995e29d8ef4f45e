import type { Method } from '../../active-backup/methods';
import { isTaskId } from '../../active-backup/parameter-values';
import type { TypedValue } from '../../settings/operations';
import { isVariable, Problem } from '../../settings/rules';
import { operationLabel } from './operation-label';
import { fieldText, isFilled, isRuntimeType, paramsOf } from './typed-value';

/** The types of `tasksType` by which the dialog itself selects tasks; the other types bring a value that selects them. */
export const SELECTION_TYPES = ['ids', 'names', 'all'] as const;
export type SelectionType = (typeof SELECTION_TYPES)[number];

/** Properties of a node that selects tasks, as the flow file has them. */
export interface TaskSelectionFields {
  readonly tasks?: unknown;
  readonly tasksType?: unknown;
  readonly params?: unknown;
}

/** Whether a method acts on selected tasks. */
export function actsOnTasks(method: Method | undefined): boolean {
  return method !== undefined && 'task_ids' in method.parameters;
}

/**
 * The methods without the parameter `task_ids`, which has a field of its own.
 * @param isStored the flow has the parameter: it gets an optional row, so that the user sees it and can remove it
 */
export function withoutTaskIds(methods: readonly Method[], isStored: boolean): Method[] {
  return methods.map((method) => {
    const { task_ids: ids, ...others } = method.parameters;
    if (ids === undefined) return method;
    const { type, picker } = ids;
    const optional = picker === undefined ? { type } : { type, picker };
    return { ...method, parameters: isStored ? { task_ids: optional, ...others } : others };
  });
}

/** Whether the parameter `task_ids` is filled: it wins over every other selection. */
export function hasTaskIds({ params }: TaskSelectionFields): boolean {
  const typed = paramsOf(params)['task_ids'];
  return typed !== undefined && isFilled(typed);
}

/** The selection as its field shows it; a list of an import is shown with commas. */
export function shownSelection({ tasks, tasksType }: TaskSelectionFields): TypedValue {
  const type = typeof tasksType === 'string' && tasksType !== '' ? tasksType : 'ids';
  const entries: unknown[] = Array.isArray(tasks) ? tasks : [tasks];
  return { value: entries.map((entry) => fieldText({ value: entry })).join(', '), type };
}

/** The problem with a selection that can be found before a message arrives. An empty one is valid: `msg.tasks` may bring it. */
export function selectionProblem({ value, type }: TypedValue): Problem | null {
  const text = fieldText({ value });
  if (text === '' || isVariable(text)) return null;
  if (type === 'names') return text.trim() === '' ? new Problem('problem.required') : null;
  const isValid = type !== 'ids' || text.split(',').every((entry) => isTaskId(entry.trim()));
  return isValid ? null : new Problem('problem.expected.integers');
}

/**
 * The label of a node without a name: `start: Finance PCs`, `cancel: all`; for a value that a message brings, its source:
 * `start: msg.tasks`.
 * @param verb for the operation; @param all the text for all tasks
 */
export function selectionLabel(verb: string, fields: TaskSelectionFields, all: string): string {
  const ids = paramsOf(fields.params)['task_ids'];
  const source = hasTaskIds(fields) && ids ? sourceText(ids) : sourceText(shownSelection(fields), all);
  return operationLabel(verb, [source], ': ');
}

function sourceText(typed: TypedValue, all = ''): string {
  const text = fieldText(typed)
    .trim()
    .replace(/^\[(.*)\]$/, '$1'); // a list as JSON
  if (typed.type === 'all') return all;
  if (text === '') return 'msg.tasks';
  if (!isRuntimeType(typed.type) || typed.type === 'jsonata') return text;
  const prefix = typed.type === 'env' ? '$' : `${typed.type}.`;
  return prefix + text.replace(/^#:\([^)]*\)::/, ''); // without the name of the context store
}
