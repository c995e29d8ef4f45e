import { createElement } from './dom';

/** A button in Node-RED's style. */
export function button(icon: string, text: string, onClick: () => void): HTMLButtonElement {
  const sign = createElement('i', { class: `fa ${icon}`, 'aria-hidden': 'true' });
  const made = createElement(
    'button',
    { type: 'button', class: 'red-ui-button active-backup-button' },
    sign,
    ' ',
    text,
  );
  made.addEventListener('click', onClick);
  return made;
}

/**
 * Does work while a button cannot be pressed. A disabled button loses the focus; it gets it back unless it went elsewhere.
 */
export async function whileDisabled(pressed: HTMLButtonElement, work: () => Promise<void>): Promise<void> {
  pressed.disabled = true;
  try {
    await work();
  } finally {
    pressed.disabled = false;
    if (hasNoFocus()) pressed.focus();
  }
}

/** Whether a person is nowhere in particular, so that the focus may be moved. */
export function hasNoFocus(): boolean {
  return document.activeElement === null || document.activeElement === document.body;
}
