import { setTimeout as sleep } from 'node:timers/promises';

const PATIENCE_MS = 15_000;

/** Waits until a condition holds, in real time: `until` would advance fake timers. @param what for the message of the error */
export async function settled(holds: () => boolean, what: string): Promise<void> {
  const from = performance.now();
  while (!holds()) {
    if (performance.now() - from > PATIENCE_MS) throw new Error(`Timed out waiting for ${what}`);
    await sleep(5);
  }
}
