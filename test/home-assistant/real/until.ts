import { setTimeout as sleep } from 'node:timers/promises';

const LOOK_MS = 200;

/**
 * Looks again and again until nothing is amiss.
 * @param look what is amiss, one line each; empty: it is as wanted. A look that throws is amiss too
 * @throws Error when the time is over, with what was amiss last
 */
export async function until(
  wanted: string,
  seconds: number,
  look: () => Promise<readonly string[]> | readonly string[],
): Promise<void> {
  const end = Date.now() + seconds * 1000;
  for (;;) {
    const amiss = await Promise.resolve()
      .then(look)
      .catch((error: unknown) => [String(error)]);
    if (amiss.length === 0) return;
    if (Date.now() > end) throw new Error(`${wanted} – not so after ${seconds} s:\n${shortened(amiss)}`);
    await sleep(LOOK_MS);
  }
}

const MOST_LINES = 20;

function shortened(lines: readonly string[]): string {
  const more = lines.length - MOST_LINES;
  return [...lines.slice(0, MOST_LINES), ...(more > 0 ? [`… and ${more} more`] : [])].join('\n');
}
