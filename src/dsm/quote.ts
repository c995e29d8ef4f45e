/** Characters of API, method, operation and event names. Nearly every address, sentence or password has others. */
const PLAIN = /^[A-Za-z._]+$/;
const SHOWN_CHARACTERS = 40;

/**
 * A word from the user in quotation marks, for a message that rejects it. Any text with other characters than {@link
 * PLAIN} is left out: messages go to logs and flows, and a text pasted into the wrong field may be a secret.
 */
export function quoted(word: string): string {
  if (!PLAIN.test(word)) return '(not shown)';
  return word.length > SHOWN_CHARACTERS ? `"${word.slice(0, SHOWN_CHARACTERS)}…"` : `"${word}"`;
}
