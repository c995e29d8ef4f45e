import type { ConnectionProblem } from '../mqtt/types';

/** A request is not repeated after the broker has ended the connection over it this many times in a row. */
const MAX_LOST_CONNECTIONS = 2;
/** Expires, because the broker may get other access rules. */
const FORBIDDEN_FOR_MS = 60 * 60_000;

/** Remembers requests over which the broker ends the connection. Only one request at a time is attempted. */
export class ForbiddenRequests {
  readonly #lostConnections = new Map<string, { readonly count: number; readonly until: number }>();
  /** The request that waits for the broker's response. */
  #attempted: string | null = null;

  /**
   * Makes a request.
   * @param topics identify the request
   * @returns null without a request, for an hour after the broker has ended the connection over it twice in a row
   */
  async attempt<T>(topics: readonly string[], request: () => Promise<T>): Promise<T | null> {
    const name = topics.join(' ');
    const { count, until } = this.#lostConnections.get(name) ?? { count: 0, until: 0 };
    if (count >= MAX_LOST_CONNECTIONS && performance.now() < until) return null;
    this.#attempted = name;
    const result = await request();
    this.#attempted = null;
    this.#lostConnections.delete(name);
    return result;
  }

  /** The connection has ended, perhaps because of the request in progress. */
  connectionLost({ cause }: ConnectionProblem): void {
    const name = this.#attempted;
    this.#attempted = null;
    if (name === null || cause === undefined || cause === 'size') return;
    const count = (this.#lostConnections.get(name)?.count ?? 0) + 1;
    this.#lostConnections.set(name, { count, until: performance.now() + FORBIDDEN_FOR_MS });
  }
}
