import { makePicker } from './picker';
import type { InsertMode } from './matching';

const NAME: InsertMode = { writes: 'label', isList: false };

/** Lets a plain text field, which stands in a box of its own, suggest the name of a task. */
export function suggestTaskNames(input: HTMLInputElement): void {
  const picker = makePicker('tasks', 'active-backup-filter-name-trouble');
  $(input).autoComplete({ search: picker.search(NAME), minLength: 0 });
  input.after(picker.button);
  input.parentElement?.after(picker.line);
  picker.open(input, () => NAME);
}
