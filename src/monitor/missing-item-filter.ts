/**
 * How many polls in a row must miss an item before it counts as gone. A NAS that is starting, or loading its database,
 * answers some polls with a part of its tasks or with none.
 */
export const POLLS_UNTIL_GONE = 3;

/** Whether an item that so many polls in a row have missed is gone. */
export function isGone(missedPolls: number): boolean {
  return missedPolls >= POLLS_UNTIL_GONE;
}

/** Keeps the items of a list that a few answers leave out, as they were last listed. */
export class MissingItemFilter<T> {
  readonly #idOf: (item: T) => unknown;
  #kept: readonly { readonly item: T; readonly missedPolls: number }[] = [];

  constructor(idOf: (item: T) => unknown) {
    this.#idOf = idOf;
  }

  /**
   * Counts one answer.
   * @param items what the NAS listed: one call for each answer, also for one that equals the one before
   * @returns the listed items, then those that are missing but not gone; `items` itself when none is missing
   */
  filter(items: readonly T[]): readonly T[] {
    const ids = new Set(items.map(this.#idOf));
    const missing = this.#kept
      .filter(({ item }) => !ids.has(this.#idOf(item)))
      .map(({ item, missedPolls }) => ({ item, missedPolls: missedPolls + 1 }))
      .filter(({ missedPolls }) => !isGone(missedPolls));
    this.#kept = [...items.map((item) => ({ item, missedPolls: 0 })), ...missing];
    return missing.length === 0 ? items : this.#kept.map(({ item }) => item);
  }
}
