import { createElement } from './dom';

/**
 * Checkboxes for a list of words, of which none checked means all.
 * @param saved as the flow has it; a word that is none of `words` gets a checkbox too, so that a person can take it out
 * @returns reads what to store: `saved` itself when nothing was touched, else the words in their order
 */
export function checkboxGroup(
  group: HTMLElement,
  words: readonly string[],
  saved: unknown,
  label: (word: string) => string,
): () => unknown {
  const before = savedWords(saved);
  const boxes = [...new Set([...words, ...before])].map((word) => {
    const id = `${group.id}-${word}`;
    const box = createElement('input', { type: 'checkbox', id, value: word });
    box.checked = before.includes(word);
    group.append(
      createElement(
        'label',
        { for: id, class: 'active-backup-choice' },
        box,
        words.includes(word) ? label(word) : word,
      ),
    );
    return box;
  });
  return () => {
    const chosen = boxes.filter((box) => box.checked).map((box) => box.value);
    const isSame = chosen.length === before.length && chosen.every((word) => before.includes(word));
    return isSame && Array.isArray(saved) ? (saved as unknown[]) : chosen;
  };
}

function savedWords(saved: unknown): string[] {
  const list: unknown[] = Array.isArray(saved) ? saved : [saved];
  return [...new Set(list.filter((word): word is string => typeof word === 'string' && word !== ''))];
}
