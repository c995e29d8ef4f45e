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

/** Sum of the known values; null when there are none. */
export function sumOfKnown(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0);
}

/** Mean of the known values; null when there are none. */
export function meanOfKnown(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0) / known.length;
}

/** `part` / `whole`; null when either is unknown or `whole` is not positive. */
export function divide(part: number | null, whole: number | null): number | null {
  return part === null || whole === null || whole <= 0 ? null : part / whole;
}

/** A fraction as percent, 0–100 with one decimal. */
export function percentOf(fraction: number | null): number | null {
  return fraction === null ? null : rounded(Math.min(Math.max(fraction, 0), 1) * 100, 1);
}

/** Rounded to a number of decimals, so that 0.29 × 100 is displayed as 29. */
export function rounded(value: number, decimals: number): number {
  const scale = 10 ** decimals;
  return Math.round(value * scale) / scale;
}
