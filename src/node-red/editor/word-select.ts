/**
 * Fills a select with words. A value of the flow that is none of them (`${VAR}`, or a word of another version) is offered
 * as it is, so that opening the dialog loses nothing.
 */
export function fillSelect(
  select: HTMLSelectElement,
  words: readonly string[],
  { saved, preset, label }: { saved: unknown; preset: string; label: (word: string) => string },
): void {
  const value = typeof saved === 'string' && saved !== '' ? saved : preset;
  const options = words.map((word) => new Option(label(word), word));
  select.replaceChildren(...options, ...(words.includes(value) ? [] : [new Option(value, value)]));
  select.value = value;
}
