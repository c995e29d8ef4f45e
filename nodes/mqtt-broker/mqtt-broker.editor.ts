import { openBrokerForm } from '../../src/editor/mqtt/broker-form';
import { BROKER_NUMBERS } from '../../src/editor/mqtt/broker-numbers';
import { brokerLabel } from '../../src/editor/mqtt/broker-url';
import { brokerUrlProblem, clientIdProblem } from '../../src/editor/mqtt/mqtt-checks';
import { inRange, oneOf } from '../../src/editor/nas/problems';
import { textsOf } from '../../src/editor/form/texts';
import { firstOf, namesAccount, valid } from '../../src/editor/form/validators';

interface MqttBrokerProperties {
  name: string;
  url: string;
  tls: string;
  clientId: string;
  protocolVersion: unknown;
  keepalive: number | string;
}

const text = textsOf('mqtt-broker');
/** Versions of the protocol, and what they are called. */
const VERSIONS: Readonly<Record<string, string>> = {
  auto: text('mqtt-broker.version.auto'),
  '5': text('mqtt-broker.version.5'),
  '4': text('mqtt-broker.version.4'),
};
let save: () => void;

RED.nodes.registerType<MqttBrokerProperties>('active-backup-mqtt-broker', {
  category: 'config',
  color: '#D3BFD6',
  icon: 'active-backup-mqtt-broker.svg',
  defaults: {
    name: { value: '' },
    // No input that Node-RED marks belongs to it, so the account is checked here for when the dialog is closed.
    url: {
      value: '',
      label: text('mqtt-broker.label.url'),
      validate: firstOf(valid(brokerUrlProblem), namesAccount(text('mqtt-broker.label.username'))),
    },
    tls: { value: '', type: 'tls-config', required: false, label: text('mqtt-broker.label.tls') },
    clientId: { value: '', label: text('mqtt-broker.label.clientId'), validate: valid(clientIdProblem) },
    protocolVersion: {
      value: 'auto',
      label: text('mqtt-broker.label.protocolVersion'),
      validate: valid(oneOf(Object.keys(VERSIONS))),
    },
    keepalive: {
      value: BROKER_NUMBERS.keepalive.default,
      label: text('mqtt-broker.label.keepalive'),
      validate: valid(inRange(BROKER_NUMBERS.keepalive)),
    },
  },
  credentials: {
    username: { type: 'text', label: text('mqtt-broker.label.username') },
    password: { type: 'password', label: text('mqtt-broker.label.password') },
  },
  paletteLabel() {
    return this._('mqtt-broker.paletteLabel');
  },
  label() {
    return this.name || brokerLabel(this.url) || this._('mqtt-broker.paletteLabel');
  },
  labelStyle() {
    return this.name ? 'node_label_italic' : '';
  },
  oneditprepare() {
    save = openBrokerForm(this, text, (version) => VERSIONS[version] ?? version);
  },
  oneditsave() {
    save();
  },
});
