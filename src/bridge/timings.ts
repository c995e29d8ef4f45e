/** How long a bridge waits for what, in milliseconds; other values than {@link DEFAULT_TIMINGS} are for tests. */
export interface BridgeTimings {
  /** Home Assistant subscribes to the topics of a device after it has read its discovery. */
  readonly discoveryMs: number;
  /** After Home Assistant's birth, at random between the two: all bridges answer it. */
  readonly birthMs: readonly [least: number, most: number];
  /** A broker without persistence heals by this. */
  readonly refreshMs: number;
  /** How long the broker has for sending what it holds. */
  readonly retainedMs: number;
  /** How long another bridge has for its answer. */
  readonly presenceMs: number;
  /** From the farewell of components to the discovery without them: two in quick succession lose some (HA facts 1.8). */
  readonly componentRemovalMs: number;
  /** While another bridge publishes this NAS; up to twice as long, lest two of them come back at once. */
  readonly standbyRetryMs: number;
  /** A bridge that is on line has published by then what it has seen, so another one need not any more. */
  readonly trustMs: number;
  /** How long a purge may take. */
  readonly purgeMs: number;
}

/** What Home Assistant and brokers need. */
export const DEFAULT_TIMINGS: BridgeTimings = {
  discoveryMs: 2000,
  birthMs: [3000, 10_000],
  refreshMs: 10 * 60_000,
  retainedMs: 3000,
  presenceMs: 2000,
  componentRemovalMs: 10_000,
  standbyRetryMs: 30_000,
  trustMs: 15 * 60_000,
  purgeMs: 5000,
};
