import { filterMatches } from './topic-filter';
import { SessionLostError } from './types';

/** A broker sends what it holds in one go: after so long without a message there is no more. */
const QUIET_MS = 400;

/** Gathers what a broker holds below a filter, from the moment it is made; whoever makes it ends it. */
export class RetainedReader {
  readonly filter: string;
  readonly #found = new Map<string, string>();
  #whole: NodeJS.Timeout | undefined;
  #quiet: NodeJS.Timeout | undefined;
  #lose: () => void = () => undefined;
  #isLost = false;
  #isOverdue = false;
  /** Messages taken, so that one that comes is noticed. */
  #taken = 0;

  constructor(filter: string) {
    this.filter = filter;
  }

  /** A retained message; an empty one: nothing is held there any more. */
  take(topic: string, payload: string): void {
    if (!filterMatches(this.filter, topic)) return;
    if (payload === '') this.#found.delete(topic);
    else this.#found.set(topic, payload);
    this.#taken += 1;
    this.#quiet?.refresh();
  }

  /** The connection is gone. */
  lose(): void {
    this.#isLost = true;
    this.#lose();
  }

  /**
   * Topic → payload, when nothing more comes, or after `waitMs`. A process that was busy for so long has the answer waiting
   * at its socket, behind the timers: it is read before. @throws SessionLost
   */
  complete(waitMs: number): Promise<ReadonlyMap<string, string>> {
    return new Promise((resolve, reject) => {
      const finish = (): void => {
        const before = this.#taken;
        setImmediate(() => {
          if (this.#taken === before) resolve(this.#found);
          else if (this.#isOverdue) finish();
        });
      };
      this.#lose = () => reject(new SessionLostError());
      if (this.#isLost) this.#lose();
      this.#whole = setTimeout(() => {
        this.#isOverdue = true;
        finish();
      }, waitMs);
      this.#quiet = setTimeout(finish, Math.min(QUIET_MS, waitMs));
    });
  }

  end(): void {
    clearTimeout(this.#whole);
    clearTimeout(this.#quiet);
  }
}
