/** The menu of Node-RED's `autoComplete` widget, which hangs outside the dialog. */
export const MENU = '.red-ui-autoComplete-container';

/** The class of a row that is a mere message. */
const MESSAGE = 'active-backup-suggestion-message';

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
