import { expect, test } from 'vitest';
import { LatestOnlyQueue } from '../../src/monitor/latest-only-queue';

test('works on one value after the other, and of those that come meanwhile only on the newest', async () => {
  const done: string[] = [];
  const gates: (() => void)[] = [];
  const newest = new LatestOnlyQueue<string>(async (value) => {
    done.push(value);
    await new Promise<void>((resolve) => gates.push(resolve));
  });
  const next = async (): Promise<void> => {
    gates.shift()?.();
    await new Promise((resolve) => setImmediate(resolve));
  };
  for (const value of ['a', 'b', 'c']) newest.push(value);
  expect(done).toEqual(['a']);
  await next();
  expect(done).toEqual(['a', 'c']);
  newest.push('d');
  await next();
  await next();
  newest.push('e');
  expect(done).toEqual(['a', 'c', 'd', 'e']);
});
