const MAX_TOPIC_BYTES = 65_535;

/** Whether messages can be published to a topic: no wildcard, no NUL, not empty, at most 65,535 bytes. */
export function isPublishableTopic(text: string): boolean {
  return text !== '' && !/[+#\0]/.test(text) && Buffer.byteLength(text) <= MAX_TOPIC_BYTES;
}

/** Whether a subscription filter matches a topic. A leading wildcard does not match topics that begin with `$`. */
export function filterMatches(filter: string, topic: string): boolean {
  if (topic.startsWith('$') && /^[+#]/.test(filter)) return false;
  const topicLevels = topic.split('/');
  const filterLevels = filter.split('/');
  const isMultiLevel = filterLevels.at(-1) === '#';
  const levels = isMultiLevel ? filterLevels.slice(0, -1) : filterLevels;
  // `a/#` also matches `a`.
  if (isMultiLevel ? topicLevels.length < levels.length : topicLevels.length !== levels.length) return false;
  return levels.every((level, index) => level === '+' || level === topicLevels[index]);
}
