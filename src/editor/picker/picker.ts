import type { Parameter } from '../../active-backup/methods';
import type { PickerItem } from '../../node-red/admin/responses';
import { createElement, createIcon, NONE_CHOSEN, setVisible } from '../form/dom';
import { dateTimeText, shared, wordText } from '../form/texts';
import { requestAdmin, helpFor, type AdminFailure } from '../http/admin-client';
import { unsavedValues, type NasValues } from '../nas/nas-values';
import { labelsOfIds, matchItems, type InsertMode, type Matches } from './matching';

/** Lets a text field offer the items of a NAS; any other text stays possible. */
export interface Picker {
  /** Opens the list; to be placed beside the field. */
  readonly button: HTMLButtonElement;
  /** Names the ids in the field, or gives the reason for a missing list; to be placed below the field. */
  readonly message: HTMLElement;
  /** The search for Node-RED's `autoComplete`. */
  search(mode: InsertMode): SuggestionSearch;
  /** Starts the picker when button and message are in place. @param mode null while the field takes another type of value */
  open(input: HTMLInputElement, mode: () => InsertMode | null): void;
}

/** Key code of the key that opens a menu in Node-RED's widgets. */
const DOWN_KEY = 40;

/** The menu of Node-RED's `autoComplete` widget, which hangs outside the dialog. */
export const MENU = '.red-ui-autoComplete-container';

/** The class of a row that is a mere message. */
const MESSAGE = 'active-backup-suggestion-message';

/** Labels named in the message; more would fill the dialog. */
const MAX_LABELS = 8;

/** A picker that is not open yet. @param id of its message, by which the field is described */
export function createPicker(list: PickerName, id: string): Picker {
  return new ListPicker(list, id);
}

/** Makes a plain text field, which is alone in its box, a picker of a task name. */
export function pickTaskName(input: HTMLInputElement): void {
  const mode: InsertMode = { writes: 'label', isList: false };
  const picker = createPicker('tasks', 'active-backup-filter-name-message');
  $(input).autoComplete({ search: picker.search(mode), minLength: 0 });
  input.after(picker.button);
  input.parentElement?.after(picker.message);
  picker.open(input, () => mode);
}

class ListPicker implements Picker {
  readonly button: HTMLButtonElement;
  readonly message: HTMLElement;
  readonly #list: PickerName;
  /** The user opened the list and did not type since: the text in the field is no search. */
  #isBrowsing = false;
  /** Until the first search, an empty field loads nothing. */
  #hasSearched = false;
  #update: () => void = () => undefined;
  #describe: () => void = () => undefined;

  constructor(list: PickerName, id: string) {
    this.#list = list;
    const attributes = { class: 'active-backup-hint active-backup-names', id, 'aria-live': 'polite' };
    this.message = createElement('div', attributes);
    const label = shared('choices.show');
    this.button = createElement(
      'button',
      { type: 'button', class: 'red-ui-button active-backup-pick', title: label, 'aria-label': label },
      createIcon('fa-caret-down'),
    );
  }

