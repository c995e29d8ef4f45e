/** Letters, digits and the signs inside names of methods and APIs: nothing that an address with a password in it, or a sentence, is made of. */
const PLAIN = /^[\w.-]+$/;
const SHOWN_CHARACTERS = 40;

/**
 * A word that a person typed, in quotation marks, for a message that says it is not known. Anything but a plain word is
 * left out: a message goes to logs and flows, and what was pasted into the wrong field may be a secret.
 */
export function quoted(word: string): string {
  if (!PLAIN.test(word)) return '(not shown)';
  return word.length > SHOWN_CHARACTERS ? `"${word.slice(0, SHOWN_CHARACTERS)}…"` : `"${word}"`;
}
