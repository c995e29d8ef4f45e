import {
  BROKER_NUMBERS,
  BROKER_RULES,
  completedBrokerUrl,
  DEFAULT_PROTOCOL_VERSION,
  PROTOCOL_VERSIONS,
} from '../../settings/broker-settings';
import { fill, query, setVisible, NONE_CHOSEN, normalizeCredentials } from '../form/dom';
import { saveNumbers, selectField, showNumbers } from '../form/fields';
import { headline, line, openPanel } from '../form/result-panel';
import { type Text, showValidationMessage } from '../form/texts';
import { copiedBroker, type CopiedBroker } from './broker-copy';
import { openBrokerTest } from './broker-test';
import { isUnencrypted, mayUseTls } from './broker-url';

/** Type of Node-RED's own config node for a broker. */
const CORE_TYPE = 'mqtt-broker';

/** Properties of a broker node that Node-RED cannot read by itself. */
interface BrokerFields {
  readonly id: string;
  protocolVersion?: unknown;
  readonly credentials?: EditorCredentials;
}

/** The open dialog. */
export interface BrokerForm {
  /** Stores the properties that Node-RED does not store by itself. */
  save(): void;
  /** Aborts a running test. */
  close(): void;
}

/**
 * Opens the dialog of an MQTT broker.
 * @param text looks up a text of the node's own catalogue
 * @param versionText name of a protocol version
 */
export function openBrokerForm(node: BrokerFields, text: Text, versionText: (version: string) => string): BrokerForm {
  normalizeCredentials(node.credentials, ['password']);
  showNumbers(BROKER_NUMBERS, 'node-config-input');
  const version = query('#active-backup-mqtt-broker-version', HTMLSelectElement);
  const readVersion = selectField(version, PROTOCOL_VERSIONS, {
    saved: node.protocolVersion,
    preset: DEFAULT_PROTOCOL_VERSION,
    label: versionText,
  });
  showValidationMessage(textInput('url'), (value) => BROKER_RULES.url(completedBrokerUrl(String(value))));
  showValidationMessage(textInput('clientId'), BROKER_RULES.clientId);
  textInput('url').addEventListener('blur', completeUrl);
  explainAddress();
  offerCopy(text);
  return {
    save() {
      completeUrl(); // a key closes the dialog without leaving the field
      saveNumbers(node, BROKER_NUMBERS, 'node-config-input');
      node.protocolVersion = readVersion();
    },
    close: openBrokerTest(node.id, text),
  };
}

/**
 * Completes a mere host to a URL. Messages and warnings below the field are those of the completed one: nothing moves when the
 * user leaves the field by a click on a button, which would miss the button then.
 */
function completeUrl(): void {
  const url = textInput('url');
  const completed = completedBrokerUrl(url.value);
  if (completed !== url.value) fill(url, completed);
}

/** Shows the TLS settings for a URL with TLS, and a warning for an account that is sent without TLS. */
function explainAddress(): void {
  const url = textInput('url');
  const account = [textInput('username'), textInput('password')];
  const update = (): void => {
    const address = completedBrokerUrl(url.value);
    setVisible(query('#active-backup-mqtt-broker-tls', HTMLElement), mayUseTls(address));
    const hasAccount = account.some((input) => input.value !== '');
    setVisible(query('#active-backup-mqtt-broker-plain', HTMLElement), hasAccount && isUnencrypted(address));
  };
  $([url, ...account]).on('input change', update);
  update();
}

/** Offers to copy the values of a broker of Node-RED's own MQTT nodes; hidden if there is none. */
function offerCopy(text: Text): void {
  const brokers = new Map(coreBrokers().map((broker) => [broker.id, broker]));
  setVisible(query('#active-backup-mqtt-broker-copy', HTMLElement), brokers.size > 0);
  const select = query('#active-backup-mqtt-broker-copy-from', HTMLSelectElement);
  const options = [...brokers.values()].map(
    (broker) => new Option(RED.utils.getNodeLabel(broker, broker.id), broker.id),
  );
  select.replaceChildren(...options);
  const panel = openPanel(query('#active-backup-mqtt-broker-copy-panel', HTMLElement));
  query('#active-backup-mqtt-broker-copy-button', HTMLButtonElement).addEventListener('click', () => {
    const broker = brokers.get(select.value);
    if (broker === undefined) return;
    const { url, variable, verifiesCertificate, ...others } = copiedBroker(broker);
    fillForm({ url, ...others });
    const severity = url === null ? 'warning' : 'good';
    const warnings = [
      ...(url === null ? [text('mqtt-broker.copy.variable', { variable: variable ?? '' })] : []),
      ...(verifiesCertificate ? [text('mqtt-broker.copy.checked')] : []),
    ];
    panel.show(severity, [
      headline(severity, text('mqtt-broker.copy.done')),
      ...warnings.map((warning) => line(warning, 'warning')),
      line(text('mqtt-broker.copy.account')),
    ]);
  });
}

function coreBrokers(): EditorConfigNode[] {
  const brokers: EditorConfigNode[] = [];
  RED.nodes.eachConfig((node) => {
    if (node.type === CORE_TYPE) brokers.push(node);
    return undefined;
  });
  return brokers;
}

function fillForm({
  url,
  tls,
  keepalive,
  protocolVersion,
}: Pick<CopiedBroker, 'url' | 'tls' | 'keepalive' | 'protocolVersion'>): void {
  if (url !== null) fill(textInput('url'), url);
  const tlsSelect = query('#node-config-input-tls', HTMLSelectElement);
  // TLS settings of another flow cannot be chosen in this one.
  const canChoose = [...tlsSelect.options].some(({ value }) => value === tls);
  fill(tlsSelect, canChoose ? tls : NONE_CHOSEN);
  fill(textInput('keepalive'), keepalive);
  fill(query('#active-backup-mqtt-broker-version', HTMLSelectElement), protocolVersion);
}

function textInput(property: string): HTMLInputElement {
  return query(`#node-config-input-${property}`, HTMLInputElement);
}