  search(mode: InsertMode): SuggestionSearch {
    return (typed, done) => {
      this.#hasSearched = true;
      const { result, promise } = loadPickerItems(this.#list, this.#isBrowsing);
      const suggest = (found: PickerResult): void => {
        const isBrowsing = this.#isBrowsing;
        done(found.ok ? suggestions(matchItems(found.items, typed, mode, isBrowsing), typed, isBrowsing) : []);
        this.#describe();
      };
      this.#update();
      if (result !== null) {
        suggest(result);
        return;
      }
      void promise.then((found) => {
        // A menu takes the focus: it must not open after the user has left the field.
        const field = document.activeElement;
        if (field instanceof HTMLInputElement && field.value === typed && this.message.isConnected) suggest(found);
      });
    };
  }

  open(input: HTMLInputElement, mode: () => InsertMode | null): void {
    this.#update = () => this.#showMessage(input, mode());
    this.#describe = () => describeMenu(input);
    $(input).on('keydown', ({ keyCode }: { keyCode?: number }) => {
      if (keyCode === DOWN_KEY) this.#isBrowsing = true;
    });
    $(input).on('input', () => (this.#isBrowsing = false));
    $(input).on('input change keyup', () => this.#update());
    $(NAS_FIELD).on('change', () => {
      if (this.message.isConnected) this.#update();
    });
    this.button.addEventListener('click', () => {
      this.#isBrowsing = true;
      openMenu(input);
    });
    this.#update();
  }

  #showMessage(input: HTMLInputElement, mode: InsertMode | null): void {
    setVisible(this.button, mode !== null);
    setCombobox(input, mode !== null);
    const isLoaded = mode !== null && (this.#hasSearched || input.value.trim() !== '');
    const request = isLoaded ? loadPickerItems(this.#list, false) : null;
    const text = request === null || mode === null ? '' : messageText(request, mode, input.value);
    if (this.message.textContent !== text) this.message.textContent = text;
    this.message.classList.toggle('active-backup-warning', request?.result?.ok === false);
    setVisible(this.message, text !== '');
    if (request !== null && request.result === null)
      void request.promise.then(() => this.message.isConnected && this.#update());
  }
}

/** Opens the menu of an `autoComplete` field. */
export function openMenu(input: HTMLInputElement): void {
  input.focus();
  $(input).trigger($.Event('keyup', { keyCode: DOWN_KEY }));
}

function messageText({ result }: PickerRequest, mode: InsertMode, text: string): string {
  if (result === null) return shared('choices.asking');
  return result.ok ? labelText(result.items, text, mode) : shared('choices.failed', { why: result.reason });
}

/** `1 = Reception PC, 2 = …` for the ids in a field; `''` for a field without ids. */
function labelText(items: readonly PickerItem[], text: string, mode: InsertMode): string {
  if (mode.writes === 'label') return '';
  const ids = labelsOfIds(items, text, mode);
  const parts = ids
    .slice(0, MAX_LABELS)
    .map(({ id, label }) => (label === null ? `${id}: ${shared('choices.unknown')}` : `${id} = ${label}`));
  return [...parts, ...(ids.length > MAX_LABELS ? ['…'] : [])].join(', ');
}

/** The rows of a menu. Picking a row that is a mere message keeps the text of the field. */
function suggestions({ rows, more, isUnknownId }: Matches, text: string, isBrowsing: boolean): Suggestion[] {
  const message = (words: string): Suggestion => ({
    value: text,
    label: menuRow(createElement('span', { class: MESSAGE }, words)),
  });
  if (rows.length === 0) return isBrowsing ? [message(shared('choices.nothing'))] : [];
  return [
    // Enter and Tab pick the first row.
    ...(isBrowsing ? [message(shared('choices.count', { count: rows.length + more }))] : []),
    ...(isUnknownId ? [message(shared('choices.keep'))] : []),
    ...rows.map((row): Suggestion => ({ value: row.text, label: itemRow(row.item) })),
    ...(more > 0 ? [message(shared('choices.more', { count: more }))] : []),
  ];
}

function itemRow({ label, value, type, result, nextRunAt, online }: PickerItem): JQuery {
  const details = [
    ...(String(value) === label ? [] : [shared('choices.id', { id: value })]),
    ...(type === undefined ? [] : [wordText('type', type)]),
    ...(result ? [shared('choices.last', { result: wordText('result', result) })] : []),
    ...(nextRunAt ? [shared('choices.next', { at: dateTimeText(nextRunAt) })] : []),
    ...(typeof online === 'boolean' ? [shared(online ? 'choices.online' : 'choices.offline')] : []),
  ].join(' · ');
  const name = createElement('span', { class: 'active-backup-suggestion-name', title: label }, label);
  if (details === '') return menuRow(name);
  return menuRow(name, createElement('span', { class: 'active-backup-suggestion-details' }, details));
}

/** One row of an `autoComplete` menu. */
export function menuRow(...content: HTMLElement[]): JQuery {
  return $(createElement('span', { class: 'active-backup-suggestion' }, ...content));
}

/**
 * Gives a field with Node-RED's `autoComplete` the role of a combobox (WAI-ARIA 1.2), which the widget does not, or takes it away.
 * @param isCombobox false while the field takes a value that is not picked
 */
export function setCombobox(input: HTMLInputElement, isCombobox: boolean): void {
  const attributes = { role: 'combobox', 'aria-autocomplete': 'list', 'aria-haspopup': 'listbox', autocomplete: 'off' };
  for (const [name, value] of Object.entries(attributes)) {
    if (isCombobox) input.setAttribute(name, value);
    else input.removeAttribute(name);
  }
  if (!isCombobox) input.removeAttribute('aria-expanded');
  else if (!input.hasAttribute('aria-expanded')) input.setAttribute('aria-expanded', 'false');
}

/**
 * Describes the open menu of a combobox to screen readers: a list with its options. To be called whenever the rows have changed;
 * without an open menu, nothing is expanded.
 */
export function describeMenu(input: HTMLInputElement): void {
  const menu = [...document.querySelectorAll(MENU)].pop();
  const list = menu?.querySelector('ul');
  if (menu === undefined || !list) {
    collapse(input);
    return;
  }
  list.id = `${input.id}-menu`;
  list.setAttribute('role', 'listbox');
  list.setAttribute('aria-label', labelOf(input));
  for (const row of list.querySelectorAll('li')) row.setAttribute('role', 'none');
  for (const link of list.querySelectorAll('a')) describeOption(link);
  input.setAttribute('aria-controls', list.id);
  input.setAttribute('aria-expanded', 'true');
  const observer = new MutationObserver(() => {
    if (menu.isConnected) return;
    observer.disconnect();
    collapse(input);
  });
  observer.observe(document.body, { childList: true });
}

/** The widget moves the focus from row to row, so the row with the focus is the selected one. */
function describeOption(link: HTMLAnchorElement): void {
  link.setAttribute('role', 'option');
  link.setAttribute('tabindex', '-1');
  link.setAttribute('aria-selected', 'false');
  if (link.querySelector(`.${MESSAGE}`) !== null) link.setAttribute('aria-disabled', 'true');
  for (const type of ['focus', 'blur']) {
    link.addEventListener(type, () => link.setAttribute('aria-selected', String(type === 'focus')));
  }
}

function collapse(input: HTMLInputElement): void {
  if (input.getAttribute('role') === 'combobox') input.setAttribute('aria-expanded', 'false');
  input.removeAttribute('aria-controls');
}

function labelOf(input: HTMLInputElement): string {
  const ids = (input.getAttribute('aria-labelledby') ?? '').split(' ').filter((id) => id !== '');
  const labels = ids.length > 0 ? ids.map((id) => document.getElementById(id)) : [...(input.labels ?? [])];
  return labels.map((label) => label?.textContent.trim() ?? '').join(' ');
}

/** The lists of a NAS, by their name in the URL. */
type PickerName = NonNullable<Parameter['picker']>;

/** The items of a NAS, or the reason why they could not be loaded. */
type PickerResult =
  { readonly ok: true; readonly items: readonly PickerItem[] } | { readonly ok: false; readonly reason: string };

/** A request for items; `result` is null while it runs. */
interface PickerRequest {
  result: PickerResult | null;
  readonly promise: Promise<PickerResult>;
}

/** A NAS whose disks sleep answers after 20 s. */
const TIMEOUT_MS = 30_000;

/** Requests of each open dialog, by NAS and list. The key is the dialog's field for the NAS: each dialog has a new one. */
const REQUESTS = new WeakMap<Element, Map<string, PickerRequest>>();

/** The field for the NAS, in every dialog that has one. */
const NAS_FIELD = '#node-input-nas';

/**
 * The items of the NAS that is chosen in the open dialog, requested once per dialog and NAS; of one that is changed and not yet
 * deployed, with its new values. Never rejects.
 * @param retry whether to repeat a request that has failed
 */
function loadPickerItems(list: PickerName, retry: boolean): PickerRequest {
  const field = document.querySelector(NAS_FIELD);
  const nas = field === null ? '' : String($(field).val() ?? '');
  if (field === null || nas === '' || nas === NONE_CHOSEN) {
    const result: PickerResult = { ok: false, reason: shared('choices.noNas') };
    return { result, promise: Promise.resolve(result) };
  }
  const requests = REQUESTS.get(field) ?? new Map<string, PickerRequest>();
  REQUESTS.set(field, requests);
  const unsaved = unsavedValues(RED.nodes.node(nas));
  const key = JSON.stringify([list, nas, unsaved]); // another list after each change of the NAS
  const previous = requests.get(key);
  if (previous !== undefined && !(retry && previous.result?.ok === false)) return previous;
  const request: PickerRequest = { result: null, promise: fetchItems(nas, list, unsaved) };
  void request.promise.then((result) => (request.result = result));
  requests.set(key, request);
  return request;
}

/** @param unsaved the values of a NAS that is changed and not deployed; null: its deployed connection is used */
async function fetchItems(nas: string, list: PickerName, unsaved: NasValues | null): Promise<PickerResult> {
  const response =
    unsaved === null
      ? await requestAdmin<PickerItem[]>(`nas/${encodeURIComponent(nas)}/${list}`, { timeoutMs: TIMEOUT_MS })
      : await requestAdmin<PickerItem[]>(`nas/unsaved/${list}`, { body: unsaved, timeoutMs: TIMEOUT_MS });
  return response.ok ? { ok: true, items: response.result } : { ok: false, reason: reasonText(response.error) };
}

function reasonText(failure: AdminFailure): string {
  if (failure.code === 'TIMEOUT') return shared('choices.late');
  return shared(failure.code === 'ECONFIG' ? 'choices.notDeployed' : helpFor(failure).headline);
}
