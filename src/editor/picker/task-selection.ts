import type { Method } from '../../active-backup/methods';
import { operationLabel } from '../operation/operation-label';
import { isVariable, type Problem } from '../nas/problems';
import { fieldText, isFilled, isRuntimeType, paramsOf, type TypedValue } from '../operation/typed-value';

/** Ways of a person to say which tasks; the rest of the types bring a value that says it (INTERFACE 2.3). */
export const CHOICE_TYPES = ['ids', 'names', 'all'] as const;

/** Properties of a node that chooses tasks, as the flow file has them. */
export interface TaskChoice {
  readonly tasks?: unknown;
  readonly tasksType?: unknown;
  readonly params?: unknown;
}

/** Whether a method acts on tasks that are chosen, by the catalogue. */
export function choosesTasks(method: Method | undefined): boolean {
  return method !== undefined && 'task_ids' in method.parameters;
}

/**
 * The methods with rows for what is left to enter, where the tasks are chosen by other means: `task_ids` has a row if a
 * flow brought it, to be seen and taken out, and is nowhere required.
 */
export function withoutTaskIds(methods: readonly Method[], areGiven: boolean): Method[] {
  return methods.map((method) => {
    const { task_ids: ids, ...others } = method.parameters;
    if (ids === undefined) return method;
    const { type, picker } = ids;
    const optional = picker === undefined ? { type } : { type, picker };
    return { ...method, parameters: areGiven ? { task_ids: optional, ...others } : others };
  });
}

/** Whether the parameter `task_ids` is filled: it wins over every other choice. */
export function hasTaskIds({ params }: TaskChoice): boolean {
  const typed = paramsOf(params)['task_ids'];
  return typed !== undefined && isFilled(typed);
}

/** The choice as its field shows it; a list of an import as a person would type it. */
export function shownChoice({ tasks, tasksType }: TaskChoice): TypedValue {
  const type = typeof tasksType === 'string' && tasksType !== '' ? tasksType : 'ids';
  const entries: unknown[] = Array.isArray(tasks) ? tasks : [tasks];
  return { value: entries.map((entry) => fieldText({ value: entry, type })).join(', '), type };
}

/** What is wrong with a choice, as far as that can be known before a message comes. No choice is none: `msg.tasks` has it. */
export function choiceProblem({ value, type }: TypedValue): Problem | null {
  const text = fieldText({ value, type });
  if (text === '' || isVariable(text)) return null;
  if (type === 'names') return text.trim() === '' ? { key: 'problem.required' } : null;
  const areIds = type !== 'ids' || text.split(',').every((entry) => /^[1-9]\d{0,14}$/.test(entry.trim()));
  return areIds ? null : { key: 'problem.expected.integers' };
}

/**
 * What a node without a name is called: `start: Finance PCs`, `cancel: all`; what comes with the message by where it
 * comes from, `start: msg.tasks`.
 * @param verb what the node does to the tasks; @param all what every task is called
 */
export function choiceLabel(verb: string, choice: TaskChoice, all: string): string {
  const ids = paramsOf(choice.params)['task_ids'];
  return operationLabel(verb, [hasTaskIds(choice) && ids ? sourceOf(ids) : sourceOf(shownChoice(choice), all)], ': ');
}

function sourceOf(typed: TypedValue, all = ''): string {
  const text = fieldText(typed)
    .trim()
    .replace(/^\[(.*)\]$/, '$1'); // a list as JSON
  if (typed.type === 'all') return all;
  if (text === '') return 'msg.tasks';
  if (!isRuntimeType(typed.type) || typed.type === 'jsonata') return text;
  const place = typed.type === 'env' ? '$' : `${typed.type}.`;
  return place + text.replace(/^#:\([^)]*\)::/, ''); // the store of a context
}
