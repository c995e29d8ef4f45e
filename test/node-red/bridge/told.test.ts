import { expect, test } from 'vitest';
import { Told } from '../../../src/node-red/bridge/told';

test('the same thing is told once, until it is forgotten', () => {
  const told = new Told();
  expect(['a', 'a', 'b', 'a'].map((text) => told.isNews(text))).toEqual([true, false, true, false]);
  told.forget();
  expect(told.isNews('a')).toBe(true);
});

test('what is new each time does not pile up', () => {
  const told = new Told();
  expect(told.isNews('first')).toBe(true);
  for (let count = 0; count < 200; count += 1) told.isNews(String(count));
  expect(told.isNews('first')).toBe(true);
});
