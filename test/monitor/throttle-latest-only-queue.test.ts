import { expect, test } from 'vitest';
import { LatestOnlyQueue } from '../../src/monitor/throttle';

test('works on one value after the other, and of those that come meanwhile only on the latest', async () => {
  const done: string[] = [];
  const gates: (() => void)[] = [];
  const latest = new LatestOnlyQueue<string>(async (value) => {
    done.push(value);
    await new Promise<void>((resolve) => gates.push(resolve));
  });
  const next = async (): Promise<void> => {
    gates.shift()?.();
    await new Promise((resolve) => setImmediate(resolve));
  };
  for (const value of ['a', 'b', 'c']) latest.push(value);
  expect(done).toEqual(['a']);
  await next();
  expect(done).toEqual(['a', 'c']);
  latest.push('d');
  await next();
  await next();
  latest.push('e');
  expect(done).toEqual(['a', 'c', 'd', 'e']);
});
