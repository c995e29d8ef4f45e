import { fillSelect } from './select-field';

/**
 * A select for a property that is one of a few words. Its id is none of Node-RED's, which would empty it for a value of
 * another type.
 * @returns reads what to store: `saved` itself as long as it says the same
 */
export function selectField(
  select: HTMLSelectElement,
  words: readonly string[],
  { saved, preset, label }: { saved: unknown; preset: string; label: (word: string) => string },
): () => unknown {
  const text = typeof saved === 'number' ? String(saved) : saved;
  fillSelect(select, words, { saved: text, preset, label, isDangerous: () => false });
  return () => (select.value === text ? saved : select.value);
}
