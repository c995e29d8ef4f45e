/** The one clock of a simulated NAS. Everything that lasts or is scheduled reads it, so a test can make hours pass. */
export interface Clock {
  /** The time on the NAS: epoch seconds, with a fraction. */
  now(): number;
  /** Lets `seconds` pass at once, besides what passes by itself. */
  advance(seconds: number): void;
}

/**
 * A clock that starts at the real time and then runs `speed` times as fast; at speed 0 it stands still but for `advance`.
 * @param realNow epoch milliseconds
 */
export function createClock(realNow: () => number, speed: number): Clock {
  const startMs = realNow();
  let advancedMs = 0;
  return {
    now: () => (startMs + (realNow() - startMs) * speed + advancedMs) / 1000,
    advance: (seconds) => {
      advancedMs += seconds * 1000;
    },
  };
}
