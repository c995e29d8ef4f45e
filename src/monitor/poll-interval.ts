/** The delay between two polls. */
export interface PollIntervals {
  /** While no task is active. */
  readonly idleMs: number;
  /** While a backup runs or waits; also the first delay after a failure. */
  readonly activeMs: number;
}

/** The longest delay after failures, so that a returning NAS is noticed. */
const MAX_DELAY_MS = 5 * 60_000;
/** Delays after failures are randomised by up to this fraction, so that not all clients of a NAS return at once. */
const JITTER = 0.2;

/**
 * The delay until the next poll.
 * @param failures polls that failed in a row: each doubles the delay
 * @param random 0 to 1, for the jitter
 */
export function nextPollDelayMs(
  { idleMs, activeMs }: PollIntervals,
  { active, failures }: { active: boolean; failures: number },
  random: number,
): number {
  if (failures > 0) {
    const backedOff = Math.min(MAX_DELAY_MS / (1 + JITTER), activeMs * 2 ** (failures - 1));
    return Math.round(backedOff * (1 - JITTER + 2 * JITTER * random));
  }
  return active ? activeMs : idleMs;
}
