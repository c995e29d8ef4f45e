/** Operations that act on a run, so that there is an end to wait for. */
const ACTS_ON_RUNS: ReadonlySet<string> = new Set(['backup', 'cancel']);

/** Minutes a run is followed: the default, and the most, beyond which no timer of Node lasts. */
export const WAIT = { waitTimeout: { default: 720, max: 30_000 } } as const;

/** Whether an operation can wait for the end of what it started or stopped. */
export function canWait(operation: string): boolean {
  return ACTS_ON_RUNS.has(operation);
}
