import { setTimeout as sleep } from 'node:timers/promises';

const PATIENCE_MS = 15_000;

/** Waits until something holds, by a clock that no test can set: `until` moves a faked one. @param what for the error */
export async function settled(holds: () => boolean, what: string): Promise<void> {
  const from = performance.now();
  while (!holds()) {
    if (performance.now() - from > PATIENCE_MS) throw new Error(`Waited in vain for ${what}`);
    await sleep(5);
  }
}
