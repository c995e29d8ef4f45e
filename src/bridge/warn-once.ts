/** So many different things nobody reads; what grows without end is forgotten. */
const MOST_TOLD = 200;

/** What a person has been told, who need not hear it twice. */
export class WarnOnce {
  readonly #texts = new Set<string>();

  /** Whether a text is told for the first time since {@link reset}; from now on it counts as told. */
  isFirst(text: string): boolean {
    if (this.#texts.has(text)) return false;
    if (this.#texts.size >= MOST_TOLD) this.#texts.clear();
    this.#texts.add(text);
    return true;
  }

  /** All is well again: the next trouble is news. */
  reset(): void {
    this.#texts.clear();
  }
}
