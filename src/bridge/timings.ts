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
};
