/**
 * Works on one value after the other. Of those that come meanwhile only the newest is worked on: it says what they said.
 * The work must not reject.
 */
export class LatestOnlyQueue<T> {
  readonly #work: (value: T) => Promise<void>;
  #waiting: { value: T } | null = null;
  #isWorking = false;

  constructor(work: (value: T) => Promise<void>) {
    this.#work = work;
  }

  push(value: T): void {
    this.#waiting = { value };
    if (!this.#isWorking) void this.#workOn();
  }

  async #workOn(): Promise<void> {
    this.#isWorking = true;
    while (this.#waiting !== null) {
      const { value } = this.#waiting;
      this.#waiting = null;
      await this.#work(value);
    }
    this.#isWorking = false;
  }
}
