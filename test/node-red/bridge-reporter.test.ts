import { expect, test } from 'vitest';
import { WarnOnce } from '../../src/node-red/bridge-reporter';

test('a text is first once until the reset', () => {
  const warned = new WarnOnce();
  expect(['a', 'a', 'b', 'a'].map((text) => warned.isFirst(text))).toEqual([true, false, true, false]);
  warned.reset();
  expect(warned.isFirst('a')).toBe(true);
});

test('the memory for texts is bounded', () => {
  const warned = new WarnOnce();
  expect(warned.isFirst('first')).toBe(true);
  for (let count = 0; count < 200; count += 1) warned.isFirst(String(count));
  expect(warned.isFirst('first')).toBe(true);
});
