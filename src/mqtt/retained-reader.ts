import { filterMatches } from './topic-filter';
import { SessionLostError } from './types';

/** A broker sends its retained messages without a break: after this time without a message there are no more. */
const QUIET_MS = 400;

/** Collects the retained messages that match a filter, from its creation on. The creator calls {@link end}. */
export class RetainedReader {
  readonly filter: string;
  readonly #found = new Map<string, string>();
  #limitTimer: NodeJS.Timeout | undefined;
  #quietTimer: NodeJS.Timeout | undefined;
  #reject: () => void = () => undefined;
  #isLost = false;
  #isLimitReached = false;
  #messageCount = 0;

  constructor(filter: string) {
    this.filter = filter;
  }

  /** Handles a retained message; an empty payload means that the topic has been cleared. */
  add(topic: string, payload: string): void {
    if (!filterMatches(this.filter, topic)) return;
    if (payload === '') this.#found.delete(topic);
    else this.#found.set(topic, payload);
    this.#messageCount += 1;
    this.#quietTimer?.refresh();
  }

  /** The session is lost: {@link complete} rejects. */
  markLost(): void {
    this.#isLost = true;
    this.#reject();
  }

  /**
   * Resolves with topic → payload when no more messages arrive, at the latest after `waitMs`. When the event loop was blocked
   * the timers fire before the socket is read, so one more turn is awaited.
   * @throws SessionLostError
   */
  complete(waitMs: number): Promise<ReadonlyMap<string, string>> {
    return new Promise((resolve, reject) => {
      const finish = (): void => {
        const countBefore = this.#messageCount;
        setImmediate(() => {
          if (this.#messageCount === countBefore) resolve(this.#found);
          else if (this.#isLimitReached) finish();
        });
      };
      this.#reject = () => reject(new SessionLostError());
      if (this.#isLost) this.#reject();
      this.#limitTimer = setTimeout(() => {
        this.#isLimitReached = true;
        finish();
      }, waitMs);
      this.#quietTimer = setTimeout(finish, Math.min(QUIET_MS, waitMs));
    });
  }

  /** Stops the timers. */
  end(): void {
    clearTimeout(this.#limitTimer);
    clearTimeout(this.#quietTimer);
  }
}
