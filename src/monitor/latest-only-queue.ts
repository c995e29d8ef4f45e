/**
 * Processes one value at a time. Of the values pushed meanwhile only the newest is processed, since it supersedes the others.
 * The processing must not reject.
 */
export class LatestOnlyQueue<T> {
  readonly #process: (value: T) => Promise<void>;
  #next: { value: T } | null = null;
  #isProcessing = false;

  constructor(process: (value: T) => Promise<void>) {
    this.#process = process;
  }

  push(value: T): void {
    this.#next = { value };
    if (!this.#isProcessing) void this.#processAll();
  }

  async #processAll(): Promise<void> {
    this.#isProcessing = true;
    while (this.#next !== null) {
      const { value } = this.#next;
      this.#next = null;
      await this.#process(value);
    }
    this.#isProcessing = false;
  }
}
