/** What the names of APIs, methods, operations and events are made of: nothing that an address, a sentence, or nearly any password would do without. */
const PLAIN = /^[A-Za-z._]+$/;
const SHOWN_CHARACTERS = 40;

/**
 * A word that a person typed, in quotation marks, for a message that says it is not known. Anything but a word of letters is
 * left out: a message goes to logs and flows, and what was pasted into the wrong field may be a secret.
 */
export function quoted(word: string): string {
  if (!PLAIN.test(word)) return '(not shown)';
  return word.length > SHOWN_CHARACTERS ? `"${word.slice(0, SHOWN_CHARACTERS)}…"` : `"${word}"`;
}
