import type { Node, NodeAPI } from 'node-red';
import { parseSelection, parseTaskIds, type TaskSelection } from '../active-backup/task-selection';
import { readForeign } from '../active-backup/foreign-value';
import { DsmError } from '../dsm/errors';
import { evaluate } from './typed-values';
import type { Message } from './types';

/** How a node names tasks (INTERFACE 2.3). */
export interface TaskChoiceDef {
  tasks?: unknown;
  tasksType?: string;
}

const EVERY_TASK: TaskSelection = { kind: 'all' };

/**
 * Which tasks a message means: `task_ids` among the parameters wins, then `msg.tasks`, then the node's own choice. What a
 * message says always counts: when it names no task (null, `''`, `[]`), it is an error and never the node's own choice,
 * which may be every task.
 * @throws DsmError EPARAM when none is named, or the value names none
 */
export async function selectionOf(
  RED: NodeAPI,
  node: Node,
  def: TaskChoiceDef,
  parameters: Readonly<Record<string, unknown>>,
  msg: Message,
): Promise<TaskSelection> {
  const ids = parameters['task_ids'];
  if (isGiven(ids) || saysTaskIds(msg)) return parseTaskIds(ids, 'The parameter "task_ids"');
  const wanted = readForeign('msg.tasks', () => msg.tasks);
  if (wanted !== undefined) return parseSelection(wanted, 'msg.tasks');
  const { tasks, tasksType: type = 'ids' } = def;
  if (type === 'all') return EVERY_TASK;
  if (!isGiven(tasks)) throw new DsmError('EPARAM', 'No task is chosen: choose one in the node, or in msg.tasks');
  if (type === 'ids') return parseTaskIds(tasks, 'The property "tasks"');
  if (type === 'names') return parseSelection(tasks, 'The property "tasks"');
  return parseSelection(
    await evaluate(RED, node, 'tasks', { value: tasks, type }, msg),
    `The ${type} value of the property "tasks"`,
  );
}

/** Whether the message itself has the parameter, even if it names nothing; the empty field of a form is no choice. */
function saysTaskIds({ params }: Message): boolean {
  return typeof params === 'object' && params !== null && 'task_ids' in params && params.task_ids !== undefined;
}

function isGiven(value: unknown): boolean {
  return value !== undefined && value !== null && value !== '';
}
