import { createLatestRequest } from '../http/admin-client';
import { whileDisabled } from '../form/buttons';
import { askForDashboard, type Dashboard } from './dashboard';
import { createElement, query } from '../form/dom';
import { headline, line, openPanel } from '../form/result-panel';
import type { Text } from '../form/texts';

/** What is said when there is no dashboard: what is wrong, and what to do. */
const WHY_NONE = {
  empty: ['mqtt-bridge.dashboard.empty', 'mqtt-bridge.dashboard.emptyAdvice'],
  notDeployed: ['mqtt-bridge.dashboard.notDeployed', 'mqtt-bridge.dashboard.deploy'],
  forbidden: ['mqtt-bridge.dashboard.forbidden', 'mqtt-bridge.dashboard.signIn'],
  noAnswer: ['mqtt-bridge.dashboard.noAnswer', 'mqtt-bridge.dashboard.again'],
  late: ['mqtt-bridge.dashboard.late', 'mqtt-bridge.dashboard.again'],
} as const satisfies Record<Exclude<Dashboard['kind'], 'yaml' | 'refused'>, readonly [string, string]>;

/**
 * Brings the button to life that copies a dashboard for Home Assistant.
 * @param id of the bridge
 * @returns gives up what is under way
 */
export function openDashboardCopy(id: string, text: Text): () => void {
  const pressed = query('#active-backup-mqtt-bridge-dashboard', HTMLButtonElement);
  const panel = openPanel(query('#active-backup-mqtt-bridge-dashboard-panel', HTMLElement));
  const turn = createLatestRequest();
  const offer = (yaml: string, isCopied: boolean): void => {
    const tone = isCopied ? 'good' : 'warning';
    const words = text(isCopied ? 'mqtt-bridge.dashboard.copied' : 'mqtt-bridge.dashboard.byHand');
    const box = createElement(
      'textarea',
      { readonly: '', rows: '8', 'aria-label': text('mqtt-bridge.dashboard.yaml') },
      yaml,
    );
    panel.say(tone, [headline(tone, words), line(text('mqtt-bridge.dashboard.paste'))], isCopied ? [] : [box]);
    if (!isCopied) box.select();
  };
  const copy = async (): Promise<void> => {
    const signal = turn.begin();
    panel.wait(text('mqtt-bridge.dashboard.asking'));
    const dashboard = await askForDashboard(id, signal);
    if (dashboard === null) return;
    if (dashboard.kind === 'yaml') {
      const isCopied = await intoClipboard(dashboard.yaml);
      if (!signal.aborted) offer(dashboard.yaml, isCopied);
      return;
    }
    const tone = dashboard.kind === 'empty' ? 'plain' : 'bad';
    const [why, advice] =
      dashboard.kind === 'refused'
        ? [text('mqtt-bridge.dashboard.refused'), dashboard.message]
        : WHY_NONE[dashboard.kind].map((key) => text(key));
    panel.say(tone, [headline(tone, why ?? ''), line(advice ?? '')]);
  };
  pressed.addEventListener('click', () => void whileDisabled(pressed, copy));
  return () => turn.giveUp();
}

/** The new way needs HTTPS and a permission, the old one only that somebody has just clicked. */
async function intoClipboard(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return RED.clipboard.copyText(text);
  }
}
