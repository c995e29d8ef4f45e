/** The sum of what is known; null when nothing is. */
export function sumOfKnown(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0);
}

/** The mean of what is known; null when nothing is. */
export function meanOfKnown(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0) / known.length;
}

/** The latest of times as ISO strings in UTC, which sort as the times they name; null when none is known. */
export function latest(times: readonly (string | null)[]): string | null {
  const known = times.filter((time) => time !== null);
  return known.length === 0 ? null : known.reduce((late, time) => (time > late ? time : late));
}

/** `part` of `whole`; null when either is unknown or the whole is nothing. */
export function divide(part: number | null, whole: number | null): number | null {
  return part === null || whole === null || whole <= 0 ? null : part / whole;
}

/** A fraction as percent, 0–100 with one decimal. */
export function percentOf(fraction: number | null): number | null {
  return fraction === null ? null : rounded(Math.min(Math.max(fraction, 0), 1) * 100, 1);
}

/** Rounded to this many decimals, so that 0.29 × 100 is 29 in every display. */
export function rounded(value: number, decimals: number): number {
  const scale = 10 ** decimals;
  return Math.round(value * scale) / scale;
}
