import { copyToClipboard } from '../form/clipboard';
import { createElement, query, whileDisabled } from '../form/dom';
import { headline, line, openPanel, type Panel } from '../form/result-panel';
import { shared } from '../form/texts';
import { createLatestRequest, helpFor, requestAdmin } from '../http/admin-client';

/** A NAS whose disks sleep answers after 20 s. */
const TIMEOUT_MS = 60_000;

/**
 * Starts the button that copies the diagnostics of a deployed NAS: for a report of a fault, without names, addresses and secrets.
 * @param id of the NAS node
 * @returns aborts a running request, and empties the panel
 */
export function openDiagnostics(id: string): () => void {
  const button = query('#active-backup-nas-diagnostics', HTMLButtonElement);
  const panel = openPanel(query('#active-backup-nas-diagnostics-panel', HTMLElement));
  const request = createLatestRequest();
  const copy = async (): Promise<void> => {
    const signal = request.begin();
    const isAborted = (): boolean => signal.aborted;
    panel.showBusy(shared('nas.diagnostics.asking'));
    const path = `nas/${encodeURIComponent(id)}/diagnostics`;
    const response = await requestAdmin<{ nas: object | null }>(path, { timeoutMs: TIMEOUT_MS, signal });
    if (isAborted()) return;
    if (!response.ok) {
      const { headline: key, advice } = helpFor(response.error);
      panel.show('bad', [headline('bad', shared(key)), ...(advice === undefined ? [] : [line(shared(advice))])]);
      return;
    }
    const text = JSON.stringify(response.result, null, 2);
    const isCopied = await copyToClipboard(text);
    if (!isAborted()) showCopied(panel, text, { isCopied, isDeployed: response.result.nas !== null });
  };
  button.addEventListener('click', () => void whileDisabled(button, copy));
  return () => {
    request.abort();
    panel.clear();
  };
}

/** Shows what was copied, so that the user can check it before it is published. */
function showCopied(
  panel: Panel,
  text: string,
  { isCopied, isDeployed }: { isCopied: boolean; isDeployed: boolean },
): void {
  const severity = isCopied && isDeployed ? 'good' : 'warning';
  const box = createElement(
    'textarea',
    { readonly: '', rows: '8', class: 'active-backup-text', 'aria-label': shared('nas.diagnostics.text') },
    text,
  );
  panel.show(
    severity,
    [
      headline(severity, shared(isCopied ? 'nas.diagnostics.copied' : 'nas.diagnostics.byHand')),
      ...(isDeployed ? [] : [line(shared('nas.diagnostics.notDeployed'), 'warning')]),
      line(shared('nas.diagnostics.paste')),
    ],
    [box],
  );
  if (!isCopied) box.select();
}
