import { schemeOf } from './broker-url';
import { isHostName, isVariable, parsedUrl, textOf, type Check } from '../nas/problems';

/** Where a broker is: `mqtt[s]://` or `ws[s]://` (INTERFACE 5), by the rules the runtime reads it with. */
export const brokerUrlProblem: Check = (value) => {
  const url = textOf(value);
  if (url === '') return { key: 'problem.required' };
  if (isVariable(url)) return null;
  if (/^[^/]*\/\/[^/]*@/.test(url)) return { key: 'problem.accountInUrl' };
  const scheme = schemeOf(url);
  if (scheme === null) return { key: 'problem.brokerUrl' };
  // `new URL` looks closely at hosts of http alone.
  const [, host = ''] = /^[a-z]+:\/\/(\[[^\]]*\]|[^/:?#]*)/i.exec(url) ?? [];
  const isRight = isHostName(host) && parsedUrl(url.replace(/^[a-z]+/i, 'http')) !== null;
  return isRight ? null : { key: 'problem.brokerUrl' };
};

/** What a topic must not have, and how that is called. */
const TOPIC_RULES: readonly (readonly [RegExp, key: string])[] = [
  [/[+#]/, 'problem.topic.wildcard'],
  [/^\/|\/\/|\/$/, 'problem.topic.level'],
  [/^\$/, 'problem.topic.dollar'],
  [/\p{Cc}/u, 'problem.invisible'],
];
const LONGEST_TOPIC_BYTES = 200;

/** The beginning of topics: levels with a slash between them. Nothing means the default. */
export const topicProblem: Check = (value) => {
  const topic = textOf(value);
  if (topic === '' || isVariable(topic)) return null;
  const broken = TOPIC_RULES.find(([pattern]) => pattern.test(topic));
  if (broken !== undefined) return { key: broken[1] };
  const isLong = new TextEncoder().encode(topic).length > LONGEST_TOPIC_BYTES;
  return isLong ? { key: 'problem.topic.length', values: { max: LONGEST_TOPIC_BYTES } } : null;
};

/** One level of a topic that is part of ids in Home Assistant too. Nothing: the serial number of the NAS. */
export const nasIdProblem: Check = (value) => {
  const id = textOf(value);
  return id === '' || isVariable(id) || /^[A-Za-z0-9_-]{1,64}$/.test(id) ? null : { key: 'problem.nasId' };
};

/** Any text a person can see. Nothing: made from the id of the node. */
export const clientIdProblem: Check = (value) => (/\p{Cc}/u.test(textOf(value)) ? { key: 'problem.invisible' } : null);
