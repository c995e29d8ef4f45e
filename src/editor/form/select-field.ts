interface WordSelect {
  readonly saved: unknown;
  /** Of a node without a value. */
  readonly preset: string;
  readonly label: (word: string) => string;
  /** Whether a word is shown in the colour of danger: it allows to destroy something. */
  readonly isDangerous: (word: string) => boolean;
}

/**
 * Fills a select with words. A value of the flow that is none of them (`${VAR}`, or a word of another version) is offered
 * as it is, so that opening the dialog loses nothing.
 */
export function fillSelect(
  select: HTMLSelectElement,
  words: readonly string[],
  { saved, preset, label, isDangerous }: WordSelect,
): void {
  const value = typeof saved === 'string' && saved !== '' ? saved : preset;
  const options = words.map((word) => {
    const option = new Option(label(word), word);
    option.classList.toggle('active-backup-danger', isDangerous(word));
    return option;
  });
  select.replaceChildren(...options, ...(words.includes(value) ? [] : [new Option(value, value)]));
  select.value = value;
}
