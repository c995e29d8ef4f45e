/** The wait after the second failure in a row; each further one doubles it. The first failure is tried again at once. */
const FIRST_WAIT_MS = 30_000;

/** When something that is read from time to time is due: after its period, and after a failure at the next poll, then later and later. */
export class RetryTimer {
  readonly #periodMs: number;
  /** When (epoch ms) it was read or tried last. */
  #triedAt = -Infinity;
  #failures = 0;

  /** @param periodMs between two reads that succeed; also the longest wait after failures */
  constructor(periodMs: number) {
    this.#periodMs = periodMs;
  }

  /** @param now epoch ms; a clock that was set back holds nothing up */
  isDue(now: number): boolean {
    return Math.abs(now - this.#triedAt) >= this.#waitMs();
  }

  succeeded(now: number): void {
    this.#triedAt = now;
    this.#failures = 0;
  }

  failed(now: number): void {
    this.#triedAt = now;
    this.#failures += 1;
  }

  /** Makes it due. */
  expire(): void {
    this.#triedAt = -Infinity;
    this.#failures = 0;
  }

  #waitMs(): number {
    if (this.#failures === 0) return this.#periodMs;
    return this.#failures === 1 ? 0 : Math.min(this.#periodMs, FIRST_WAIT_MS * 2 ** (this.#failures - 2));
  }
}
