import { setTimeout as sleep } from 'node:timers/promises';

const CHECK_INTERVAL_MS = 200;

/**
 * Repeats a check until it finds no mismatch.
 * @param check returns mismatches, one line each; empty: the state is as expected. An error counts as a mismatch
 * @throws Error after `seconds`, with the last mismatches
 */
export async function until(
  wanted: string,
  seconds: number,
  check: () => Promise<readonly string[]> | readonly string[],
): Promise<void> {
  const end = Date.now() + seconds * 1000;
  for (;;) {
    const mismatches = await Promise.resolve()
      .then(check)
      .catch((error: unknown) => [String(error)]);
    if (mismatches.length === 0) return;
    if (Date.now() > end) throw new Error(`${wanted} – not so after ${seconds} s:\n${shortened(mismatches)}`);
    await sleep(CHECK_INTERVAL_MS);
  }
}

const MAX_LINES = 20;

function shortened(lines: readonly string[]): string {
  const more = lines.length - MAX_LINES;
  return [...lines.slice(0, MAX_LINES), ...(more > 0 ? [`… and ${more} more`] : [])].join('\n');
}
