import { isObject, oneOf, template, text, topicFilter } from './checks';
import { fieldViolations } from './fields';

const ITEM = {
  topic: topicFilter,
  'payload_available?': text,
  'payload_not_available?': text,
  'value_template?': template,
};

const MODES = oneOf(['all', 'any', 'latest']);

/**
 * Violations of the availability options.
 * @param own the keys of the root or component itself
 * @param fields the same, with the keys that a component inherits
 */
export function availabilityViolations(
  at: string,
  own: Readonly<Record<string, unknown>>,
  fields: Readonly<Record<string, unknown>>,
): string[] {
  const { availability, availability_mode: mode } = fields;
  return [
    ...(availability !== undefined && fields['availability_topic'] !== undefined
      ? [`${at} has both availability and availability_topic`]
      : []),
    ...(mode !== undefined && MODES(mode) !== null ? [`${at}.availability_mode ${MODES(mode)}`] : []),
    ...(Array.isArray(availability) && availability.length > 1 && mode !== 'all'
      ? [`${at}.availability_mode is not all, so that the last message of any topic decides`]
      : []),
    ...(own['availability'] === undefined ? [] : listViolations(`${at}.availability`, own['availability'])),
  ];
}

function listViolations(at: string, list: unknown): string[] {
  if (!Array.isArray(list) || list.length === 0) return [`${at} is no list with something in it`];
  const topics = list.map((item) => (isObject(item) ? item['topic'] : undefined));
  return [
    ...list.flatMap((item, index) =>
      isObject(item) ? fieldViolations(`${at}[${index}]`, item, ITEM) : [`${at}[${index}] is no object`],
    ),
    // Home Assistant keeps them by topic: the second would replace the first.
    ...(new Set(topics).size === topics.length ? [] : [`${at} names a topic twice`]),
  ];
}
