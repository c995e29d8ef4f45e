import type { Blame, OutgoingMessage } from './types';

/** What the broker does not seem to take, and how that was found. */
export interface Exclusion {
  readonly topic: string;
  readonly bytes: number;
  readonly why: 'topic' | 'size';
}

/** So often in a row the connection has to end over one message alone before the broker is taken not to want it. */
const STRIKES = 2;
/** A message of so few bytes every broker takes. */
const SMALL_BYTES = 1000;
/** A broker may be given other rules, or a larger limit. */
const FORGOTTEN_AFTER_MS = 60 * 60_000;

/**
 * Finds out which messages a broker ends the connection over, where it does not say so. After such an end everything that
 * was on its way is suspect, and is sent one at a time; what ends the connection alone, twice, is excluded for an hour.
 */
export class Suspects {
  readonly #now: () => number;
  /** By topic: how often in a row the connection ended while it alone was on its way. */
  readonly #strikes = new Map<string, number>();
  /** By topic: until when (ms) it is not sent. */
  readonly #topics = new Map<string, number>();
  /** Messages of so many bytes and more are not sent. */
  #limit = { bytes: Infinity, until: -Infinity };
  /** The largest message that the broker has taken. */
  #largestTaken = 0;

  /** @param now ms of a clock that is never set back */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** Whether messages have to go one at a time now. */
  get isCareful(): boolean {
    return this.#strikes.size > 0;
  }

  /** Why a message is not to be sent; null when it is. */
  objection(topic: string, bytes: number): Exclusion['why'] | null {
    const now = this.#now();
    if (now < (this.#topics.get(topic) ?? -Infinity)) return 'topic';
    return bytes >= this.#limit.bytes && now < this.#limit.until ? 'size' : null;
  }

  /** The broker has answered for it. */
  clear(topic: string, bytes: number): void {
    this.#strikes.delete(topic);
    this.#topics.delete(topic);
    this.#largestTaken = Math.max(this.#largestTaken, bytes);
  }

  /** Nothing is left to be sent: whatever the connection ended over does not come again. */
  rest(): void {
    this.#strikes.clear();
  }

  /** A person wants everything to be tried again. */
  forget(): void {
    this.#strikes.clear();
    this.#topics.clear();
    this.#limit = { bytes: Infinity, until: -Infinity };
  }

  /** The connection has ended. @param inFlight with their bytes @returns what is excluded from now on, if that is clear */
  blame(blame: Blame | undefined, inFlight: readonly (readonly [OutgoingMessage, number])[]): Exclusion | null {
    const [only] = inFlight;
    if (blame === undefined || only === undefined) return null;
    if (inFlight.length > 1) {
      for (const [{ topic }] of inFlight) this.#strikes.set(topic, this.#strikes.get(topic) ?? 0);
      return null;
    }
    const [{ topic }, bytes] = only;
    const strikes = (this.#strikes.get(topic) ?? 0) + (blame === 'perhaps' ? 1 : STRIKES);
    this.#strikes.set(topic, strikes);
    if (strikes < STRIKES) return null;
    this.#strikes.delete(topic);
    const until = this.#now() + FORGOTTEN_AFTER_MS;
    const why =
      blame === 'size' || (blame === 'perhaps' && bytes > Math.max(this.#largestTaken, SMALL_BYTES)) ? 'size' : 'topic';
    if (why === 'size') this.#limit = { bytes, until };
    else this.#topics.set(topic, until);
    return { topic, bytes, why };
  }
}
