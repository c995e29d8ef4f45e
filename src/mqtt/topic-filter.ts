const MAXIMUM_TOPIC_BYTES = 65_535;

/** Whether something can be published to it: no wildcard, no NUL, neither empty nor longer than MQTT can say. */
export function isPublishableTopic(text: string): boolean {
  return text !== '' && !/[+#\0]/.test(text) && Buffer.byteLength(text) <= MAXIMUM_TOPIC_BYTES;
}

/** Whether a subscription to `filter` brings messages of `topic`; wildcards do not cover topics that begin with `$`. */
export function filterMatches(filter: string, topic: string): boolean {
  if (topic.startsWith('$') && /^[+#]/.test(filter)) return false;
  const levels = topic.split('/');
  const wanted = filter.split('/');
  const many = wanted.at(-1) === '#';
  const fixed = many ? wanted.slice(0, -1) : wanted;
  // `a/#` covers `a` too.
  if (many ? levels.length < fixed.length : levels.length !== fixed.length) return false;
  return fixed.every((level, index) => level === '+' || level === levels[index]);
}
