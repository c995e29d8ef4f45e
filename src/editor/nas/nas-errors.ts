import { createElement } from '../form/dom';
import { headline, line, type Panel, type Severity } from '../form/result-panel';
import { problemText, shared } from '../form/texts';
import { helpFor, type AdminFailure } from '../http/admin-client';
import type { FieldProblem, NasField } from './nas-values';

/**
 * Shows a failure and the next step.
 * @param context lines below, about previous steps; @param controls for the next step
 */
export function showError(
  panel: Panel,
  failure: AdminFailure,
  { context = [], controls = [] }: { context?: readonly Node[]; controls?: readonly Node[] } = {},
): void {
  const { headline: key, advice, isMild } = helpFor(failure);
  const severity: Severity = isMild === true ? 'warning' : 'bad';
  const content = [
    headline(severity, shared(key)),
    ...(advice === undefined ? [] : [line(shared(advice))]),
    ...(failure.message === '' ? [] : [line(failure.message, 'hint')]),
    ...context,
  ];
  panel.show(severity, content, controls);
}

/** Lists the fields to correct; a click on a reason moves the focus to its field. */
export function showFieldErrors(panel: Panel, problems: readonly FieldProblem[]): void {
  const reasons = problems.map(({ field, problem }) => {
    const text = `${shared(`nas.label.${field}`)}: ${problemText(problem)}`;
    const reason = createElement('button', { type: 'button', class: 'active-backup-link' }, text);
    reason.addEventListener('click', () => inputOf(field)?.focus());
    return createElement('li', {}, reason);
  });
  panel.show('warning', [headline('warning', shared('nas.error.correct')), createElement('ul', {}, ...reasons)]);
  panel.bringIntoView();
}

function inputOf(field: NasField): HTMLElement | null {
  return document.querySelector<HTMLElement>(`#node-config-input-${field}, #active-backup-nas-${field}`);
}
