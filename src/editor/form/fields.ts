import { parseBoolean } from '../../settings/rules';
import { createElement, query } from './dom';

/*
 * Fields for properties that Node-RED cannot read by itself. Opening and closing a dialog must not change the node, so each
 * field returns the saved value, whatever its type, until the user changes the field.
 */

/**
 * A checkbox for a boolean. Node-RED would tick it for the text `false` and turn `${VAR}` into true, so the checkbox has an
 * id that Node-RED does not read. A value that is resolved at run time shows as indeterminate.
 * @returns reads the value to store
 */
export function checkboxField(checkbox: HTMLInputElement, saved: unknown, preset: boolean): () => unknown {
  const value = parseBoolean(saved, preset);
  checkbox.checked = value ?? preset;
  checkbox.indeterminate = value === null;
  if (value === null) checkbox.title = String(saved);
  return () =>
    checkbox.indeterminate || (checkbox.checked === value && saved !== undefined) ? saved : checkbox.checked;
}

/**
 * Checkboxes for a list of words; none ticked means all. A saved word that is none of `words` gets a checkbox too, so that
 * the user can remove it.
 * @returns reads the list to store, in the order of the checkboxes
 */
export function checkboxGroup(
  group: HTMLElement,
  words: readonly string[],
  saved: unknown,
  label: (word: string) => string,
): () => unknown {
  const before = savedWords(saved);
  const boxes = [...new Set([...words, ...before])].map((word) => {
    const id = `${group.id}-${word}`;
    const box = createElement('input', { type: 'checkbox', id, value: word });
    box.checked = before.includes(word);
    const text = words.includes(word) ? label(word) : word;
    group.append(createElement('label', { for: id, class: 'active-backup-choice' }, box, text));
    return box;
  });
  return () => {
    const ticked = boxes.filter((box) => box.checked).map((box) => box.value);
    const isSame = ticked.length === before.length && ticked.every((word) => before.includes(word));
    const stored: unknown = isSame && Array.isArray(saved) ? saved : ticked;
    return stored;
  };
}

function savedWords(saved: unknown): string[] {
  const list: unknown[] = Array.isArray(saved) ? saved : [saved];
  return [...new Set(list.filter((word): word is string => typeof word === 'string' && word !== ''))];
}

interface SelectOptions {
  readonly saved: unknown;
  /** Selected for a node without a value. */
  readonly preset: string;
  readonly label: (word: string) => string;
  /** Words that allow data loss, shown in the colour of danger. */
  readonly isDangerous?: (word: string) => boolean;
}

/** Fills a select with words. A saved value that is none of them (`${VAR}`, a word of another version) becomes an option too. */
export function fillSelect(select: HTMLSelectElement, words: readonly string[], options: SelectOptions): void {
  const { saved, preset, label, isDangerous = () => false } = options;
  const value = typeof saved === 'string' && saved !== '' ? saved : preset;
  const known = words.map((word) => {
    const option = new Option(label(word), word);
    option.classList.toggle('active-backup-danger', isDangerous(word));
    return option;
  });
  select.replaceChildren(...known, ...(words.includes(value) ? [] : [new Option(value, value)]));
  select.value = value;
}

/**
 * A select for a property that is one of a few words. Node-RED would empty it for a value of another type, so the select has
 * an id that Node-RED does not read.
 * @returns reads the value to store
 */
export function selectField(
  select: HTMLSelectElement,
  words: readonly string[],
  { saved, ...options }: SelectOptions,
): () => unknown {
  const text = typeof saved === 'number' ? String(saved) : saved;
  fillSelect(select, words, { saved: text, ...options });
  return () => (select.value === text ? saved : select.value);
}

/** Defaults of the numbers that a node stores, by property. */
type NumberDefaults = Readonly<Record<string, { readonly default: number }>>;

/** How the ids of Node-RED's inputs begin, for a config node and for any other node. */
type InputPrefix = 'node-config-input' | 'node-input';

/** Shows the default in the empty inputs of a new node: Node-RED leaves out defaults of 0. */
export function showNumbers(fields: NumberDefaults, prefix: InputPrefix): void {
  for (const [property, field] of Object.entries(fields)) {
    const input = numberInput(prefix, property);
    if (input.value.trim() === '') input.value = String(field.default);
  }
}

/**
 * Stores numbers as numbers. Node-RED reads the inputs afterwards and keeps a property that equals their text, so the text is
 * normalized too. `${VAR}` and other texts stay texts, and so does an unchanged number that an import brought as text.
 */
export function saveNumbers(node: object, fields: NumberDefaults, prefix: InputPrefix): void {
  const properties: Record<string, unknown> = { ...node };
  for (const [property, field] of Object.entries(fields)) {
    const input = numberInput(prefix, property);
    const text = input.value.trim();
    const number = text === '' ? field.default : Number(text);
    if (!Number.isFinite(number) || properties[property] === text) continue;
    Object.assign(node, { [property]: number });
    input.value = String(number);
  }
}

function numberInput(prefix: InputPrefix, property: string): HTMLInputElement {
  return query(`#${prefix}-${property}`, HTMLInputElement);
}
