import { createElement } from '../form/dom';
import { suggestedNames } from '../operation/request-kind';

/** A name a person may choose, and what it stands for. */
export interface Choice {
  readonly name: string;
  readonly what: string;
  readonly isDangerous: boolean;
}

/**
 * Lets a text field suggest names, with free text kept possible: Node-RED's own widget, and a button that shows all.
 * @param choices asked anew each time
 * @param onSettled a person has left the field or chosen a name; not at each letter, which would shout at half a word
 */
export function suggest(
  input: HTMLInputElement,
  button: HTMLButtonElement,
  choices: () => readonly Choice[],
  onSettled: () => void,
): void {
  $(input).autoComplete({
    minLength: 0,
    search(typed: string) {
      const known = new Map(choices().map((choice) => [choice.name, choice]));
      return suggestedNames([...known.keys()], typed).map((name) => ({ value: name, label: line(known.get(name)) }));
    },
  });
  button.addEventListener('click', () => {
    input.focus();
    $(input).trigger($.Event('keyup', { keyCode: DOWN }));
  });
  $(input).on('change', onSettled);
  // The widget puts a name in without a word when it is chosen by these keys, and keeps the focus.
  $(input).on('keyup', ({ key }) => {
    if (key === 'Tab' || key === 'Enter') onSettled();
  });
  input.addEventListener('blur', ({ relatedTarget }) => {
    const isChoosing = relatedTarget instanceof Element && relatedTarget.closest(MENU) !== null;
    if (!isChoosing) onSettled();
  });
}

const DOWN = 40;
const MENU = '.red-ui-autoComplete-container';

function line(choice: Choice | undefined): JQuery {
  const { name = '', what = '', isDangerous = false } = choice ?? {};
  const danger = isDangerous ? 'active-backup-suggestion-danger' : '';
  return $(
    createElement(
      'span',
      { class: 'active-backup-suggestion' },
      createElement('code', {}, name),
      createElement('span', { class: danger }, what),
    ),
  );
}
