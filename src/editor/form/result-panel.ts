import { createElement } from './dom';
import type { Field, FieldProblem } from '../nas/nas-values';
import { problemText, shared } from './texts';
import { helpFor, type AdminError } from '../http/error-help';

/** How a panel looks: its colour and its sign. */
export type Severity = 'busy' | 'plain' | 'good' | 'warning' | 'bad';

const SIGNS: Readonly<Record<Severity, string>> = {
  busy: 'fa-circle-o-notch fa-spin',
  plain: 'fa-info-circle',
  good: 'fa-check-circle',
  warning: 'fa-exclamation-triangle',
  bad: 'fa-times-circle',
};

/**
 * A place of the dialog where an answer appears: what is said, which screen readers read out, and below it what a person
 * may do next. It is there, empty, from the start: a region that appears together with its text is not read out.
 */
export interface Panel {
  /** Says something in place of what was said before. @param controls what can be done about it */
  say(tone: Severity, said: readonly Node[], controls?: readonly Node[]): void;
  /** Says that something is under way; the controls stay. This, and what is said next, is brought into view. */
  wait(text: string): void;
  /** Scrolls to it, unless a person is entering something somewhere. */
  bringIntoView(): void;
  clear(): void;
}

/** Makes a panel of an empty element of the form. */
export function openPanel(box: HTMLElement): Panel {
  const said = createElement('div', { class: 'active-backup-said', role: 'status', 'aria-live': 'polite' });
  const offered = createElement('div', { class: 'active-backup-offered' });
  box.replaceChildren(said, offered);
  const show = (tone: Severity, content: readonly Node[]): void => {
    box.dataset['tone'] = tone;
    said.replaceChildren(...content);
  };
  const bringIntoView = (): void => {
    if (!(document.activeElement instanceof HTMLInputElement)) box.scrollIntoView({ block: 'nearest' });
  };
  // What is said without anybody waiting for it does not scroll: the click that is under way would miss its button.
  let isAwaited = false;
  return {
    bringIntoView,
    say(tone, content, controls = []) {
      show(tone, content);
      offered.replaceChildren(...controls);
      if (isAwaited) bringIntoView();
      isAwaited = false;
    },
    wait(text) {
      show('busy', [headline('busy', text)]);
      bringIntoView();
      isAwaited = true;
    },
    clear() {
      isAwaited = false;
      delete box.dataset['tone'];
      said.replaceChildren();
      offered.replaceChildren();
    },
  };
}

/** The first line of a panel: a sign, and in a few words how things are. */
export function headline(tone: Severity, text: string): HTMLElement {
  const sign = createElement('i', { class: `fa ${SIGNS[tone]}`, 'aria-hidden': 'true' });
  return createElement('div', { class: 'active-backup-headline' }, sign, createElement('span', {}, text));
}

/** A line below the headline. */
export function line(text: string, kind: 'plain' | 'hint' | 'warning' = 'plain'): HTMLElement {
  return createElement('div', kind === 'plain' ? {} : { class: `active-backup-${kind}` }, text);
}

/** Names and values, one below the other; values come from a NAS. */
export function definitionList(rows: readonly (readonly [name: string, value: string | Node])[]): HTMLElement {
  return createElement(
    'dl',
    { class: 'active-backup-facts' },
    ...rows.flatMap(([name, value]) => [createElement('dt', {}, name), createElement('dd', {}, value)]),
  );
}

/**
 * Says what went wrong and what to do.
 * @param news what happened before it; @param controls what can be done about it at once
 */
export function showError(
  panel: Panel,
  trouble: AdminError,
  { news = [], controls = [] }: { news?: readonly Node[]; controls?: readonly Node[] } = {},
): void {
  const { headline: key, advice, isMild } = helpFor(trouble);
  const tone: Severity = isMild === true ? 'warning' : 'bad';
  const said = [
    headline(tone, shared(key)),
    ...(advice === undefined ? [] : [line(shared(advice))]),
    ...(trouble.message === '' ? [] : [line(trouble.message, 'hint')]),
    ...news,
  ];
  panel.say(tone, said, controls);
}

/** Says which fields have to be corrected; each reason leads to its field. */
export function showFieldErrors(panel: Panel, problems: readonly FieldProblem[]): void {
  const reasons = problems.map(({ field, problem }) => {
    const words = `${shared(`nas.label.${field}`)}: ${problemText(problem)}`;
    const reason = createElement('button', { type: 'button', class: 'active-backup-link' }, words);
    reason.addEventListener('click', () => inputOf(field)?.focus());
    return createElement('li', {}, reason);
  });
  panel.say('warning', [headline('warning', shared('nas.trouble.correct')), createElement('ul', {}, ...reasons)]);
  panel.bringIntoView();
}

function inputOf(field: Field): HTMLElement | null {
  return document.querySelector<HTMLElement>(`#node-config-input-${field}, #active-backup-nas-${field}`);
}
