import { BRIDGE_FLAGS, BRIDGE_WORDS } from './bridge-options';
import { exampleTopics, type TopicChoice } from './bridge-topics';
import { showValidationMessage } from '../form/validation-message';
import { openDashboardCopy } from './dashboard-copy';
import { createElement, query, setVisible } from '../form/dom';
import { parseBoolean } from '../form/boolean';
import { checkboxField } from '../form/checkbox-field';
import { nasIdProblem, topicProblem } from './mqtt-checks';
import type { Text } from '../form/texts';
import { selectField } from '../form/word-choice';

type Choice = keyof typeof BRIDGE_WORDS;
type Flag = keyof typeof BRIDGE_FLAGS;

/** What the dialog reads of a bridge, and writes back: properties Node-RED cannot read by itself. */
type BridgeFields = { readonly id: string } & Partial<Record<Choice | Flag, unknown>>;

/** Words of the node's own catalogue for a choice: what it is called, and what follows from it. */
export type ChoiceText = (choice: Choice, word: string) => { label: string; explain: string };

/** The open dialog. */
export interface BridgeForm {
  /** Stores what Node-RED does not store by itself. */
  save(): void;
  /** Gives up what is under way. */
  close(): void;
}

/**
 * Brings the dialog of a bridge to life.
 * @param text looks up a text of the node's own catalogue
 */
export function openBridgeForm(node: BridgeFields, text: Text, choiceText: ChoiceText): BridgeForm {
  const choices = (Object.keys(BRIDGE_WORDS) as Choice[]).map(
    (choice) => [choice, openChoice(choice, node[choice], choiceText)] as const,
  );
  const flags = { discovery: openFlag('discovery', node.discovery), commands: openFlag('commands', node.commands) };
  for (const property of ['baseTopic', 'discoveryPrefix']) showValidationMessage(textInput(property), topicProblem);
  showValidationMessage(textInput('nasId'), nasIdProblem);
  const explain = (): void =>
    explainChoice(
      {
        baseTopic: textInput('baseTopic').value,
        nasId: textInput('nasId').value,
        discovery: flags.discovery(),
        discoveryPrefix: textInput('discoveryPrefix').value,
        commands: flags.commands(),
      },
      text,
    );
  $(query('.active-backup-mqtt-bridge', HTMLElement)).on('input change', explain);
  explain();
  const closeDashboard = openDashboardCopy(node.id, text);
  return {
    save() {
      for (const [choice, read] of choices) node[choice] = read();
      node.discovery = flags.discovery();
      node.commands = flags.commands();
    },
    close: closeDashboard,
  };
}

function openFlag(flag: Flag, saved: unknown): () => unknown {
  return checkboxField(query(`#active-backup-mqtt-bridge-${flag}`, HTMLInputElement), saved, BRIDGE_FLAGS[flag]);
}

/** A select, and below it what the chosen word means. */
function openChoice(choice: Choice, saved: unknown, choiceText: ChoiceText): () => unknown {
  const select = query(`#active-backup-mqtt-bridge-${choice}`, HTMLSelectElement);
  const place = query(`#active-backup-mqtt-bridge-${choice}-explanation`, HTMLElement);
  const { words, preset } = BRIDGE_WORDS[choice];
  const read = selectField(select, words, { saved, preset, label: (word) => choiceText(choice, word).label });
  const explain = (): void => {
    const isKnown = (words as readonly string[]).includes(select.value);
    place.textContent = isKnown ? choiceText(choice, select.value).explain : '';
  };
  select.addEventListener('change', explain);
  explain();
  return read;
}

/** Shows what counts with these values, and what follows from them. A flag only the runtime knows may be on. */
function explainChoice(choice: TopicChoice, text: Text): void {
  const isDiscovered = parseBoolean(choice.discovery, BRIDGE_FLAGS.discovery) !== false;
  // What was announced once is taken back there, so a wrong one has to be corrected, also without discovery.
  const needsPrefix = isDiscovered || topicProblem(choice.discoveryPrefix) !== null;
  const takesCommands = parseBoolean(choice.commands, BRIDGE_FLAGS.commands) !== false;
  setVisible(query('#active-backup-mqtt-bridge-discovered', HTMLElement), isDiscovered);
  setVisible(query('#active-backup-mqtt-bridge-prefix', HTMLElement), needsPrefix);
  setVisible(query('#active-backup-mqtt-bridge-danger', HTMLElement), takesCommands);
  showTopics(choice, text);
}

/** Topics as they will be; nothing while one of the fields is wrong, which is said there. */
function showTopics(choice: TopicChoice, text: Text): void {
  const isWrong = topicProblem(choice.baseTopic) !== null || nasIdProblem(choice.nasId) !== null;
  const { state, command, discovery } = exampleTopics(choice, text('mqtt-bridge.topics.serial'));
  const isPrefixWrong = topicProblem(choice.discoveryPrefix) !== null;
  const rows = [
    [text('mqtt-bridge.topics.state'), state],
    [text('mqtt-bridge.topics.command'), command],
    [text('mqtt-bridge.topics.discovery'), isPrefixWrong ? null : discovery],
  ] as const;
  const shown = isWrong ? [] : rows.filter((row): row is [string, string] => row[1] !== null);
  setVisible(query('#active-backup-mqtt-bridge-topics-row', HTMLElement), shown.length > 0);
  query('#active-backup-mqtt-bridge-topics', HTMLElement).replaceChildren(
    ...shown.flatMap(([name, topic]) => [
      createElement('dt', {}, name),
      createElement('dd', {}, createElement('code', {}, ...breakable(topic))),
    ]),
  );
}

/** A topic that breaks after a slash when it has to. */
function breakable(topic: string): (string | Node)[] {
  const [first = '', ...rest] = topic.split('/');
  return [first, ...rest.flatMap((level) => ['/', createElement('wbr'), level])];
}

function textInput(property: string): HTMLInputElement {
  return query(`#node-input-${property}`, HTMLInputElement);
}
