import { textsOf } from '../../src/editor/form/texts';
import { valid } from '../../src/editor/form/validators';
import { openBridgeForm, type BridgeForm, type BridgeWordText } from '../../src/editor/mqtt/bridge-form';
import { nasProperty } from '../../src/editor/operation/operation-properties';
import {
  BRIDGE_FLAGS,
  BRIDGE_RULES,
  BRIDGE_TOPICS,
  BRIDGE_WORDS,
  bridgeLanguageFor,
} from '../../src/settings/bridge-settings';

interface MqttBridgeProperties {
  name: string;
  nas: string;
  broker: string;
  baseTopic: string;
  nasId: string;
  discovery: unknown;
  discoveryPrefix: string;
  detail: unknown;
  language: unknown;
  commands: unknown;
  devices: unknown;
}

const text = textsOf('mqtt-bridge');
/** Keys of the label and the explanation of each word. */
const WORD_TEXTS: Readonly<
  Record<keyof typeof BRIDGE_WORDS, Readonly<Record<string, readonly [label: string, explain: string]>>>
> = {
  detail: {
    minimal: ['mqtt-bridge.detail.minimal', 'mqtt-bridge.detail.minimalHint'],
    standard: ['mqtt-bridge.detail.standard', 'mqtt-bridge.detail.standardHint'],
    full: ['mqtt-bridge.detail.full', 'mqtt-bridge.detail.fullHint'],
  },
  devices: {
    none: ['mqtt-bridge.devices.none', 'mqtt-bridge.devices.noneHint'],
    problems: ['mqtt-bridge.devices.problems', 'mqtt-bridge.devices.problemsHint'],
    all: ['mqtt-bridge.devices.all', 'mqtt-bridge.devices.allHint'],
  },
  language: {
    en: ['mqtt-bridge.language.en', 'mqtt-bridge.hint.language'],
    de: ['mqtt-bridge.language.de', 'mqtt-bridge.hint.language'],
  },
};
const wordText: BridgeWordText = (property, word) => {
  const [label, explain] = WORD_TEXTS[property][word] ?? [word, ''];
  return { label: text(label), explain: text(explain) };
};
const wordProperty = (property: keyof typeof BRIDGE_WORDS): EditorProperty => ({
  value: BRIDGE_WORDS[property].default,
  label: text(`mqtt-bridge.label.${property}`),
  validate: valid(BRIDGE_RULES[property]),
});
let form: BridgeForm;

RED.nodes.registerType<MqttBridgeProperties>('active-backup-mqtt-bridge', {
  category: 'synology',
  color: '#D3BFD6',
  icon: 'active-backup-mqtt-bridge.svg',
  inputs: 1,
  outputs: 1,
  defaults: {
    name: { value: '' },
    nas: nasProperty(),
    broker: { value: '', type: 'active-backup-mqtt-broker', required: true, label: text('mqtt-bridge.label.broker') },
    baseTopic: {
      value: BRIDGE_TOPICS.baseTopic,
      label: text('mqtt-bridge.label.baseTopic'),
      validate: valid(BRIDGE_RULES.baseTopic),
    },
    nasId: { value: '', label: text('mqtt-bridge.label.nasId'), validate: valid(BRIDGE_RULES.nasId) },
    discovery: { value: BRIDGE_FLAGS.discovery },
    discoveryPrefix: {
      value: BRIDGE_TOPICS.discoveryPrefix,
      label: text('mqtt-bridge.label.discoveryPrefix'),
      validate: valid(BRIDGE_RULES.discoveryPrefix),
    },
    detail: wordProperty('detail'),
    language: { ...wordProperty('language'), value: bridgeLanguageFor(RED.i18n.lang()) },
    commands: { value: BRIDGE_FLAGS.commands },
    devices: wordProperty('devices'),
  },
  paletteLabel() {
    return this._('mqtt-bridge.paletteLabel');
  },
  inputLabels() {
    return this._('mqtt-bridge.port.input');
  },
  outputLabels() {
    return this._('mqtt-bridge.port.output');
  },
  label() {
    return this.name || this._('mqtt-bridge.nodeLabel');
  },
  labelStyle() {
    return this.name ? 'node_label_italic' : '';
  },
  oneditprepare() {
    form = openBridgeForm(this, text, wordText);
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
