/** The clock of a simulated NAS. All durations and schedules use it, so a test can advance it by hours. */
export interface Clock {
  /** Time of the NAS: epoch seconds with a fraction. */
  now(): number;
  /** Advances the clock by `seconds` at once. */
  advance(seconds: number): void;
}

/**
 * A clock that starts at the real time and runs `speed` times as fast; at speed 0 only `advance` moves it.
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
