import { openBrokerCopy } from './broker-copy-form';
import { BROKER_NUMBERS } from './broker-numbers';
import { isUnencrypted, mayUseTls } from './broker-url';
import { showValidationMessage } from '../form/validation-message';
import { normalizeCredentials } from '../form/credentials';
import { query, setVisible } from '../form/dom';
import { brokerUrlProblem, clientIdProblem } from './mqtt-checks';
import { saveNumbers, showNumbers } from '../form/number-fields';
import type { Text } from '../form/texts';
import { selectField } from '../form/word-choice';

/** Versions of the protocol as the node stores them (INTERFACE 5). */
export const PROTOCOL_VERSIONS = ['auto', '5', '4'] as const;

/** What the dialog reads of a broker node, and writes back: properties Node-RED cannot read by itself. */
interface BrokerFields {
  protocolVersion?: unknown;
  readonly credentials?: EditorCredentials;
}

/**
 * Brings the dialog of an MQTT broker to life.
 * @param text looks up a text of the node's own catalogue
 * @param versionText what a version of the protocol is called
 * @returns stores what Node-RED does not store by itself
 */
export function openBrokerForm(node: BrokerFields, text: Text, versionText: (version: string) => string): () => void {
  normalizeCredentials(node.credentials, ['password']);
  showNumbers(BROKER_NUMBERS, 'node-config-input');
  const version = query('#active-backup-mqtt-broker-version', HTMLSelectElement);
  const readVersion = selectField(version, PROTOCOL_VERSIONS, {
    saved: node.protocolVersion,
    preset: 'auto',
    label: versionText,
  });
  showValidationMessage(query('#node-config-input-url', HTMLInputElement), brokerUrlProblem);
  showValidationMessage(query('#node-config-input-clientId', HTMLInputElement), clientIdProblem);
  explainAddress();
  openBrokerCopy(text);
  return () => {
    saveNumbers(node, BROKER_NUMBERS, 'node-config-input');
    node.protocolVersion = readVersion();
  };
}

/** TLS settings are only of use with TLS; without it everybody on the network can read the account. */
function explainAddress(): void {
  const url = query('#node-config-input-url', HTMLInputElement);
  const account = ['username', 'password'].map((name) => query(`#node-config-input-${name}`, HTMLInputElement));
  const explain = (): void => {
    setVisible(query('#active-backup-mqtt-broker-tls', HTMLElement), mayUseTls(url.value));
    const hasAccount = account.some((input) => input.value !== '');
    setVisible(query('#active-backup-mqtt-broker-plain', HTMLElement), hasAccount && isUnencrypted(url.value));
  };
  $([url, ...account]).on('input change', explain);
  explain();
}
