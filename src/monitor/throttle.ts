/** Requests without a useful response are repeated after this time. */
const RETRY_MS = 60_000;
const MAX_KEYS = 1000;

/** Limits how often the NAS gets a request that it may be unable to fulfil. */
export class RequestThrottle {
  /** The time of the last request (epoch ms) by key, oldest first. */
  readonly #requestedAt = new Map<string, number>();

  /** Whether a request is allowed now; if so, it counts as sent. */
  tryAcquire(key: string, at: Date): boolean {
    const now = at.getTime();
    if (Math.abs(now - (this.#requestedAt.get(key) ?? -Infinity)) < RETRY_MS) return false;
    this.#requestedAt.delete(key);
    this.#requestedAt.set(key, now);
    const excess = Math.max(0, this.#requestedAt.size - MAX_KEYS);
    for (const old of [...this.#requestedAt.keys()].slice(0, excess)) this.#requestedAt.delete(old);
    return true;
  }
}

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

/**
 * Processes one value at a time. Of the values pushed meanwhile only the newest is processed, since it supersedes the others.
 * The processing must not reject.
 */
export class LatestOnlyQueue<T> {
  readonly #process: (value: T) => Promise<void>;
  #next: { value: T } | null = null;
  #isProcessing = false;
  /** Resolves when the value in progress is processed. */
  #current: Promise<void> = Promise.resolve();

  constructor(process: (value: T) => Promise<void>) {
    this.#process = process;
  }

  push(value: T): void {
    this.#next = { value };
    if (!this.#isProcessing) void this.#processAll();
  }

  /** Resolves when the values pushed so far are processed, or superseded by one that is; not later because of further ones. */
  async processed(): Promise<void> {
    const isNextWaiting = this.#next !== null;
    await this.#current;
    if (isNextWaiting) await this.#current;
  }

  async #processAll(): Promise<void> {
    this.#isProcessing = true;
    while (this.#next !== null) {
      const { value } = this.#next;
      this.#next = null;
      this.#current = this.#process(value);
      await this.#current;
    }
    this.#isProcessing = false;
  }
}
