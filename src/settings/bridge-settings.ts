import { oneOf, Problem, trimmedText, type Rule } from './rules';

/** How many entities Home Assistant gets, from few to all. */
export const DETAILS = ['minimal', 'standard', 'full'] as const;
export type Detail = (typeof DETAILS)[number];

/** Which protected devices are Home Assistant devices of their own; `problems`: those with a problem. */
const DEVICE_CHOICES = ['none', 'problems', 'all'] as const;
export type DeviceChoice = (typeof DEVICE_CHOICES)[number];

/** Languages of the names in Home Assistant, which cannot translate discovered names. */
const LANGUAGES = ['en', 'de'] as const;
export type Language = (typeof LANGUAGES)[number];

/** Properties of a bridge (docs/interface.md §5) that are one of a few words. */
export const BRIDGE_WORDS = {
  detail: { words: DETAILS, default: 'standard' },
  devices: { words: DEVICE_CHOICES, default: 'none' },
  language: { words: LANGUAGES, default: 'en' },
} as const;

/** The language of a new bridge in an editor of this language (`de`, `en-US`); the default for a language without names. */
export function bridgeLanguageFor(editorLanguage: string): Language {
  const [language] = editorLanguage.toLowerCase().split('-');
  return LANGUAGES.find((known) => known === language) ?? BRIDGE_WORDS.language.default;
}

/** Defaults of a bridge's topics; an empty field means them. */
export const BRIDGE_TOPICS = { baseTopic: 'active-backup', discoveryPrefix: 'homeassistant' } as const;

/** Defaults of a bridge's booleans. */
export const BRIDGE_FLAGS = { discovery: true, commands: false } as const;

const LONGEST_TOPIC_BYTES = 200;

/** Parts that a topic must not have, and the problem each of them is. `$` begins the broker's own topics. */
const TOPIC_PARTS: readonly (readonly [pattern: RegExp, key: string])[] = [
  [/[+#]/, 'problem.topic.wildcard'],
  [/^\/|\/\/|\/$/, 'problem.topic.level'],
  [/^\$/, 'problem.topic.dollar'],
  [/\p{Cc}/u, 'problem.invisible'],
];

/** The beginning of topics: levels with a slash between them. */
function topicOr(preset: string): Rule<string> {
  const reason = `must be a topic such as ${preset}: levels with / between them, without + and #`;
  return (value) => {
    const topic = trimmedText(value) || preset;
    const part = TOPIC_PARTS.find(([pattern]) => pattern.test(topic));
    if (part !== undefined) return new Problem(part[1], {}, reason);
    const isShort = new TextEncoder().encode(topic).length <= LONGEST_TOPIC_BYTES;
    return isShort ? topic : new Problem('problem.topic.length', { max: LONGEST_TOPIC_BYTES }, reason);
  };
}

/** One level of a topic, and part of the ids in Home Assistant; `''`: the serial number of the NAS, else its host. */
const parseNasId: Rule<string> = (value) => {
  const id = trimmedText(value);
  if (id === '' || /^[A-Za-z0-9_-]{1,64}$/.test(id)) return id;
  return new Problem('problem.nasId', {}, 'may have letters, digits, _ and - only, 64 at most');
};

/** The rule of each property of a bridge that can be wrong by itself. */
export const BRIDGE_RULES = {
  baseTopic: topicOr(BRIDGE_TOPICS.baseTopic),
  discoveryPrefix: topicOr(BRIDGE_TOPICS.discoveryPrefix),
  nasId: parseNasId,
  detail: oneOf(DETAILS, BRIDGE_WORDS.detail.default),
  devices: oneOf(DEVICE_CHOICES, BRIDGE_WORDS.devices.default),
  language: oneOf(LANGUAGES, BRIDGE_WORDS.language.default),
} as const satisfies Record<string, Rule<unknown>>;
