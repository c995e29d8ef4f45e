import type { Method } from '../../active-backup/methods';
import { query, setVisible } from '../form/dom';
import { checkboxField } from '../form/checkbox-field';
import { saveNumbers, showNumbers } from '../form/number-fields';
import { openOperationForm } from './operation-form';
import { choosesTasks, hasTaskIds, withoutTaskIds, type CHOICE_TYPES } from '../picker/task-selection';
import { openTaskChoice } from '../picker/task-selection-form';
import { methodNamed } from '../form/validators';
import { canWait, WAIT } from './wait';

/** What the dialog reads of the node, and writes back: properties Node-RED cannot read by itself. */
interface TaskBackupFields {
  readonly operation?: unknown;
  params?: unknown;
  tasks?: unknown;
  tasksType?: unknown;
  wait?: unknown;
}

/**
 * Brings the dialog of the node that starts, cancels and manages backups to life.
 * @param methods what it offers; @param preset operation of a node without one
 * @param ways what the ways to choose tasks are called
 * @returns stores what Node-RED does not store by itself
 */
export function openTaskBackupForm(
  node: TaskBackupFields,
  methods: readonly Method[],
  preset: string,
  ways: Readonly<Record<(typeof CHOICE_TYPES)[number], string>>,
): () => void {
  const wait = query('#active-backup-wait', HTMLInputElement);
  const readWait = checkboxField(wait, node.wait, false);
  showNumbers(WAIT, 'node-input');
  showLimit(wait);
  const choice = openTaskChoice(node, ways);
  const form = openOperationForm(node, withoutTaskIds(methods, hasTaskIds(node)), preset, (operation) => {
    const method = methodNamed(methods, operation);
    // An operation only the runtime will know may be any of them.
    setVisible(query('#active-backup-tasks', HTMLElement), method === undefined || choosesTasks(method));
    setVisible(query('#active-backup-waiting', HTMLElement), method === undefined || canWait(operation));
    choice.explain(method?.level === 'delete');
  });
  return () => {
    node.params = form.params();
    Object.assign(node, choice.read());
    node.wait = readWait();
    saveNumbers(node, WAIT, 'node-input');
  };
}

/** What waiting means, and its limit, only for whoever waits. */
function showLimit(wait: HTMLInputElement): void {
  const update = (): void => {
    const mayWait = wait.checked || wait.indeterminate;
    setVisible(query('#active-backup-wait-limit', HTMLElement), mayWait);
    setVisible(query('#active-backup-waits', HTMLElement), mayWait);
    setVisible(query('#active-backup-waits-not', HTMLElement), !wait.checked);
  };
  wait.addEventListener('change', update);
  update();
}
