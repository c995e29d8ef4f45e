import type { Node, NodeAPI } from 'node-red';
import { parseSelection, parseTaskIds, type TaskSelection } from '../active-backup/task-selection';
import { readForeign } from '../active-backup/json-fields';
import { DsmError } from '../dsm/errors';
import { evaluate } from './operation';
import type { Message } from './types';

/** The properties by which a node selects tasks (`docs/interface.md §2.3`). */
export interface TaskSelectionDef {
  tasks?: unknown;
  tasksType?: string;
}

const ALL_TASKS: TaskSelection = { kind: 'all' };

/**
 * The tasks selected for a message: by the parameter `task_ids`, else by `msg.tasks`, else by the node. A value in the message
 * that selects no task (null, `''`, `[]`) is an error; the node's own selection, which may be every task, is not used then.
 * @throws DsmError EPARAM when no task is selected
 */
export async function selectionOf(
  RED: NodeAPI,
  node: Node,
  def: TaskSelectionDef,
  parameters: Readonly<Record<string, unknown>>,
  msg: Message,
): Promise<TaskSelection> {
  const ids = parameters['task_ids'];
  if (isSet(ids) || hasTaskIds(msg)) return parseTaskIds(ids, 'The parameter "task_ids"');
  const ofMessage = readForeign('msg.tasks', () => msg.tasks);
  if (ofMessage !== undefined) return parseSelection(ofMessage, 'msg.tasks');
  const { tasks, tasksType: type = 'ids' } = def;
  if (type === 'all') return ALL_TASKS;
  if (!isSet(tasks)) throw new DsmError('EPARAM', 'No task is chosen: choose one in the node, or in msg.tasks');
  if (type === 'ids') return parseTaskIds(tasks, 'The property "tasks"');
  if (type === 'names') return parseSelection(tasks, 'The property "tasks"');
  return parseSelection(
    await evaluate(RED, node, 'tasks', { value: tasks, type }, msg),
    `The ${type} value of the property "tasks"`,
  );
}

/** Whether `msg.params` has the parameter `task_ids`, also an empty one. An empty field of the node's dialog selects nothing. */
function hasTaskIds({ params }: Message): boolean {
  return typeof params === 'object' && params !== null && 'task_ids' in params && params.task_ids !== undefined;
}

function isSet(value: unknown): boolean {
  return value !== undefined && value !== null && value !== '';
}
