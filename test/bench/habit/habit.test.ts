import { expect, test } from 'vitest';
import { runSeed } from './run';

// A short version of `npm run bench:habit`.
test(
  'in a small fleet every silent stop is reported, in two usual gaps if the agent is on line, with a tenth of the false alerts of other rules',
  { timeout: 120_000 },
  () => {
    const { all, connected, text } = runSeed(2, 16, 110);
    expect(text).toContain('| office PC |');
    expect(all.product.stops).toBeGreaterThan(10);
    expect(all.product.missed).toBe(0);
    expect(connected.product.medianGaps).toBeLessThan(2);
    expect(10 * all.product.falsePerYear).toBeLessThan(Math.min(all.fixed.falsePerYear, all.twice.falsePerYear));
  },
);
