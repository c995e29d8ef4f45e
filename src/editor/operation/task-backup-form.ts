import { WAIT_TIMEOUT } from '../../settings/limits';
import { actsOnRuns, type NodeOperations } from '../../settings/operations';
import { query, setVisible } from '../form/dom';
import { checkboxField, saveNumbers, showNumbers } from '../form/fields';
import { openOperationForm } from './operation-form';
import { methodNamed } from './operation-properties';
import { actsOnTasks, hasTaskIds, withoutTaskIds, type SelectionType } from './task-selection';
import { openTaskSelection } from './task-selection-form';

/** Properties that Node-RED cannot read by itself. */
interface TaskBackupFields {
  readonly operation?: unknown;
  params?: unknown;
  tasks?: unknown;
  tasksType?: unknown;
  wait?: unknown;
}

const NUMBERS = { waitTimeout: WAIT_TIMEOUT };

/**
 * Opens the dialog of the node that starts, cancels and manages backups.
 * @param selectionLabels names of the selection types
 * @returns stores the properties that Node-RED does not store by itself
 */
export function openTaskBackupForm(
  node: TaskBackupFields,
  { methods, defaultMethod }: NodeOperations,
  selectionLabels: Readonly<Record<SelectionType, string>>,
): () => void {
  const wait = query('#active-backup-wait', HTMLInputElement);
  const readWait = checkboxField(wait, node.wait, false);
  showNumbers(NUMBERS, 'node-input');
  explainWait(wait);
  const selection = openTaskSelection(node, selectionLabels);
  const offered = { methods: withoutTaskIds(methods, hasTaskIds(node)), defaultMethod };
  const form = openOperationForm(node, offered, (operation) => {
    const method = methodNamed(methods, operation);
    // An operation that is resolved at run time may be any of them.
    setVisible(query('#active-backup-tasks', HTMLElement), method === undefined || actsOnTasks(method));
    setVisible(query('#active-backup-waiting', HTMLElement), method === undefined || actsOnRuns(operation));
    selection.explain(method?.level === 'delete');
  });
  return () => {
    node.params = form.params();
    Object.assign(node, selection.read());
    node.wait = readWait();
    saveNumbers(node, NUMBERS, 'node-input');
  };
}

/** Shows the limit and the explanation of waiting while the box is ticked. */
function explainWait(wait: HTMLInputElement): void {
  const update = (): void => {
    const mayWait = wait.checked || wait.indeterminate;
    setVisible(query('#active-backup-wait-limit', HTMLElement), mayWait);
    setVisible(query('#active-backup-waits', HTMLElement), mayWait);
    setVisible(query('#active-backup-waits-not', HTMLElement), !wait.checked);
  };
  wait.addEventListener('change', update);
  update();
}
