import { START_WHEN, WAIT_TIMEOUT, type StartWhen } from '../../settings/limits';
import { actsOnRuns, type NodeOperations } from '../../settings/operations';
import { query, setVisible } from '../form/dom';
import { checkboxField, saveNumbers, selectField, showNumbers } from '../form/fields';
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
  startWhen?: unknown;
  wait?: unknown;
}

/** Texts of the dialog. */
interface TaskBackupLabels {
  /** Names of the selection types. */
  readonly selection: Readonly<Record<SelectionType, string>>;
  /** Names of the times at which a start is sent. */
  readonly startWhen: Readonly<Record<StartWhen, string>>;
}

const NUMBERS = { waitTimeout: WAIT_TIMEOUT };

/**
 * Opens the dialog of the node that starts, cancels and manages backups.
 * @returns stores the properties that Node-RED does not store by itself
 */
export function openTaskBackupForm(
  node: TaskBackupFields,
  { methods, defaultMethod }: NodeOperations,
  labels: TaskBackupLabels,
): () => void {
  const wait = query('#active-backup-wait', HTMLInputElement);
  const readWait = checkboxField(wait, node.wait, false);
  showNumbers(NUMBERS, 'node-input');
  const startWhen = query('#active-backup-start-when', HTMLSelectElement);
  const readStartWhen = selectField(startWhen, START_WHEN, {
    saved: node.startWhen,
    preset: 'now',
    label: (word) => (word === 'online' ? labels.startWhen.online : labels.startWhen.now),
  });
  const explainWait = explanationOfWait(wait, startWhen);
  const selection = openTaskSelection(node, labels.selection);
  const offered = { methods: withoutTaskIds(methods, hasTaskIds(node)), defaultMethod };
  const form = openOperationForm(node, offered, (operation) => {
    const method = methodNamed(methods, operation);
    // An operation that is resolved at run time may be any of them.
    setVisible(query('#active-backup-tasks', HTMLElement), method === undefined || actsOnTasks(method));
    setVisible(query('#active-backup-waiting', HTMLElement), method === undefined || actsOnRuns(operation));
    // Nothing but a start waits for a device.
    setVisible(query('#active-backup-starting', HTMLElement), method === undefined || operation === 'backup');
    explainWait(method === undefined || operation === 'backup');
    selection.explain(method?.level === 'delete');
  });
  return () => {
    node.params = form.params();
    Object.assign(node, selection.read());
    // A node of an older release has no such property, and stays unchanged.
    if (node.startWhen !== undefined || startWhen.value !== 'now') node.startWhen = readStartWhen();
    node.wait = readWait();
    saveNumbers(node, NUMBERS, 'node-input');
  };
}

/**
 * Shows the limit of waiting while anything waits, and what output 1 sends.
 * @returns updates them. @param isStart whether the operation may be a start
 */
function explanationOfWait(wait: HTMLInputElement, startWhen: HTMLSelectElement): (isStart: boolean) => void {
  let isStart = true;
  const update = (): void => {
    const mayWait = wait.checked || wait.indeterminate;
    // A value that is resolved at run time may be any of them.
    const mayStartOnline = isStart && startWhen.value !== 'now';
    setVisible(query('#active-backup-starts-online', HTMLElement), mayStartOnline);
    setVisible(query('#active-backup-wait-limit', HTMLElement), mayWait || mayStartOnline);
    setVisible(query('#active-backup-waits', HTMLElement), mayWait);
    setVisible(query('#active-backup-waits-not', HTMLElement), !wait.checked && !mayStartOnline);
    setVisible(query('#active-backup-waits-start', HTMLElement), !wait.checked && mayStartOnline);
  };
  wait.addEventListener('change', update);
  startWhen.addEventListener('change', update);
  return (start) => {
    isStart = start;
    update();
  };
}
