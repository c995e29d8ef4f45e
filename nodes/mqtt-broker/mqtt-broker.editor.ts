import { textsOf } from '../../src/editor/form/texts';
import { firstOf, hasUserForPassword, valid } from '../../src/editor/form/validators';
import { openBrokerForm, type BrokerForm } from '../../src/editor/mqtt/broker-form';
import { brokerAddressLabel } from '../../src/editor/mqtt/broker-url';
import { BROKER_NUMBERS, BROKER_RULES, DEFAULT_PROTOCOL_VERSION } from '../../src/settings/broker-settings';

interface MqttBrokerProperties {
  name: string;
  url: string;
  tls: string;
  clientId: string;
  protocolVersion: unknown;
  keepalive: number | string;
}

const text = textsOf('mqtt-broker');
/** Names of the protocol versions. */
const VERSIONS: Readonly<Record<string, string>> = {
  auto: text('mqtt-broker.version.auto'),
  '5': text('mqtt-broker.version.5'),
  '4': text('mqtt-broker.version.4'),
};
let form: BrokerForm;

RED.nodes.registerType<MqttBrokerProperties>('active-backup-mqtt-broker', {
  category: 'config',
  color: '#D3BFD6',
  icon: 'active-backup-mqtt-broker.svg',
  defaults: {
    name: { value: '' },
    // Node-RED validates no credentials after the dialog is closed, so the account is validated with the URL.
    url: {
      value: '',
      label: text('mqtt-broker.label.url'),
      validate: firstOf(valid(BROKER_RULES.url), hasUserForPassword(text('mqtt-broker.label.username'))),
    },
    tls: { value: '', type: 'tls-config', required: false, label: text('mqtt-broker.label.tls') },
    clientId: { value: '', label: text('mqtt-broker.label.clientId'), validate: valid(BROKER_RULES.clientId) },
    protocolVersion: {
      value: DEFAULT_PROTOCOL_VERSION,
      label: text('mqtt-broker.label.protocolVersion'),
      validate: valid(BROKER_RULES.protocolVersion),
    },
    keepalive: {
      value: BROKER_NUMBERS.keepalive.default,
      label: text('mqtt-broker.label.keepalive'),
      validate: valid(BROKER_RULES.keepalive),
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
    return this.name || brokerAddressLabel(this.url) || this._('mqtt-broker.paletteLabel');
  },
  labelStyle() {
    return this.name ? 'node_label_italic' : '';
  },
  oneditprepare() {
    form = openBrokerForm(this, text, (version) => VERSIONS[version] ?? version);
  },
  oneditsave() {
    form.save();
    form.close();
  },
  oneditcancel() {
    form.close();
  },
  oneditdelete() {
    form.close();
  },
});
