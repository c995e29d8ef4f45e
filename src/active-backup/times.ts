/** The latest of ISO 8601 times in UTC, compared as strings; null when none is known. */
export function latest(times: readonly (string | null)[]): string | null {
  return extreme(times, (time, best) => time > best);
}

/** The earliest of ISO 8601 times in UTC; null when none is known. */
export function earliest(times: readonly (string | null)[]): string | null {
  return extreme(times, (time, best) => time < best);
}

function extreme(times: readonly (string | null)[], isBetter: (time: string, best: string) => boolean): string | null {
  return times.reduce((best, time) => (time !== null && (best === null || isBetter(time, best)) ? time : best), null);
}
