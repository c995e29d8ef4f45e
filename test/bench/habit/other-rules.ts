import type { Machine } from './fleet';
import { DAY_MS, HOUR_MS } from './zone';

/** The product, and two rules of other tools. */
export type Rule = 'product' | 'fixed' | 'twice';

/**
 * Whether two rules of other tools report a machine:
 * - `fixed`: no success for 48 hours
 * - `twice`: no success for twice the time of its schedule: a daily backup after two days, one of Monday to Friday when the second
 *   run since the last success was due; a machine without a schedule as a daily one
 * @param success end of the last success (epoch ms)
 * @returns with when one of them reports it next, without a success until then (epoch ms)
 */
export function otherRules(
  machine: Machine,
  success: number,
  now: number,
): { fixed: boolean; twice: boolean; nextAt: number } {
  const { runs, period, schedule } = machine;
  const fixedAt = success + 48 * HOUR_MS;
  const byRuns = schedule.kind === 'weekly';
  const twiceAt = byRuns ? (runs[indexAfter(runs, success) + 1] ?? Infinity) : success + 2 * (period ?? DAY_MS);
  const nextAt = Math.min(...[fixedAt, twiceAt].filter((time) => time >= now));
  return { fixed: now > fixedAt, twice: byRuns ? now >= twiceAt : now > twiceAt, nextAt };
}

function indexAfter(ascending: readonly number[], time: number): number {
  let [low, high] = [0, ascending.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((ascending[middle] ?? Infinity) <= time) low = middle + 1;
    else high = middle;
  }
  return low;
}
