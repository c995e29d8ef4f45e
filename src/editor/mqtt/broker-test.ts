import type { BrokerTest } from '../../node-red/admin/responses';
import { problemOf } from '../../settings/rules';
import { BROKER_RULES } from '../../settings/broker-settings';
import { NONE_CHOSEN, query, whileDisabled } from '../form/dom';
import { definitionList, headline, line, openPanel, type Panel } from '../form/result-panel';
import { problemText, shared, type Text } from '../form/texts';
import { createLatestRequest, helpFor, requestAdmin, type AdminFailure } from '../http/admin-client';

/** A broker answers within 10 s, and a second attempt with MQTT 3.1.1 takes as long. */
const TIMEOUT_MS = 30_000;

type Refusal = Extract<BrokerTest, { connected: false }>;

/** Headlines by the kind of problem. */
const HEADLINES: Readonly<Record<Refusal['kind'], string>> = {
  unreachable: 'status.broker-unreachable',
  'refused-login': 'status.broker-refuses-login',
  refused: 'status.broker-refuses',
  tls: 'status.broker-tls',
  'taken-over': 'status.broker-taken-over',
  protocol: 'status.broker-unreachable',
};

/**
 * Starts the button that connects once with the values of the dialog.
 * @param id of the broker node; @param text looks up a text of the node's own catalogue
 * @returns aborts a running test, and empties the panel
 */
export function openBrokerTest(id: string, text: Text): () => void {
  const button = query('#active-backup-mqtt-broker-test', HTMLButtonElement);
  const panel = openPanel(query('#active-backup-mqtt-broker-test-panel', HTMLElement));
  const request = createLatestRequest();
  const test = async (): Promise<void> => {
    const problem = problemOf(BROKER_RULES.url, valueOf('url'));
    if (problem !== null) {
      panel.show('warning', [headline('warning', `${text('mqtt-broker.label.url')}: ${problemText(problem)}`)]);
      return;
    }
    const signal = request.begin();
    panel.showBusy(text('mqtt-broker.test.asking'));
    const body = formValues(id);
    const response = await requestAdmin<BrokerTest>('broker/test', { body, timeoutMs: TIMEOUT_MS, signal });
    if (signal.aborted) return;
    if (!response.ok) showFailure(panel, response.error);
    else showResult(panel, response.result, text);
  };
  const clear = (): void => {
    request.abort();
    panel.clear();
  };
  button.addEventListener('click', () => void whileDisabled(button, test));
  $(query('.active-backup-mqtt-broker', HTMLElement)).on('input change', clear);
  return clear;
}

function formValues(id: string): object {
  const tls = query('#node-config-input-tls', HTMLSelectElement).value;
  return {
    id,
    ...{ url: valueOf('url'), clientId: valueOf('clientId'), keepalive: valueOf('keepalive') },
    tls: tls === NONE_CHOSEN ? '' : tls,
    protocolVersion: query('#active-backup-mqtt-broker-version', HTMLSelectElement).value,
    credentials: { username: valueOf('username'), password: valueOf('password') },
  };
}

function valueOf(property: string): string {
  return query(`#node-config-input-${property}`, HTMLInputElement).value;
}

function showResult(panel: Panel, result: BrokerTest, text: Text): void {
  if (!result.connected) {
    panel.show('bad', [headline('bad', shared(HEADLINES[result.kind])), line(result.message, 'hint')]);
    return;
  }
  const { version, retains, roundTripMs } = result;
  const severity = retains ? 'good' : 'warning';
  panel.show(severity, [
    headline(severity, text('mqtt-broker.test.connected')),
    definitionList([
      [text('mqtt-broker.label.protocolVersion'), `MQTT ${version}`],
      [shared('nas.test.roundTrip'), `${roundTripMs} ms`],
    ]),
    ...(retains ? [] : [line(text('mqtt-broker.test.noRetain'), 'warning')]),
  ]);
}

function showFailure(panel: Panel, failure: AdminFailure): void {
  const { headline: key, advice } = helpFor(failure);
  panel.show('bad', [
    headline('bad', shared(key)),
    ...(advice === undefined ? [] : [line(shared(advice))]),
    ...(failure.message === '' ? [] : [line(failure.message, 'hint')]),
  ]);
}
