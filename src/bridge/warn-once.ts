/** Bounds the memory of texts that differ each time; when it is reached all are forgotten. */
const MAX_TEXTS = 200;

/** Suppresses repeated warnings. */
export class WarnOnce {
  readonly #texts = new Set<string>();

  /** Whether a text comes for the first time since {@link reset}. */
  isFirst(text: string): boolean {
    if (this.#texts.has(text)) return false;
    if (this.#texts.size >= MAX_TEXTS) this.#texts.clear();
    this.#texts.add(text);
    return true;
  }

  /** The problem is over: the next one is to be reported. */
  reset(): void {
    this.#texts.clear();
  }
}
