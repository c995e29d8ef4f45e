import { DsmError } from '../dsm/errors';
import { isJsonObject } from '../dsm/json';
import { quoted } from '../dsm/redact';
import { RESULT_STATUSES, TASK_STATES, TASK_TYPES, type ResultStatus } from './codes';
import { matchesGlob } from './task-selection';
import { readForeign, describeValue } from './json-fields';
import type { LaterJobs, Task } from './types';

/** Status of the last backup: `none` for a task without any job, `unknown` when a later job hides the backup. */
function lastResultOf({ id, lastResult }: Task, laterJobs: LaterJobs): ResultStatus {
  return lastResult?.status ?? (id !== null && laterJobs.has(id) ? 'unknown' : 'none');
}

/** Conditions for a task (docs/interface.md §2.3); a missing or empty condition matches all. */
interface TaskFilter {
  type?: readonly string[];
  state?: readonly string[];
  /** Status of the last backup; `none` for a task without one. */
  result?: readonly string[];
  /** Glob, see `matchesGlob`. */
  name?: string;
}

/** Longer than any task name; matching takes pattern × name steps. */
const MAX_NAME_LENGTH = 1000;

const CRITERIA = [
  { key: 'type', words: TASK_TYPES, of: (task: Task) => task.type },
  { key: 'state', words: TASK_STATES, of: (task: Task) => task.state },
  { key: 'result', words: RESULT_STATUSES, of: lastResultOf },
] as const satisfies readonly {
  key: keyof TaskFilter;
  words: readonly string[];
  of: (task: Task, laterJobs: LaterJobs) => string;
}[];

/**
 * The tasks or device rows that match a filter, in their order.
 * @param filter a {@link TaskFilter} from the user or a message; a single word may stand in place of a list
 * @param laterJobs from the same response as the tasks
 * @throws DsmError EPARAM for an unknown word, or a condition of the wrong type
 */
export function filterTasks<T extends Task>(tasks: readonly T[], filter: unknown, laterJobs: LaterJobs): T[] {
  const passes = createTaskFilter(filter);
  return tasks.filter((task) => passes(task, laterJobs));
}

/** Whether a task matches. @param laterJobs from the same response as the task */
export type TaskPredicate = (task: Task, laterJobs: LaterJobs) => boolean;

/**
 * Parses a filter before the tasks are read.
 * @throws DsmError EPARAM see {@link filterTasks}
 */
export function createTaskFilter(filter: unknown): TaskPredicate {
  if (filter === undefined || filter === null) return () => true;
  if (!isJsonObject(filter)) throw wrong('the filter', 'an object {type, state, result, name}');
  const [name, chosen] = readForeign('the filter', () => [
    nameOf(filter.name),
    CRITERIA.map(({ key, words, of }) => ({ of, allowed: allowedOf(key, filter[key], words) })),
  ]);
  return (task, laterJobs) =>
    chosen.every(({ of, allowed }) => allowed.size === 0 || allowed.has(of(task, laterJobs))) &&
    (name === '' || matchesGlob(name, task.name ?? ''));
}

function allowedOf(key: string, value: unknown, words: readonly string[]): Set<string> {
  return new Set(
    wordsOf(value).map((word) => {
      if (typeof word !== 'string') throw wrong(`filter "${key}"`, `words out of ${words.join(', ')}`, word);
      const known = word.trim().toLowerCase();
      if (words.includes(known)) return known;
      throw new DsmError('EPARAM', `filter "${key}" does not know ${quoted(word)}; it knows ${words.join(', ')}`);
    }),
  );
}

function wordsOf(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value;
  return value === undefined || value === null || value === '' ? [] : [value];
}

function nameOf(value: unknown): string {
  if (value === undefined || value === null) return '';
  if (typeof value !== 'string') throw wrong('filter "name"', 'a text, like "PC-*"', value);
  if (value.length > MAX_NAME_LENGTH) throw wrong('filter "name"', `at most ${MAX_NAME_LENGTH} characters long`);
  return value;
}

function wrong(what: string, expected: string, value?: unknown): DsmError {
  const got = value === undefined ? '' : `, not ${describeValue(value)}`;
  return new DsmError('EPARAM', `${what} must be ${expected}${got}`);
}
