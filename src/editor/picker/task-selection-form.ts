import { checkedField } from '../form/checked-field';
import { query, setVisible } from '../form/dom';
import { makePicker } from './picker';
import type { InsertMode } from './matching';
import { CHOICE_TYPES, hasTaskIds, shownChoice, type TaskChoice } from './task-selection';
import { offering } from '../operation/typed-input-types';
import { fieldText, isRuntimeType, RUNTIME_TYPES } from '../operation/typed-value';
import { validateSelection } from '../form/validators';

/** The open row. */
export interface TaskChoiceForm {
  /** What to store; as it was saved while nobody touched it. */
  read(): Required<Pick<TaskChoice, 'tasks' | 'tasksType'>>;
  /** Told what the chosen operation does, when it is another. @param destroys it deletes the tasks */
  explain(destroys: boolean): void;
}

/** How a task that is picked is written, by the way to say which. */
const PICKS: Readonly<Record<string, InsertMode>> = {
  ids: { writes: 'value', isList: true },
  names: { writes: 'label', isList: true },
};

/**
 * Brings the row that says which tasks to life: `#active-backup-tasks` with a line of words for each way to say it.
 * @param labels what the ways are called
 */
export function openTaskChoice(
  node: TaskChoice,
  labels: Readonly<Record<(typeof CHOICE_TYPES)[number], string>>,
): TaskChoiceForm {
  const shown = shownChoice(node);
  const picker = makePicker('tasks', 'active-backup-tasks-names');
  const own = CHOICE_TYPES.map((type) => {
    const way = PICKS[type];
    const how = way === undefined ? { hasValue: false as const } : { autoComplete: picker.search(way) };
    return { value: type, label: labels[type], ...how };
  });
  const examples: Readonly<Record<string, string>> = { ids: '1, 2, 3', names: 'Finance PCs, PC-*' };
  const hints = query('#active-backup-tasks-hints', HTMLElement);
  const label = query('#active-backup-tasks-label', HTMLLabelElement);
  let isDeadly = false;
  const box = query('#active-backup-tasks-box', HTMLElement);
  const field = checkedField(
    box,
    {
      id: 'active-backup-tasks-field',
      types: offering([...own, ...RUNTIME_TYPES], shown.type),
      example: (type) => examples[type] ?? '',
      typed: shown,
      labelledBy: label.id,
      describedBy: `${picker.line.id} ${hints.id}`,
      onChange: () => showHints(),
    },
    validateSelection,
  );
  const showHints = (): void => {
    const { value, type } = field.read();
    const way = isRuntimeType(type) ? 'late' : type;
    const isGiven = type === 'all' || fieldText({ value, type }) !== '';
    for (const hint of hints.querySelectorAll<HTMLElement>('[data-way]')) setVisible(hint, hint.dataset['way'] === way);
    setVisible(query('#active-backup-tasks-given', HTMLElement), isGiven);
    setVisible(query('#active-backup-tasks-none', HTMLElement), !isGiven);
    setVisible(query('#active-backup-tasks-deadly', HTMLElement), isDeadly && type === 'all');
    setVisible(query('#active-backup-tasks-ids-win', HTMLElement), hasTaskIds(node));
  };
  box.append(picker.button);
  box.after(picker.line);
  hints.after(field.complaint);
  label.addEventListener('click', () => field.focus());
  showHints();
  picker.open(field.input, () => PICKS[field.read().type] ?? null);
  return {
    read() {
      const { value, type } = field.read();
      const isSame = value === shown.value && type === shown.type;
      return isSame ? { tasks: node.tasks, tasksType: node.tasksType } : { tasks: value, tasksType: type };
    },
    explain(destroys) {
      isDeadly = destroys;
      showHints();
    },
  };
}
