/** Delays and time limits of a bridge in milliseconds. Tests use other values than {@link DEFAULT_TIMINGS}. */
export interface BridgeTimings {
  /** From discovery to state: Home Assistant subscribes to a device's topics after it has read the discovery. */
  readonly discoveryMs: number;
  /** Range of the random delay after Home Assistant's birth message, which all bridges react to. */
  readonly birthMs: readonly [min: number, max: number];
  /** Interval at which everything is republished, for a broker that lost its retained messages. */
  readonly refreshMs: number;
  /** Time limit for reading retained messages. */
  readonly retainedMs: number;
  /** Time limit for the response of another bridge to a ping. */
  readonly pingTimeoutMs: number;
  /**
   * From the removal of components to the discovery without them: Home Assistant misses some of two updates in quick
   * succession (docs/facts/home-assistant.md §1.8).
   */
  readonly componentRemovalMs: number;
  /** Interval of a standby bridge; a random part of up to the same length is added, so two do not become active together. */
  readonly standbyRetryMs: number;
  /** An active bridge has published every event that is older than this. */
  readonly publishedAfterMs: number;
  /** Time limit of a purge. */
  readonly purgeMs: number;
  /** Time limit for the acknowledgement of a message, which a broker sends within milliseconds. */
  readonly acknowledgeMs: number;
}

/** The values for real brokers and Home Assistant. */
export const DEFAULT_TIMINGS: BridgeTimings = {
  discoveryMs: 2000,
  birthMs: [3000, 10_000],
  refreshMs: 10 * 60_000,
  retainedMs: 3000,
  pingTimeoutMs: 2000,
  componentRemovalMs: 10_000,
  standbyRetryMs: 30_000,
  publishedAfterMs: 15 * 60_000,
  purgeMs: 5000,
  acknowledgeMs: 30_000,
};

/** Timers by name. Setting a name again replaces its timer; all of them can be cleared together. */
export class NamedTimers {
  readonly #timers = new Map<string, NodeJS.Timeout>();
  readonly #onFault: (error: unknown) => void;

  /** @param onFault receives an error thrown by a callback, which would otherwise end the process */
  constructor(onFault: (error: unknown) => void) {
    this.#onFault = onFault;
  }

  /** Calls `callback` after `ms`, in place of an earlier timer of this name. */
  set(name: string, ms: number, callback: () => void): void {
    this.clear(name);
    const timer = setTimeout(() => {
      this.#timers.delete(name);
      try {
        callback();
      } catch (error) {
        this.#onFault(error);
      }
    }, ms);
    this.#timers.set(name, timer);
  }

  /** Calls `callback` after `ms`, unless a timer of this name is set. */
  setOnce(name: string, ms: number, callback: () => void): void {
    if (!this.#timers.has(name)) this.set(name, ms, callback);
  }

  /** @param name default: all timers */
  clear(name?: string): void {
    for (const [each, timer] of [...this.#timers]) {
      if (name !== undefined && each !== name) continue;
      clearTimeout(timer);
      this.#timers.delete(each);
    }
  }
}
