/** The delay after the second failure in a row; each further failure doubles it. The first one is retried at once. */
const FIRST_DELAY_MS = 30_000;

/** Decides when a periodic read is due: after its period; after a failure at the next poll, then at growing delays. */
export class RetryTimer {
  readonly #periodMs: number;
  /** When (epoch ms) the last read succeeded or failed. */
  #lastReadAt = -Infinity;
  #failures = 0;

  /** @param periodMs from one successful read to the next; also the longest delay after failures */
  constructor(periodMs: number) {
    this.#periodMs = periodMs;
  }

  /** @param now epoch ms; a clock set back makes the read due */
  isDue(now: number): boolean {
    return Math.abs(now - this.#lastReadAt) >= this.#delayMs();
  }

  succeeded(now: number): void {
    this.#lastReadAt = now;
    this.#failures = 0;
  }

  failed(now: number): void {
    this.#lastReadAt = now;
    this.#failures += 1;
  }

  /** Makes the read due. */
  expire(): void {
    this.#lastReadAt = -Infinity;
    this.#failures = 0;
  }

  #delayMs(): number {
    if (this.#failures === 0) return this.#periodMs;
    return this.#failures === 1 ? 0 : Math.min(this.#periodMs, FIRST_DELAY_MS * 2 ** (this.#failures - 2));
  }
}
