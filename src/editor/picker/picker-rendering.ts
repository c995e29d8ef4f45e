import { createElement } from '../form/dom';
import { namesIn, type PickerItem, type Matches, type InsertMode } from './matching';
import { momentText, shared, wordText } from '../form/texts';

/** More names than these are a page, not a line. */
const NAMED = 8;

/** The rows of a menu. Whoever takes a row of mere words keeps what is in the field. */
export function suggestionsFor({ rows, more, isUnknownId }: Matches, text: string, isBrowsing: boolean): Suggestion[] {
  const words = (label: string): Suggestion => ({ value: text, label: wordsRow(label) });
  if (rows.length === 0) return isBrowsing ? [words(shared('choices.nothing'))] : [];
  return [
    // Enter and Tab take the first row.
    ...(isBrowsing ? [words(shared('choices.count', { count: rows.length + more }))] : []),
    ...(isUnknownId ? [words(shared('choices.keep'))] : []),
    ...rows.map((row): Suggestion => ({ value: row.text, label: choiceRow(row.choice) })),
    ...(more > 0 ? [words(shared('choices.more', { count: more }))] : []),
  ];
}

/** `1 = Reception PC, 2 = …` for the ids in a field; `''` where a field holds none. */
export function nameLine(choices: readonly PickerItem[], text: string, way: InsertMode): string {
  if (way.writes === 'label') return '';
  const named = namesIn(choices, text, way);
  const parts = named
    .slice(0, NAMED)
    .map(({ entry, name }) => (name === null ? `${entry}: ${shared('choices.unknown')}` : `${entry} = ${name}`));
  return [...parts, ...(named.length > NAMED ? ['…'] : [])].join(', ');
}

function choiceRow(choice: PickerItem): JQuery {
  const { label, value, type, result, nextRunAt, online } = choice;
  const details = [
    ...(String(value) === label ? [] : [shared('choices.id', { id: value })]),
    ...(type === undefined ? [] : [wordText('type', type)]),
    ...(result ? [shared('choices.last', { result: wordText('result', result) })] : []),
    ...(nextRunAt ? [shared('choices.next', { at: momentText(nextRunAt) })] : []),
    ...(typeof online === 'boolean' ? [shared(online ? 'choices.online' : 'choices.offline')] : []),
  ];
  const name = createElement('span', { class: 'active-backup-suggestion-name', title: label }, label);
  const said =
    details.length === 0
      ? []
      : [createElement('span', { class: 'active-backup-suggestion-details' }, details.join(' · '))];
  return $(createElement('span', { class: 'active-backup-suggestion' }, name, ...said));
}

function wordsRow(words: string): JQuery {
  return $(createElement('span', { class: 'active-backup-suggestion' }, createElement('span', {}, words)));
}
