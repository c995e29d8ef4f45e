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
