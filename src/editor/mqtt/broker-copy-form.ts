import { copiedBroker, type CopiedBroker } from './broker-copy';
import { NONE_CHOSEN } from '../form/config-node';
import { query, setVisible } from '../form/dom';
import { headline, line, openPanel } from '../form/result-panel';
import type { Text } from '../form/texts';

/** Node-RED's own config node for a broker. */
const CORE_TYPE = 'mqtt-broker';

/** Offers to take the values of a broker that Node-RED's own MQTT nodes use; hidden while there is none. */
export function openBrokerCopy(text: Text): void {
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
    const copied = copiedBroker(broker);
    fillIn(copied);
    const isWhole = copied.url !== null;
    const tone = isWhole ? 'good' : 'warning';
    const missing = [
      ...(isWhole ? [] : [text('mqtt-broker.copy.variable', { variable: copied.variable ?? '' })]),
      ...(copied.isChecked ? [text('mqtt-broker.copy.checked')] : []),
    ];
    panel.say(tone, [
      headline(tone, text('mqtt-broker.copy.done')),
      ...missing.map((words) => line(words, 'warning')),
      line(text('mqtt-broker.copy.account')),
    ]);
  });
}

function coreBrokers(): EditorConfigNode[] {
  const found: EditorConfigNode[] = [];
  RED.nodes.eachConfig((node) => {
    if (node.type === CORE_TYPE) found.push(node);
    return undefined;
  });
  return found;
}

/** Enters the values as if a person had. */
function fillIn({ url, tls, keepalive, protocolVersion }: CopiedBroker): void {
  if (url !== null) fill(query('#node-config-input-url', HTMLInputElement), url);
  const settings = query('#node-config-input-tls', HTMLSelectElement);
  // Settings that belong to another flow cannot be chosen in this one.
  const canChoose = [...settings.options].some(({ value }) => value === tls);
  fill(settings, canChoose ? tls : NONE_CHOSEN);
  fill(query('#node-config-input-keepalive', HTMLInputElement), keepalive);
  fill(query('#active-backup-mqtt-broker-version', HTMLSelectElement), protocolVersion);
}

function fill(input: HTMLInputElement | HTMLSelectElement, text: string): void {
  input.value = text;
  input.dispatchEvent(new Event('change', { bubbles: true }));
}
