import { createElement, createIcon } from './dom';

/** Colour and icon of a panel. */
export type Severity = 'busy' | 'plain' | 'good' | 'warning' | 'bad';

const ICONS: Readonly<Record<Severity, string>> = {
  busy: 'fa-circle-o-notch fa-spin',
  plain: 'fa-info-circle',
  good: 'fa-check-circle',
  warning: 'fa-exclamation-triangle',
  bad: 'fa-times-circle',
};

/**
 * A part of the dialog for the result of a request: the content, which screen readers read out, and below it the controls for
 * the next step. It exists, empty, from the start: screen readers skip a region that appears together with its text.
 */
export interface Panel {
  /** Replaces the content. @param controls for the next step */
  show(severity: Severity, content: readonly Node[], controls?: readonly Node[]): void;
  /** Shows that a request is running, and keeps the controls. Scrolls to this text and to the content that replaces it. */
  showBusy(text: string): void;
  /** Scrolls to the panel, unless an input has the focus. */
  bringIntoView(): void;
  clear(): void;
}

/** Makes a panel of an empty element of the form. */
export function openPanel(box: HTMLElement): Panel {
  const content = createElement('div', { class: 'active-backup-result', role: 'status', 'aria-live': 'polite' });
  const actions = createElement('div', { class: 'active-backup-actions' });
  box.replaceChildren(content, actions);
  const replaceContent = (severity: Severity, nodes: readonly Node[]): void => {
    box.dataset['tone'] = severity;
    content.replaceChildren(...nodes);
  };
  const bringIntoView = (): void => {
    if (!(document.activeElement instanceof HTMLInputElement)) box.scrollIntoView({ block: 'nearest' });
  };
  // Content that the user does not wait for must not scroll: a click in progress would miss its button.
  let isAwaited = false;
  return {
    bringIntoView,
    show(severity, nodes, controls = []) {
      replaceContent(severity, nodes);
      actions.replaceChildren(...controls);
      if (isAwaited) bringIntoView();
      isAwaited = false;
    },
    showBusy(text) {
      replaceContent('busy', [headline('busy', text)]);
      bringIntoView();
      isAwaited = true;
    },
    clear() {
      isAwaited = false;
      delete box.dataset['tone'];
      content.replaceChildren();
      actions.replaceChildren();
    },
  };
}

/** The first line of a panel: an icon and the result in a few words. */
export function headline(severity: Severity, text: string): HTMLElement {
  const attributes = { class: 'active-backup-headline' };
  return createElement('div', attributes, createIcon(ICONS[severity]), createElement('span', {}, text));
}

/** A line below the headline. */
export function line(text: string, kind: 'plain' | 'hint' | 'warning' = 'plain'): HTMLElement {
  return createElement('div', kind === 'plain' ? {} : { class: `active-backup-${kind}` }, text);
}

/** Names and values, one row each. */
export function definitionList(rows: readonly (readonly [name: string, value: string | Node])[]): HTMLElement {
  return createElement(
    'dl',
    { class: 'active-backup-facts' },
    ...rows.flatMap(([name, value]) => [createElement('dt', {}, name), createElement('dd', {}, value)]),
  );
}

/** A text that may break behind each separator: a fingerprint, a topic. */
export function breakable(text: string, separator: string): (string | Node)[] {
  const [first = '', ...rest] = text.split(separator);
  return [first, ...rest.flatMap((part) => [separator, createElement('wbr'), part])];
}
