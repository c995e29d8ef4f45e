import { covers } from './filters';
import { SessionLost } from './types';

/** A broker sends what it holds in one go: after so long without a message there is no more. */
const QUIET_MS = 400;

/** Gathers what a broker holds below a filter, from the moment it is made; whoever makes it ends it. */
export class Gathering {
  readonly filter: string;
  readonly #found = new Map<string, string>();
  #whole: NodeJS.Timeout | undefined;
  #quiet: NodeJS.Timeout | undefined;
  #lose: () => void = () => undefined;
  #isLost = false;

  constructor(filter: string) {
    this.filter = filter;
  }

  /** A retained message; an empty one: nothing is held there any more. */
  take(topic: string, payload: string): void {
    if (!covers(this.filter, topic)) return;
    if (payload === '') this.#found.delete(topic);
    else this.#found.set(topic, payload);
    this.#quiet?.refresh();
  }

  /** The connection is gone. */
  lose(): void {
    this.#isLost = true;
    this.#lose();
  }

  /** Topic → payload, when nothing more comes, or after `waitMs`. @throws SessionLost */
  complete(waitMs: number): Promise<ReadonlyMap<string, string>> {
    return new Promise((resolve, reject) => {
      const finish = (): void => resolve(this.#found);
      this.#lose = () => reject(new SessionLost());
      if (this.#isLost) this.#lose();
      this.#whole = setTimeout(finish, waitMs);
      this.#quiet = setTimeout(finish, Math.min(QUIET_MS, waitMs));
    });
  }

  end(): void {
    clearTimeout(this.#whole);
    clearTimeout(this.#quiet);
  }
}
