/**
 * An item missing in this many polls in a row is gone. A NAS that is starting, or loading its database, returns only part of
 * its tasks, or none, in some responses.
 */
export const POLLS_UNTIL_GONE = 3;

/** Whether an item is gone after so many polls in a row without it. */
export function isGone(missedPolls: number): boolean {
  return missedPolls >= POLLS_UNTIL_GONE;
}

/** Keeps items that are missing in a few responses, as they were last listed. */
export class MissingItemFilter<T> {
  readonly #idOf: (item: T) => unknown;
  #kept: readonly { readonly item: T; readonly missedPolls: number }[] = [];

  constructor(idOf: (item: T) => unknown) {
    this.#idOf = idOf;
  }

  /**
   * @param items of one response: call this once per response, also when it equals the one before
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
