import { BRIDGE_FLAGS, BRIDGE_PRESETS, BRIDGE_WORDS } from '../../src/editor/mqtt/bridge-options';
import { openBridgeForm, type BridgeForm, type ChoiceText } from '../../src/editor/mqtt/bridge-form';
import { nasIdProblem, topicProblem } from '../../src/editor/mqtt/mqtt-checks';
import { nasProperty } from '../../src/editor/operation/operation-properties';
import { oneOf } from '../../src/editor/nas/problems';
import { textsOf } from '../../src/editor/form/texts';
import { valid } from '../../src/editor/form/validators';

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
/** What each choice is called, and what follows from it. */
const CHOICES: Readonly<
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
const choiceText: ChoiceText = (choice, word) => {
  const [label, explain] = CHOICES[choice][word] ?? [word, ''];
  return { label: text(label), explain: text(explain) };
};
const choice = (property: keyof typeof BRIDGE_WORDS): EditorProperty => ({
  value: BRIDGE_WORDS[property].preset,
  label: text(`mqtt-bridge.label.${property}`),
  validate: valid(oneOf(BRIDGE_WORDS[property].words)),
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
      value: BRIDGE_PRESETS.baseTopic,
      label: text('mqtt-bridge.label.baseTopic'),
      validate: valid(topicProblem),
    },
    nasId: { value: '', label: text('mqtt-bridge.label.nasId'), validate: valid(nasIdProblem) },
    discovery: { value: BRIDGE_FLAGS.discovery },
    discoveryPrefix: {
      value: BRIDGE_PRESETS.discoveryPrefix,
      label: text('mqtt-bridge.label.discoveryPrefix'),
      validate: valid(topicProblem),
    },
    detail: choice('detail'),
    language: choice('language'),
    commands: { value: BRIDGE_FLAGS.commands },
    devices: choice('devices'),
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
    return this.name || this._('mqtt-bridge.paletteLabel');
  },
  labelStyle() {
    return this.name ? 'node_label_italic' : '';
  },
  oneditprepare() {
    form = openBridgeForm(this, text, choiceText);
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
