/**
 * A new element. Text is inserted as text, never as HTML: names come from a NAS or from an imported flow.
 * @param content texts and elements, in order
 */
export function createElement<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  attributes: Readonly<Record<string, string>> = {},
  ...content: (string | Node)[]
): HTMLElementTagNameMap[Tag] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...content);
  return element;
}

/** An icon of Font Awesome, hidden from screen readers. @param name without the prefix: `fa-plus` */
export function createIcon(name: string): HTMLElement {
  return createElement('i', { class: `fa ${name}`, 'aria-hidden': 'true' });
}

/** An element of the open dialog. @throws Error if the form has none of this kind: form and code belong together */
export function query<T extends HTMLElement>(selector: string, kind: new () => T): T {
  const element = document.querySelector(selector);
  if (element instanceof kind) return element;
  throw new Error(`The dialog has no ${selector}`);
}

/** Shows or hides a part of the dialog, also for screen readers. */
export function setVisible(part: HTMLElement, isVisible: boolean): void {
  part.hidden = !isVisible;
}

/** Changes an input as if the user had, so that all listeners run. */
export function fill(input: HTMLInputElement | HTMLSelectElement, text: string): void {
  input.value = text;
  input.dispatchEvent(new Event('change', { bubbles: true }));
}

/** A button in Node-RED's style. */
export function createButton(icon: string, text: string, onClick: () => void): HTMLButtonElement {
  const attributes = { type: 'button', class: 'red-ui-button active-backup-button' };
  const button = createElement('button', attributes, createIcon(icon), ' ', text);
  button.addEventListener('click', onClick);
  return button;
}

/** Disables a button while `work` runs. The button loses the focus then, and gets it back unless another element has it. */
export async function whileDisabled(button: HTMLButtonElement, work: () => Promise<void>): Promise<void> {
  button.disabled = true;
  try {
    await work();
  } finally {
    button.disabled = false;
    if (hasNoFocus()) button.focus();
  }
}

/** Whether no element has the focus, so that the focus may be moved. */
export function hasNoFocus(): boolean {
  return document.activeElement === null || document.activeElement === document.body;
}

/** The value of Node-RED's select for a config node while none is chosen. */
export const NONE_CHOSEN = '_ADD_';

/**
 * Completes credentials that were never stored with empty values: without them, Node-RED would see a change when the dialog
 * is closed.
 * @param passwords names of the credentials that the editor never receives
 */
export function normalizeCredentials(credentials: EditorCredentials | undefined, passwords: readonly string[]): void {
  if (credentials === undefined) return;
  credentials['username'] ??= '';
  for (const name of passwords) if (!credentials[name]) credentials[`has_${name}`] ??= false;
}
