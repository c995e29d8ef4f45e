/** The latest of times as ISO strings in UTC, which sort as the times they name; null when none is known. */
export function latest(times: readonly (string | null)[]): string | null {
  return extreme(times, (time, best) => time > best);
}

/** The earliest of them. */
export function earliest(times: readonly (string | null)[]): string | null {
  return extreme(times, (time, best) => time < best);
}

/** Whether any is so: true as soon as one is, null while none is and one is unknown. */
export function anyOf(answers: readonly (boolean | null)[]): boolean | null {
  if (answers.includes(true)) return true;
  return answers.includes(null) ? null : false;
}

function extreme(times: readonly (string | null)[], isBetter: (time: string, best: string) => boolean): string | null {
  return times.reduce((best, time) => (time !== null && (best === null || isBetter(time, best)) ? time : best), null);
}
