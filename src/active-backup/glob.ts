/**
 * Whether a whole text matches a glob: `*` matches any characters, `?` exactly one; case is ignored. Takes at most
 * pattern × text steps: after a mismatch only the last `*` is extended, because it can match everything an earlier `*`
 * could.
 */
export function matchesGlob(pattern: string, text: string): boolean {
  const patternCharacters = charactersOf(pattern);
  const textCharacters = charactersOf(text);
  let at = 0;
  let star = -1;
  let starEnd = 0;
  let index = 0;
  while (index < textCharacters.length) {
    const character = patternCharacters[at];
    if (character === '*') {
      star = at;
      starEnd = index;
      at += 1;
    } else if (character === '?' || character === textCharacters[index]) {
      at += 1;
      index += 1;
    } else if (star >= 0) {
      starEnd += 1;
      index = starEnd;
      at = star + 1;
    } else {
      return false;
    }
  }
  return patternCharacters.slice(at).every((character) => character === '*');
}

/** One entry per code point; composed and decomposed characters are equal. */
function charactersOf(text: string): string[] {
  return Array.from(text.normalize('NFC').toLowerCase());
}
