import { copyToClipboard } from '../form/clipboard';
import { createElement, query, whileDisabled } from '../form/dom';
import { headline, line, openPanel, type Panel } from '../form/result-panel';
import type { Text } from '../form/texts';
import { createLatestRequest, requestAdmin } from '../http/admin-client';
import { parseDashboard, type Dashboard } from './dashboard';

/** A NAS whose disks sleep answers after 20 s. */
const TIMEOUT_MS = 30_000;

type FailedDashboard = Exclude<Dashboard, { kind: 'yaml' }>;

/** Headline and advice, if there is no dashboard. */
const FAILURE_TEXTS = {
  empty: ['mqtt-bridge.dashboard.empty', 'mqtt-bridge.dashboard.emptyAdvice'],
  notDeployed: ['mqtt-bridge.dashboard.notDeployed', 'mqtt-bridge.dashboard.deploy'],
  forbidden: ['mqtt-bridge.dashboard.forbidden', 'mqtt-bridge.dashboard.signIn'],
  noAnswer: ['mqtt-bridge.dashboard.noAnswer', 'mqtt-bridge.dashboard.again'],
  late: ['mqtt-bridge.dashboard.late', 'mqtt-bridge.dashboard.again'],
} as const satisfies Record<Exclude<FailedDashboard['kind'], 'refused'>, readonly [string, string]>;

/**
 * Starts the button that copies a dashboard for Home Assistant, for the chosen release.
 * @param id of the bridge
 * @returns aborts a running request
 */
export function openDashboardCopy(id: string, text: Text): () => void {
  const button = query('#active-backup-mqtt-bridge-dashboard', HTMLButtonElement);
  const panel = openPanel(query('#active-backup-mqtt-bridge-dashboard-panel', HTMLElement));
  const request = createLatestRequest();
  const ids = query('#active-backup-mqtt-bridge-dashboard-ids', HTMLSelectElement);
  const copy = async (): Promise<void> => {
    const signal = request.begin();
    const isAborted = (): boolean => signal.aborted;
    panel.showBusy(text('mqtt-bridge.dashboard.asking'));
    const path = `bridge/${encodeURIComponent(id)}/dashboard?ids=${encodeURIComponent(ids.value)}`;
    const response = await requestAdmin<{ yaml: string }>(path, { timeoutMs: TIMEOUT_MS, signal });
    if (isAborted()) return;
    const dashboard = parseDashboard(response);
    if (dashboard.kind !== 'yaml') {
      showFailure(panel, dashboard, text);
      return;
    }
    const isCopied = await copyToClipboard(dashboard.yaml);
    if (!isAborted()) showYaml(panel, dashboard.yaml, isCopied, text);
  };
  button.addEventListener('click', () => void whileDisabled(button, copy));
  return () => request.abort();
}

/** Confirms the copy; if the browser refused it, shows the text to copy by hand. */
function showYaml(panel: Panel, yaml: string, isCopied: boolean, text: Text): void {
  const severity = isCopied ? 'good' : 'warning';
  const result = text(isCopied ? 'mqtt-bridge.dashboard.copied' : 'mqtt-bridge.dashboard.byHand');
  const attributes = { readonly: '', rows: '8', 'aria-label': text('mqtt-bridge.dashboard.yaml') };
  const box = createElement('textarea', attributes, yaml);
  const content = [headline(severity, result), line(text('mqtt-bridge.dashboard.paste'))];
  panel.show(severity, content, isCopied ? [] : [box]);
  if (!isCopied) box.select();
}

function showFailure(panel: Panel, dashboard: FailedDashboard, text: Text): void {
  const severity = dashboard.kind === 'empty' ? 'plain' : 'bad';
  const [result, advice] =
    dashboard.kind === 'refused'
      ? [text('mqtt-bridge.dashboard.refused'), dashboard.message]
      : FAILURE_TEXTS[dashboard.kind].map((key) => text(key));
  panel.show(severity, [headline(severity, result ?? ''), line(advice ?? '')]);
}
