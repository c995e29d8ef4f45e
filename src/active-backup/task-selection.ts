import { DsmError } from '../dsm/errors';
import { truncate, readForeign, describeValue } from './json-fields';
import { isTaskId } from './parameter-values';
import type { Task } from './types';

/**
 * Whether a whole text matches a glob: `*` matches any characters, `?` exactly one; case is ignored. Takes at most
 * pattern × text steps: after a mismatch only the last `*` is extended, because it can match everything an earlier `*`
 * could.
 */
export function matchesGlob(pattern: string, text: string): boolean {
  const patternCharacters = charactersOf(pattern);
  const textCharacters = charactersOf(text);
  let at = 0;
  let star = -1;
  let starEnd = 0;
  let index = 0;
  while (index < textCharacters.length) {
    const character = patternCharacters[at];
    if (character === '*') {
      star = at;
      starEnd = index;
      at += 1;
    } else if (character === '?' || character === textCharacters[index]) {
      at += 1;
      index += 1;
    } else if (star >= 0) {
      starEnd += 1;
      index = starEnd;
      at = star + 1;
    } else {
      return false;
    }
  }
  return patternCharacters.slice(at).every((character) => character === '*');
}

/** One entry per code point; composed and decomposed characters are equal. */
function charactersOf(text: string): string[] {
  return Array.from(text.normalize('NFC').toLowerCase());
}

/** The tasks selected by the user: all, or a list of ids, names and globs. */
export type TaskSelection =
  { readonly kind: 'all' } | { readonly kind: 'some'; readonly selectors: readonly TaskSelector[] };

/** One entry of a selection. A text of digits may be an id that was converted to a text. */
type TaskSelector = { readonly id: number } | { readonly name: string };

const ALL: TaskSelection = { kind: 'all' };
/** More than any NAS has tasks; each entry is compared with every task. */
const MAX_ENTRIES = 10_000;

/**
 * Parses a task selection: an id, a name or glob, the word `all`, or a list of these (docs/interface.md §2.3).
 * @param where names the value (`msg.tasks`, `The property "tasks"`) in the error
 * @throws DsmError EPARAM when it is empty or of another type
 */
export function parseSelection(value: unknown, where: string): TaskSelection {
  if (value === 'all') return ALL;
  return some(where, Array.isArray(value) ? value : [value], (entry) => {
    if (typeof entry === 'number' && Number.isInteger(entry) && entry > 0) return { id: entry };
    if (typeof entry === 'string' && entry.trim() !== '') return { name: entry.trim() };
    throw new DsmError('EPARAM', `${where} must name tasks by number or name, not ${describeValue(entry)}`);
  });
}

/**
 * Parses task ids: `3`, `1, 2, 3`, or a list.
 * @throws DsmError EPARAM naming the entry that is no id
 */
export function parseTaskIds(value: unknown, where: string): TaskSelection {
  const entries = typeof value === 'string' ? value.split(',') : Array.isArray(value) ? value : [value];
  return some(where, entries, (entry) => {
    const text = typeof entry === 'string' || typeof entry === 'number' ? String(entry).trim() : '';
    if (isTaskId(text)) return { id: Number(text) };
    throw new DsmError('EPARAM', `${where} must hold task ids such as 1, 2, 3, not ${describeValue(entry)}`);
  });
}

/** A selection of at least one and at most {@link MAX_ENTRIES} entries. @throws DsmError EPARAM */
function some(where: string, entries: readonly unknown[], read: (entry: unknown) => TaskSelector): TaskSelection {
  return readForeign(where, () => {
    if (entries.length === 0) throw new DsmError('EPARAM', `${where} names no task`);
    if (entries.length > MAX_ENTRIES) throw new DsmError('EPARAM', `${where} names more than ${MAX_ENTRIES} tasks`);
    return { kind: 'some', selectors: Array.from(entries, read) };
  });
}

/**
 * The selected tasks in the order of the NAS, each once.
 * @throws DsmError EPARAM when an id or name is unknown, a glob matches nothing, or several tasks have the name
 */
export function selectTasks(tasks: readonly Task[], choice: TaskSelection): Task[] {
  if (choice.kind === 'all') {
    if (tasks.length === 0) throw new DsmError('EPARAM', 'There is no backup task on this NAS');
    return [...tasks];
  }
  const chosen = new Set(
    choice.selectors.flatMap((wanted) => ('id' in wanted ? [byId(tasks, wanted.id)] : byName(tasks, wanted.name))),
  );
  return tasks.filter((task) => chosen.has(task));
}

/**
 * Splits tasks into those to start and those that run or wait already, which are not started again. If all of them do, all
 * are started: DSM refuses the request with a more exact reason than this package has, see {@link areAllRunning}.
 */
export function tasksToStart(tasks: readonly Task[]): { tasks: readonly Task[]; running: readonly Task[] } {
  const idle = tasks.filter(({ state }) => state === 'idle');
  return idle.length === 0
    ? { tasks, running: [] }
    : { tasks: idle, running: tasks.filter(({ state }) => state !== 'idle') };
}

/** States of a task that runs for certain: one that waits, or is in an unknown state, may be started once more. */
const RUNNING: ReadonlySet<Task['state']> = new Set(['running', 'pausing', 'cancelling']);

/** Whether a start of these tasks has no effect, whatever DSM responds. */
export function areAllRunning(tasks: readonly Task[]): boolean {
  return tasks.length > 0 && tasks.every(({ state }) => RUNNING.has(state));
}

function byId(tasks: readonly Task[], id: number): Task {
  const task = tasks.find((candidate) => candidate.id === id);
  if (task !== undefined) return task;
  throw new DsmError('EPARAM', `There is no backup task with the id ${id}`);
}

/** In this order: exact name (a task may be called `*`), name without regard to case, id, glob, list. */
function byName(tasks: readonly Task[], name: string): Task[] {
  const sameId = /^\d+$/.test(name) ? tasks.filter((task) => task.id === Number(name)) : [];
  const exact = tasks.filter((task) => task.name === name);
  if (exact.length > 0) return [only([...new Set([...exact, ...sameId])], name)];
  const folded = tasks.filter((task) => task.name?.toLowerCase() === name.toLowerCase());
  if (folded.length > 0) return [only([...new Set([...folded, ...sameId])], name)];
  if (sameId.length > 0) return sameId;
  const matching = /[*?]/.test(name) ? tasks.filter((task) => task.name !== null && matchesGlob(name, task.name)) : [];
  if (matching.length > 0) return matching;
  if (name.includes(',')) return name.split(',').flatMap((part) => byName(tasks, part.trim()));
  throw new DsmError('EPARAM', `No backup task ${/[*?]/.test(name) ? 'matches' : 'is called'} "${truncate(name)}"`);
}

function only(tasks: readonly Task[], name: string): Task {
  const [task, ...others] = tasks;
  if (task !== undefined && others.length === 0) return task;
  const ids = tasks.map((candidate) => candidate.id).join(', ');
  throw new DsmError(
    'EPARAM',
    `"${truncate(name)}" is ambiguous: the tasks with the ids ${ids} answer to it. Choose one by its id`,
  );
}
