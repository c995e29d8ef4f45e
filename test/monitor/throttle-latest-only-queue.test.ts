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

test('says when the values pushed so far are processed, whatever comes later', async () => {
  const gates: (() => void)[] = [];
  const latest = new LatestOnlyQueue<string>(() => new Promise<void>((resolve) => gates.push(resolve)));
  await latest.processed();
  for (const value of ['a', 'b', 'c']) latest.push(value);
  const processed: string[] = [];
  void latest.processed().then(() => processed.push('c'));
  const next = async (): Promise<void> => {
    gates.shift()?.();
    await new Promise((resolve) => setImmediate(resolve));
  };
  await next();
  latest.push('d');
  expect(processed).toEqual([]);
  await next();
  expect(processed).toEqual(['c']);
  void latest.processed().then(() => processed.push('d'));
  latest.push('e');
  await next();
  expect(processed).toEqual(['c', 'd']);
});
