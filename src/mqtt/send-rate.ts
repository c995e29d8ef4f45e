/** Half of the smallest limit that a service documents for a connection: AWS IoT Core discards above 100 messages a second. */
const FIRST_PER_SECOND = 50;
const LEAST_PER_SECOND = 5;
/** A limit belongs to the broker or to its plan: it does not change within hours. */
const LIMITED_FOR_MS = 24 * 60 * 60_000;
/** Several messages that are refused together are one sign of a limit. */
const ONE_SIGN_MS = 1000;

/** How many messages a second may be sent: any number, until the broker shows that it has a limit. */
export class SendRate {
  readonly #now: () => number;
  #perSecond = Infinity;
  #limitedUntil = -Infinity;
  #reducedAt = -Infinity;
  /** When (ms) the next message may be sent. */
  #nextAt = -Infinity;

  /** @param now ms of a monotonic clock */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** Messages a second; Infinity: no limit is known. */
  get perSecond(): number {
    return this.#now() < this.#limitedUntil ? this.#perSecond : Infinity;
  }

  /** The broker has dropped or refused messages because there were too many: half as many are sent for a day. */
  reduce(): void {
    const now = this.#now();
    if (now < this.#reducedAt + ONE_SIGN_MS) return;
    this.#perSecond = Math.max(LEAST_PER_SECOND, Math.min(FIRST_PER_SECOND, Math.floor(this.perSecond / 2)));
    this.#limitedUntil = now + LIMITED_FOR_MS;
    this.#reducedAt = now;
  }

  /** Nothing is sent for this long. */
  pause(ms: number): void {
    this.#nextAt = Math.max(this.#nextAt, this.#now() + ms);
  }

  /** ms until the next message may be sent; 0: now. */
  get waitMs(): number {
    return Math.max(0, this.#nextAt - this.#now());
  }

  /** A message is sent now. */
  sent(): void {
    const { perSecond } = this;
    if (perSecond !== Infinity) this.#nextAt = Math.max(this.#nextAt, this.#now()) + 1000 / perSecond;
  }

  /** Forgets the limit. */
  reset(): void {
    this.#limitedUntil = -Infinity;
    this.#reducedAt = -Infinity;
    this.#nextAt = -Infinity;
  }
}
