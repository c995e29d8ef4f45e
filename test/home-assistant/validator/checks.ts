import type { Check } from './tables';

/*
 * Checks of single values: each returns null, or the violation as the predicate of a sentence about the value.
 */

const LONE_SURROGATE = /\p{Surrogate}/u;
const CONTROL = /[\u0000-\u001f\u007f-\u009f]/; // eslint-disable-line no-control-regex -- the pattern finds control characters
const NON_CHARACTER = /[\ufdd0-\ufdef]|\p{Noncharacter_Code_Point}/u;
const WEB_ADDRESS = /^(?:https?|homeassistant):\/\/[^/\s]/;
const LONGEST_TOPIC_BYTES = 65_535;

export const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** A value in words. */
export const shown = (value: unknown): string =>
  typeof value === 'string' ? value : value === undefined ? 'nothing' : JSON.stringify(value);

/** How JSON.stringify writes half a surrogate pair; it leaves whole pairs unchanged. */
const LONE_SURROGATE_ESCAPE = /(?<!\\)(?:\\\\)*\\ud[89a-f]/i;

/** Whether a message of JSON has half a surrogate pair anywhere, also in a key. */
export const hasLoneSurrogate = (json: string): boolean =>
  LONE_SURROGATE_ESCAPE.test(json) || LONE_SURROGATE.test(json);

/** Any text that a message can carry. */
export const text: Check = (value) => {
  if (typeof value !== 'string') return 'is no string';
  return LONE_SURROGATE.test(value) ? 'has half a surrogate pair' : null;
};

/** A text for people: one line, not blank. */
export const label: Check = (value) =>
  text(value) ??
  (String(value).trim() === '' ? 'is blank' : CONTROL.test(String(value)) ? 'has control characters' : null);

/** The name of an entity; null: it is called like its device. */
export const labelOrNull: Check = (value) => (value === null ? null : label(value));

export const wholeNumber: Check = (value) =>
  Number.isInteger(value) && (value as number) >= 0 ? null : 'is no whole number from 0';

export const flag: Check = (value) => (typeof value === 'boolean' ? null : 'is neither true nor false');

/** All messages use QoS 1, so every QoS option is 1. */
export const qosOne: Check = (value) => (value === 1 ? null : 'is not 1');

export const icon: Check = (value) =>
  text(value) ?? (/^[a-z]+:[a-z0-9-]+$/.test(String(value)) ? null : 'is no icon of the form mdi:name');

export const webAddress: Check = (value) =>
  text(value) ??
  (WEB_ADDRESS.test(String(value)) && URL.canParse(String(value))
    ? null
    : 'is no address with http or https and a host');

/** A value of a list. */
export const oneOf =
  (words: readonly string[]): Check =>
  (value) =>
    words.includes(value as string) ? null : `is none of ${words.join(', ')}`;

/** A list of different texts, at least one. */
export const texts: Check = (value) => {
  if (!Array.isArray(value) || value.length === 0) return 'is no list with something in it';
  const wrong = value.map(label).find((fault) => fault !== null);
  if (wrong !== undefined) return `has a text that ${wrong}`;
  return new Set(value).size === value.length ? null : 'names something twice';
};

/** Only the one form that has no logic in it. */
export const template: Check = (value) =>
  typeof value === 'string' && templateKey(value) !== null
    ? null
    : 'is not of the form {{ value_json.key }}, or that divided and rounded if it is a number';

/** The key of the document that a template shows; null for any other template. */
export const templateKey = (value: string): string | null =>
  (/^\{\{ value_json\.([a-z][a-z0-9_]*) \}\}$/.exec(value) ?? SCALED.exec(value))?.[1] ?? null;

/** A template of attributes: some fields of the document. */
export const attributesTemplate: Check = (value) =>
  typeof value === 'string' && attributeKeys(value) !== null
    ? null
    : "is not of the form {{ {'key': value_json.get('key'), …} | tojson }}";

/** The keys of the document that a template of attributes shows; null for any other template. */
export const attributeKeys = (value: string): string[] | null => {
  const [, fields] = /^\{\{ \{(.+)\} \| tojson \}\}$/.exec(value) ?? [];
  const keys = fields?.split(', ').map((field) => /^'([a-z_]+)': value_json\.get\('\1'\)$/.exec(field)?.[1] ?? null);
  return keys?.every((key) => key !== null) ? keys : null;
};

const SCALED =
  /^\{\{ \(value_json\.([a-z][a-z0-9_]*) \/ ([1-9]\d*)\) \| round\((\d)\) if value_json\.\1 is number else None \}\}$/;

/** The result of a template for a number. */
export const templateNumber = (template: string, value: number): number => {
  const [, , size, decimals] = SCALED.exec(template) ?? [];
  return size === undefined ? value : Number((value / Number(size)).toFixed(Number(decimals)));
};

/** A topic that Home Assistant publishes to, or one message may have. */
export const topicName: Check = (value) => topic(value) ?? (/[+#]/.test(String(value)) ? 'has a wildcard' : null);

/** A topic that Home Assistant subscribes to. */
export const topicFilter: Check = (value) => {
  const fault = topic(value);
  if (fault !== null) return fault;
  const levels = String(value).split('/');
  if (levels.some((level) => level.includes('+') && level !== '+')) return 'has a + that does not fill its level';
  const many = levels.findIndex((level) => level.includes('#'));
  return many === -1 || (levels[many] === '#' && many === levels.length - 1)
    ? null
    : 'has a # that is not its last level';
};

const topic: Check = (value) => {
  const fault = text(value);
  if (fault !== null) return fault;
  if (value === '') return 'is empty';
  if (Buffer.byteLength(String(value)) > LONGEST_TOPIC_BYTES) return 'is too long';
  if (CONTROL.test(String(value))) return 'has control characters';
  return NON_CHARACTER.test(String(value)) ? 'has non-characters' : null;
};
