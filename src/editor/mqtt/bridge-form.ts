import { BRIDGE_FLAGS, BRIDGE_RULES, BRIDGE_WORDS } from '../../settings/bridge-settings';
import { problemOf } from '../../settings/rules';
import { createElement, query, setVisible } from '../form/dom';
import { checkboxField, selectField } from '../form/fields';
import { breakable } from '../form/result-panel';
import { type Text, showValidationMessage } from '../form/texts';
import { exampleTopics, mayBeOn, type TopicFields } from './bridge-topics';
import { openDashboardCopy } from './dashboard-copy';

type WordProperty = keyof typeof BRIDGE_WORDS;
type FlagProperty = keyof typeof BRIDGE_FLAGS;
type TextProperty = 'baseTopic' | 'discoveryPrefix' | 'nasId';

/** Properties of a bridge that Node-RED cannot read by itself. */
type BridgeFields = { readonly id: string } & Partial<Record<WordProperty | FlagProperty, unknown>>;

/** Label and explanation of a word, from the node's own catalogue. */
export type BridgeWordText = (property: WordProperty, word: string) => { label: string; explain: string };

/** The open dialog. */
export interface BridgeForm {
  /** Stores the properties that Node-RED does not store by itself. */
  save(): void;
  /** Aborts a running request. */
  close(): void;
}

/** Opens the dialog of a bridge. @param text looks up a text of the node's own catalogue */
export function openBridgeForm(node: BridgeFields, text: Text, wordText: BridgeWordText): BridgeForm {
  const readers = {
    detail: openWordField('detail', node.detail, wordText),
    devices: openWordField('devices', node.devices, wordText),
    language: openWordField('language', node.language, wordText),
    discovery: openFlag('discovery', node.discovery),
    commands: openFlag('commands', node.commands),
  } satisfies Record<WordProperty | FlagProperty, () => unknown>;
  for (const property of ['baseTopic', 'discoveryPrefix', 'nasId'] as const) {
    showValidationMessage(textInput(property), BRIDGE_RULES[property]);
  }
  const update = (): void =>
    showConsequences(
      {
        baseTopic: textInput('baseTopic').value,
        nasId: textInput('nasId').value,
        discovery: readers.discovery(),
        discoveryPrefix: textInput('discoveryPrefix').value,
        commands: readers.commands(),
      },
      text,
    );
  $(query('.active-backup-mqtt-bridge', HTMLElement)).on('input change', update);
  update();
  const closeDashboard = openDashboardCopy(node.id, text);
  return {
    save() {
      for (const [property, read] of Object.entries(readers)) Object.assign(node, { [property]: read() });
    },
    close: closeDashboard,
  };
}

function openFlag(flag: FlagProperty, saved: unknown): () => unknown {
  return checkboxField(query(`#active-backup-mqtt-bridge-${flag}`, HTMLInputElement), saved, BRIDGE_FLAGS[flag]);
}

/** A select, and below it the explanation of the selected word. */
function openWordField(property: WordProperty, saved: unknown, wordText: BridgeWordText): () => unknown {
  const select = query(`#active-backup-mqtt-bridge-${property}`, HTMLSelectElement);
  const explanation = query(`#active-backup-mqtt-bridge-${property}-explanation`, HTMLElement);
  const words: readonly string[] = BRIDGE_WORDS[property].words;
  const preset = BRIDGE_WORDS[property].default;
  const read = selectField(select, words, { saved, preset, label: (word) => wordText(property, word).label });
  const update = (): void => {
    explanation.textContent = words.includes(select.value) ? wordText(property, select.value).explain : '';
  };
  select.addEventListener('change', update);
  update();
  return read;
}

/** Shows the fields, warnings and topics that apply to these values. */
function showConsequences(fields: TopicFields, text: Text): void {
  const isDiscovered = mayBeOn('discovery', fields.discovery);
  // Also needed without discovery: the bridge removes its old topics there, so a wrong prefix must be corrected.
  const needsPrefix = isDiscovered || hasProblem('discoveryPrefix', fields);
  const show = (id: string, isVisible: boolean): void =>
    setVisible(query(`#active-backup-mqtt-bridge-${id}`, HTMLElement), isVisible);
  show('discovered', isDiscovered);
  show('prefix', needsPrefix);
  show('danger', mayBeOn('commands', fields.commands));
  showTopics(fields, text);
}

/** Shows example topics; none while a field is wrong. */
function showTopics(fields: TopicFields, text: Text): void {
  const { state, command, discovery } = exampleTopics(fields, text('mqtt-bridge.topics.serial'));
  const rows = [
    [text('mqtt-bridge.topics.state'), state],
    [text('mqtt-bridge.topics.command'), command],
    [text('mqtt-bridge.topics.discovery'), hasProblem('discoveryPrefix', fields) ? null : discovery],
  ] as const;
  const isWrong = hasProblem('baseTopic', fields) || hasProblem('nasId', fields);
  const shown = isWrong ? [] : rows.filter((row): row is [string, string] => row[1] !== null);
  setVisible(query('#active-backup-mqtt-bridge-topics-row', HTMLElement), shown.length > 0);
  query('#active-backup-mqtt-bridge-topics', HTMLElement).replaceChildren(
    ...shown.flatMap(([name, topic]) => [
      createElement('dt', {}, name),
      createElement('dd', {}, createElement('code', {}, ...breakable(topic, '/'))),
    ]),
  );
}

function hasProblem(property: TextProperty, fields: TopicFields): boolean {
  return problemOf(BRIDGE_RULES[property], fields[property]) !== null;
}

function textInput(property: TextProperty): HTMLInputElement {
  return query(`#node-input-${property}`, HTMLInputElement);
}
