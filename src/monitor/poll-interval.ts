/** How long a watch rests between two looks. */
export interface PollIntervals {
  /** While nothing runs. */
  readonly idleMs: number;
  /** While a backup runs or waits; also the first pause after a failure. */
  readonly activeMs: number;
}

/** A NAS that is away is asked at least this often, so that its return is noticed. */
const LONGEST_PAUSE_MS = 5 * 60_000;
/** Chance spreads the pauses after failures so far each way, or all who lost a NAS would return at once. */
const SPREAD = 0.2;

/**
 * The pause after a look.
 * @param failures looks that failed in a row: each doubles the pause
 * @param random 0 to 1, for the spread
 */
export function nextPollDelayMs(
  pauses: PollIntervals,
  { active, failures }: { active: boolean; failures: number },
  random: number,
): number {
  if (failures > 0) {
    const backedOff = Math.min(LONGEST_PAUSE_MS / (1 + SPREAD), pauses.activeMs * 2 ** (failures - 1));
    return Math.round(backedOff * (1 - SPREAD + 2 * SPREAD * random));
  }
  return active ? pauses.activeMs : pauses.idleMs;
}
