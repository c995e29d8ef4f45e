import type { Method } from '../../active-backup/catalogue';
import { find, show } from './elements';
import { flagCheckbox } from './flag-checkbox';
import { saveNumbers, showNumbers } from './number-fields';
import { openOperationForm } from './operation-form';
import { choosesTasks, hasTaskIds, withoutTaskIds, type CHOICE_TYPES } from './task-choice';
import { openTaskChoice } from './task-choice-form';
import { methodNamed } from './verdict';
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
  const wait = find('#active-backup-wait', HTMLInputElement);
  const readWait = flagCheckbox(wait, node.wait, false);
  showNumbers(WAIT, 'node-input');
  showLimit(wait);
  const choice = openTaskChoice(node, ways);
  const form = openOperationForm(node, withoutTaskIds(methods, hasTaskIds(node)), preset, (operation) => {
    const method = methodNamed(methods, operation);
    // An operation only the runtime will know may be any of them.
    show(find('#active-backup-tasks', HTMLElement), method === undefined || choosesTasks(method));
    show(find('#active-backup-waiting', HTMLElement), method === undefined || canWait(operation));
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
    show(find('#active-backup-wait-limit', HTMLElement), mayWait);
    show(find('#active-backup-waits', HTMLElement), mayWait);
    show(find('#active-backup-waits-not', HTMLElement), !wait.checked);
  };
  wait.addEventListener('change', update);
  update();
}
