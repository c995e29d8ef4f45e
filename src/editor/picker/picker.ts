import { loadPickerItems, NAS_FIELD, type PickerRequest, type Choices, type ListName } from './choices';
import { createElement, setVisible } from '../form/dom';
import { nameLine, suggestionsFor } from './picker-rendering';
import { matchItems, type InsertMode } from './matching';
import { shared } from '../form/texts';

/** Lets a text field show what a NAS has, with free text kept possible. */
export interface Picker {
  /** Opens the list; to be put beside the field. */
  readonly button: HTMLButtonElement;
  /** Says what the ids in the field are called, or why there is no list; to be put below the field. */
  readonly line: HTMLElement;
  /** What Node-RED's `autoComplete` asks. */
  search(way: InsertMode): SuggestionSearch;
  /** Brings it to life, when button and line are in place. @param way null while the field takes something else */
  open(input: HTMLInputElement, way: () => InsertMode | null): void;
}

/** The key that opens a menu, by the number Node-RED's widgets know it by. */
const DOWN = 40;

/** A picker that is not open yet. @param id of its line, for the field to be described by */
export function makePicker(list: ListName, id: string): Picker {
  const line = createElement('div', { class: 'active-backup-hint active-backup-names', id, 'aria-live': 'polite' });
  const button = createElement('button', { type: 'button', class: 'red-ui-button active-backup-pick' });
  button.append(createElement('i', { class: 'fa fa-caret-down', 'aria-hidden': 'true' }));
  for (const attribute of ['title', 'aria-label']) button.setAttribute(attribute, shared('choices.show'));
  /** The person asked for the list, and did not type: what the field holds is no search. */
  let isBrowsing = false;
  let isWanted = false;
  let update = (): void => undefined;

  return {
    button,
    line,
    search: (way) => (typed, done) => {
      isWanted = true;
      const asked = loadPickerItems(list, isBrowsing);
      const offer = (found: Choices): void => {
        if (found.ok) done(suggestionsFor(matchItems(found.choices, typed, way, isBrowsing), typed, isBrowsing));
        else done([]);
      };
      update();
      if (asked.now !== null) {
        offer(asked.now);
        return;
      }
      void asked.later.then((found) => {
        // A menu takes the focus: it must not open for a field that a person has left meanwhile.
        const field = document.activeElement;
        if (field instanceof HTMLInputElement && field.value === typed && line.isConnected) offer(found);
      });
    },
    open(input, way) {
      update = () => {
        const now = way();
        setVisible(button, now !== null);
        const isShown = now !== null && (isWanted || input.value.trim() !== '');
        const asked = isShown ? loadPickerItems(list, false) : null;
        sayWhatIsKnown(line, asked, now, input.value);
        if (asked !== null && asked.now === null) void asked.later.then(() => line.isConnected && update());
      };
      const onKey = ({ keyCode }: { keyCode?: number }): void => {
        if (keyCode === DOWN) isBrowsing = true;
      };
      $(input).on('keydown', onKey);
      $(input).on('input', () => (isBrowsing = false));
      $(input).on('input change keyup', () => update());
      $(NAS_FIELD).on('change', () => {
        if (line.isConnected) update();
      });
      button.addEventListener('click', () => {
        isBrowsing = true;
        input.focus();
        $(input).trigger($.Event('keyup', { keyCode: DOWN }));
      });
      update();
    },
  };
}

/** Nothing is asked: nothing is said. */
function sayWhatIsKnown(line: HTMLElement, asked: PickerRequest | null, way: InsertMode | null, text: string): void {
  const found = asked?.now ?? null;
  const says = (): string => {
    if (asked === null || way === null) return '';
    if (found === null) return shared('choices.asking');
    return found.ok ? nameLine(found.choices, text, way) : shared('choices.failed', { why: found.why });
  };
  const words = says();
  if (line.textContent !== words) line.textContent = words;
  line.classList.toggle('active-backup-warning', found?.ok === false);
  setVisible(line, words !== '');
}
