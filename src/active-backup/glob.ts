/**
 * Whether a text matches a glob: `*` is any run of characters, `?` is one, everything else stands for itself, without
 * regard to case, over the whole text. Takes at most pattern × text steps, whatever the pattern: a mismatch only ever
 * goes back to the last `*`, because what an earlier one could still take, the last one can take too.
 */
export function matchesGlob(pattern: string, text: string): boolean {
  const wanted = charactersOf(pattern);
  const given = charactersOf(text);
  let at = 0;
  let star = -1;
  let starEnd = 0;
  let index = 0;
  while (index < given.length) {
    const character = wanted[at];
    if (character === '*') {
      star = at;
      starEnd = index;
      at += 1;
    } else if (character === '?' || character === given[index]) {
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
  return wanted.slice(at).every((character) => character === '*');
}

/** One entry per character, also for those outside the basic plane; composed and decomposed umlauts are the same. */
function charactersOf(text: string): string[] {
  return Array.from(text.normalize('NFC').toLowerCase());
}
