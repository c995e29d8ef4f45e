import { query, setVisible } from '../form/dom';
import type { InsertMode } from '../picker/matching';
import { createPicker, type Picker } from '../picker/picker';
import {
  hasTaskIds,
  SELECTION_TYPES,
  shownSelection,
  type SelectionType,
  type TaskSelectionFields,
} from './task-selection';
import { createTypedField, validateSelection, withStoredType, type TypedField } from './typed-field';
import { fieldText, isRuntimeType, RUNTIME_TYPES } from './typed-value';

/** The open row. */
export interface TaskSelectionForm {
  /** The values to store; the saved ones until the user changes the field. */
  read(): Required<Pick<TaskSelectionFields, 'tasks' | 'tasksType'>>;
  /** Shows the hints for the chosen operation. @param deletesTasks whether it deletes the selected tasks */
  explain(deletesTasks: boolean): void;
}

/** How a picked task is written, by selection type. */
const INSERT_MODES: Readonly<Record<string, InsertMode>> = {
  ids: { writes: 'value', isList: true },
  names: { writes: 'label', isList: true },
};

const EXAMPLES: Readonly<Record<string, string>> = { ids: '1, 2, 3', names: 'Finance PCs, PC-*' };

/**
 * Opens the row that selects tasks: `#active-backup-tasks`, with a hint for each selection type.
 * @param labels names of the selection types
 */
export function openTaskSelection(
  node: TaskSelectionFields,
  labels: Readonly<Record<SelectionType, string>>,
): TaskSelectionForm {
  const shown = shownSelection(node);
  const picker = createPicker('tasks', 'active-backup-tasks-names');
  const box = query('#active-backup-tasks-box', HTMLElement);
  const hints = query('#active-backup-tasks-hints', HTMLElement);
  const label = query('#active-backup-tasks-label', HTMLLabelElement);
  let deletesTasks = false;
  const field = createTypedField(box, {
    id: 'active-backup-tasks-field',
    types: withStoredType([...selectionTypes(labels, picker), ...RUNTIME_TYPES], shown.type),
    example: (type) => EXAMPLES[type] ?? '',
    typed: shown,
    labelledBy: label.id,
    describedBy: `${picker.message.id} ${hints.id}`,
    validate: validateSelection,
    onChange: () => update(),
  });
  const update = (): void => showHints(hints, field, deletesTasks, hasTaskIds(node));
  box.append(picker.button);
  box.after(picker.message);
  hints.after(field.message);
  label.addEventListener('click', () => field.focus());
  update();
  picker.open(field.input, () => INSERT_MODES[field.read().type] ?? null);
  return {
    read() {
      const { value, type } = field.read();
      const isSame = value === shown.value && type === shown.type;
      return isSame ? { tasks: node.tasks, tasksType: node.tasksType } : { tasks: value, tasksType: type };
    },
    explain(deletes) {
      deletesTasks = deletes;
      update();
    },
  };
}

function selectionTypes(labels: Readonly<Record<SelectionType, string>>, picker: Picker): TypedInputType[] {
  return SELECTION_TYPES.map((type) => {
    const mode = INSERT_MODES[type];
    const input = mode === undefined ? { hasValue: false as const } : { autoComplete: picker.search(mode) };
    return { value: type, label: labels[type], ...input };
  });
}

function showHints(hints: HTMLElement, field: TypedField, deletesTasks: boolean, idsWin: boolean): void {
  const { value, type } = field.read();
  const shownType = isRuntimeType(type) ? 'late' : type;
  const isSelected = type === 'all' || fieldText({ value }) !== '';
  for (const hint of hints.querySelectorAll<HTMLElement>('[data-way]')) {
    setVisible(hint, hint.dataset['way'] === shownType);
  }
  const show = (id: string, isVisible: boolean): void =>
    setVisible(query(`#active-backup-tasks-${id}`, HTMLElement), isVisible);
  show('given', isSelected);
  show('none', !isSelected);
  show('deadly', deletesTasks && type === 'all');
  show('ids-win', idsWin);
}
