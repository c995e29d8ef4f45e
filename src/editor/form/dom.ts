/**
 * A new element. Text goes in as text, never as HTML: names come from a NAS or from an imported flow.
 * @param content texts and elements, in order
 */
export function createElement<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  attributes: Readonly<Record<string, string>> = {},
  ...content: (string | Node)[]
): HTMLElementTagNameMap[Tag] {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...content);
  return made;
}

/** An element of the open dialog. @throws Error when the form has none of this kind: form and code belong together */
export function query<T extends HTMLElement>(selector: string, kind: new () => T): T {
  const found = document.querySelector(selector);
  if (found instanceof kind) return found;
  throw new Error(`The dialog has no ${selector}`);
}

/** Shows or hides a part of the dialog, also from screen readers. */
export function setVisible(part: HTMLElement, isShown: boolean): void {
  part.hidden = !isShown;
}
