import { expect, test } from 'vitest';
import { WarnOnce } from '../../src/bridge/warn-once';

test('the same thing is told once, until it is forgotten', () => {
  const told = new WarnOnce();
  expect(['a', 'a', 'b', 'a'].map((text) => told.isFirst(text))).toEqual([true, false, true, false]);
  told.reset();
  expect(told.isFirst('a')).toBe(true);
});

test('what is new each time does not pile up', () => {
  const told = new WarnOnce();
  expect(told.isFirst('first')).toBe(true);
  for (let count = 0; count < 200; count += 1) told.isFirst(String(count));
  expect(told.isFirst('first')).toBe(true);
});
